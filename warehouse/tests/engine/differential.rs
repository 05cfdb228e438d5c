//! Random events, random questions: the engine and plain Rust must agree on every figure.

use std::collections::BTreeMap;

use emban_contract::event::Event;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::bench::{Bench, as_json, at, dashboard, event};
use crate::oracle::Question;

const NOW: &str = "2027-06-01T00:00:00Z";
const EVENTS: usize = 6000;
const QUESTIONS: usize = 400;
const ZONES: &[&str] = &[
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Adelaide",
    "Pacific/Apia",
    "America/St_Johns",
];
const PLANS: &[&str] = &["free", "pro", "team", "", "größe", "it's", "other"];
const METRICS: &[&str] = &[
    "count",
    "count_unique",
    "count_unique_approx",
    "sum",
    "avg",
    "min",
    "max",
    "p50",
    "p90",
    "p95",
    "p99",
    "ratio",
];

/// Between two changes of clocks and beyond, many at the edges of hours and days.
fn random_time(rng: &mut StdRng) -> i64 {
    let (from, to) = (at("2026-01-15T00:00:00Z").0, at("2026-12-15T00:00:00Z").0);
    let time = rng.random_range(from..to);
    match rng.random_range(0..4) {
        0 => time / 900_000 * 900_000,
        1 => time / 900_000 * 900_000 - 1,
        _ => time,
    }
}

fn random_events(rng: &mut StdRng) -> Vec<Event> {
    (0..EVENTS)
        .map(|index| {
            let tenant = ["acme", "globex"].choose(rng).unwrap();
            let mut one = event(
                tenant,
                &index.to_string(),
                emban_contract::UnixMillis(random_time(rng)),
                &[],
                &[],
            );
            one.event_name = (*["e", "e", "e", "f"].choose(rng).unwrap()).to_owned();
            one.user_id = if rng.random_bool(0.2) {
                String::new()
            } else {
                format!("u{}", rng.random_range(0..60))
            };
            if rng.random_bool(0.8) {
                one.string_props
                    .insert("plan".to_owned(), (*PLANS.choose(rng).unwrap()).to_owned());
            }
            if rng.random_bool(0.9) {
                one.string_props
                    .insert("a.b".to_owned(), format!("v{}", rng.random_range(0..30)));
            }
            if rng.random_bool(0.8) {
                // Quarters: sums are exact, so that equal figures are equal and ranks have no near misses.
                one.numeric_props
                    .insert("n".to_owned(), f64::from(rng.random_range(-400..400)) / 4.0);
            }
            if rng.random_bool(0.5) {
                one.numeric_props
                    .insert("m.x".to_owned(), f64::from(rng.random_range(0..9)));
            }
            one
        })
        .collect()
}

fn random_condition(rng: &mut StdRng) -> Value {
    match rng.random_range(0..4) {
        0 => {
            json!({"op": "in", "prop": "plan", "values": [PLANS.choose(rng).unwrap(), PLANS.choose(rng).unwrap()]})
        }
        1 => json!({"op": "not_in", "prop": "plan", "values": [PLANS.choose(rng).unwrap()]}),
        2 => {
            json!({"op": "between", "prop": "n", "min": rng.random_range(-100..0), "max": rng.random_range(0..100)})
        }
        _ => {
            json!({"op": "not_in", "prop": "user_id", "values": ["u1", "u2", if rng.random_bool(0.5) { "" } else { "u3" }]})
        }
    }
}

fn random_query(rng: &mut StdRng, kind: &str, chart: &str) -> Value {
    let metric = METRICS.choose(rng).unwrap();
    let mut query =
        json!({"event_name": if rng.random_bool(0.9) { "e" } else { "f" }, "metric": metric});
    if !matches!(
        *metric,
        "count" | "count_unique" | "count_unique_approx" | "ratio"
    ) {
        query["numeric_prop"] = json!(["n", "m.x"].choose(rng));
    }
    if *metric == "ratio" {
        query["numerator"] = json!([random_condition(rng)]);
    }
    if rng.random_bool(0.4) {
        query["where"] = json!([random_condition(rng)]);
    }
    let prop = *["plan", "a.b", "user_id"].choose(rng).unwrap();
    match (kind, chart) {
        ("timeseries", "stacked_bar") => query["group_by"] = json!(prop),
        ("breakdown", _) => query["group_by"] = json!(prop),
        ("table", "pivot") => {
            query["group_by"] = json!([prop, if prop == "plan" { "a.b" } else { "plan" }])
        }
        ("table", _) => {
            query["group_by"] = json!([prop, if prop == "plan" { "user_id" } else { "plan" }])
        }
        _ => {}
    }
    if chart == "dual_axis" || (kind == "table" && chart == "table" && rng.random_bool(0.5)) {
        query["second_metric"] = json!("avg");
        query["second_numeric_prop"] = json!("n");
    }
    if query.get("group_by").is_some() && rng.random_bool(0.7) {
        query["limit"] = json!(rng.random_range(1..12));
    }
    let compares = matches!(
        (kind, chart),
        ("kpi", _) | ("breakdown", _) | ("table", "table") | ("timeseries", "line")
    );
    if compares && rng.random_bool(0.5) {
        query["compare"] = json!("previous_period");
    }
    query
}

/// Whole steps, so that a comparison moves steps onto steps.
fn random_range(rng: &mut StdRng, question: &mut Question) {
    let granularity = *["hour", "day", "week", "month", "quarter", "minute"]
        .choose(rng)
        .unwrap();
    let hours = if granularity == "minute" {
        rng.random_range(1..20)
    } else {
        rng.random_range(1..24 * 60)
    };
    let hours = if granularity == "hour" {
        hours.min(2000)
    } else {
        hours
    };
    let from = random_time(rng) / 3_600_000 * 3_600_000;
    question.range = (from, from + hours * 3_600_000);
    question.query["granularity"] = json!(granularity);
    // A comparison moves steps by the length of the range: only where that is a whole number of equal steps.
    let moves_whole_steps = matches!(granularity, "hour" | "minute") && question.zone == "UTC";
    if question.kind == "timeseries" && !moves_whole_steps {
        question.query.as_object_mut().unwrap().remove("compare");
    }
    if question.kind != "timeseries" {
        question
            .query
            .as_object_mut()
            .unwrap()
            .remove("granularity");
    }
}

fn random_question(rng: &mut StdRng) -> Question {
    let kinds = [
        ("kpi", "stat"),
        ("timeseries", "line"),
        ("timeseries", "stacked_bar"),
        ("timeseries", "dual_axis"),
        ("breakdown", "list"),
        ("table", "table"),
        ("table", "pivot"),
        ("heatmap", "heatmap"),
    ];
    let (kind, chart) = *kinds.choose(rng).unwrap();
    let mut question = Question {
        kind,
        chart,
        query: random_query(rng, kind, chart),
        zone: ZONES.choose(rng).unwrap(),
        range: (0, 0),
        dimensions: BTreeMap::new(),
        number_range: None,
    };
    random_range(rng, &mut question);
    if rng.random_bool(0.3) {
        question
            .dimensions
            .insert("plan", PLANS.choose_multiple(rng, 3).copied().collect());
    }
    if rng.random_bool(0.2) {
        question.number_range = Some((-50.0, 75.5));
    }
    question
}

/// Numbers to nine digits, everything else exactly.
pub(crate) fn same(expect: &Value, found: &Value) -> bool {
    match (expect, found) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => a
            .iter()
            .all(|(key, a)| same(a, b.get(key).unwrap_or(&Value::Null))),
        (a, b) => a == b,
    }
}

#[tokio::test]
async fn the_engine_and_plain_rust_agree_on_every_figure() {
    let mut rng = StdRng::seed_from_u64(20_260_324);
    let bench = Bench::new("differential", NOW).await;
    let events = random_events(&mut rng);
    bench.insert(&events).await;
    let offered = json!({"date_range": true, "dimensions": [{"prop": "plan", "multi": true}], "numeric_ranges": [{"prop": "n"}]});
    let mut figures = 0;
    for _ in 0..QUESTIONS {
        let question = random_question(&mut rng);
        let document = dashboard(
            question.kind,
            question.chart,
            question.query.clone(),
            offered.clone(),
        );
        let session = bench.session("acme", json!({"timezone": question.zone}));
        let (from, to) = (
            emban_contract::UnixMillis(question.range.0),
            emban_contract::UnixMillis(question.range.1),
        );
        let ranges = question
            .number_range
            .map(|(min, max)| json!({"n": {"min": min, "max": max}}));
        let filters = json!({
            "dateRanges": {"timestamp": {"from": from, "to": to}},
            "dimensions": question.dimensions,
            "numericRanges": ranges.unwrap_or(json!({})),
        });
        let found = as_json(bench.ask(&session, &document, filters).await);
        let found = if question.kind == "timeseries" {
            &found["series"]
        } else {
            &found
        };
        let expect = question.answer(&events, "acme");
        assert!(
            same(&expect, found),
            "{question:#?}\nexpected {expect}\nfound    {found}"
        );
        figures += expect
            .to_string()
            .matches(|c: char| c.is_ascii_digit())
            .count();
    }
    assert!(
        figures > 100_000,
        "the questions asked too little: {figures} digits"
    );
}
