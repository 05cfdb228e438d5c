//! The typed plan: what a widget asks of the warehouse, with every permission already applied.
//!
//! A plan is made from the published document, the session's permissions and the viewer's filters by functions that know
//! neither clock nor warehouse. A plan holds no tenant: the tenant is added where it is run.

mod buckets;
mod error;
mod filters;
mod period;
mod requests;
mod view;
mod widget;

pub use error::PlanError;
pub use period::is_time_zone;
pub use view::{Planned, View};

pub(crate) use buckets::{Buckets, offsets};
pub(crate) use requests::cursor;

use std::sync::Arc;

use emban_contract::dashboard::{Granularity, Metric};

use crate::property::PropertyPath;
use crate::rollup::Ready;

/// One widget's question, ready to be answered for any tenant. `Display` shows its SQL and parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub(crate) source: Source,
    pub(crate) question: Question,
}

/// What is asked of the events of a source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Question {
    Scalar {
        /// One, or those of all the widgets that share a scan.
        measures: Vec<Measure>,
    },
    Conversion(Funnel),
    Funnel(Funnel),
    Series(Series),
    Table(Table),
    Heatmap {
        measure: Measure,
        offsets: Vec<(i64, i32)>,
    },
    Pivot {
        groups: [Field; 2],
        measure: Measure,
        /// Rows and columns at most; the rest is one more of each.
        limits: [u32; 2],
    },
}

impl Question {
    /// What is measured; nothing where users are followed through steps.
    pub(crate) fn measures(&self) -> &[Measure] {
        match self {
            Self::Heatmap { measure, .. } | Self::Pivot { measure, .. } => {
                std::slice::from_ref(measure)
            }
            Self::Scalar { measures } => measures,
            Self::Series(series) => &series.measures,
            Self::Table(table) => &table.measures,
            Self::Conversion(_) | Self::Funnel(_) => &[],
        }
    }

    pub(crate) fn measures_mut(&mut self) -> &mut [Measure] {
        match self {
            Self::Heatmap { measure, .. } | Self::Pivot { measure, .. } => {
                std::slice::from_mut(measure)
            }
            Self::Scalar { measures } => measures,
            Self::Series(series) => &mut series.measures,
            Self::Table(table) => &mut table.measures,
            Self::Conversion(_) | Self::Funnel(_) => &mut [],
        }
    }

    /// What is grouped by.
    pub(crate) fn fields(&self) -> Vec<&Field> {
        match self {
            Self::Pivot { groups, .. } => groups.iter().collect(),
            Self::Series(series) => series.group.iter().map(|(field, _)| field).collect(),
            Self::Table(table) => table.groups.iter().map(|(_, field)| field).collect(),
            Self::Scalar { .. } | Self::Heatmap { .. } | Self::Conversion(_) | Self::Funnel(_) => {
                Vec::new()
            }
        }
    }
}

/// Where the rows of a source are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Feed {
    /// The events themselves.
    #[default]
    Events,
    /// Figures of quarters of an hour.
    Rollup(Arc<Ready>),
}

/// Which events count.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Source {
    /// Where they are read.
    pub(crate) feed: Feed,
    /// Any of these.
    pub(crate) event_names: Vec<String>,
    /// All of these.
    pub(crate) filters: Vec<Predicate>,
    /// The time shown.
    pub(crate) current: Span,
    /// The time compared with.
    pub(crate) previous: Option<Span>,
}

/// A half-open range of Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// What text an event is filtered or grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    UserId,
    Property(PropertyPath),
}

impl Field {
    pub(crate) fn of(name: &str) -> Self {
        if name == USER_ID {
            Self::UserId
        } else {
            Self::Property(PropertyPath::of(name))
        }
    }

    /// As documents write it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::UserId => USER_ID.to_owned(),
            Self::Property(path) => path.name(),
        }
    }
}

/// The name by which a document speaks of an event's user. A string property of that name cannot be reached.
pub(crate) const USER_ID: &str = "user_id";

/// A condition on one event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Predicate {
    /// The text is one of the values; an empty value stands for a missing property too.
    In { field: Field, values: Vec<String> },
    /// The text is none of the values.
    NotIn { field: Field, values: Vec<String> },
    /// The text is exactly this; `None` is the missing property.
    Is { field: Field, value: Option<String> },
    /// The number lies within, bounds included; a missing property does not.
    Between {
        path: PropertyPath,
        min: Option<f64>,
        max: Option<f64>,
    },
    /// The wall clock shows this hour (0 to 23) of this day of the week (1 is Monday), given the zone's offsets.
    WallClock {
        offsets: Vec<(i64, i32)>,
        day: u8,
        hour: u8,
    },
}

/// A number made of many events.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measure {
    /// Any but `conversion`, which is a [`Question`] of its own.
    pub(crate) metric: Metric,
    /// The numeric property, for metrics that read one.
    pub(crate) path: Option<PropertyPath>,
    /// For `ratio`.
    pub(crate) numerator: Vec<Predicate>,
    pub(crate) fed: Fed,
}

/// What a measure is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fed {
    /// Single events.
    #[default]
    Events,
    /// Figures of many events, to be merged.
    Parts,
}

/// Steps that a user passes in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Funnel {
    pub(crate) steps: Vec<Step>,
    /// Milliseconds from the first step to the last, at most.
    pub(crate) window_ms: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) event_name: String,
    pub(crate) label: String,
    pub(crate) filters: Vec<Predicate>,
}

/// Numbers by time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// One or two, or those of all the widgets that share a scan.
    pub(crate) measures: Vec<Measure>,
    pub(crate) group: Option<(Field, u32)>,
    /// Whether the figures of all steps together are asked for as well, for widgets that share the scan.
    pub(crate) totals: bool,
    pub(crate) granularity: Granularity,
    /// Of the time shown.
    pub(crate) buckets: Buckets,
    /// Of the time compared with: as many as `buckets`.
    pub(crate) previous_buckets: Option<Buckets>,
    /// Start of the bucket that is still running.
    pub(crate) partial_from: Option<i64>,
    /// End of the first bucket when the time asked for begins inside it.
    pub(crate) cut_until: Option<i64>,
    /// Start of the last bucket when the time asked for ends inside it, and before now.
    pub(crate) cut_from: Option<i64>,
    pub(crate) offsets: Vec<(i64, i32)>,
}

/// Numbers by up to four texts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    pub(crate) groups: Vec<(String, Field)>,
    /// One or two.
    pub(crate) measures: Vec<Measure>,
    pub(crate) limit: u32,
}

/// A page of the events behind a number.
#[derive(Debug, Clone, PartialEq)]
pub struct RowsPlan {
    pub(crate) source: Source,
    /// Where the last page ended: milliseconds and event id.
    pub(crate) after: Option<(i64, String)>,
    pub(crate) limit: u32,
    /// Rows of all pages together.
    pub(crate) most: Option<u32>,
    pub(crate) visible: VisibleProperties,
}

/// Which properties of an event a viewer may see.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VisibleProperties {
    /// Never shown.
    pub(crate) withheld: Vec<String>,
    /// Only these texts, when given.
    pub(crate) texts: Option<Vec<String>>,
    /// Only these numbers, when given.
    pub(crate) numbers: Option<Vec<String>>,
}

impl VisibleProperties {
    pub(crate) fn shows_text(&self, name: &str) -> bool {
        self.shows(&self.texts, name)
    }

    pub(crate) fn shows_number(&self, name: &str) -> bool {
        self.shows(&self.numbers, name)
    }

    fn shows(&self, only: &Option<Vec<String>>, name: &str) -> bool {
        !self.withheld.iter().any(|withheld| withheld == name)
            && only
                .as_ref()
                .is_none_or(|only| only.iter().any(|allowed| allowed == name))
    }
}

/// The values of one dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct ValuesPlan {
    pub(crate) source: Source,
    pub(crate) field: Field,
    pub(crate) search: Option<String>,
    pub(crate) limit: u32,
}
