//! `/v1/embed/export`.

use serde_json::{Value, json};

use crate::origin::{Origin, call, calls_dashboard};

/// Groups of the tenant that exports: more than the widget shows, and than one chunk holds.
const MODELS: usize = 1500;

async fn with_many_models() -> (Origin, String) {
    let origin = Origin::start();
    for part in 0..2 {
        let events: Vec<Value> = (0..MODELS / 2)
            .map(|n| {
                let id = (part * MODELS / 2 + n).to_string();
                call("acme", &id, &format!("m-{id}"), 2)
            })
            .collect();
        origin.ingest(json!(events)).await.expect(200);
    }
    let others = json!([
        call("globex", "1", "=cmd|' /C calc'!A1", 1),
        call("globex", "2", "a,\"b\"", 1)
    ]);
    origin.ingest(others).await.expect(200);
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", MODELS as f64).await;
    (origin, dashboard)
}

#[tokio::test]
async fn a_file_holds_every_group_of_its_tenant_and_no_formula() {
    let (origin, dashboard) = with_many_models().await;
    let acme = origin.token("acme", &dashboard, json!({})).await;
    let file = origin
        .get("/v1/embed/export?format=csv&widget=models", &acme)
        .await;
    file.expect(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"models.csv\""
    );
    let lines: Vec<&str> = file.text.split_terminator("\r\n").collect();
    assert_eq!((lines.len(), lines[0]), (MODELS + 1, "Model,Count"));
    assert!(lines.contains(&"m-0,1") && lines.contains(&"m-1499,1"));
    assert!(!file.text.contains("calc"));

    let globex = origin.token("globex", &dashboard, json!({})).await;
    origin.await_value(&globex, "calls", 2.0).await;
    let file = origin.get("/v1/embed/export?widget=models", &globex).await;
    assert_eq!(
        file.text,
        "Model,Count\r\n'=cmd|' /C calc'!A1,1\r\n\"a,\"\"b\"\"\",1\r\n"
    );
    let file = origin.get("/v1/embed/export?widget=tokens", &globex).await;
    assert_eq!(file.text, "Tokens\r\n2\r\n");
    let filters = json!({ "dimensions": { "model": "a,\"b\"" } });
    let path = format!("/v1/embed/export?widget=models&filters={filters}");
    let file = origin.get(&path, &globex).await;
    assert_eq!(file.text, "Model,Count\r\n\"a,\"\"b\"\"\",1\r\n");
}

#[tokio::test]
async fn the_file_of_a_pivot_holds_the_rows_and_columns_beyond_the_widgets_bounds() {
    let origin = Origin::start();
    let events: Vec<Value> = (0..30)
        .map(|n| {
            let mut event = call("acme", &n.to_string(), &format!("m-{n}"), 1);
            event["user_id"] = json!(format!("u-{n}"));
            event
        })
        .collect();
    origin.ingest(json!(events)).await.expect(200);
    let mut document = calls_dashboard();
    let pivot = json!({ "id": "pivot", "kind": "table", "chart": "pivot", "title": "Models by user",
        "query": { "event_name": "call", "group_by": ["model", "user_id"], "limit": 2 }, "layout": { "x": 0, "y": 6, "w": 12, "h": 4 } });
    document["widgets"].as_array_mut().unwrap().push(pivot);
    let dashboard = origin.publish(document).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", 30.0).await;
    let asked = json!({ "widgets": ["pivot"] });
    let shown = origin.embed("/v1/embed/query", &token, asked).await;
    let data = &shown.expect(200)["results"]["pivot"]["data"];
    assert_eq!(data["rows"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        (&data["other_row"], &data["other_column"]),
        (&json!(true), &json!(true))
    );
    let file = origin.get("/v1/embed/export?widget=pivot", &token).await;
    file.expect(200);
    let lines: Vec<Vec<&str>> = file
        .text
        .split_terminator("\r\n")
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!((lines.len(), lines[0].len()), (31, 31), "{}", file.text);
    assert!(lines.iter().flatten().all(|cell| *cell != "other"));
    assert!(lines.iter().any(|line| line[0] == "m-29"));
}

#[tokio::test]
async fn a_picture_is_the_chart_with_its_title_and_its_legend() {
    let origin = Origin::start();
    let events = json!([
        call("acme", "1", "m-1 <&", 1),
        call("acme", "2", "m-2", 1),
        call("globex", "1", "m-of-globex", 1)
    ]);
    origin.ingest(events).await.expect(200);
    let mut document = calls_dashboard();
    let days = json!({ "id": "days", "kind": "timeseries", "chart": "stacked_bar", "title": "Calls & more",
        "query": { "event_name": "call", "group_by": "model" }, "layout": { "x": 0, "y": 6, "w": 12, "h": 4 } });
    document["widgets"].as_array_mut().unwrap().push(days);
    let dashboard = origin.publish(document).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    origin.await_value(&token, "calls", 2.0).await;
    let file = origin
        .get("/v1/embed/export?format=svg&widget=days", &token)
        .await;
    file.expect(200);
    assert_eq!(file.headers["content-type"], "image/svg+xml");
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"days.svg\""
    );
    for part in [
        "<svg xmlns=\"http://www.w3.org/2000/svg\"",
        "Calls &amp; more",
        "m-1 &lt;&amp;</text>",
        "m-2</text>",
        "eb-bar eb-s1",
    ] {
        assert!(file.text.contains(part), "{part} is not in {}", file.text);
    }
    assert!(!file.text.contains("m-of-globex"));
    let number = origin
        .get("/v1/embed/export?format=svg&widget=calls", &token)
        .await;
    assert_eq!(
        number.refused(422, "invalid")["details"][0]["path"],
        "format"
    );
    let hidden = json!({ "hidden_widgets": ["days"] });
    let hidden = origin.token("acme", &dashboard, hidden).await;
    origin
        .get("/v1/embed/export?format=svg&widget=days", &hidden)
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn what_a_session_may_not_see_it_cannot_download() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    let path = "/v1/embed/export?widget=models";
    let free = origin.token("acme", &dashboard, json!({})).await;
    origin.get(path, &free).await.expect(200);
    let forbidden = origin
        .token("acme", &dashboard, json!({ "allow_export": false }))
        .await;
    origin
        .get(path, &forbidden)
        .await
        .refused(403, "not_permitted");
    let hidden = origin
        .token("acme", &dashboard, json!({ "hidden_widgets": ["models"] }))
        .await;
    origin.get(path, &hidden).await.refused(404, "not_found");
    let refused = origin
        .get("/v1/embed/export?format=png&filters=x&rows=1", &free)
        .await;
    refused.refused(422, "invalid");
    let mut places = refused.places();
    places.sort_unstable();
    assert_eq!(places, ["filters", "format", "rows", "widget"]);
}
