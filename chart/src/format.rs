//! Numbers and times as text, for axes, cards, tables and tooltips.

mod axis;
mod number;
mod time;

pub(crate) use axis::{AxisFormat, duration_divisor};
pub use number::format_number;
pub(crate) use number::{format_brief, format_compact};
pub use time::format_time;

/// What a number measures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Unit {
    /// A count or a quantity without unit.
    #[default]
    Number,
    /// A fraction: 0.25 is written 25%.
    Percent,
    /// Money, with its ISO 4217 code.
    Currency(String),
    /// A span of time, in this unit.
    Duration(DurationUnit),
    /// A quantity with a suffix, such as `tokens`.
    Suffix(String),
}

/// The unit in which a duration is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationUnit {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

impl DurationUnit {
    pub(crate) fn in_ms(self) -> f64 {
        match self {
            Self::Milliseconds => 1.0,
            Self::Seconds => 1000.0,
        }
    }
}

/// How much room a number may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notation {
    /// All digits, grouped: `1,234,567`.
    #[default]
    Plain,
    /// Few digits with a suffix: `1.2M`.
    Compact,
}

/// How the numbers of a chart are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Format {
    /// What the number measures.
    pub unit: Unit,
    /// How much room it may take; axes are always compact.
    pub notation: Notation,
    /// Exactly this many fraction digits; left out, as many as the size of the number asks for.
    pub decimals: Option<u8>,
}

impl Format {
    /// `1,234.5`
    pub fn plain() -> Self {
        Self::default()
    }

    /// `1.2K`
    pub fn compact() -> Self {
        Self {
            notation: Notation::Compact,
            ..Self::default()
        }
    }

    /// `25%` for 0.25
    pub fn percent() -> Self {
        Self {
            unit: Unit::Percent,
            ..Self::default()
        }
    }

    /// `$12.50`, for an ISO 4217 code.
    pub fn currency(code: &str) -> Self {
        Self {
            unit: Unit::Currency(code.to_owned()),
            ..Self::default()
        }
    }

    /// `3 min 20 s`
    pub fn duration(unit: DurationUnit) -> Self {
        Self {
            unit: Unit::Duration(unit),
            ..Self::default()
        }
    }

    /// The same format in compact notation.
    pub fn compacted(&self) -> Self {
        Self {
            notation: Notation::Compact,
            ..self.clone()
        }
    }
}
