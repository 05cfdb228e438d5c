//! What can be shown of row policies on an engine that has none: that their statements are ClickHouse's language, that
//! reads name their tenant, and that the proof finds what is missing.

use emban_warehouse::operator::{Finding, identify, prove_policies};
use emban_warehouse::policy::{Login, TENANT_SETTING, UserName, statements};
use emban_warehouse::{QueryError, TenantScope, Warehouse, WarehouseConfig};
use secrecy::SecretString;
use serde_json::json;

use crate::bench::{Bench, at, dashboard, event};
use crate::process::{ENGINE, SECRET};

const NOW: &str = "2026-03-15T12:00:00Z";

fn login(user: &str) -> Login {
    Login {
        user: UserName::new(user).unwrap(),
        password: SecretString::from(SECRET),
    }
}

/// The engine's only user in both parts: it may do everything, which no reading user should.
fn with_reader() -> Warehouse {
    Warehouse::new(&WarehouseConfig {
        url: ENGINE.url.clone(),
        user: Some("default".to_owned()),
        password: Some(SecretString::from(SECRET)),
        reader: Some(login("default")),
    })
}

async fn with_events(environment: &str) -> Bench {
    let bench = Bench::new(environment, NOW).await;
    let time = at("2026-03-14T10:00:00Z");
    let events = ["acme", "globex"].map(|tenant| event(tenant, "1", time, &[], &[]));
    bench.insert(&events).await;
    bench
}

#[tokio::test]
async fn every_statement_is_one_that_clickhouse_can_read() {
    let environments = ["production".parse().unwrap(), "a-b_c".parse().unwrap()];
    let writer = UserName::new("writer").unwrap();
    let statements = statements(&environments, &login("emban_reader"), &writer);
    assert_eq!(statements.len(), 19);
    let client = reqwest::Client::new();
    for statement in statements {
        let asked = client
            .post(&ENGINE.url)
            .basic_auth("default", Some(SECRET))
            .query(&[("param_statement", statement.as_str())])
            .body("SELECT formatQuerySingleLine({statement:String})")
            .send()
            .await
            .unwrap();
        let status = asked.status();
        let read = asked.text().await.unwrap();
        assert!(status.is_success(), "{statement}: {read}");
    }
}

#[tokio::test]
async fn a_read_under_a_policy_names_its_tenant() {
    let bench = with_events("policies-named").await;
    let session = bench.session("acme", json!({}));
    let document = dashboard("kpi", "stat", json!({"event_name": "e"}), json!({}));
    let request = serde_json::from_value(json!({"dimension": "user_id"})).unwrap();
    let offered = dashboard(
        "kpi",
        "stat",
        json!({"event_name": "e"}),
        json!({"dimensions": [{"prop": "user_id"}]}),
    );
    let plan = bench.view(&session, &offered).values(&request).unwrap();
    let scoped = with_reader().scoped(TenantScope::from(&session));
    let error = scoped.values(&plan).await.unwrap_err();
    // The embedded engine knows no settings but its own, and says which one it does not know.
    let QueryError::Refused(source) = &error else {
        panic!("{error:?}");
    };
    assert!(source.to_string().contains(TENANT_SETTING), "{source}");
    // The same question without a policy is answered.
    let answer = bench.ask(&session, &document, json!({})).await;
    assert_eq!(serde_json::to_value(answer).unwrap(), json!({"value": 1.0}));
}

#[tokio::test]
async fn the_proof_finds_every_policy_that_is_missing() {
    let bench = with_events("policies-missing").await;
    let environment = "policies-missing".parse().unwrap();
    let stranger = login("emban_stranger");
    let without = prove_policies(&bench.warehouse, &environment, &stranger).await;
    assert!(matches!(without.unwrap()[..], [Finding::Unproven(_)]));
    let found = prove_policies(&with_reader(), &environment, &stranger)
        .await
        .unwrap();
    let [nobody, tenant, write, policyless] = &found[..] else {
        panic!("{found:?}");
    };
    for (finding, text) in [
        (nobody, "sees 2 tenants when it names none"),
        (tenant, "cannot read the tenant that it names"),
        (write, "may write"),
    ] {
        assert!(
            matches!(finding, Finding::Broken(found) if found.contains(text)),
            "{finding:?}"
        );
    }
    assert!(
        matches!(policyless, Finding::Unproven(text) if text.contains("no user could be made")),
        "{policyless:?}"
    );
}

#[tokio::test]
async fn a_server_says_its_version_and_its_time() {
    let (version, now) = identify(&with_reader()).await.unwrap();
    assert!(version.starts_with("2"), "{version}");
    assert!(now.0 > 1_774_000_000_000);
}
