//! Periods such as `30d`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::IdError;

/// Unit of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum PeriodUnit {
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A length of time that ends with the running day, or hour: a count and a unit, `24h`, `30d`, `12m` (months), `1y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    /// How many units, 1 to 9999.
    pub count: u32,
    /// Of which unit.
    pub unit: PeriodUnit,
}

impl Period {
    /// The period a dashboard shows when nothing else is said.
    pub const DEFAULT: Self = Self {
        count: 30,
        unit: PeriodUnit::Day,
    };

    /// Reads `<n>[hdwmy]`.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        const EXPECTED: IdError = IdError {
            expected: "a period such as 24h, 7d, 30d, 12w, 6m or 1y",
        };
        let unit = match text.as_bytes().last() {
            Some(b'h') => PeriodUnit::Hour,
            Some(b'd') => PeriodUnit::Day,
            Some(b'w') => PeriodUnit::Week,
            Some(b'm') => PeriodUnit::Month,
            Some(b'y') => PeriodUnit::Year,
            _ => return Err(EXPECTED),
        };
        let digits = text.get(..text.len() - 1).unwrap_or_default();
        let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let count = if plain {
            digits.parse().unwrap_or(0)
        } else {
            0
        };
        if count == 0 {
            Err(EXPECTED)
        } else {
            Ok(Self { count, unit })
        }
    }

    /// The longest the period can be, in days, rounded up.
    pub fn max_days(self) -> u32 {
        match self.unit {
            PeriodUnit::Hour => self.count.div_ceil(24),
            PeriodUnit::Day => self.count,
            PeriodUnit::Week => self.count * 7,
            PeriodUnit::Month => self.count * 31,
            PeriodUnit::Year => self.count * 366,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            PeriodUnit::Hour => 'h',
            PeriodUnit::Day => 'd',
            PeriodUnit::Week => 'w',
            PeriodUnit::Month => 'm',
            PeriodUnit::Year => 'y',
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl TryFrom<String> for Period {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_reads_back_as_written() {
        for text in ["1h", "24h", "7d", "30d", "90d", "12w", "6m", "1y", "9999d"] {
            assert_eq!(
                Period::parse(text).map(|p| p.to_string()).as_deref(),
                Ok(text)
            );
        }
        for bad in [
            "", "d", "0d", "07", "-1d", "1.5d", "10000d", "7 d", "7D", "1s", "+7d",
        ] {
            assert!(Period::parse(bad).is_err(), "{bad}");
        }
    }
}
