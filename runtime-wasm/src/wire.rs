//! The wire types of the contract, read from and written as [`Json`].
//!
//! Their derived readers stay where bytes do not count; that both read the same is tested below.

mod write;

use emban_contract::dashboard::{
    DimensionFilter, Layout, Metric, NumericRangeFilter, Period, Theme, WidgetOptions,
};
use emban_contract::embed::{
    Cell, Column, DimensionValue, GridData, Grouped, KpiData, Measured, RowsAnswer, SeriesData,
    Surface, SurfaceFilters, SurfaceWidget, TableData, TimeseriesData, ValuesAnswer, WidgetData,
};
use emban_contract::{DashboardId, ProblemCode, UnixMillis, WidgetId};
use serde::Deserialize;
use serde::de::value::StrDeserializer;

pub(crate) use write::{choice, dates, point, query, rows_request, values_request};

use crate::json::Json;

/// What became of one widget's query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answered {
    /// The figures, and when they were read.
    Ok(WidgetData, UnixMillis),
    /// Why there are none.
    Error(ProblemCode),
}

/// One result a widget.
pub(crate) type Answer = Vec<(WidgetId, Answered)>;

/// A word that its enum does not know. It says nothing: the sentences of serde's own error bring the formatting of
/// numbers along, which is 20 KB.
#[derive(Debug)]
struct Unknown;

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unknown word")
    }
}

impl std::error::Error for Unknown {}

impl serde::de::Error for Unknown {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A word of an enum of the contract.
pub(crate) fn word<T: for<'d> Deserialize<'d>>(json: &Json) -> Option<T> {
    T::deserialize(StrDeserializer::<Unknown>::new(json.text()?)).ok()
}

fn owned(json: &Json) -> Option<String> {
    json.text().map(str::to_owned)
}

fn whole(json: &Json) -> Option<u32> {
    json.number()
        .filter(|n| *n >= 0.0 && *n <= f64::from(u32::MAX))
        .map(|n| n as u32)
}

fn instant(json: &Json) -> Option<UnixMillis> {
    UnixMillis::parse(json.text()?)
}

fn period(json: &Json) -> Option<Period> {
    Period::parse(json.text()?).ok()
}

/// All items, or none. A loop, since a collected `Option` is twice the code, for each type.
fn all<T>(json: &Json, read: fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    let mut all = Vec::with_capacity(json.items().len());
    for item in json.items() {
        all.push(read(item)?);
    }
    Some(all)
}

/// Reads a surface.
pub(crate) fn surface(json: &Json) -> Option<Surface> {
    let filters = json.get("filters");
    Some(Surface {
        dashboard_id: DashboardId::new(json.get("dashboard_id").text()?).ok()?,
        version: whole(json.get("version"))?,
        name: owned(json.get("name"))?,
        description: owned(json.get("description")),
        filters: SurfaceFilters {
            periods: all(filters.get("periods"), period)?,
            default_period: period(filters.get("default_period"))?,
            dimensions: all(filters.get("dimensions"), |json| {
                Some(DimensionFilter {
                    prop: owned(json.get("prop"))?,
                    label: owned(json.get("label")),
                    multi: json.get("multi").is_true(),
                })
            })?,
            numeric_ranges: all(filters.get("numeric_ranges"), |json| {
                Some(NumericRangeFilter {
                    prop: owned(json.get("prop"))?,
                    label: owned(json.get("label")),
                })
            })?,
            date_range: filters.get("date_range").is_true(),
            max_date_range_days: whole(filters.get("max_date_range_days"))?,
        },
        theme: theme(json.get("theme")),
        widgets: all(json.get("widgets"), widget)?,
        allow_drill_down: json.get("allow_drill_down").is_true(),
        allow_export: json.get("allow_export").is_true(),
        timezone: owned(json.get("timezone"))?,
        locale: owned(json.get("locale")),
        allowed_origins: match json.get("allowed_origins") {
            Json::Null => None,
            list => Some(all(list, owned)?),
        },
        refresh: whole(json.get("refresh"))?,
        expires_in: json.get("expires_in").number()? as i64,
    })
}

fn theme(json: &Json) -> Option<Theme> {
    (*json != Json::Null).then(|| Theme {
        primary_color: owned(json.get("primaryColor")),
        background_color: owned(json.get("backgroundColor")),
        card_background: owned(json.get("cardBackground")),
        card_border: owned(json.get("cardBorder")),
        text_color: owned(json.get("textColor")),
        muted_color: owned(json.get("mutedColor")),
    })
}

fn widget(json: &Json) -> Option<SurfaceWidget> {
    let layout = json.get("layout");
    Some(SurfaceWidget {
        id: WidgetId::new(json.get("id").text()?).ok()?,
        kind: word(json.get("kind"))?,
        chart: word(json.get("chart"))?,
        title: owned(json.get("title"))?,
        layout: Layout {
            x: whole(layout.get("x"))?,
            y: whole(layout.get("y"))?,
            w: whole(layout.get("w"))?,
            h: whole(layout.get("h"))?,
        },
        options: options(json.get("options")),
        groups: all(json.get("groups"), |json| {
            Some(Grouped {
                prop: owned(json.get("prop"))?,
                click: word(json.get("click")),
            })
        })?,
        period: period(json.get("period")),
        drillable: json.get("drillable").is_true(),
        measures: all(json.get("measures"), |json| {
            Some(Measured {
                metric: Metric::named(json.get("metric").text()?)?,
                prop: owned(json.get("prop")),
            })
        })?,
    })
}

fn options(json: &Json) -> Option<WidgetOptions> {
    (*json != Json::Null).then(|| WidgetOptions {
        format: word(json.get("format")),
        currency: owned(json.get("currency")),
        unit: owned(json.get("unit")),
        decimals: whole(json.get("decimals")).map(|decimals| decimals.min(255) as u8),
        target: json.get("target").number(),
        lower_is_better: json.get("lower_is_better").is_true(),
        markdown: owned(json.get("markdown")),
        label: owned(json.get("label")),
        second_label: owned(json.get("second_label")),
        value_labels: json
            .get("value_labels")
            .members()
            .iter()
            .filter_map(|(value, label)| Some((value.clone(), owned(label)?)))
            .collect::<Vec<_>>()
            .into(),
    })
}

/// Reads the answer to a query.
pub(crate) fn answer(json: &Json) -> Option<Answer> {
    let results = json.get("results");
    matches!(results, Json::Object(_)).then_some(())?;
    results
        .members()
        .iter()
        .map(|(id, result)| Some((WidgetId::new(id.as_str()).ok()?, answered(result)?)))
        .collect()
}

fn answered(json: &Json) -> Option<Answered> {
    match json.get("status").text()? {
        "ok" => Some(Answered::Ok(
            data(json.get("data"))?,
            instant(json.get("freshness"))?,
        )),
        // A code of a later version is a failure like any other.
        _ => Some(Answered::Error(
            word(json.get("code")).unwrap_or(ProblemCode::Internal),
        )),
    }
}

fn data(json: &Json) -> Option<WidgetData> {
    let has = |name: &str| json.members().iter().any(|(key, _)| key == name);
    if has("series") {
        return Some(WidgetData::Timeseries(timeseries(json)?));
    }
    if has("cells") {
        return Some(WidgetData::Grid(GridData {
            rows: all(json.get("rows"), label)?,
            columns: all(json.get("columns"), label)?,
            cells: all(json.get("cells"), |row| {
                all(row, |cell| Some(cell.number()))
            })?,
            other_row: json.get("other_row").is_true(),
            other_column: json.get("other_column").is_true(),
        }));
    }
    if has("columns") {
        return Some(WidgetData::Table(TableData {
            columns: all(json.get("columns"), column)?,
            rows: all(json.get("rows"), cells)?,
            other: match json.get("other") {
                Json::Null => None,
                row => Some(cells(row)?),
            },
        }));
    }
    has("value").then(|| {
        WidgetData::Kpi(KpiData {
            value: json.get("value").number(),
            previous_value: json.get("previous_value").number(),
            delta_pct: json.get("delta_pct").number(),
        })
    })
}

fn pair(json: &Json) -> Option<(UnixMillis, Option<f64>)> {
    Some((
        instant(json.items().first()?)?,
        json.items().get(1)?.number(),
    ))
}

fn timeseries(json: &Json) -> Option<TimeseriesData> {
    Some(TimeseriesData {
        series: all(json.get("series"), |json| {
            Some(SeriesData {
                name: owned(json.get("name"))?,
                role: word(json.get("role")).unwrap_or_default(),
                points: all(json.get("points"), pair)?,
            })
        })?,
        granularity: word(json.get("granularity"))?,
        from: instant(json.get("from"))?,
        to: instant(json.get("to"))?,
        partial_from: instant(json.get("partial_from")),
        cut_until: instant(json.get("cut_until")),
        cut_from: instant(json.get("cut_from")),
        offsets: all(json.get("offsets"), |json| {
            let (from, seconds) = pair(json)?;
            Some((from, seconds? as i32))
        })?,
    })
}

fn label(json: &Json) -> Option<Option<String>> {
    Some(owned(json))
}

fn column(json: &Json) -> Option<Column> {
    Some(Column {
        key: owned(json.get("key"))?,
        type_: word(json.get("type"))?,
    })
}

fn cells(json: &Json) -> Option<Vec<Cell>> {
    all(json, |cell| {
        Some(match cell {
            Json::Number(number) => Cell::Number(*number),
            Json::Text(text) => Cell::Text(text.clone()),
            Json::Null | Json::Bool(_) | Json::List(_) | Json::Object(_) => Cell::Null,
        })
    })
}

/// Reads a page of rows.
pub(crate) fn rows(json: &Json) -> Option<RowsAnswer> {
    Some(RowsAnswer {
        columns: all(json.get("columns"), column)?,
        rows: all(json.get("rows"), cells)?,
        next_cursor: owned(json.get("next_cursor")),
    })
}

/// Reads the values of a dimension.
pub(crate) fn values(json: &Json) -> Option<ValuesAnswer> {
    let values = all(json.get("values"), |json| {
        Some(DimensionValue {
            value: owned(json.get("value")),
            count: json.get("count").number()?.max(0.0) as u64,
        })
    })?;
    Some(ValuesAnswer { values })
}

#[cfg(test)]
mod tests;
