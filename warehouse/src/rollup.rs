//! Rollups: figures of a quarter of an hour, an hour or a day, kept as events arrive, so that a widget reads buckets and
//! not events.
//!
//! A [`Shape`] says what a rollup holds. The shapes that published dashboards want follow from their documents
//! ([`wanted`]); [`Keeper`] makes them and fills them; [`route`] decides which of those that are ready answers a plan. Every
//! rollup lives in the one table `rollups`, fed by a materialized view of its own, so that the walls of a tenant name
//! two tables, not a list that grows.

mod build;
mod catalog;
mod explain;
mod gate;
mod keeper;
mod route;
mod wanted;

pub use build::RollupError;
pub use explain::{Explained, Feeding};
pub use keeper::RollupsPause;
pub use route::WhyEvents;

pub(crate) use catalog::{Catalog, Ready};
pub(crate) use gate::Gate;
pub(crate) use keeper::Keeper;
pub(crate) use route::route;
use wanted::wanted;

use serde::{Deserialize, Serialize};

use crate::plan::USER_ID;
use crate::property::PropertyPath;

/// Length of a rollup's buckets, which begin with those of UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub(crate) enum Bucket {
    /// The hours and days of every zone since 2000 are made of quarters of an hour.
    #[default]
    Quarter,
    /// Those of most zones are made of hours.
    Hour,
    /// For sessions in UTC.
    Day,
}

impl Bucket {
    /// The finest first.
    pub(crate) const ALL: [Self; 3] = [Self::Quarter, Self::Hour, Self::Day];

    pub(crate) fn minutes(self) -> u32 {
        match self {
            Self::Quarter => 15,
            Self::Hour => 60,
            Self::Day => 1440,
        }
    }

    pub(crate) fn ms(self) -> i64 {
        i64::from(self.minutes()) * 60_000
    }
}

/// Dimensions of a rollup at most: the columns of its table.
pub(crate) const DIMENSIONS: usize = 6;

/// Numeric properties of a rollup at most: the columns of its table.
pub(crate) const NUMBERS: usize = 3;

/// What a rollup holds of one event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Shape {
    /// Which event.
    pub(crate) event_name: String,
    /// String properties that its rows are told apart by, sorted; at most [`DIMENSIONS`].
    pub(crate) dimensions: Vec<String>,
    /// Numeric properties with count, sum, least and greatest, sorted; at most [`NUMBERS`].
    pub(crate) numbers: Vec<String>,
    /// What is known of its users.
    pub(crate) users: Users,
    /// Of which time a row is.
    #[serde(default)]
    pub(crate) bucket: Bucket,
}

/// What a rollup knows of the users of its events.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub(crate) struct Users {
    /// The exact set, in the column `user_hashes`. Shapes that were written before that column say `exact`.
    #[serde(rename = "hashes", default)]
    pub(crate) exact: bool,
    /// The sketch of `count_unique_approx`.
    pub(crate) approx: bool,
}

impl Shape {
    /// The same of another bucket.
    pub(crate) fn of(&self, bucket: Bucket) -> Self {
        Self {
            bucket,
            ..self.clone()
        }
    }

    /// Where the column of a dimension stands.
    pub(crate) fn dimension(&self, path: &PropertyPath) -> Option<usize> {
        place(&self.dimensions, path)
    }

    /// Where the columns of a number stand.
    pub(crate) fn number(&self, path: &PropertyPath) -> Option<usize> {
        place(&self.numbers, path)
    }
}

fn place(names: &[String], path: &PropertyPath) -> Option<usize> {
    names
        .iter()
        .position(|name| name != USER_ID && PropertyPath::of(name) == *path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollup_of_before_the_hashes_is_not_taken_for_one_that_has_them() {
        let shape = |users: &str| -> Shape {
            let text = format!(
                r#"{{"event_name":"e","dimensions":[],"numbers":[],"users":{users},"bucket":"Day"}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        let before = shape(r#"{"exact":true,"approx":false}"#);
        let now = shape(r#"{"hashes":true,"approx":false}"#);
        assert!(now.users.exact && !before.users.exact);
        let written = serde_json::to_string(&now).unwrap();
        assert_eq!(serde_json::from_str::<Shape>(&written).unwrap(), now);
    }
}
