//! Fills an engine with events of 1000 tenants of very different size, and measures a dashboard for the largest tenant
//! and for one of a thousand events, from rollups and from events.
//!
//! `cargo run --release -p emban-warehouse --example load_skewed [EVENTS] [ROUNDS]`, by default 10,000,000 and 15. Build
//! `emban-clickhouse` with the same profile first. A fifth of the events is the largest tenant's.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for measuring: it stops at the first surprise and prints a table"
)]

#[path = "../tests/engine/bench.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod bench;
#[path = "../tests/engine/process.rs"]
mod process;

use std::sync::Arc;
use std::time::Instant;

use emban_contract::dashboard::DashboardDocument;
use emban_contract::event::Event;
use emban_contract::{TenantId, UnixMillis};
use emban_warehouse::TenantScope;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use bench::{Bench, at};

const NOW: &str = "2026-03-15T12:00:00Z";
const DAYS: i64 = 90;
const TENANTS: usize = 1000;
const BATCH: usize = 100_000;
const LARGE: &str = "tenant-0";
const SMALL: &str = "tenant-999";
const SMALL_EVENTS: usize = 1000;

/// Events of each tenant: a fifth the first's, a thousand the last's, between them the fewer the later.
fn sizes(events: usize) -> Vec<usize> {
    let large = events / 5;
    let weight = |index: usize| 1.0 / (index as f64 + 10.0);
    let total: f64 = (1..TENANTS - 1).map(weight).sum();
    let rest = (events - large - SMALL_EVENTS) as f64;
    let size = |index: usize| match index {
        0 => large,
        index if index == TENANTS - 1 => SMALL_EVENTS,
        index => (rest * weight(index) / total) as usize,
    };
    (0..TENANTS).map(size).collect()
}

/// The smaller a number, the more often it comes.
fn skewed(rng: &mut StdRng, most: usize) -> usize {
    let place: f64 = rng.random();
    ((most as f64) * place * place) as usize
}

fn one(rng: &mut StdRng, tenant: usize, number: usize, size: usize) -> Event {
    let name = match rng.random_range(0..100) {
        0..80 => "api.call",
        80..95 => "page.view",
        _ => "signup",
    };
    let text = |prefix: &str, place: usize| format!("{prefix}-{place}");
    let texts = [
        ("model", text("m", skewed(rng, 6))),
        ("endpoint", text("/v1/e", skewed(rng, 12))),
        ("region", text("r", skewed(rng, 5))),
        ("plan", text("p", skewed(rng, 3))),
    ];
    let latency = 20.0 + f64::from(rng.random_range(0..8000u32)).powf(0.9);
    let numbers = [
        ("tokens", f64::from(rng.random_range(1..4000u32))),
        ("latency_ms", latency.round()),
        ("cost", f64::from(rng.random_range(1..500u32)) / 1000.0),
    ];
    let ahead = at(NOW).0 - rng.random_range(0..DAYS * 86_400_000);
    Event {
        tenant_id: TenantId::new(format!("tenant-{tenant}")).unwrap(),
        event_name: name.to_owned(),
        timestamp: UnixMillis(ahead),
        event_id: number.to_string(),
        user_id: format!("user-{}", skewed(rng, (size / 400).max(5))),
        string_props: texts.map(|(name, value)| (name.to_owned(), value)).into(),
        numeric_props: numbers.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

async fn load(bench: &Bench, events: usize) {
    let mut rng = StdRng::seed_from_u64(1);
    let writer = bench.warehouse.writer(&bench.environment);
    let mut batch = Vec::with_capacity(BATCH);
    let (mut number, mut batches) = (0, 0);
    for (tenant, size) in sizes(events).into_iter().enumerate() {
        for _ in 0..size {
            batch.push(one(&mut rng, tenant, number, size));
            number += 1;
            if batch.len() == BATCH {
                batches += 1;
                writer
                    .insert(&batch, &format!("load-{batches}"))
                    .await
                    .unwrap();
                batch.clear();
            }
        }
    }
    writer.insert(&batch, "load-last").await.unwrap();
}

fn dashboard() -> DashboardDocument {
    let call = |more: Value| {
        let mut query = json!({"event_name": "api.call"});
        let more = more.as_object().unwrap().clone();
        query.as_object_mut().unwrap().extend(more);
        query
    };
    let of = |metric: &str, prop: &str| json!({"metric": metric, "numeric_prop": prop});
    let previous = json!({"compare": "previous_period"});
    let tokens = json!({"metric": "sum", "numeric_prop": "tokens", "compare": "previous_period"});
    let table = json!({"group_by": ["endpoint", "model"], "metric": "count", "second_metric": "avg", "second_numeric_prop": "latency_ms"});
    let cost = json!({"group_by": "model", "metric": "sum", "numeric_prop": "cost"});
    let both =
        json!({"metric": "count", "second_metric": "avg", "second_numeric_prop": "latency_ms"});
    let shapes = [
        ("calls", "kpi", "stat", previous),
        ("tokens", "kpi", "stat", tokens),
        ("users", "kpi", "stat", json!({"metric": "count_unique"})),
        ("latency", "kpi", "stat", of("avg", "latency_ms")),
        ("slowest", "kpi", "stat", of("p95", "latency_ms")),
        (
            "by_day",
            "timeseries",
            "line",
            json!({"granularity": "day"}),
        ),
        (
            "users_by_day",
            "timeseries",
            "area",
            json!({"granularity": "day", "metric": "count_unique"}),
        ),
        ("calls_latency", "timeseries", "dual_axis", both),
        (
            "by_model",
            "timeseries",
            "stacked_bar",
            json!({"group_by": "model", "granularity": "day"}),
        ),
        (
            "endpoints",
            "breakdown",
            "list",
            json!({"group_by": "endpoint"}),
        ),
        ("cost", "breakdown", "donut", cost),
        ("table", "table", "table", table),
        ("hours", "heatmap", "heatmap", json!({})),
    ];
    let widget = |(place, (id, kind, chart, query)): (usize, (&str, &str, &str, Value))| {
        json!({"id": id, "kind": kind, "chart": chart, "query": call(query),
               "layout": {"x": 0, "y": place, "w": 12, "h": 1}})
    };
    let widgets: Vec<Value> = shapes.into_iter().enumerate().map(widget).collect();
    let filters = json!({"dimensions": [{"prop": "region"}]});
    serde_json::from_value(json!({"name": "skewed", "filters": filters, "widgets": widgets}))
        .unwrap()
}

/// Milliseconds and rows read of one answer.
async fn answer(bench: &Bench, tenant: &str, document: &DashboardDocument) -> (f64, u64) {
    let session = bench.session(tenant, json!({"timezone": "Europe/Berlin"}));
    let request = serde_json::from_value(json!({"filters": {"period": "30d"}})).unwrap();
    let planned = bench.view(&session, document).widgets(&request).unwrap();
    let scoped = bench.warehouse.scoped(TenantScope::from(&session));
    let start = Instant::now();
    let results = scoped.answer(&planned, bench.now).await;
    let took = start.elapsed().as_secs_f64() * 1000.0;
    for (id, result) in results {
        let text = serde_json::to_string(&result).unwrap();
        assert!(text.contains(r#""status":"ok""#), "{id}: {text}");
    }
    (took, scoped.rows_read())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn only(document: &DashboardDocument, place: usize) -> DashboardDocument {
    let mut one = document.clone();
    one.widgets = vec![document.widgets[place].clone()];
    one
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .map(|text| text.parse::<usize>().expect("a number"));
    let (events, rounds) = (
        numbers.next().unwrap_or(10_000_000),
        numbers.next().unwrap_or(15),
    );
    let bench = Bench::new("skewed", NOW).await;
    let plain = bench.without_rollups();
    let start = Instant::now();
    load(&bench, events).await;
    println!(
        "loaded {events} events in {:.0} s, load {}",
        start.elapsed().as_secs_f64(),
        load_average()
    );
    let document = dashboard();
    let start = Instant::now();
    bench.follow(&[Arc::new(document.clone())]).await;
    println!(
        "filled the rollups in {:.0} s",
        start.elapsed().as_secs_f64()
    );

    println!(
        "{:<14} {:>22} {:>22} {:>22} {:>22}",
        "", "large, rollups", "small, rollups", "large, events", "small, events"
    );
    let whole = (document.clone(), "dashboard".to_owned());
    let each = (0..document.widgets.len()).map(|place| {
        (
            only(&document, place),
            document.widgets[place].id.to_string(),
        )
    });
    for (document, name) in each.chain([whole]) {
        let cells = [
            (&bench, LARGE),
            (&bench, SMALL),
            (&plain, LARGE),
            (&plain, SMALL),
        ];
        let mut times = vec![Vec::new(); cells.len()];
        let mut rows = [0; 4];
        for round in 0..rounds + 2 {
            // Read anew, as the origin does every 15 seconds.
            bench
                .warehouse
                .refresh_rollups(&bench.environment)
                .await
                .unwrap();
            for (cell, (bench, tenant)) in cells.iter().enumerate() {
                let (took, read) = answer(bench, tenant, &document).await;
                rows[cell] = read;
                if round >= 2 {
                    times[cell].push(took);
                }
            }
        }
        let shown: Vec<String> = times
            .into_iter()
            .zip(rows)
            .map(|(times, rows)| format!("{:>8.1} ms {rows:>9}", median(times)))
            .collect();
        println!(
            "{name:<14} {}",
            shown
                .iter()
                .map(|cell| format!("{cell:>22}"))
                .collect::<String>()
        );
    }
    println!("medians of {rounds} rounds, load {}", load_average());
}
