//! Linear scales and round ticks.

use crate::decimal::{exponent_of, power_of_ten};

/// Maps values to pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Linear {
    pub(crate) from: (f64, f64),
    pub(crate) to: (f64, f64),
}

impl Linear {
    /// The pixel of a value; the middle of the range if the domain is a single value.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let span = self.from.1 - self.from.0;
        let share = if span == 0.0 {
            0.5
        } else {
            (value - self.from.0) / span
        };
        self.to.0 + share * (self.to.1 - self.to.0)
    }
}

/// Round values at equal distances.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) values: Vec<f64>,
    pub(crate) step: f64,
}

impl Ticks {
    pub(crate) fn low(&self) -> f64 {
        self.values.first().copied().unwrap_or(0.0)
    }

    pub(crate) fn high(&self) -> f64 {
        self.values.last().copied().unwrap_or(1.0)
    }

    pub(crate) fn max_abs(&self) -> f64 {
        self.low().abs().max(self.high().abs())
    }
}

/// Whether the values on an axis can lie between whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    /// Counts: no tick at 0.5.
    Whole,
    Fine,
}

/// Ticks at multiples of 1, 2 or 5 times a power of ten that enclose a range in about `intervals` steps.
///
/// Missing: a range of one value is widened, so that there are always two ticks.
pub(crate) fn nice_ticks(min: f64, max: f64, intervals: usize, grain: Grain) -> Ticks {
    let (mut min, mut max) = if min <= max { (min, max) } else { (max, min) };
    let size = min.abs().max(max.abs());
    if max - min <= size * 1e-9 {
        // Flat data: the line should lie in the picture, not on its edge.
        let margin = if size == 0.0 { 1.0 } else { size * 0.5 };
        (min, max) = (
            if min >= 0.0 {
                (min - margin).max(0.0)
            } else {
                min - margin
            },
            max + margin,
        );
        if size == 0.0 {
            (min, max) = (0.0, 1.0);
        }
    }
    let raw = (max - min) / intervals.max(1) as f64;
    let mut step = nice_step(raw);
    if grain == Grain::Whole && step.size() < 1.0 {
        step = NiceStep {
            factor: 1.0,
            exponent: 0,
        };
    }
    let first = (min / step.size() + 1e-9).floor();
    let last = (max / step.size() - 1e-9).ceil().max(first + 1.0);
    let count = (last - first).min(64.0) as usize;
    let values = (0..=count)
        .map(|index| step.times(first + index as f64))
        .collect();
    Ticks {
        values,
        step: step.size(),
    }
}

/// Ticks in a unit that is not a power of ten, such as minutes in seconds.
pub(crate) fn nice_ticks_in(unit: f64, min: f64, max: f64, intervals: usize) -> Ticks {
    let ticks = nice_ticks(min / unit, max / unit, intervals, Grain::Fine);
    Ticks {
        values: ticks.values.iter().map(|value| value * unit).collect(),
        step: ticks.step * unit,
    }
}

#[derive(Debug, Clone, Copy)]
struct NiceStep {
    factor: f64,
    exponent: i32,
}

impl NiceStep {
    fn size(self) -> f64 {
        self.times(1.0)
    }

    /// A multiple of the step, without the error of adding it up: 3 × 0.1 is 0.3.
    fn times(self, count: f64) -> f64 {
        if self.exponent < 0 {
            count * self.factor / power_of_ten(-self.exponent)
        } else {
            count * self.factor * power_of_ten(self.exponent)
        }
    }
}

fn nice_step(raw: f64) -> NiceStep {
    let exponent = exponent_of(raw);
    for factor in [1.0, 2.0, 5.0] {
        let step = NiceStep { factor, exponent };
        if step.size() >= raw * (1.0 - 1e-9) {
            return step;
        }
    }
    NiceStep {
        factor: 1.0,
        exponent: exponent + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(min: f64, max: f64, intervals: usize, expect: &[f64]) {
        assert_eq!(nice_ticks(min, max, intervals, Grain::Fine).values, expect);
    }

    #[test]
    fn ticks_are_round_and_enclose_the_range() {
        check(0.0, 97.0, 4, &[0.0, 50.0, 100.0]);
        check(0.0, 100.0, 5, &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        check(-12.0, 31.0, 4, &[-20.0, 0.0, 20.0, 40.0]);
        check(0.0, 0.3, 3, &[0.0, 0.1, 0.2, 0.3]);
        check(0.0, 7e9, 4, &[0.0, 2e9, 4e9, 6e9, 8e9]);
    }

    #[test]
    fn flat_data_still_has_an_axis() {
        check(0.0, 0.0, 4, &[0.0, 0.5, 1.0]);
        let ticks = nice_ticks(1e15, 1e15, 4, Grain::Fine);
        assert!(ticks.low() < 1e15 && ticks.high() > 1e15);
    }

    #[test]
    fn counts_have_no_ticks_between_whole_numbers() {
        assert_eq!(
            nice_ticks(0.0, 2.0, 4, Grain::Whole).values,
            [0.0, 1.0, 2.0]
        );
        assert_eq!(nice_ticks(0.0, 0.0, 4, Grain::Whole).values, [0.0, 1.0]);
    }

    #[test]
    fn a_scale_of_one_value_maps_to_the_middle() {
        let scale = Linear {
            from: (3.0, 3.0),
            to: (0.0, 10.0),
        };
        assert_eq!(scale.at(3.0), 5.0);
    }
}
