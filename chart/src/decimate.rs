//! Thins out series that have more points than the screen has pixels.

use core::fmt;

/// A point of a series: Unix milliseconds, and the value unless there is a gap.
pub type TimePoint = (i64, Option<f64>);

/// Why a series cannot be thinned out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimateError {
    /// Fewer points were allowed than one bucket and the two ends need.
    TooFew {
        /// What was allowed.
        max_points: usize,
    },
}

impl fmt::Display for DecimateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { .. } => {
                f.write_str("a series cannot be thinned out to fewer than 5 points")
            }
        }
    }
}

impl core::error::Error for DecimateError {}

/// Reduces a series to at most `max_points`, keeping each bucket's minimum and maximum.
///
/// Shape: `points` sorted by time, length n; result length ≤ `max_points`, sorted, a subset of the input with
/// its first and last point.
/// Units: Unix milliseconds UTC; values in the metric's own unit, unchanged.
/// Missing: of the gaps in a bucket one is kept, so that a break stays visible and never becomes 0.
/// Errors: [`DecimateError::TooFew`] if `max_points < 5`. Never panics.
/// Cost: O(n) time, one allocation of `max_points`.
pub fn decimate(points: &[TimePoint], max_points: usize) -> Result<Vec<TimePoint>, DecimateError> {
    if max_points < 5 {
        return Err(DecimateError::TooFew { max_points });
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Ok(Vec::new());
    };
    if points.len() <= max_points {
        return Ok(points.to_vec());
    }
    let buckets = (max_points - 2) / 3;
    let inner = points.get(1..points.len() - 1).unwrap_or_default();
    let mut kept = Vec::with_capacity(max_points);
    kept.push(*first);
    for chunk in inner.chunks(inner.len().div_ceil(buckets)) {
        keep_extremes(chunk, &mut kept);
    }
    kept.push(*last);
    Ok(kept)
}

/// Appends a bucket's lowest and highest point and its first gap, in their order.
fn keep_extremes(chunk: &[TimePoint], kept: &mut Vec<TimePoint>) {
    let mut gap = None;
    let mut low: Option<(usize, f64)> = None;
    let mut high: Option<(usize, f64)> = None;
    for (index, (_, value)) in chunk.iter().enumerate() {
        match value.filter(|value| value.is_finite()) {
            None => gap = gap.or(Some(index)),
            Some(value) => {
                if low.is_none_or(|(_, least)| value < least) {
                    low = Some((index, value));
                }
                if high.is_none_or(|(_, most)| value > most) {
                    high = Some((index, value));
                }
            }
        }
    }
    let (low, high) = (low.map(|(index, _)| index), high.map(|(index, _)| index));
    let (first, second) = if low <= high {
        (low, high)
    } else {
        (high, low)
    };
    let (first, second) = (first, second.filter(|_| second != first));
    let order = match gap {
        Some(_) if gap < first || first.is_none() => [gap, first, second],
        Some(_) if gap < second => [first, gap, second],
        _ => [first, second, gap],
    };
    kept.extend(
        order
            .into_iter()
            .flatten()
            .filter_map(|index| chunk.get(index)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: i64) -> Vec<TimePoint> {
        (0..n)
            .map(|t| (t * 1000, Some((t as f64 * 0.37).sin() * 100.0)))
            .collect()
    }

    #[test]
    fn the_result_is_a_sorted_subset_with_both_ends() {
        let points = wave(10_000);
        let kept = decimate(&points, 300).unwrap();
        assert!(kept.len() <= 300 && kept.len() > 150);
        assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
        assert!(kept.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(kept.iter().all(|point| points.contains(point)));
    }

    #[test]
    fn a_single_spike_and_a_single_dip_survive() {
        let mut points = wave(10_000);
        points[4321].1 = Some(1e6);
        points[8765].1 = Some(-1e6);
        let kept = decimate(&points, 50).unwrap();
        assert!(kept.contains(&points[4321]) && kept.contains(&points[8765]));
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let mut points = wave(5_000);
        points[2500].1 = None;
        assert!(decimate(&points, 100).unwrap().contains(&points[2500]));
    }

    #[test]
    fn short_series_are_left_alone_and_too_small_limits_refused() {
        let points = wave(20);
        assert_eq!(decimate(&points, 20).unwrap(), points);
        assert_eq!(decimate(&[], 20).unwrap(), []);
        assert_eq!(
            decimate(&points, 4),
            Err(DecimateError::TooFew { max_points: 4 })
        );
    }
}
