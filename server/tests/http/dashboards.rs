//! `/v1/dashboards`.

use reqwest::Method;
use serde_json::json;

use crate::origin::{ADMIN_KEY, Origin, answer, call, calls_dashboard};

#[tokio::test]
async fn an_edit_shows_only_after_the_next_publish() {
    let origin = Origin::start();
    let id = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &id, json!({})).await;
    let mut edited = calls_dashboard();
    edited["name"] = json!("Edited");
    let path = format!("/v1/dashboards/{id}");
    origin.admin(Method::PUT, &path, edited).await.expect(200);
    let surface = origin.get("/v1/embed/surface", &token).await;
    assert_eq!(surface.expect(200)["name"], "Calls");
    origin
        .admin(Method::POST, &format!("{path}/publish"), json!({}))
        .await
        .expect(204);
    let surface = origin.get("/v1/embed/surface", &token).await;
    assert_eq!(
        (&surface.body["name"], &surface.body["version"]),
        (&json!("Edited"), &json!(2))
    );
    origin
        .admin(
            Method::POST,
            &format!("{path}/versions/1/publish"),
            json!({}),
        )
        .await
        .expect(204);
    let surface = origin.get("/v1/embed/surface", &token).await;
    assert_eq!(
        (&surface.body["name"], &surface.body["version"]),
        (&json!("Calls"), &json!(1))
    );
}

#[tokio::test]
async fn unpublishing_takes_the_embed_offline_and_keeps_the_versions() {
    let origin = Origin::start();
    let id = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &id, json!({})).await;
    let path = format!("/v1/dashboards/{id}");
    origin
        .admin(Method::POST, &format!("{path}/unpublish"), json!({}))
        .await
        .expect(204);
    origin
        .get("/v1/embed/surface", &token)
        .await
        .refused(409, "not_published");
    let body = json!({ "tenant_id": "acme", "dashboard_id": id });
    origin
        .admin(Method::POST, "/v1/embed-sessions", body)
        .await
        .refused(409, "not_published");
    let versions = origin.get(&format!("{path}/versions"), ADMIN_KEY).await;
    assert_eq!(
        versions.expect(200)["versions"].as_array().unwrap().len(),
        1
    );
    origin
        .admin(
            Method::POST,
            &format!("{path}/versions/1/restore"),
            json!({}),
        )
        .await
        .expect(200);
    origin
        .admin(Method::POST, &format!("{path}/publish"), json!({}))
        .await
        .expect(204);
    assert_eq!(
        origin.get("/v1/embed/surface", &token).await.expect(200)["version"],
        2
    );
}

#[tokio::test]
async fn the_slower_of_two_editors_is_told() {
    let origin = Origin::start();
    let id = origin.publish(calls_dashboard()).await;
    let path = format!("/v1/dashboards/{id}");
    let read = origin.get(&path, ADMIN_KEY).await;
    let tag = read.headers["etag"].to_str().unwrap().to_owned();
    let put = || {
        let request = origin.request(Method::PUT, &path, ADMIN_KEY);
        answer(request.header("if-match", &tag).json(&calls_dashboard()))
    };
    put().await.expect(200);
    put().await.refused(412, "precondition_failed");
}

#[tokio::test]
async fn a_draft_that_cannot_be_published_names_every_place() {
    let origin = Origin::start();
    let mut document = calls_dashboard();
    document["widgets"][1]["layout"] = document["widgets"][0]["layout"].clone();
    document["widgets"][2]["query"]["group_by"] = json!(null);
    document["widgets"][1]["query"]["numeric_prop"] = json!(null);
    let created = origin
        .admin(Method::POST, "/v1/dashboards", document.clone())
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/dashboards/{id}");
    let refused = origin
        .admin(Method::POST, &format!("{path}/publish"), json!({}))
        .await;
    refused.refused(422, "invalid");
    let places = refused.places();
    for place in ["/widgets/1/layout", "/widgets/1/query", "/widgets/2/query"] {
        assert!(
            places.iter().any(|p| p.starts_with(place)),
            "{place} is not in {places:?}"
        );
    }
    document["widgets"][0]["tenant_id"] = json!("acme");
    origin.admin(Method::PUT, &path, document).await.expect(200);
    let refused = origin
        .admin(Method::POST, &format!("{path}/publish"), json!({}))
        .await;
    refused.refused(422, "invalid");
    assert!(refused.places().contains(&"/widgets/0/tenant_id"));
    assert!(refused.places().len() >= 4, "{:?}", refused.places());
    origin
        .admin(Method::DELETE, &path, json!({}))
        .await
        .expect(204);
    origin.get(&path, ADMIN_KEY).await.refused(404, "not_found");
    origin
        .get("/v1/dashboards/dash_unknown", ADMIN_KEY)
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn a_document_is_validated_without_being_kept() {
    let origin = Origin::start();
    let path = "/v1/dashboards/validate";
    let sound = origin.admin(Method::POST, path, calls_dashboard()).await;
    assert_eq!(sound.expect(200)["valid"], true);
    assert_eq!(sound.body["problems"], json!([]));
    let mut document = calls_dashboard();
    document["widgets"][0]["query"]["metric"] = json!("most");
    document["widgets"][1]["chart"] = json!("donut");
    let found = origin.admin(Method::POST, path, document).await;
    assert_eq!(found.expect(200)["valid"], false);
    let problems = found.body["problems"].as_array().unwrap();
    let paths: Vec<&str> = problems.iter().filter_map(|p| p["path"].as_str()).collect();
    assert_eq!(paths, ["/widgets/0/query/metric", "/widgets/1/chart"]);
    let listed = origin.get("/v1/dashboards", ADMIN_KEY).await;
    assert_eq!(listed.expect(200)["dashboards"], json!([]));
}

#[tokio::test]
async fn what_no_viewer_could_see_is_no_sound_document() {
    let origin = Origin::start();
    let mut document = calls_dashboard();
    document["theme"] = json!({ "primaryColor": "#7c3aed", "cardBackground": "notacolour" });
    document["widgets"][0] = json!({
        "id": "calls", "kind": "timeseries", "chart": "line", "layout": { "x": 0, "y": 0, "w": 3, "h": 2 },
        "query": { "event_name": "call", "granularity": "minute", "period": "1y" },
    });
    let path = "/v1/dashboards/validate";
    let found = origin.admin(Method::POST, path, document.clone()).await;
    let problems = found.expect(200)["problems"].as_array().unwrap();
    let paths: Vec<&str> = problems.iter().filter_map(|p| p["path"].as_str()).collect();
    assert_eq!(paths, ["/theme/cardBackground", "/widgets/0/query"]);
    // Whoever works on it sees the other widgets all the same.
    let created = origin
        .admin(Method::POST, "/v1/dashboards", document.clone())
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let path_of = |end: &str| format!("/v1/dashboards/{id}/{end}");
    let asked = json!({ "tenant_id": "acme" });
    let preview = origin.admin(Method::POST, &path_of("preview"), asked).await;
    let results = &preview.expect(200)["answer"]["results"];
    assert_eq!(results["calls"]["status"], "error");
    assert_eq!(results["tokens"]["status"], "ok");
    let plan = origin.get(&path_of("plan"), ADMIN_KEY).await;
    let widgets = &plan.expect(200)["widgets"];
    assert!(widgets[0]["source"].is_null() && widgets[1]["source"] == "events");
    document["theme"]["cardBackground"] = json!("rgb(0 0 0 / 10%)");
    document["widgets"][0]["query"]["period"] = json!("24h");
    let found = origin.admin(Method::POST, path, document).await;
    assert_eq!(found.expect(200)["valid"], true, "{}", found.text);
}

#[tokio::test]
async fn a_property_that_no_event_has_is_taken_for_mistyped() {
    let origin = Origin::start();
    let mut document = calls_dashboard();
    document["widgets"][1]["query"]["numeric_prop"] = json!("token");
    document["widgets"][2]["query"]["group_by"] = json!("modell");
    let created = origin
        .admin(Method::POST, "/v1/dashboards", document.clone())
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let publish = |query: &str| {
        let path = format!("/v1/dashboards/{id}/publish{query}");
        let origin = &origin;
        async move { origin.admin(Method::POST, &path, json!({})).await }
    };
    // Before the first event nobody can tell.
    publish("").await.expect(204);
    let validate = "/v1/dashboards/validate";
    let found = origin.admin(Method::POST, validate, document.clone()).await;
    // An event for each widget; their properties are not judged.
    assert_eq!(
        found.expect(200)["warnings"].as_array().map(Vec::len),
        Some(3)
    );
    origin
        .ingest(json!([call("acme", "1", "small", 4)]))
        .await
        .expect(200);
    let query = "/v1/query?tenant_id=acme&event_name=call";
    origin
        .await_answer(query, ADMIN_KEY, |found| found.body["data"]["value"] == 1.0)
        .await;
    let refused = publish("").await;
    refused.refused(422, "invalid");
    let expect = ["/widgets/1/query/numeric_prop", "/widgets/2/query/group_by"];
    assert_eq!(refused.places(), expect);
    let found = origin.admin(Method::POST, validate, document.clone()).await;
    assert_eq!(found.expect(200)["valid"], true);
    let warnings = found.body["warnings"].as_array().unwrap();
    let paths: Vec<&str> = warnings.iter().filter_map(|p| p["path"].as_str()).collect();
    assert_eq!(paths, expect);
    publish("?allow_unknown=true").await.expect(204);
    // A property whose first event was taken a moment ago is known.
    let mut event = call("acme", "2", "small", 4);
    event["string_props"]["modell"] = json!("m");
    event["numeric_props"]["token"] = json!(1);
    origin.ingest(json!([event])).await.expect(200);
    publish("").await.expect(204);
}

#[tokio::test]
async fn a_draft_is_previewed_as_a_tenant_and_stays_a_draft() {
    let origin = Origin::start();
    let events = json!([
        call("acme", "1", "small", 4),
        call("globex", "1", "large", 900)
    ]);
    origin.ingest(events).await.expect(200);
    let created = origin
        .admin(Method::POST, "/v1/dashboards", calls_dashboard())
        .await;
    let id = created.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/dashboards/{id}/preview");
    let query = "/v1/query?tenant_id=globex&event_name=call";
    origin
        .await_answer(query, ADMIN_KEY, |found| found.body["data"]["value"] == 1.0)
        .await;
    let preview = |tenant: &str, permissions: serde_json::Value| {
        let asked = json!({ "tenant_id": tenant, "permissions": permissions });
        origin.admin(Method::POST, &path, asked)
    };
    let acme = preview("acme", json!({ "hidden_widgets": ["calls"] })).await;
    assert_eq!(
        (&acme.expect(200)["preview"], &acme.body["tenant_id"]),
        (&json!(true), &json!("acme"))
    );
    let results = &acme.body["answer"]["results"];
    assert_eq!(results["tokens"]["data"]["value"], 4.0);
    assert!(results.get("calls").is_none() && !acme.text.contains("large"));
    let globex = preview("globex", json!({})).await;
    assert_eq!(
        globex.expect(200)["answer"]["results"]["tokens"]["data"]["value"],
        900.0
    );
    let body = json!({ "tenant_id": "acme", "dashboard_id": id });
    origin
        .admin(Method::POST, "/v1/embed-sessions", body)
        .await
        .refused(409, "not_published");
    preview("", json!({})).await.refused(422, "invalid");
    let asked = json!({ "tenant_id": "acme" });
    origin
        .admin(Method::POST, "/v1/dashboards/dash_unknown/preview", asked)
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn dashboards_are_kept_as_files_beside_the_running_origin() {
    let origin = Origin::start();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("calls.json");
    let path = file.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let output = origin.run(arguments);
        let text =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
        (output.status.success(), text)
    };
    let mut document = calls_dashboard();
    std::fs::write(&file, document.to_string()).unwrap();
    let pushed = run(&["dashboards", "push", path, "--id", "dash_calls"]);
    assert_eq!(pushed, (true, "dash_calls\n".to_owned()));
    assert_eq!(
        run(&["dashboards", "diff", "dash_calls", path]),
        (true, String::new())
    );
    let (done, text) = run(&["dashboards", "publish", "dash_calls"]);
    assert!(done && text.contains("version 1"), "{text}");
    let token = origin.token("acme", "dash_calls", json!({})).await;
    assert_eq!(
        origin.get("/v1/embed/surface", &token).await.expect(200)["name"],
        "Calls"
    );

    document["name"] = json!("Changed");
    std::fs::write(&file, document.to_string()).unwrap();
    let (same, text) = run(&["dashboards", "diff", "dash_calls", path]);
    assert!(
        !same && text.contains("/name: \"Calls\" -> \"Changed\""),
        "{text}"
    );
    document["widgets"][0]["query"]["metric"] = json!("most");
    std::fs::write(&file, document.to_string()).unwrap();
    let (done, text) = run(&["dashboards", "push", path, "--id", "dash_calls"]);
    assert!(!done && text.contains("/widgets/0/query/metric"), "{text}");
    let (done, text) = run(&["dashboards", "pull", "dash_calls"]);
    let pulled: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(done && pulled == calls_dashboard(), "{text}");
    let (_, text) = run(&["dashboards", "list"]);
    assert!(text.contains("dash_calls  version 1   Calls"), "{text}");
}
