use emban_contract::embed::{QueryAnswer, QueryRequest, RowsRequest, ValuesRequest, WidgetResult};
use emban_contract::filters::{DateRange, NumericRange, ViewerFilters};
use emban_paint::Choice;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;

/// What the contract writes, as the runtime reads it.
fn again<T: Serialize, U>(value: &T, read: fn(&Json) -> Option<U>) -> Option<U> {
    read(&Json::parse(&serde_json::to_string(value).unwrap())?)
}

/// What the runtime writes, as the contract reads it.
fn theirs<T: DeserializeOwned>(json: &Json) -> T {
    serde_json::from_str(&json.to_text()).unwrap()
}

const SURFACE: &str = r##"{ "dashboard_id": "dash_a", "version": 3, "name": "Usage", "description": "Of “all”",
    "filters": { "periods": ["24h", "7d"], "default_period": "7d", "dimensions": [{ "prop": "model", "label": "Model", "multi": true }, { "prop": "plan" }],
                 "numeric_ranges": [{ "prop": "tokens", "label": "Tokens" }, { "prop": "ms" }], "date_range": true, "max_date_range_days": 31 },
    "theme": { "primaryColor": "#111", "backgroundColor": "#222", "cardBackground": "#333", "cardBorder": "#444", "textColor": "#555", "mutedColor": "#666" },
    "widgets": [
        { "id": "a", "kind": "kpi", "chart": "gauge", "title": "A", "layout": { "x": 1, "y": 2, "w": 3, "h": 4 }, "groups": [{ "prop": "model", "click": "filter" }, { "prop": "plan", "click": "rows" }, { "prop": "user_id" }], "period": "1h", "drillable": true,
          "measures": [{ "metric": "count_unique" }, { "metric": "p95", "prop": "ms" }],
          "options": { "format": "currency", "currency": "EUR", "unit": "ms", "decimals": 2, "target": 0.5, "lower_is_better": true, "markdown": "# x",
                       "label": "L", "second_label": "S", "value_labels": { "": "None", "m-1": "One" } } },
        { "id": "b", "kind": "text", "chart": "text", "title": "", "layout": { "x": 0, "y": 0, "w": 12, "h": 1 } }],
    "allow_drill_down": true, "allow_export": false, "timezone": "Asia/Kolkata", "locale": "de", "allowed_origins": ["https://a.example"], "refresh": 15, "expires_in": -3 }"##;

#[test]
fn a_surface_is_read_whole() {
    let full: Surface = serde_json::from_str(SURFACE).unwrap();
    assert_eq!(again(&full, surface), Some(full.clone()));
    let bare = Surface {
        description: None,
        theme: None,
        locale: None,
        allowed_origins: None,
        ..full
    };
    assert_eq!(again(&bare, surface), Some(bare));
    assert_eq!(surface(&Json::Null), None);
}

#[test]
fn every_shape_of_an_answer_is_read() {
    let text = r#"{"version":3,"results":{
        "k":{"status":"ok","freshness":"2026-03-01T00:00:01.5Z","data":{"value":12.5,"previous_value":10,"delta_pct":25}},
        "n":{"status":"ok","freshness":"2026-03-01T00:00:00Z","data":{"value":null}},
        "s":{"status":"ok","freshness":"2026-03-01T00:00:00Z","data":{"series":[{"name":"count","role":"comparison","points":[["2026-03-01T00:00:00Z",12],["2026-03-02T00:00:00Z",null]]}],
             "granularity":"day","from":"2026-03-01T00:00:00Z","to":"2026-03-03T00:00:00Z","partial_from":"2026-03-02T00:00:00Z","offsets":[["2026-03-01T00:00:00Z",-3600]]}},
        "t":{"status":"ok","freshness":"2026-03-01T00:00:00Z","data":{"columns":[{"key":"model","type":"string"},{"key":"at","type":"time"},{"key":"value","type":"number"}],
             "rows":[["m-1","2026-03-01T00:00:00Z",3],[null,null,1]],"other":[null,null,7]}},
        "g":{"status":"ok","freshness":"2026-03-01T00:00:00Z","data":{"rows":["1",null],"columns":["0"],"cells":[[1],[null]]}},
        "p":{"status":"ok","freshness":"2026-03-01T00:00:00Z","data":{"rows":["1"],"columns":["0"],"cells":[[1]],"other_row":true,"other_column":true}},
        "e":{"status":"error","code":"timeout","error":"too slow"}}}"#;
    let full: QueryAnswer = serde_json::from_str(text).unwrap();
    let read = again(&full, answer).unwrap();
    assert_eq!(read.len(), full.results.len());
    for (id, result) in &read {
        match (result, &full.results[id]) {
            (
                Answered::Ok(data, at),
                WidgetResult::Ok {
                    data: theirs,
                    freshness,
                },
            ) => assert_eq!((data, at), (theirs, freshness), "{id}"),
            (Answered::Error(code), WidgetResult::Error { code: theirs, .. }) => {
                assert_eq!(code, theirs)
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(answer(&Json::Null), None);
}

#[test]
fn rows_and_values_are_read() {
    let text = r#"{"columns":[{"key":"timestamp","type":"time"}],"rows":[["2026-03-01T00:00:00Z"]],"next_cursor":"c"}"#;
    let full: RowsAnswer = serde_json::from_str(text).unwrap();
    assert_eq!(again(&full, rows), Some(full));
    let full: ValuesAnswer =
        serde_json::from_str(r#"{"values":[{"value":"a","count":3},{"value":null,"count":1}]}"#)
            .unwrap();
    assert_eq!(again(&full, values), Some(full));
}

#[test]
fn every_code_of_a_problem_is_a_word() {
    for code in ProblemCode::ALL {
        assert_eq!(
            word::<ProblemCode>(&Json::Text(code.as_str().to_owned())),
            Some(*code)
        );
    }
    assert_eq!(
        word::<ProblemCode>(&Json::Text("of_tomorrow".to_owned())),
        None
    );
}

#[test]
fn questions_are_those_of_the_contract() {
    let chosen = Choice {
        period: None,
        dimensions: vec![("model".into(), vec!["m-1".into(), "\"".into()])],
        ranges: vec![(
            "tokens".into(),
            NumericRange {
                min: Some(0.1),
                max: None,
            },
        )],
        dates: Some(DateRange {
            from: UnixMillis(0),
            to: UnixMillis(86_400_000),
        }),
    };
    let id = WidgetId::new("w").unwrap();
    let request: QueryRequest = theirs(&query(Some(std::slice::from_ref(&id)), &chosen));
    assert_eq!(request.widgets, Some(vec![id.clone()]));
    let filters: ViewerFilters = request.filters;
    assert_eq!(filters.dimensions["model"].values(), ["m-1", "\""]);
    assert_eq!(
        filters.numeric_ranges["tokens"],
        NumericRange {
            min: Some(0.1),
            max: None
        }
    );
    assert_eq!(filters.date_ranges["timestamp"], chosen.dates.unwrap());
    assert_eq!(
        theirs::<QueryRequest>(&query(None, &Choice::default())),
        QueryRequest::default()
    );
    let at = emban_contract::embed::Point {
        time: Some(UnixMillis(0)),
        group: Some(vec![None, Some("x".into())]),
    };
    let request: RowsRequest = theirs(&rows_request(&id, &chosen, Some(&at), Some("c")));
    assert_eq!(
        (request.point, request.cursor.as_deref()),
        (Some(at), Some("c"))
    );
    let request: ValuesRequest = theirs(&values_request("model", None, &chosen));
    assert_eq!(
        (request.dimension.as_str(), request.search),
        ("model", None)
    );
}
