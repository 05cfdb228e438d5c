//! `emban session …` and dashboards in YAML.

use std::process::Output;

use reqwest::Method;
use serde_json::json;

use crate::origin::{ADMIN_KEY, Origin, call, calls_dashboard};

fn done(output: Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn refused(output: Output) -> String {
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_session_of_the_command_line_shows_its_tenant_until_it_is_revoked() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    let events = json!([call("acme", "1", "m-1", 3), call("globex", "1", "m-1", 5)]);
    origin.ingest(events).await.expect(200);
    let locked = r#"{"locked_filters":{"model":"m-1"}}"#;
    let create = [
        "session",
        "create",
        "acme",
        &dashboard,
        "--permissions",
        locked,
    ];
    let public = [("EMBAN_PUBLIC_URL", "https://edge.example")];
    let text = done(origin.run_with(&create, &public));
    let (url, rest) = text.split_once('\n').unwrap();
    let start = format!("https://edge.example/embed/{dashboard}?token=");
    let token = url.strip_prefix(&start).expect("the public URL");
    origin.await_value(token, "tokens", 3.0).await;

    let id = rest.split(' ').next().unwrap();
    let listed = done(origin.run(&["session", "list", "acme"]));
    assert!(
        listed.starts_with(id) && listed.contains(&dashboard),
        "{listed}"
    );
    assert_eq!(done(origin.run(&["session", "list", "globex"])), "");
    done(origin.run(&["session", "revoke", id]));
    let is_revoked = |answer: &crate::origin::Answer| answer.body["code"] == "session_revoked";
    origin
        .await_answer("/v1/embed/surface", token, is_revoked)
        .await;

    let again = done(origin.run(&["session", "create", "acme", &dashboard]));
    let again = again.split_once("?token=").unwrap().1;
    let again = again.split('\n').next().unwrap();
    origin.get("/v1/embed/surface", again).await.expect(200);
    done(origin.run(&["session", "revoke-tenant", "acme"]));
    origin
        .await_answer("/v1/embed/surface", again, is_revoked)
        .await;
    let audit = origin.get("/v1/audit", ADMIN_KEY).await;
    let audit = audit.expect(200).to_string();
    for action in ["create", "revoke", "revoke-tenant"] {
        assert!(
            audit.contains(&format!("\"emban session {action}\"")),
            "{audit}"
        );
    }
}

#[tokio::test]
async fn a_session_that_the_route_refuses_the_command_line_refuses_too() {
    let origin = Origin::start();
    let draft = origin
        .admin(Method::POST, "/v1/dashboards", calls_dashboard())
        .await;
    let draft = draft.expect(201)["id"].as_str().unwrap();
    let published = origin.publish(calls_dashboard()).await;
    for (arguments, reason) in [
        (vec!["acme", draft], "is not published"),
        (vec!["acme", "dash_unknown"], "there is no dashboard"),
        (
            vec!["acme", &published, "--expires-in", "59"],
            "/expires_in must be 60 to 86400",
        ),
        (
            vec![
                "acme",
                &published,
                "--permissions",
                r#"{"tenant_id":"globex"}"#,
            ],
            "/tenant_id unknown field",
        ),
        (
            vec!["acme", &published, "--permissions", "[]"],
            "the permissions are not valid",
        ),
        (
            vec!["acme", &published, "--permissions", "{"],
            "the permissions are not JSON",
        ),
    ] {
        let told = refused(origin.run(&[&["session", "create"], &arguments[..]].concat()));
        assert!(told.contains(reason), "{arguments:?}: {told}");
    }
}

#[tokio::test]
async fn a_dashboard_kept_as_yaml_is_the_same_dashboard() {
    let origin = Origin::start();
    let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    let path = file.path().to_str().unwrap();
    let text = "\
# Kept by hand.
name: Calls
filters: {periods: [24h, 7d]}
widgets:
  - {id: calls, kind: kpi, chart: stat, query: {event_name: call}, layout: {x: 0, y: 0, w: 3, h: 2}}
";
    std::fs::write(file.path(), text).unwrap();
    done(origin.run(&["dashboards", "push", path, "--id", "dash_yaml"]));
    assert_eq!(
        done(origin.run(&["dashboards", "diff", "dash_yaml", path])),
        ""
    );
    let draft = origin.get("/v1/dashboards/dash_yaml", ADMIN_KEY).await;
    assert_eq!(
        draft.expect(200)["draft"]["filters"]["periods"],
        json!(["24h", "7d"])
    );

    let pulled = done(origin.run(&["dashboards", "pull", "dash_yaml", "--yaml"]));
    assert!(pulled.contains("name: Calls"), "{pulled}");
    std::fs::write(file.path(), pulled.replace("24h", "48h")).unwrap();
    let differing = origin.run(&["dashboards", "diff", "dash_yaml", path]);
    assert!(!differing.status.success());
    let lines = String::from_utf8(differing.stdout).unwrap();
    assert_eq!(lines, "/filters/periods/0: \"24h\" -> \"48h\"\n");
    std::fs::write(file.path(), text.replace("kind: kpi", "kind: pie")).unwrap();
    let told = refused(origin.run(&["dashboards", "push", path]));
    assert!(told.contains("/widgets/0/kind"), "{told}");
}
