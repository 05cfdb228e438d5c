//! From the engine's rows to the contract's shapes.
//!
//! Every function is total: `None` means that the rows are not what the statement asks for.

mod events;
mod grid;
mod series;
mod table;

use std::collections::BTreeMap;

use emban_contract::dashboard::Metric;
use emban_contract::embed::{KpiData, WidgetData};
use serde_json::Value;

pub(crate) use events::{rows, values};
pub(crate) use grid::Pivot;
pub(crate) use table::{cells as table_cells, columns as table_columns};

use crate::plan::{Funnel, Measure, Plan, Question};

/// One row of an answer.
pub(crate) type Row = Vec<Value>;

/// Reads the figures of a widget.
pub(crate) fn widget(plan: &Plan, rows: &[Row]) -> Option<WidgetData> {
    let compares = plan.source.previous.is_some();
    Some(match &plan.question {
        Question::Scalar { measures } => {
            let measure = measures.first()?;
            let by_era = eras(rows, |row| measured(measure, row.get(1)))?;
            WidgetData::Kpi(kpi(&by_era, measure, compares))
        }
        Question::Conversion(funnel) => {
            WidgetData::Kpi(conversion(&passed(funnel, rows)?, compares))
        }
        Question::Funnel(funnel) => {
            WidgetData::Table(table::funnel(funnel, &passed(funnel, rows)?, compares))
        }
        Question::Series(series) => WidgetData::Timeseries(series::series(series, rows)?),
        Question::Table(table) => WidgetData::Table(table::table(table, rows, compares)?),
        Question::Heatmap { measure, .. } => WidgetData::Grid(grid::heatmap(measure, rows)?),
        Question::Pivot { measure, .. } => WidgetData::Grid(grid::pivot(measure, rows)?),
    })
}

/// A value by era: 1 is the time shown, 0 the time compared with.
type ByEra<T> = BTreeMap<i64, T>;

fn eras<T>(rows: &[Row], read: impl Fn(&Row) -> Option<T>) -> Option<ByEra<T>> {
    rows.iter()
        .map(|row| Some((integer(row.first())?, read(row)?)))
        .collect()
}

fn kpi(by_era: &ByEra<Option<f64>>, measure: &Measure, compares: bool) -> KpiData {
    let of = |era: i64| by_era.get(&era).copied().unwrap_or_else(|| empty(measure));
    compared(of(1), if compares { of(0) } else { None })
}

fn compared(value: Option<f64>, previous_value: Option<f64>) -> KpiData {
    KpiData {
        value,
        previous_value,
        delta_pct: delta_pct(value, previous_value),
    }
}

/// Change in percent of the earlier value's size; none when that is 0 or missing.
fn delta_pct(value: Option<f64>, previous: Option<f64>) -> Option<f64> {
    let (value, previous) = (value?, previous?);
    Some((value - previous) / previous.abs() * 100.0).filter(|delta| delta.is_finite())
}

/// How many users passed at least step n, by era.
fn passed(funnel: &Funnel, rows: &[Row]) -> Option<ByEra<Vec<f64>>> {
    let mut by_era: ByEra<Vec<f64>> = [0, 1]
        .into_iter()
        .map(|era| (era, vec![0.0; funnel.steps.len()]))
        .collect();
    for row in rows {
        let (era, level) = (
            integer(row.first())?,
            usize::try_from(integer(row.get(1))?).ok()?,
        );
        let users = number(row.get(2))?;
        by_era
            .get_mut(&era)?
            .iter_mut()
            .take(level)
            .for_each(|step| *step += users);
    }
    Some(by_era)
}

fn conversion(passed: &ByEra<Vec<f64>>, compares: bool) -> KpiData {
    let share = |era: i64| {
        let steps = passed.get(&era)?;
        let (first, last) = (*steps.first()?, *steps.last()?);
        Some(last / first).filter(|share| share.is_finite())
    };
    compared(share(1), if compares { share(0) } else { None })
}

/// What a measure is where nothing was measured.
fn empty(measure: &Measure) -> Option<f64> {
    measure.metric.is_zero_when_empty().then_some(0.0)
}

/// A value of a measure: `Some(None)` where nothing was measured or no number can say it, `None` if it is not a number at all.
fn measured(measure: &Measure, value: Option<&Value>) -> Option<Option<f64>> {
    match value? {
        Value::Null => Some(empty(measure)),
        Value::Number(number) => Some(number.as_f64().filter(|value| value.is_finite())),
        // A sum beyond the largest number.
        Value::String(text) if matches!(text.as_str(), "inf" | "-inf" | "nan" | "-nan") => {
            Some(None)
        }
        Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: Option<&Value>) -> Option<f64> {
    value?.as_f64()
}

fn integer(value: Option<&Value>) -> Option<i64> {
    value?.as_i64()
}

/// A flag, 0 or 1.
fn flag(value: Option<&Value>) -> Option<bool> {
    integer(value).map(|flag| flag != 0)
}

/// A text: `Some(None)` where the property is missing.
fn text(value: Option<&Value>) -> Option<Option<String>> {
    match value? {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A metric as documents write it.
fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::Count => "count",
        Metric::CountUnique => "count_unique",
        Metric::CountUniqueApprox => "count_unique_approx",
        Metric::Sum => "sum",
        Metric::Avg => "avg",
        Metric::Min => "min",
        Metric::Max => "max",
        Metric::P50 => "p50",
        Metric::P90 => "p90",
        Metric::P95 => "p95",
        Metric::P99 => "p99",
        Metric::Ratio => "ratio",
        Metric::Conversion => "conversion",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_measured_against_the_size_of_the_earlier_value() {
        assert_eq!(delta_pct(Some(15.0), Some(10.0)), Some(50.0));
        assert_eq!(delta_pct(Some(-5.0), Some(-10.0)), Some(50.0));
        assert_eq!(delta_pct(Some(5.0), Some(0.0)), None);
        assert_eq!(delta_pct(Some(0.0), Some(0.0)), None);
        assert_eq!(delta_pct(None, Some(1.0)), None);
    }

    #[test]
    fn nothing_measured_is_zero_only_for_counts_and_sums() {
        let measure = |metric| Measure {
            metric,
            path: None,
            numerator: Vec::new(),
            fed: crate::plan::Fed::Events,
        };
        assert_eq!(
            measured(&measure(Metric::Sum), Some(&Value::Null)),
            Some(Some(0.0))
        );
        assert_eq!(
            measured(&measure(Metric::Avg), Some(&Value::Null)),
            Some(None)
        );
        assert_eq!(
            measured(&measure(Metric::Sum), Some(&Value::from("inf"))),
            Some(None)
        );
        assert_eq!(
            measured(&measure(Metric::Avg), Some(&Value::from("1"))),
            None
        );
        assert_eq!(measured(&measure(Metric::Avg), None), None);
    }

    #[test]
    fn the_names_of_metrics_are_those_of_documents() {
        for metric in [
            Metric::Count,
            Metric::CountUniqueApprox,
            Metric::P95,
            Metric::Ratio,
            Metric::Conversion,
        ] {
            assert_eq!(serde_json::to_value(metric).unwrap(), metric_name(metric));
        }
    }
}
