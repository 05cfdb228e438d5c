//! `/v1/query` and `/v1/discover`: what the company's own backend reads, by key.

use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Answer, Origin, answer, call};

/// Two tenants that share event ids, and differ in model and number.
async fn with_two_tenants() -> Origin {
    let origin = Origin::start();
    let events: Vec<Value> = (0..5)
        .flat_map(|n| {
            let id = n.to_string();
            [
                call("acme", &id, "m-acme", 3),
                call("globex", &id, "m-globex", 700),
            ]
        })
        .collect();
    origin.ingest(json!(events)).await.expect(200);
    let path = "/v1/query?tenant_id=globex&event_name=call";
    origin
        .await_answer(path, ADMIN_KEY, |found| found.body["data"]["value"] == 5.0)
        .await;
    origin
}

async fn key(origin: &Origin, scope: &str) -> String {
    let asked = json!({ "name": scope, "scope": scope });
    let made = origin.admin(Method::POST, "/v1/keys", asked).await;
    made.expect(201)["key"].as_str().unwrap().to_owned()
}

fn sum_of(tenant: &str) -> String {
    format!("/v1/query?tenant_id={tenant}&event_name=call&metric=sum&numeric_prop=tokens")
}

#[tokio::test]
async fn a_query_reads_the_tenant_that_it_names_and_no_other() {
    let origin = with_two_tenants().await;
    let read = key(&origin, "read").await;
    assert!(read.starts_with("eb_rd_"));
    for (tenant, own, other, sum) in [
        ("acme", "m-acme", "m-globex", 15.0),
        ("globex", "m-globex", "m-acme", 3500.0),
        ("nobody", "nothing", "m-", 0.0),
    ] {
        let found = origin.get(&sum_of(tenant), &read).await;
        assert_eq!(found.expect(200)["data"]["value"], json!(sum), "{tenant}");
        let path = format!("/v1/query?tenant_id={tenant}&event_name=call&group_by=model");
        let found = origin.get(&path, &read).await;
        assert_eq!(found.expect(200)["kind"], "breakdown");
        assert_eq!(
            found.text.contains(own),
            tenant != "nobody",
            "{}",
            found.text
        );
        assert!(!found.text.contains(other), "{}", found.text);
    }
    let of_other = format!(
        "{}&where={}",
        sum_of("acme"),
        r#"[{"op":"in","prop":"model","values":["m-globex"]}]"#
    );
    let found = origin.get(&of_other, &read).await;
    assert_eq!(found.expect(200)["data"]["value"], json!(0.0));
}

#[tokio::test]
async fn the_same_query_model_answers_in_the_shape_of_its_kind() {
    let origin = with_two_tenants().await;
    let ask = |rest: &str| {
        let path = format!("/v1/query?tenant_id=acme&event_name=call&{rest}");
        let origin = &origin;
        async move { origin.get(&path, ADMIN_KEY).await }
    };
    let series = ask("granularity=day&period=7d&timezone=Europe/Berlin").await;
    let points = series.expect(200)["data"]["series"][0]["points"].as_array();
    assert_eq!(points.map(Vec::len), Some(7));
    let table = ask("kind=table&group_by=model,user_id&limit=1").await;
    let columns = table.expect(200)["data"]["columns"].as_array();
    assert_eq!(columns.map(Vec::len), Some(3));
    let dates = ask("from=2001-01-01T00:00:00Z&to=2001-02-01T00:00:00Z").await;
    assert_eq!(dates.expect(200)["data"]["value"], 0.0);
    let refused = ask("metric=sum&limit=0&sql=1&timezone=Mars/Olympus").await;
    refused.refused(422, "invalid");
    let mut places = refused.places();
    places.sort_unstable();
    assert_eq!(places, ["limit", "numeric_prop", "sql", "timezone"]);
    ask("granularity=minute&period=90d")
        .await
        .refused(422, "query_too_large");
    origin
        .get("/v1/query?event_name=call", ADMIN_KEY)
        .await
        .refused(422, "invalid");
}

#[tokio::test]
async fn each_scope_reaches_its_own_routes() {
    let origin = with_two_tenants().await;
    let (read, ingest) = (key(&origin, "read").await, key(&origin, "ingest").await);
    for path in [
        sum_of("acme").as_str(),
        "/v1/discover",
        "/v1/dashboards",
        "/v1/keys",
    ] {
        origin.get(path, &read).await.expect(200);
        origin.get(path, ADMIN_KEY).await.expect(200);
        origin.get(path, &ingest).await.refused(403, "wrong_scope");
        origin
            .get(path, "eb_rd_unknown")
            .await
            .refused(401, "unauthorized");
    }
    let post = |path: &'static str, key: &str| {
        answer(
            origin
                .request(Method::POST, path, key)
                .json(&json!({ "tenant_id": "acme", "event_name": "e" })),
        )
    };
    for path in [
        "/v1/dashboards",
        "/v1/keys",
        "/v1/embed-sessions",
        "/v1/events",
        "/v1/discover/auto-create",
    ] {
        post(path, &read).await.refused(403, "wrong_scope");
    }
    post("/v1/dashboards", &ingest)
        .await
        .refused(403, "wrong_scope");
    post("/v1/events", &ingest).await.expect(200);
}

#[tokio::test]
async fn discovery_tells_names_and_numbers_but_no_value() {
    let origin = with_two_tenants().await;
    let found = origin.get("/v1/discover", ADMIN_KEY).await;
    let event = &found.expect(200)["events"][0];
    assert_eq!(
        (&event["event_name"], &event["count"]),
        (&json!("call"), &json!(10))
    );
    assert_eq!((&event["tenants"], &event["users"]), (&json!(2), &json!(0)));
    let model = json!([{ "name": "model", "count": 10, "cardinality": 2 }]);
    assert_eq!(event["string_props"], model);
    let tokens = &event["numeric_props"][0];
    assert_eq!(
        (&tokens["min"], &tokens["max"]),
        (&json!(3.0), &json!(700.0))
    );
    assert!(!found.text.contains("acme"), "{}", found.text);
    origin
        .get("/v1/discover?days=0", ADMIN_KEY)
        .await
        .refused(422, "invalid");
}

async fn shown(origin: &Origin, dashboard: &str, tenant: &str) -> Answer {
    let token = origin.token(tenant, dashboard, json!({})).await;
    origin.embed("/v1/embed/query", &token, json!({})).await
}

#[tokio::test]
async fn a_dashboard_made_of_what_was_seen_publishes_and_answers() {
    let origin = Origin::start();
    let made = origin
        .admin(Method::POST, "/v1/discover/auto-create", json!({}))
        .await;
    made.refused(409, "conflict");
    drop(origin);
    let origin = with_two_tenants().await;
    let made = origin
        .admin(Method::POST, "/v1/discover/auto-create", json!({}))
        .await;
    let id = made.expect(201)["dashboard_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(made.body["draft"]["name"], "Call");
    assert!(
        !made.text.contains("m-acme"),
        "a document is every tenant's: {}",
        made.text
    );
    let path = format!("/v1/dashboards/{id}/publish");
    origin
        .admin(Method::POST, &path, json!({}))
        .await
        .expect(204);
    let answer = shown(&origin, &id, "acme").await;
    let results = answer.expect(200)["results"].as_object().unwrap();
    assert!(results.len() >= 5, "{}", answer.text);
    for (id, result) in results {
        assert_eq!(result["status"], "ok", "{id}: {result}");
    }
    assert!(answer.text.contains("m-acme") && !answer.text.contains("m-globex"));
    let unknown = json!({ "event_names": ["never-sent"] });
    origin
        .admin(Method::POST, "/v1/discover/auto-create", unknown)
        .await
        .refused(409, "conflict");
}
