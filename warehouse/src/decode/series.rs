//! Numbers by time: gaps filled, groups in the order of their totals.

use std::collections::BTreeMap;

use emban_contract::UnixMillis;
use emban_contract::embed::{SeriesData, SeriesRole, TimeseriesData};

use super::{Row, empty, flag, integer, measured, metric_name, text};
use crate::plan::{Buckets, Measure, Series};

pub(super) fn series(series: &Series, rows: &[Row]) -> Option<TimeseriesData> {
    let found = if series.group.is_some() {
        grouped(series, rows)?
    } else {
        single(series, rows)?
    };
    Some(TimeseriesData {
        series: found,
        granularity: series.granularity,
        from: UnixMillis(series.buckets.first()),
        to: UnixMillis(series.buckets.end()),
        partial_from: series.partial_from.map(UnixMillis),
        cut_until: series.cut_until.map(UnixMillis),
        cut_from: series.cut_from.map(UnixMillis),
        offsets: series
            .offsets
            .iter()
            .map(|(at, seconds)| (UnixMillis(*at), *seconds))
            .collect(),
    })
}

/// A series without its measurements: every step at what nothing measured means.
fn blank(buckets: &Buckets, measure: &Measure) -> Vec<(UnixMillis, Option<f64>)> {
    buckets
        .starts()
        .iter()
        .map(|at| (UnixMillis(*at), empty(measure)))
        .collect()
}

/// Rows are `era, bucket, values…`.
fn single(series: &Series, rows: &[Row]) -> Option<Vec<SeriesData>> {
    let roles = [SeriesRole::Primary, SeriesRole::Secondary];
    let mut found: Vec<SeriesData> = Vec::new();
    for (place, (measure, role)) in series.measures.iter().zip(roles).enumerate() {
        found.push(points(
            series,
            &series.buckets,
            rows,
            1,
            (measure, place),
            role,
        )?);
        if let (Some(previous), 0) = (&series.previous_buckets, place) {
            found.push(points(
                series,
                previous,
                rows,
                0,
                (measure, place),
                SeriesRole::Comparison,
            )?);
        }
    }
    Some(found)
}

fn points(
    series: &Series,
    buckets: &Buckets,
    rows: &[Row],
    era: i64,
    (measure, place): (&Measure, usize),
    role: SeriesRole,
) -> Option<SeriesData> {
    let mut points = blank(&series.buckets, measure);
    for row in rows {
        if integer(row.first())? != era {
            continue;
        }
        let index = buckets.index_of_column(integer(row.get(1))?)?;
        points.get_mut(index)?.1 = measured(measure, row.get(2 + place))?;
    }
    Some(SeriesData {
        name: metric_name(measure.metric).to_owned(),
        role,
        points,
    })
}

/// Rows are `era, bucket, other, name, place, values…`. Series come by their place, the rest last.
fn grouped(series: &Series, rows: &[Row]) -> Option<Vec<SeriesData>> {
    let measure = series.measures.first()?;
    let mut by_place: BTreeMap<(bool, i64), SeriesData> = BTreeMap::new();
    for row in rows {
        let (other, place) = (flag(row.get(2))?, integer(row.get(4))?);
        let name = text(row.get(3))?;
        let one = by_place
            .entry((other, place))
            .or_insert_with(|| SeriesData {
                name: if other {
                    "other".to_owned()
                } else {
                    name.unwrap_or_default()
                },
                role: if other {
                    SeriesRole::Other
                } else {
                    SeriesRole::Primary
                },
                points: blank(&series.buckets, measure),
            });
        let index = series.buckets.index_of_column(integer(row.get(1))?)?;
        one.points.get_mut(index)?.1 = measured(measure, row.get(5))?;
    }
    Some(by_place.into_values().collect())
}
