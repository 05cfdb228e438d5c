//! What a session may do, and when it ends.

use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Origin, answer, call, calls_dashboard};

async fn with_calls() -> (Origin, String) {
    let origin = Origin::start();
    let events = json!([
        call("acme", "1", "small", 1),
        call("acme", "2", "small", 2),
        call("acme", "3", "large", 4),
    ]);
    origin.ingest(events).await.expect(200);
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", 3.0).await;
    (origin, dashboard)
}

async fn models(origin: &Origin, token: &str) -> Vec<String> {
    let asked = json!({ "widgets": ["models"] });
    let answer = origin.embed("/v1/embed/query", token, asked).await;
    let rows = answer.expect(200)["results"]["models"]["data"]["rows"].clone();
    assert!(rows.is_array(), "{}", answer.text);
    let first = |row: &Value| row[0].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(first).collect()
}

#[tokio::test]
async fn permissions_narrow_what_is_seen() {
    let (origin, dashboard) = with_calls().await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    assert_eq!(models(&origin, &token).await, ["small", "large"]);
    let locked = origin
        .token(
            "acme",
            &dashboard,
            json!({ "locked_filters": { "model": "large" } }),
        )
        .await;
    assert_eq!(models(&origin, &locked).await, ["large"]);
    let surface = origin.get("/v1/embed/surface", &locked).await;
    assert!(
        !surface.text.contains("large"),
        "locked values stay here: {}",
        surface.text
    );
    let hidden = origin
        .token("acme", &dashboard, json!({ "hidden_widgets": ["tokens"] }))
        .await;
    let surface = origin.get("/v1/embed/surface", &hidden).await;
    assert!(
        surface.text.contains("\"calls\"") && !surface.text.contains("\"tokens\""),
        "{}",
        surface.text
    );
    let shown: Value = serde_json::from_str(&surface.text).unwrap();
    let widgets = shown["widgets"].as_array().unwrap();
    let calls = widgets.iter().find(|w| w["id"] == "calls").unwrap();
    assert_eq!(
        calls["layout"]["w"], 6,
        "it takes the room of what is hidden beside it"
    );
    let asked = json!({ "widgets": ["tokens"] });
    let answer = origin
        .embed("/v1/embed/query", &hidden, asked.clone())
        .await;
    assert!(
        answer.body["results"]["tokens"]["data"].is_null(),
        "{}",
        answer.text
    );
    let answer = origin.embed("/v1/embed/query", &token, asked).await;
    assert_eq!(
        answer.expect(200)["results"]["tokens"]["data"]["value"],
        7.0
    );
}

#[tokio::test]
async fn dates_are_offered_as_far_as_they_may_be_chosen() {
    let origin = Origin::start();
    let mut document = calls_dashboard();
    document["filters"]["date_range"] = json!(true);
    let dashboard = origin.publish(document).await;
    for (permissions, offered, longest) in [
        (json!({}), true, 0),
        (json!({ "allowed_periods": ["24h", "7d"] }), true, 7),
        (
            json!({ "allowed_periods": ["7d"], "max_date_range_days": 30 }),
            true,
            30,
        ),
        (json!({ "allowed_periods": [] }), false, 0),
    ] {
        let token = origin.token("acme", &dashboard, permissions.clone()).await;
        let surface = origin.get("/v1/embed/surface", &token).await;
        let filters = &surface.expect(200)["filters"];
        assert_eq!(
            (&filters["date_range"], &filters["max_date_range_days"]),
            (&json!(offered), &json!(longest)),
            "{permissions}"
        );
    }
}

#[tokio::test]
async fn every_problem_of_a_session_is_named_and_what_has_no_effect_is_told() {
    let (origin, dashboard) = with_calls().await;
    let path = "/v1/embed-sessions";
    let asked = json!({
        "tenant_id": "", "expires_in": "soon",
        "permissions": { "nope": 1, "locked_filters": { "plan": 3 }, "allowed_periods": ["7d", "soon"] },
    });
    let refused = origin.admin(Method::POST, path, asked).await;
    refused.refused(422, "invalid");
    let mut places = refused.places();
    places.sort_unstable();
    let expect = [
        "/dashboard_id",
        "/expires_in",
        "/permissions/allowed_periods/1",
        "/permissions/locked_filters/plan",
        "/permissions/nope",
        "/tenant_id",
    ];
    assert_eq!(places, expect, "{}", refused.text);
    assert!(
        refused.text.contains("must be a text or a list of texts"),
        "{}",
        refused.text
    );
    let mint = |permissions: Value| {
        let asked =
            json!({ "tenant_id": "acme", "dashboard_id": dashboard, "permissions": permissions });
        origin.admin(Method::POST, path, asked)
    };
    let sound = json!({ "hidden_widgets": ["calls"], "allowed_dimensions": ["model"] });
    assert!(mint(sound).await.expect(201).get("warnings").is_none());
    let mistyped = json!({ "hidden_widgets": ["calls", "cals"], "allowed_dimensions": ["modell"] });
    let minted = mint(mistyped).await;
    let warnings = minted.expect(201)["warnings"].as_array().unwrap();
    let paths: Vec<&str> = warnings.iter().filter_map(|w| w["path"].as_str()).collect();
    assert_eq!(
        paths,
        [
            "/permissions/hidden_widgets/1",
            "/permissions/allowed_dimensions/0"
        ]
    );
}

#[tokio::test]
async fn a_surface_names_the_period_that_is_shown() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    let long_ago = emban_server::app::now().plus_seconds(-60 * 86_400);
    let mut event = call("acme", "old", "small", 1);
    event["timestamp"] = json!(long_ago.to_string());
    let events = json!([event, call("acme", "new", "small", 2)]);
    origin.ingest(events).await.expect(200);
    let quarter = json!({ "allowed_periods": ["90d"] });
    let token = origin.token("acme", &dashboard, quarter.clone()).await;
    origin.await_value(&token, "calls", 2.0).await;
    for (permissions, shown, calls) in [
        (quarter, "90d", 2.0),
        (json!({}), "30d", 1.0),
        (json!({ "allowed_periods": [] }), "30d", 1.0),
        (json!({ "max_date_range_days": 1 }), "24h", 1.0),
    ] {
        let token = origin.token("acme", &dashboard, permissions.clone()).await;
        let surface = origin.get("/v1/embed/surface", &token).await;
        assert_eq!(
            surface.expect(200)["filters"]["default_period"],
            shown,
            "{permissions}"
        );
        origin.await_value(&token, "calls", calls).await;
    }
}

#[tokio::test]
async fn a_surface_offers_no_dimension_that_the_session_may_not_filter_by() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    for (permissions, offered) in [
        (json!({}), 1),
        (json!({ "allowed_dimensions": ["model"] }), 1),
        (json!({ "allowed_dimensions": ["plan"] }), 0),
        (json!({ "locked_filters": { "model": "small" } }), 0),
    ] {
        let token = origin.token("acme", &dashboard, permissions.clone()).await;
        let surface = origin.get("/v1/embed/surface", &token).await;
        let dimensions = surface.expect(200)["filters"]["dimensions"].as_array();
        assert_eq!(dimensions.map(Vec::len), Some(offered), "{permissions}");
    }
}

#[tokio::test]
async fn a_session_is_refused_as_soon_as_it_is_revoked() {
    let (origin, dashboard) = with_calls().await;
    let mint = |tenant: &str| {
        let body = json!({ "tenant_id": tenant, "dashboard_id": dashboard });
        let origin = &origin;
        async move { origin.admin(Method::POST, "/v1/embed-sessions", body).await }
    };
    let (one, two, other) = (mint("acme").await, mint("acme").await, mint("globex").await);
    let token =
        |minted: &crate::origin::Answer| minted.expect(201)["token"].as_str().unwrap().to_owned();
    let id = one.body["session_id"].as_str().unwrap();
    origin
        .admin(
            Method::DELETE,
            &format!("/v1/embed-sessions/{id}"),
            json!({}),
        )
        .await
        .expect(204);
    origin
        .get("/v1/embed/surface", &token(&one))
        .await
        .refused(401, "session_revoked");
    origin
        .get("/v1/embed/surface", &token(&two))
        .await
        .expect(200);
    origin
        .admin(Method::DELETE, "/v1/tenants/acme/embed-sessions", json!({}))
        .await
        .expect(204);
    origin
        .get("/v1/embed/surface", &token(&two))
        .await
        .refused(401, "session_revoked");
    origin
        .get("/v1/embed/surface", &token(&other))
        .await
        .expect(200);
    let fresh = mint("acme").await;
    origin
        .get("/v1/embed/surface", &token(&fresh))
        .await
        .expect(200);
    let listed = origin
        .get("/v1/embed-sessions?tenant_id=acme", ADMIN_KEY)
        .await;
    assert!(
        !listed.expect(200)["sessions"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert!(
        !listed.text.contains(&token(&fresh)),
        "a list holds no tokens"
    );
}

#[tokio::test]
async fn only_allowed_pages_may_use_a_session() {
    let (origin, dashboard) = with_calls().await;
    let permissions = json!({ "allowed_origins": ["https://app.example.com"] });
    let token = origin.token("acme", &dashboard, permissions).await;
    let ask = |page: String| {
        let request = origin.request(Method::POST, "/v1/embed/query", &token);
        answer(request.header("origin", page).json(&json!({})))
    };
    let allowed = ask("https://app.example.com".to_owned()).await;
    allowed.expect(200);
    assert_eq!(
        allowed.headers["access-control-allow-origin"],
        "https://app.example.com"
    );
    let refused = ask("https://evil.example.com".to_owned()).await;
    refused.refused(403, "not_permitted");
    assert!(!refused.headers.contains_key("access-control-allow-origin"));
    // The document in an iframe asks from our own origin.
    ask(origin.url.clone()).await.expect(200);
    let document = origin
        .get(&format!("/embed/{dashboard}?token={token}"), "")
        .await;
    let policy = document.headers["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.ends_with("frame-ancestors https://app.example.com"),
        "{policy}"
    );
}

#[tokio::test]
async fn a_single_use_session_opens_one_document() {
    let (origin, dashboard) = with_calls().await;
    let token = origin
        .token("acme", &dashboard, json!({ "single_use": true }))
        .await;
    let url = format!("{}/embed/{dashboard}?token={token}", origin.url);
    answer(origin.client.get(&url)).await.expect(200);
    answer(origin.client.get(&url))
        .await
        .refused(401, "session_revoked");
    // What was opened goes on.
    assert_eq!(models(&origin, &token).await, ["small", "large"]);
}

#[tokio::test]
async fn a_session_that_makes_no_sense_is_not_minted() {
    let (origin, dashboard) = with_calls().await;
    let mint = |change: Value| {
        let mut body = json!({ "tenant_id": "acme", "dashboard_id": dashboard });
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let origin = &origin;
        async move { origin.admin(Method::POST, "/v1/embed-sessions", body).await }
    };
    for (change, place) in [
        (
            json!({ "permissions": { "see_all": true } }),
            "/permissions/see_all",
        ),
        (json!({ "expires_in": 59 }), "/expires_in"),
        (json!({ "expires_in": 86_401 }), "/expires_in"),
        (json!({ "tenant_id": "" }), "/tenant_id"),
        (
            json!({ "permissions": { "timezone": "Mars/Olympus" } }),
            "/permissions/timezone",
        ),
        (
            json!({ "permissions": { "allowed_origins": ["*"] } }),
            "/permissions/allowed_origins/0",
        ),
    ] {
        let refused = mint(change).await;
        refused.refused(422, "invalid");
        assert_eq!(refused.places(), [place]);
    }
    mint(json!({ "dashboard_id": "dash_unknown" }))
        .await
        .refused(404, "not_found");
    let minted = mint(json!({ "expires_in": 60 })).await;
    assert_eq!(minted.expect(201)["expires_in"], 60);
    let (token, url) = (
        minted.body["token"].as_str().unwrap(),
        minted.body["embed_url"].as_str().unwrap(),
    );
    assert_eq!(
        url,
        format!("{}/embed/{dashboard}?token={token}", origin.url)
    );
}

#[tokio::test]
async fn a_browser_may_ask_whether_a_script_may_call() {
    let (origin, dashboard) = with_calls().await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    for (method, path) in [
        ("GET", "/v1/embed/surface"),
        ("POST", "/v1/embed/query"),
        ("POST", "/v1/embed/rows"),
        ("POST", "/v1/embed/values"),
        ("GET", "/v1/embed/export"),
    ] {
        // As a browser asks: without the token.
        let url = format!("{}{path}", origin.url);
        let preflight = origin
            .client
            .request(Method::OPTIONS, url)
            .header("origin", "https://app.example.com")
            .header("access-control-request-method", method)
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            );
        let allowed = answer(preflight).await;
        allowed.expect(204);
        let says = |name: &str| allowed.headers[name].to_str().unwrap().to_owned();
        assert_eq!(
            says("access-control-allow-origin"),
            "https://app.example.com"
        );
        assert!(says("access-control-allow-methods").contains(method));
        assert!(says("access-control-allow-headers").contains("authorization"));
    }
    // A method that a route does not take is refused, and a script of another origin can read that.
    let wrong = origin.request(Method::GET, "/v1/embed/query", &token);
    let wrong = answer(wrong.header("origin", "https://app.example.com")).await;
    wrong.refused(405, "method_not_allowed");
    assert_eq!(
        wrong.headers["access-control-allow-origin"],
        "https://app.example.com"
    );
    // Other routes are nobody's to call from a page.
    let closed = origin.request(Method::OPTIONS, "/v1/keys", ADMIN_KEY);
    let closed = answer(closed.header("origin", "https://app.example.com")).await;
    closed.refused(405, "method_not_allowed");
    assert!(!closed.headers.contains_key("access-control-allow-origin"));
}
