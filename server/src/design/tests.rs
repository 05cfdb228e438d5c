use emban_contract::dashboard::validate;
use emban_contract::discover::{SeenNumericProp, SeenStringProp};

use super::*;

const DAY_MS: i64 = 86_400_000;
const START: i64 = 1_774_000_000_000;

fn text(name: &str, count: u64, cardinality: u64) -> SeenStringProp {
    SeenStringProp {
        name: name.to_owned(),
        count,
        cardinality,
    }
}

fn number(name: &str, count: u64, min: f64) -> SeenNumericProp {
    SeenNumericProp {
        name: name.to_owned(),
        count,
        cardinality: 50,
        min: Some(min),
        max: Some(900.0),
        avg: Some(120.0),
    }
}

fn event(name: &str, count: u64) -> SeenEvent {
    SeenEvent {
        event_name: name.to_owned(),
        count,
        tenants: 3,
        users: 40,
        first_seen: UnixMillis(START),
        last_seen: UnixMillis(START + 20 * DAY_MS),
        sampled: false,
        string_props: Vec::new(),
        numeric_props: Vec::new(),
    }
}

fn seen(events: Vec<SeenEvent>) -> Discovery {
    Discovery {
        from: UnixMillis(START),
        to: UnixMillis(START + 30 * DAY_MS),
        events,
    }
}

fn api() -> Discovery {
    let main = SeenEvent {
        string_props: vec![
            text("model", 1000, 5),
            text("endpoint", 1000, 30),
            text("request_id", 1000, 1000),
            text("plan", 900, 3),
            text("beta_flag", 4, 2),
        ],
        numeric_props: vec![
            number("tokens", 1000, 1.0),
            number("latency_ms", 1000, 3.0),
            number("status_code", 1000, 200.0),
        ],
        ..event("api.call", 1000)
    };
    seen(vec![main, event("signup", 50), event("page_viewed", 20)])
}

fn made(seen: &Discovery) -> DashboardDocument {
    let document = design(seen, None, None).unwrap();
    assert_eq!(validate(&document), []);
    document
}

fn titles(document: &DashboardDocument) -> Vec<&str> {
    document.widgets.iter().map(|w| w.title.as_str()).collect()
}

#[test]
fn a_person_would_keep_what_is_made_of_an_api() {
    let document = made(&api());
    assert_eq!(document.name, "API call");
    assert_eq!(
        titles(&document),
        [
            "API calls",
            "Active users",
            "Total tokens",
            "Average latency",
            "API calls over time",
            "By model",
            "Total tokens over time",
            "By endpoint",
            "API calls by model over time",
            "When it happens",
            "Signups",
            "Page viewed",
            "By model and endpoint",
        ]
    );
    let filters: Vec<&str> = document
        .filters
        .dimensions
        .iter()
        .map(|d| d.prop.as_str())
        .collect();
    assert_eq!(filters, ["model", "endpoint", "plan"]);
    assert_eq!(document.filters.default_period, Some(Period::DEFAULT));
}

#[test]
fn every_row_of_the_grid_is_full() {
    let document = made(&api());
    let rows = document.widgets.iter().map(|w| w.layout.y);
    for row in rows {
        let inside = document.widgets.iter().filter(|w| w.layout.y == row);
        assert_eq!(inside.map(|w| w.layout.w).sum::<u32>(), 12, "row {row}");
    }
}

#[test]
fn an_event_without_properties_has_a_dashboard_too() {
    let bare = SeenEvent {
        users: 0,
        last_seen: UnixMillis(START + 1000),
        ..event("ping", 3)
    };
    let document = made(&seen(vec![bare]));
    assert_eq!(titles(&document), ["Pings", "Pings over time"]);
    let day = document.filters.default_period.unwrap();
    assert_eq!(day.to_string(), "24h");
}

#[test]
fn nothing_seen_and_nothing_that_was_asked_for_make_none() {
    assert!(design(&seen(Vec::new()), None, None).is_none());
    let asked = ["unheard_of".to_owned()];
    assert!(design(&api(), None, Some(&asked)).is_none());
    let asked = ["signup".to_owned(), "api.call".to_owned()];
    let document = design(&api(), Some("Mine"), Some(&asked)).unwrap();
    assert_eq!(document.name, "Mine");
    assert_eq!(titles(&document).first(), Some(&"Signups"));
}

#[test]
fn hostile_names_still_make_a_document_that_may_be_published() {
    let odd = [
        "",
        " ",
        "' OR 1=1 --",
        "{x:String}",
        "\u{202e}x",
        "🙂",
        "__proto__",
    ];
    for name in odd.iter().filter(|name| !name.is_empty()) {
        let main = SeenEvent {
            string_props: vec![text(name, 10, 3)],
            numeric_props: vec![number(name, 10, -1.0)],
            ..event(name, 10)
        };
        let document = made(&seen(vec![main]));
        assert!(!document.widgets.is_empty(), "{name}");
    }
}
