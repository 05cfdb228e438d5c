//! What the runtime asks, as JSON.

use emban_contract::UnixMillis;
use emban_contract::WidgetId;
use emban_contract::embed::Point;
use emban_contract::filters::{DateRange, NumericRange};
use emban_paint::Choice;

use crate::json::Json;

fn instant(at: UnixMillis) -> Json {
    Json::Text(at.to_string())
}

fn map<T>(list: &[(String, T)], write: impl Fn(&T) -> Json) -> Json {
    if list.is_empty() {
        return Json::Null;
    }
    Json::Object(
        list.iter()
            .map(|(name, value)| (name.clone(), write(value)))
            .collect(),
    )
}

fn texts(list: &[String]) -> Json {
    Json::List(list.iter().cloned().map(Json::Text).collect())
}

fn bounds(range: &NumericRange) -> Json {
    let number = |bound: Option<f64>| bound.map_or(Json::Null, Json::Number);
    Json::object([("min", number(range.min)), ("max", number(range.max))])
}

/// Dates as the contract's `dateRanges`; without members when there are none.
pub(crate) fn dates(dates: Option<DateRange>) -> Json {
    let range = dates.map_or(Json::Null, |range| {
        Json::object([("from", instant(range.from)), ("to", instant(range.to))])
    });
    Json::object([("timestamp", range)])
}

/// A choice as the contract's filters.
pub(crate) fn choice(choice: &Choice) -> Json {
    Json::object([
        (
            "period",
            Json::of(choice.period.map(|period| period.to_string())),
        ),
        (
            "dimensions",
            map(&choice.dimensions, |values| texts(values)),
        ),
        ("numericRanges", map(&choice.ranges, bounds)),
        (
            "dateRanges",
            if choice.dates.is_some() {
                dates(choice.dates)
            } else {
                Json::Null
            },
        ),
    ])
}

/// A point of a chart.
pub(crate) fn point(point: Option<&Point>) -> Json {
    point.map_or(Json::Null, |point| {
        let group = point.group.as_ref().map_or(Json::Null, |group| {
            Json::List(
                group
                    .iter()
                    .map(|value| Json::of(value.as_deref()))
                    .collect(),
            )
        });
        Json::object([
            ("time", point.time.map_or(Json::Null, instant)),
            ("group", group),
        ])
    })
}

/// A question for figures; of all widgets when none are named.
pub(crate) fn query(widgets: Option<&[WidgetId]>, asked: &Choice) -> Json {
    let ids = widgets.map_or(Json::Null, |ids| {
        Json::List(
            ids.iter()
                .map(|id| Json::Text(id.as_str().to_owned()))
                .collect(),
        )
    });
    Json::object([("widgets", ids), ("filters", choice(asked))])
}

/// A question for the events behind a number.
pub(crate) fn rows_request(
    widget: &WidgetId,
    asked: &Choice,
    at: Option<&Point>,
    cursor: Option<&str>,
) -> Json {
    Json::object([
        ("widget", Json::Text(widget.as_str().to_owned())),
        ("filters", choice(asked)),
        ("point", point(at)),
        ("cursor", Json::of(cursor)),
    ])
}

/// A question for the values of a dimension.
pub(crate) fn values_request(dimension: &str, search: Option<&str>, asked: &Choice) -> Json {
    Json::object([
        ("dimension", Json::Text(dimension.to_owned())),
        ("search", Json::of(search)),
        ("filters", choice(asked)),
    ])
}
