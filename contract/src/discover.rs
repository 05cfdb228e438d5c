//! What a company has sent so far: the answer of `GET /v1/discover` and what a dashboard is made from.

use serde::{Deserialize, Serialize};

use crate::{DashboardId, UnixMillis};

/// Answer of `GET /v1/discover`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Discovery {
    /// First instant that was looked at.
    pub from: UnixMillis,
    /// First instant after.
    pub to: UnixMillis,
    /// The most frequent first; at most 200.
    pub events: Vec<SeenEvent>,
}

/// One event name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeenEvent {
    /// The name.
    pub event_name: String,
    /// Events of that name.
    pub count: u64,
    /// Tenants that have such events; within about 2 %.
    pub tenants: u64,
    /// Distinct users; within about 2 %, 0 when no event names one.
    pub users: u64,
    /// Time of the earliest.
    pub first_seen: UnixMillis,
    /// Time of the latest.
    pub last_seen: UnixMillis,
    /// Whether the properties were counted on a sample: their counts are then estimates.
    pub sampled: bool,
    /// Its string properties, the most frequent first; at most 64.
    pub string_props: Vec<SeenStringProp>,
    /// Its numeric properties, the most frequent first; at most 64.
    pub numeric_props: Vec<SeenNumericProp>,
}

/// One string property of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeenStringProp {
    /// The name.
    pub name: String,
    /// Events that have it.
    pub count: u64,
    /// Distinct values among those that were looked at; within about 2 %.
    pub cardinality: u64,
}

/// One numeric property of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeenNumericProp {
    /// The name.
    pub name: String,
    /// Events that have it.
    pub count: u64,
    /// Distinct values among those that were looked at; within about 2 %.
    pub cardinality: u64,
    /// Smallest value; null when it is not a finite number.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// Mean.
    pub avg: Option<f64>,
}

/// `POST /v1/discover/auto-create`. Every member may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AutoCreate {
    /// Title of the dashboard; made from the most frequent event when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The events that it may show, the main one first; the most frequent ones when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_names: Option<Vec<String>>,
}

/// Answer of `POST /v1/discover/auto-create`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AutoCreated {
    /// The draft that was made.
    pub dashboard_id: DashboardId,
    /// Always `draft`: it is live after `POST /v1/dashboards/{id}/publish`.
    pub status: String,
    /// The document.
    pub draft: crate::dashboard::DashboardDocument,
}
