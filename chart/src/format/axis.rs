//! Numbers as labels of an axis.

use super::number::{
    DURATIONS_MS, SCIENTIFIC_FROM, plain, scientific, signed, symbol, with_symbol,
};
use super::{DurationUnit, Format, Unit};
use crate::decimal::exponent_of;
use crate::locale::Locale;

/// Writes the ticks of one axis: as few digits as tell them apart.
#[derive(Debug)]
pub(crate) struct AxisFormat<'a> {
    format: &'a Format,
    locale: &'a Locale,
    step: f64,
    /// The unit of all ticks, with its suffix.
    scale: (f64, &'a str),
    /// Thousands and millions, which each tick takes as it needs: 500, 1K, 1.5K.
    compact: &'a [(f64, &'static str)],
    exponent: bool,
}

impl<'a> AxisFormat<'a> {
    /// Prepares the texts of ticks that lie `step` apart, none larger in magnitude than `max_abs`.
    pub(crate) fn new(step: f64, max_abs: f64, format: &'a Format, locale: &'a Locale) -> Self {
        let (scale, compact) = match &format.unit {
            Unit::Percent => ((0.01, locale.percent), [].as_slice()),
            Unit::Duration(unit) => (duration_scale(max_abs, *unit, locale), [].as_slice()),
            Unit::Number | Unit::Currency(_) | Unit::Suffix(_) => {
                // 1,040 and 1,060 must not both become 1K.
                let usable = |threshold: f64| max_abs >= threshold && step >= threshold / 10.0;
                let first = locale
                    .compact
                    .iter()
                    .position(|(threshold, _)| usable(*threshold));
                (
                    (1.0, ""),
                    first
                        .and_then(|first| locale.compact.get(first..))
                        .unwrap_or_default(),
                )
            }
        };
        let exponent = max_abs >= SCIENTIFIC_FROM || step / scale.0 < 1e-6;
        Self {
            format,
            locale,
            step,
            scale,
            compact,
            exponent,
        }
    }

    /// The text of one tick.
    pub(crate) fn tick(&self, value: f64) -> String {
        let magnitude = value.abs();
        let number = if magnitude == 0.0 {
            let suffix = if self.format.unit == Unit::Percent {
                self.locale.percent
            } else {
                ""
            };
            [plain(0.0, (0, 0), self.locale).as_str(), suffix].concat()
        } else if self.exponent {
            scientific(magnitude, self.locale)
        } else {
            let large = self
                .compact
                .iter()
                .copied()
                .find(|(threshold, _)| magnitude >= *threshold * (1.0 - 1e-9));
            let (divisor, suffix) = large.unwrap_or(self.scale);
            let digits = (-exponent_of(self.step / divisor * (1.0 + 1e-9))).clamp(0, 9) as u8;
            // 1K beside 1.5K, but 1.0 beside 0.5.
            let least = if large.is_some() { 0 } else { digits };
            [
                plain(magnitude / divisor, (least, digits), self.locale).as_str(),
                suffix,
            ]
            .concat()
        };
        let text = match &self.format.unit {
            Unit::Currency(code) => with_symbol(&number, symbol(code), self.locale),
            _ => number,
        };
        signed(value, text, self.locale)
    }
}

fn duration_scale(max_abs: f64, unit: DurationUnit, locale: &Locale) -> (f64, &'static str) {
    let ms = max_abs * unit.in_ms();
    DURATIONS_MS
        .iter()
        .zip(locale.durations.iter())
        .rev()
        .find(|(length, _)| ms >= **length)
        .map_or((1.0 / unit.in_ms(), ""), |(length, suffix)| {
            (length / unit.in_ms(), *suffix)
        })
}

/// The unit in which the ticks of a duration axis are round numbers, in the duration's own unit.
pub(crate) fn duration_divisor(max_abs: f64, unit: DurationUnit) -> f64 {
    let ms = max_abs * unit.in_ms();
    DURATIONS_MS
        .iter()
        .rev()
        .find(|length| ms >= **length)
        .map_or(1.0, |length| *length)
        / unit.in_ms()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::EN;

    #[test]
    fn the_ticks_of_one_axis_can_be_told_apart() {
        let number = Format::plain();
        let axis = AxisFormat::new(500.0, 1500.0, &number, &EN);
        assert_eq!(
            [0.0, 500.0, 1500.0].map(|t| axis.tick(t)),
            ["0", "500", "1.5K"]
        );
        let axis = AxisFormat::new(20.0, 1060.0, &number, &EN);
        assert_eq!([1000.0, 1060.0].map(|t| axis.tick(t)), ["1,000", "1,060"]);
        let percent = Format::percent();
        let axis = AxisFormat::new(0.05, 0.2, &percent, &EN);
        assert_eq!(
            [0.0, 0.05, -0.2].map(|t| axis.tick(t)),
            ["0%", "5%", "−20%"]
        );
    }
}
