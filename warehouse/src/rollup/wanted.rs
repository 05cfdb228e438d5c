//! Which rollups a published dashboard is served by.

use std::collections::{BTreeMap, BTreeSet};

use emban_contract::dashboard::{
    Chart, Condition, DashboardDocument, Metric, Widget, WidgetKind, WidgetQuery,
};

use super::{Bucket, DIMENSIONS, NUMBERS, Shape, Users};
use crate::plan::USER_ID;

/// Numbers and users that are wanted of one event by one set of dimensions.
#[derive(Default)]
struct Contents {
    numbers: BTreeSet<String>,
    users: Users,
}

type Wanted = BTreeMap<(String, BTreeSet<String>), Contents>;

/// The shapes that serve the widgets of documents, in a stable order, those of the finest buckets first: for each widget
/// one with the properties that it groups and filters by itself, and one that has the dimensions of the viewer's filters
/// as well.
pub(super) fn wanted<'a>(documents: impl IntoIterator<Item = &'a DashboardDocument>) -> Vec<Shape> {
    let mut all = Wanted::new();
    for document in documents {
        let offered = document.filters.dimensions.iter();
        let offered: BTreeSet<String> = offered
            .map(|dimension| dimension.prop.clone())
            .filter(|prop| prop != USER_ID)
            .collect();
        for widget in &document.widgets {
            let Some((query, own)) = own_dimensions(widget) else {
                continue;
            };
            let filtered: BTreeSet<String> = own.union(&offered).cloned().collect();
            for dimensions in [own, filtered] {
                if dimensions.len() <= DIMENSIONS {
                    let key = (query.event_name.clone(), dimensions);
                    add(all.entry(key).or_default(), query);
                }
            }
        }
    }
    let finest: Vec<Shape> = all.into_iter().flat_map(shapes).collect();
    let of = |bucket| finest.iter().map(move |shape| shape.of(bucket));
    Bucket::ALL.into_iter().flat_map(of).collect()
}

/// The properties that a widget groups and filters by, if rollups can answer it.
fn own_dimensions(widget: &Widget) -> Option<(&WidgetQuery, BTreeSet<String>)> {
    let query = widget.query.as_ref()?;
    let asks = widget.kind != WidgetKind::Text && widget.chart != Chart::Funnel;
    if !asks || !adds_up(query.metric) || query.second_metric.is_some_and(|m| !adds_up(m)) {
        return None;
    }
    let grouped = query.group_by.iter().flat_map(|group| group.props());
    let mut own: BTreeSet<String> = grouped.cloned().collect();
    for condition in query.where_.iter().chain(&query.numerator) {
        match condition {
            Condition::In { prop, .. } | Condition::NotIn { prop, .. } => own.insert(prop.clone()),
            Condition::Between { .. } => return None,
        };
    }
    // As many rows as there are users in a quarter of an hour: hardly fewer than events.
    (!own.contains(USER_ID)).then_some((query, own))
}

/// Whether figures of parts make the figure of the whole.
pub(super) fn adds_up(metric: Metric) -> bool {
    match metric {
        Metric::Count
        | Metric::CountUnique
        | Metric::CountUniqueApprox
        | Metric::Sum
        | Metric::Avg
        | Metric::Min
        | Metric::Max
        | Metric::Ratio => true,
        Metric::P50 | Metric::P90 | Metric::P95 | Metric::P99 | Metric::Conversion => false,
    }
}

fn add(contents: &mut Contents, query: &WidgetQuery) {
    let first = (Some(query.metric), &query.numeric_prop);
    let second = (query.second_metric, &query.second_numeric_prop);
    for (metric, number) in [first, second] {
        let Some(metric) = metric else { continue };
        contents.users.exact |= metric == Metric::CountUnique;
        contents.users.approx |= metric == Metric::CountUniqueApprox;
        if metric.needs_numeric_prop() {
            contents.numbers.extend(number.clone());
        }
    }
}

/// One shape, or several where there are more numbers than columns.
fn shapes(
    ((event_name, dimensions), contents): ((String, BTreeSet<String>), Contents),
) -> Vec<Shape> {
    let numbers: Vec<String> = contents.numbers.into_iter().collect();
    let shape = |numbers: &[String], users: Users| Shape {
        event_name: event_name.clone(),
        dimensions: dimensions.iter().cloned().collect(),
        numbers: numbers.to_vec(),
        users,
        bucket: Bucket::Quarter,
    };
    let mut parts = numbers.chunks(NUMBERS);
    let first = shape(parts.next().unwrap_or_default(), contents.users);
    let more = parts.map(|part| shape(part, Users::default()));
    std::iter::once(first).chain(more).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(widgets: &[(&str, &str, Value)], filters: Value, expect: &[&str]) {
        let widget = |(n, (kind, chart, query)): (usize, &(&str, &str, Value))| {
            json!({"id": format!("w{n}"), "kind": kind, "chart": chart, "query": query,
                   "layout": {"x": 0, "y": n, "w": 12, "h": 1}})
        };
        let widgets: Vec<Value> = widgets.iter().enumerate().map(widget).collect();
        let document = json!({"name": "d", "filters": filters, "widgets": widgets});
        let document: DashboardDocument = serde_json::from_value(document).unwrap();
        let describe = |shape: &Shape| {
            format!(
                "{} by {} of {}{}",
                shape.event_name,
                shape.dimensions.join("+"),
                shape.numbers.join("+"),
                if shape.users.exact { " users" } else { "" }
            )
        };
        let all = wanted([&document]);
        let found: Vec<String> = all.iter().map(describe).collect();
        // Each for quarters, hours and days.
        assert_eq!(found, [expect, expect, expect].concat());
        assert!(all.is_sorted_by_key(|shape| shape.bucket));
    }

    #[test]
    fn widgets_of_the_same_dimensions_share_a_rollup() {
        check(
            &[
                ("kpi", "stat", json!({"event_name": "e"})),
                (
                    "kpi",
                    "stat",
                    json!({"event_name": "e", "metric": "count_unique"}),
                ),
                (
                    "timeseries",
                    "line",
                    json!({"event_name": "e", "metric": "avg", "numeric_prop": "n"}),
                ),
                (
                    "breakdown",
                    "list",
                    json!({"event_name": "e", "group_by": "plan", "where": [{"op": "in", "prop": "model", "values": ["m"]}]}),
                ),
            ],
            json!({}),
            &["e by  of n users", "e by model+plan of "],
        );
    }

    #[test]
    fn the_viewers_filters_make_a_wider_rollup() {
        check(
            &[("kpi", "stat", json!({"event_name": "e"}))],
            json!({"dimensions": [{"prop": "plan"}, {"prop": "model"}, {"prop": "user_id"}]}),
            &["e by  of ", "e by model+plan of "],
        );
    }

    #[test]
    fn what_parts_do_not_tell_has_no_rollup() {
        check(
            &[
                (
                    "kpi",
                    "stat",
                    json!({"event_name": "e", "metric": "p95", "numeric_prop": "n"}),
                ),
                (
                    "breakdown",
                    "funnel",
                    json!({"steps": [{"event_name": "a"}, {"event_name": "b"}]}),
                ),
                (
                    "breakdown",
                    "list",
                    json!({"event_name": "e", "group_by": "user_id"}),
                ),
                (
                    "kpi",
                    "stat",
                    json!({"event_name": "e", "where": [{"op": "between", "prop": "n", "min": 1}]}),
                ),
            ],
            json!({"dimensions": [{"prop": "plan"}]}),
            &[],
        );
    }

    #[test]
    fn more_numbers_than_columns_make_two_rollups() {
        let of = |prop: &str| {
            let query = json!({"event_name": "e", "metric": "sum", "numeric_prop": prop});
            ("kpi", "stat", query)
        };
        check(
            &[of("a"), of("b"), of("c"), of("d")],
            json!({}),
            &["e by  of a+b+c", "e by  of d"],
        );
    }
}
