//! `/v1/dashboards`.

use reqwest::Method;
use serde_json::json;

use crate::origin::{ADMIN_KEY, Origin, answer, calls_dashboard};

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
    assert_eq!(refused.places(), ["/widgets/0/tenant_id"]);
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
