//! One measure of a list of events, and the conditions that put an event on the list.

use std::collections::BTreeSet;

use emban_contract::event::Event;
use serde_json::Value;

pub(super) fn text<'e>(event: &'e Event, prop: &str) -> Option<&'e str> {
    if prop == "user_id" {
        return Some(event.user_id.as_str()).filter(|user| !user.is_empty());
    }
    event.string_props.get(prop).map(String::as_str)
}

pub(super) fn strings(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|all| all.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

fn meets(event: &Event, condition: &Value) -> bool {
    let prop = condition["prop"].as_str().unwrap();
    let listed = || strings(&condition["values"]).contains(&text(event, prop).unwrap_or(""));
    match condition["op"].as_str().unwrap() {
        "in" => listed(),
        "not_in" => !listed(),
        "between" => event.numeric_props.get(prop).is_some_and(|n| {
            condition["min"].as_f64().is_none_or(|min| *n >= min)
                && condition["max"].as_f64().is_none_or(|max| *n <= max)
        }),
        other => panic!("{other}"),
    }
}

pub(crate) fn meets_all(event: &Event, conditions: &Value) -> bool {
    conditions
        .as_array()
        .is_none_or(|all| all.iter().all(|condition| meets(event, condition)))
}

pub(super) fn metric(
    events: &[&Event],
    metric: &str,
    prop: Option<&str>,
    numerator: &Value,
) -> Option<f64> {
    let mut numbers: Vec<f64> = prop
        .map(|prop| {
            events
                .iter()
                .filter_map(|e| e.numeric_props.get(prop))
                .copied()
                .collect()
        })
        .unwrap_or_default();
    numbers.sort_by(f64::total_cmp);
    // `sum` of nothing is -0.0.
    let sum = numbers.iter().fold(0.0, |sum, n| sum + n);
    let quantile = |level: f64| {
        // Counted from one, as the engine does: ranks compare the last bit.
        let place = level * (numbers.len().checked_sub(1)? as f64) + 1.0;
        let low = numbers[place as usize - 1];
        let high = numbers.get(place as usize).copied().unwrap_or(low);
        Some(low + (place - place.trunc()) * (high - low))
    };
    let value = match metric {
        "count" => Some(events.len() as f64),
        "count_unique" | "count_unique_approx" => Some(
            events
                .iter()
                .map(|e| &e.user_id)
                .filter(|user| !user.is_empty())
                .collect::<BTreeSet<_>>()
                .len() as f64,
        ),
        "sum" => Some(sum),
        "avg" => (!numbers.is_empty()).then(|| sum / numbers.len() as f64),
        "min" => numbers.first().copied(),
        "max" => numbers.last().copied(),
        "p50" => quantile(0.5),
        "p90" => quantile(0.9),
        "p95" => quantile(0.95),
        "p99" => quantile(0.99),
        "ratio" => {
            let above = events
                .iter()
                .filter(|event| meets_all(event, numerator))
                .count();
            (!events.is_empty()).then(|| above as f64 / events.len() as f64)
        }
        other => panic!("{other}"),
    };
    // What is no number is no answer.
    value.filter(|value: &f64| value.is_finite())
}
