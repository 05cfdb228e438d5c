//! Random events, random questions: the engine and plain Rust must agree on every figure, whether it is computed from
//! events or from a rollup, half of which was there before the rollup and half came after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use emban_contract::UnixMillis;
use emban_contract::dashboard::DashboardDocument;
use emban_contract::event::Event;
use emban_warehouse::Feeding;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::bench::{Bench, as_json, at, event};
use crate::oracle::Question;

const NOW: &str = "2027-06-01T00:00:00Z";
const TENANTS: [&str; 3] = ["acme", "globex", "株式会社 ' \\"];
const EVENTS: usize = 6000;
/// Of each of the four tests below.
const QUESTIONS: usize = 550;
const ZONES: &[&str] = &[
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Adelaide",
    "Pacific/Apia",
    "America/St_Johns",
];
const PLANS: &[&str] = &[
    "free",
    "pro",
    "team",
    "",
    "größe",
    "it's",
    "other",
    "\u{e9}",
    "e\u{301}",
    "模型 🎉",
    "\\N",
];
/// Numbers at the ends of what a number can be.
const EXTREMES: &[f64] = &[
    1e300,
    -1e300,
    9e306,
    -9e306,
    f64::MIN_POSITIVE,
    5e-324,
    -0.0,
    9_007_199_254_740_993.0,
    0.1,
];
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
            let tenant = TENANTS.choose(rng).unwrap();
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
            if rng.random_bool(0.3) {
                one.string_props
                    .insert("rare".to_owned(), "x".repeat(rng.random_range(0..3)));
            }
            if rng.random_bool(0.2) {
                one.numeric_props
                    .insert("huge".to_owned(), *EXTREMES.choose(rng).unwrap());
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
        // A sum of such extremes depends on the order of adding, whoever adds.
        let orderly = !matches!(*metric, "sum" | "avg");
        query["numeric_prop"] = json!(if orderly && rng.random_bool(0.2) {
            "huge"
        } else {
            *["n", "m.x"].choose(rng).unwrap()
        });
    }
    if *metric == "ratio" {
        query["numerator"] = json!([random_condition(rng)]);
    }
    if rng.random_bool(0.4) {
        query["where"] = json!([random_condition(rng)]);
    }
    let prop = *["plan", "a.b", "rare", "user_id"].choose(rng).unwrap();
    match (kind, chart) {
        ("timeseries", "stacked_bar") => query["group_by"] = json!(prop),
        ("breakdown", _) => query["group_by"] = json!(prop),
        ("table", "pivot") => {
            query["group_by"] = json!([prop, if prop == "plan" { "a.b" } else { "plan" }])
        }
        ("table", _) => {
            let more = ["plan", "rare", "a.b", "user_id"]
                .into_iter()
                .filter(|other| *other != prop);
            let props: Vec<&str> = std::iter::once(prop).chain(more).collect();
            query["group_by"] = json!(props[..rng.random_range(1..=4)])
        }
        _ => {}
    }
    if matches!(chart, "dual_axis" | "scatter")
        || (kind == "table" && chart == "table" && rng.random_bool(0.5))
    {
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
        query["compare"] = json!(["previous_period", "previous_year"].choose(rng));
    }
    query
}

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
    let unit = if rng.random_bool(0.1) { 7_000 } else { 900_000 };
    let from = random_time(rng) / unit * unit;
    question.range = (from, from + hours * 3_600_000);
    question.query["granularity"] = json!(granularity);
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
        ("breakdown", "scatter"),
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
        locale: ["de", "en-US", "ar-EG"].choose(rng).unwrap(),
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
    if rng.random_bool(0.1) {
        question.dimensions.insert("rare", vec!["", "x"]);
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

/// A dashboard that wants one rollup: of everything that the random questions can ask of one.
fn wanting(event_name: &str) -> Arc<DashboardDocument> {
    let numbers = ["n", "m.x", "huge"].map(|prop| json!({"metric": "avg", "numeric_prop": prop}));
    let users = ["count_unique", "count_unique_approx"].map(|metric| json!({"metric": metric}));
    let widget = |(index, mut query): (usize, Value)| {
        query["event_name"] = json!(event_name);
        query["group_by"] = json!(["plan", "a.b", "rare"]);
        json!({"id": format!("w{index}"), "kind": "table", "chart": "table", "query": query,
               "layout": {"x": 0, "y": index, "w": 12, "h": 1}})
    };
    let queries = numbers.into_iter().chain(users).enumerate();
    let widgets: Vec<Value> = queries.map(widget).collect();
    Arc::new(serde_json::from_value(json!({"name": "d", "widgets": widgets})).unwrap())
}

/// Some questions at once about the same time and filters, as the widgets of a dashboard are.
fn random_questions(rng: &mut StdRng) -> Vec<Question> {
    let first = random_question(rng);
    let hours = (first.range.1 - first.range.0) / 3_600_000;
    let mut questions = vec![first.clone()];
    for _ in 0..rng.random_range(0..4) {
        let mut one = Question {
            query: Value::Null,
            ..first.clone()
        };
        let other = random_question(rng);
        (one.kind, one.chart, one.query) = (other.kind, other.chart, other.query);
        if one.kind == "timeseries" {
            let steps = if hours < 20 { "minute" } else { "day" };
            let same = &first.query["granularity"];
            let step = if same.is_string() {
                same.clone()
            } else {
                json!(steps)
            };
            one.query["granularity"] = step;
        }
        questions.push(one);
    }
    questions
}

fn document(questions: &[Question]) -> DashboardDocument {
    let offered = json!({"date_range": true, "numeric_ranges": [{"prop": "n"}],
                         "dimensions": [{"prop": "plan", "multi": true}, {"prop": "rare", "multi": true}]});
    let widget = |(index, question): (usize, &Question)| {
        json!({"id": format!("w{index}"), "kind": question.kind, "chart": question.chart,
               "query": question.query, "layout": {"x": 0, "y": index, "w": 12, "h": 1}})
    };
    let widgets: Vec<Value> = questions.iter().enumerate().map(widget).collect();
    let document = json!({"name": "d", "filters": offered, "widgets": widgets});
    serde_json::from_value(document).unwrap()
}

fn filters(question: &Question) -> Value {
    let ranges = question
        .number_range
        .map(|(min, max)| json!({"n": {"min": min, "max": max}}));
    json!({
        "dateRanges": {"timestamp": {"from": UnixMillis(question.range.0), "to": UnixMillis(question.range.1)}},
        "dimensions": question.dimensions,
        "numericRanges": ranges.unwrap_or(json!({})),
    })
}

/// Compares the answers to some questions with those that are expected.
async fn compare(
    bench: &Bench,
    from: &str,
    tenant: &str,
    questions: &[Question],
    expect: &[Value],
) {
    let granted = json!({"timezone": questions[0].zone, "locale": questions[0].locale});
    let session = bench.session(tenant, granted);
    let document = document(questions);
    let asked = bench.results(&session, &document, filters(&questions[0]));
    let found = as_json(asked.await);
    for (index, (question, expect)) in questions.iter().zip(expect).enumerate() {
        let found = &found[format!("w{index}")]["data"];
        let found = if question.kind == "timeseries" {
            &found["series"]
        } else {
            found
        };
        assert!(
            same(expect, found),
            "{question:#?}\nof {tenant} from {from}, with {} others\nexpected {expect}\nfound    {found}",
            questions.len() - 1
        );
    }
}

async fn agree(seed: u64) {
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let bench = Bench::new(&format!("differential-{seed}"), NOW).await;
    let events = random_events(&mut rng);
    let (before, after) = events.split_at(EVENTS / 2);
    // In an empty warehouse all buckets are worth having; with so few events hours and days are not.
    let of_all_buckets = seed.is_multiple_of(2);
    if of_all_buckets {
        bench.follow(&[wanting("e"), wanting("f")]).await;
    }
    bench.insert(before).await;
    bench.follow(&[wanting("e"), wanting("f")]).await;
    bench.insert(after).await;
    let plain = bench.without_rollups();
    let (mut asked, mut of_rollups, mut of_days, mut figures) = (0, 0, 0, 0);
    while asked < QUESTIONS {
        bench
            .warehouse
            .refresh_rollups(&bench.environment)
            .await
            .unwrap();
        let questions = random_questions(&mut rng);
        let tenant = TENANTS.choose(&mut rng).unwrap();
        let expect: Vec<Value> = questions
            .iter()
            .map(|question| question.answer(&events, tenant))
            .collect();
        compare(&plain, "events", tenant, &questions, &expect).await;
        compare(&bench, "rollups", tenant, &questions, &expect).await;
        let session = bench.session(tenant, json!({"timezone": questions[0].zone}));
        for (question, expect) in questions.iter().zip(&expect) {
            let document = document(std::slice::from_ref(question));
            let feeding = bench.feeding(&session, &document, filters(question));
            if let Feeding::Rollup { minutes, .. } = feeding {
                of_rollups += 1;
                of_days += usize::from(minutes > 15);
            }
            let digits = expect.to_string();
            figures += digits.matches(|c: char| c.is_ascii_digit()).count();
        }
        asked += questions.len();
    }
    println!(
        "{asked} questions, {of_rollups} of them of rollups as well, {of_days} of hours or days"
    );
    assert!(figures > 100_000, "too little: {figures} digits");
    assert!(of_rollups > QUESTIONS / 5, "{of_rollups}");
    assert_eq!(of_days > 10, of_all_buckets, "{of_days}");
}

#[tokio::test]
async fn the_engine_and_plain_rust_agree_on_every_figure() {
    agree(20_260_324).await;
}

#[tokio::test]
async fn they_agree_on_other_events_and_questions() {
    agree(2).await;
}

#[tokio::test]
async fn they_agree_on_a_third_kind_of_them() {
    agree(3).await;
}

#[tokio::test]
async fn they_agree_on_a_fourth_kind_of_them() {
    agree(4).await;
}
