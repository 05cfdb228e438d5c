//! Filters of a viewer, wherever they stand: in a query, in a drill-down, in the browser protocol.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::UnixMillis;
use crate::dashboard::Period;

/// What a viewer has chosen. A date range stands instead of `period`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewerFilters {
    /// Length of time that ends with the running day, or hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Chosen values by string property; the values of one property are joined by OR, properties by AND.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, OneOrMany>,
    /// Bounds by numeric property, both included.
    #[serde(
        default,
        rename = "numericRanges",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub numeric_ranges: BTreeMap<String, NumericRange>,
    /// Dates of the viewer's own; the only key is `timestamp`.
    #[serde(
        default,
        rename = "dateRanges",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub date_ranges: BTreeMap<String, DateRange>,
}

/// A string or a list of strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum OneOrMany {
    /// One value.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The values.
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// Bounds of a numeric property, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NumericRange {
    /// Lower bound; none when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Upper bound; none when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// A half-open range of time: `from` is included, `to` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DateRange {
    /// First instant.
    pub from: UnixMillis,
    /// First instant after.
    pub to: UnixMillis,
}
