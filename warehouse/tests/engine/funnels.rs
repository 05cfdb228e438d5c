//! Funnels and conversion against plain Rust, and the corners that plain Rust and the engine could see differently.

use emban_contract::UnixMillis;
use emban_contract::event::Event;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::bench::{Bench, as_json, at, dashboard, event};
use crate::oracle;

const NOW: &str = "2026-03-15T12:00:00Z";

fn step(name: &str, user: &str, ms: i64, plan: &str) -> Event {
    let time = UnixMillis(at("2026-03-10T00:00:00Z").0 + ms);
    let mut one = event(
        "acme",
        &format!("{name}-{user}-{ms}-{plan}"),
        time,
        &[("plan", plan)],
        &[],
    );
    one.event_name = name.to_owned();
    one.user_id = user.to_owned();
    one
}

fn funnel_of(steps: &Value, window: &str) -> emban_contract::dashboard::DashboardDocument {
    dashboard(
        "breakdown",
        "funnel",
        json!({"steps": steps, "window": window}),
        json!({}),
    )
}

fn values(answer: &Value) -> Vec<f64> {
    answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[1].as_f64().unwrap())
        .collect()
}

#[tokio::test]
async fn random_funnels_agree_with_plain_rust() {
    let mut rng = StdRng::seed_from_u64(7);
    let bench = Bench::new("funnels", NOW).await;
    let events: Vec<Event> = (0..4000)
        .map(|n| {
            let name = ["view", "cart", "pay", "noise"].choose(&mut rng).unwrap();
            let user = if rng.random_bool(0.05) {
                String::new()
            } else {
                format!("u{}", rng.random_range(0..400))
            };
            // Distinct milliseconds: what comes first at the same one is a test of its own.
            step(
                name,
                &user,
                n * 37_000 + rng.random_range(0..37_000),
                ["a", "b"].choose(&mut rng).unwrap(),
            )
        })
        .collect();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({}));
    let step = |name: &str| json!({"event_name": name});
    let in_a = |name: &str| json!({"event_name": name, "where": [{"op": "in", "prop": "plan", "values": ["a"]}]});
    for steps in [
        json!([step("view"), step("cart")]),
        json!([step("view"), step("cart"), step("pay")]),
        json!([in_a("view"), step("view"), in_a("pay")]),
        json!([step("pay"), step("pay"), step("pay"), step("pay")]),
    ] {
        for (window, ms) in [
            ("1h", 3_600_000),
            ("12h", 43_200_000),
            ("7d", 7 * 86_400_000),
        ] {
            let answer = as_json(
                bench
                    .ask(&session, &funnel_of(&steps, window), json!({}))
                    .await,
            );
            let expect = oracle::funnel(&events, &steps, ms);
            assert_eq!(values(&answer), expect, "{steps} within {window}");
            let kpi = dashboard(
                "kpi",
                "stat",
                json!({"metric": "conversion", "steps": steps, "window": window}),
                json!({}),
            );
            let conversion = as_json(bench.ask(&session, &kpi, json!({})).await)["value"]
                .as_f64()
                .unwrap();
            assert_eq!(
                conversion,
                expect.last().unwrap() / expect[0],
                "{steps} within {window}"
            );
        }
    }
}

#[tokio::test]
async fn the_corners_of_a_funnel() {
    let bench = Bench::new("funnel-corners", NOW).await;
    bench
        .insert(&[
            // Exactly the window apart, and one millisecond more.
            step("view", "edge", 0, ""),
            step("cart", "edge", 3_600_000, ""),
            step("view", "late", 0, ""),
            step("cart", "late", 3_600_001, ""),
            // At the same millisecond, stored in either order: the steps' own order counts.
            step("cart", "same1", 5, ""),
            step("view", "same1", 5, ""),
            step("view", "same2", 5, ""),
            step("cart", "same2", 5, ""),
            // The wrong way round.
            step("cart", "back", 5, ""),
            step("view", "back", 6, ""),
            // A second beginning succeeds where the first is too old.
            step("view", "again", 0, ""),
            step("view", "again", 7_200_000, ""),
            step("cart", "again", 7_200_001, ""),
            // One event is never two steps.
            step("twice", "one", 0, ""),
            step("twice", "two", 0, ""),
            step("twice", "two", 1, ""),
        ])
        .await;
    let session = bench.session("acme", json!({}));
    let steps = json!([{"event_name": "view", "label": "Seen"}, {"event_name": "cart"}]);
    let answer = as_json(
        bench
            .ask(&session, &funnel_of(&steps, "1h"), json!({}))
            .await,
    );
    assert_eq!(answer["rows"], json!([["Seen", 6.0], ["cart", 4.0]]));
    assert_eq!(answer["columns"][0]["key"], "step");
    let steps = json!([{"event_name": "twice"}, {"event_name": "twice"}]);
    let answer = as_json(
        bench
            .ask(&session, &funnel_of(&steps, "1h"), json!({}))
            .await,
    );
    assert_eq!(values(&answer), [2.0, 1.0]);
    // The earlier period has nobody: no share, and no change.
    let query = json!({"metric": "conversion", "steps": steps, "compare": "previous_period"});
    let answer = as_json(
        bench
            .ask(
                &session,
                &dashboard("kpi", "stat", query, json!({})),
                json!({"period": "7d"}),
            )
            .await,
    );
    assert_eq!(answer, json!({"value": 0.5}));
}
