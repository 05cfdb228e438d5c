//! Series brought onto one list of buckets.

use core::ops::Range;

use crate::data::{Role, TimeSeries, drawable};
use crate::order::order;
use crate::scene::{LegendEntry, Slot};

/// One series with a value or a gap for every bucket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AlignedSeries<'a> {
    /// Position in the input.
    pub(crate) index: usize,
    pub(crate) name: &'a str,
    pub(crate) role: Role,
    pub(crate) slot: Slot,
    pub(crate) values: Vec<Option<f64>>,
}

impl AlignedSeries<'_> {
    pub(crate) fn value(&self, bucket: usize) -> Option<f64> {
        self.values.get(bucket).copied().flatten()
    }
}

/// All series over the union of their buckets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aligned<'a> {
    /// Sorted, without repetitions.
    pub(crate) times: Vec<i64>,
    pub(crate) series: Vec<AlignedSeries<'a>>,
    /// The buckets that are complete.
    pub(crate) complete: Range<usize>,
}

impl<'a> Aligned<'a> {
    /// Aligns the series; values that are not numbers become gaps.
    pub(crate) fn new(data: &'a TimeSeries) -> Self {
        let all: Vec<i64> = data
            .series
            .iter()
            .flat_map(|series| series.points.iter().map(|point| point.0))
            .collect();
        let in_order = order(all.len(), &|a, b| all.get(a).cmp(&all.get(b)));
        let mut times: Vec<i64> = in_order
            .into_iter()
            .filter_map(|at| all.get(at).copied())
            .collect();
        times.dedup();
        let mut colored = 0;
        let series = data.series.iter().enumerate().map(|(index, series)| {
            let mut values = vec![None; times.len()];
            for &(t_ms, value) in &series.points {
                if let Some(slot) = times
                    .binary_search(&t_ms)
                    .ok()
                    .and_then(|bucket| values.get_mut(bucket))
                {
                    *slot = value.and_then(drawable);
                }
            }
            let slot = if series.role == Role::Comparison {
                Slot::Comparison
            } else {
                colored += 1;
                Slot::series(colored - 1)
            };
            AlignedSeries {
                index,
                name: &series.name,
                role: series.role,
                slot,
                values,
            }
        });
        let series = series.collect();
        let before = |at: i64| times.partition_point(|&t_ms| t_ms < at);
        let complete =
            data.partial_until.map_or(0, before)..data.partial_from.map_or(times.len(), before);
        Self {
            times,
            series,
            complete,
        }
    }

    pub(crate) fn of_role(&self, role: Role) -> impl Iterator<Item = &AlignedSeries<'a>> {
        self.series.iter().filter(move |series| series.role == role)
    }

    /// True if no series of the main axis has a value.
    pub(crate) fn is_empty(&self) -> bool {
        !self
            .series
            .iter()
            .any(|series| series.values.iter().any(Option::is_some))
    }

    /// Lowest and highest value of the series with one of these roles.
    pub(crate) fn extent(&self, roles: &[Role]) -> Option<(f64, f64)> {
        let values = self
            .series
            .iter()
            .filter(|series| roles.contains(&series.role))
            .flat_map(|s| s.values.iter());
        extent(values.copied().flatten())
    }

    /// True if every value is a whole number, as counts are.
    pub(crate) fn all_whole(&self, role: Role) -> bool {
        self.of_role(role)
            .flat_map(|series| series.values.iter())
            .flatten()
            .all(|value| value.fract() == 0.0)
    }

    /// Keeps at most `most` buckets: of each run the one that stands out most, so that no peak is lost.
    pub(crate) fn thinned(mut self, most: usize) -> Self {
        let run = self.times.len().div_ceil(most.max(1));
        if run <= 1 {
            return self;
        }
        let height = |bucket: &usize| {
            self.series
                .iter()
                .filter_map(|series| series.value(*bucket))
                .map(f64::abs)
                .fold(-1.0, f64::max)
        };
        let buckets: Vec<usize> = (0..self.times.len()).collect();
        let picks: Vec<usize> = buckets
            .chunks(run)
            .filter_map(|chunk| {
                chunk
                    .iter()
                    .copied()
                    .max_by(|a, b| height(a).total_cmp(&height(b)))
            })
            .collect();
        let before = |end: usize| picks.partition_point(|&bucket| bucket < end);
        self.complete = before(self.complete.start)..before(self.complete.end);
        self.times = picks
            .iter()
            .filter_map(|&bucket| self.times.get(bucket).copied())
            .collect();
        for series in &mut self.series {
            series.values = picks.iter().map(|&bucket| series.value(bucket)).collect();
        }
        self
    }

    /// A legend, if there is more than one series.
    pub(crate) fn legend(&self) -> Vec<LegendEntry> {
        if self.series.len() < 2 {
            return Vec::new();
        }
        let entry = |series: &AlignedSeries<'_>| LegendEntry {
            series: series.index,
            name: series.name.to_owned(),
            slot: series.slot,
        };
        self.series.iter().map(entry).collect()
    }
}

/// Lowest and highest of some values.
pub(crate) fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Step, Zone};
    use crate::data::Series;

    fn data(series: Vec<Vec<(i64, Option<f64>)>>) -> TimeSeries {
        let series = series
            .into_iter()
            .map(|points| Series {
                points,
                ..Series::default()
            })
            .collect();
        TimeSeries {
            series,
            step: Step::Day,
            partial_from: Some(30),
            partial_until: Some(20),
            zone: Zone::utc(),
        }
    }

    #[test]
    fn unsorted_and_missing_points_are_put_in_place() {
        let data = data(vec![
            vec![(20, Some(2.0)), (10, Some(1.0))],
            vec![(10, Some(f64::NAN)), (30, Some(3.0))],
        ]);
        let aligned = Aligned::new(&data);
        assert_eq!(aligned.times, [10, 20, 30]);
        assert_eq!(aligned.series[0].values, [Some(1.0), Some(2.0), None]);
        assert_eq!(aligned.series[1].values, [None, None, Some(3.0)]);
        assert_eq!(aligned.complete, 1..2);
    }

    #[test]
    fn thinning_keeps_the_highest_bucket() {
        let points = (0..1000)
            .map(|t| (t, Some(if t == 777 { 50.0 } else { 1.0 })))
            .collect();
        let data = data(vec![points]);
        let thin = Aligned::new(&data).thinned(100);
        assert_eq!(thin.times.len(), 100);
        assert!(thin.times.contains(&777));
        assert_eq!(thin.extent(&[Role::Primary]), Some((1.0, 50.0)));
    }
}
