//! The query string, parameter by parameter, so that every bad one is named at once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use emban_contract::Detail;
use http::request::Parts;

use crate::problem::Problem;

/// The parameters of a request. Each is taken once; what nobody took is refused by [`Params::finish`].
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    problems: Vec<Detail>,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Problem::malformed_parameter())?;
        Ok(Self::of(pairs))
    }
}

impl Params {
    /// Errors: a parameter that is given twice is one of the problems; which one counts would be a guess.
    pub(crate) fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut params = Self::default();
        for (name, value) in pairs {
            match params.values.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                Entry::Occupied(place) => {
                    let name = place.key().clone();
                    params.refuse(&name, "is given twice");
                }
            }
        }
        params
    }

    /// A parameter as it stands; an empty one is as good as none.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.values.remove(name).filter(|text| !text.is_empty())
    }

    /// A parameter as a value; one that cannot be read is a problem.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(name, &error.to_string());
                None
            }
        }
    }

    /// A parameter that must be there.
    pub(crate) fn required<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        if self.values.get(name).is_none_or(String::is_empty) {
            self.refuse(name, "is required");
        }
        self.parsed(name)
    }

    /// An instant.
    pub(crate) fn instant(&mut self, name: &str) -> Option<emban_contract::UnixMillis> {
        let text = self.text(name)?;
        let instant = emban_contract::UnixMillis::parse(&text);
        if instant.is_none() {
            self.refuse(name, "must be an RFC 3339 date-time");
        }
        instant
    }

    /// A number within bounds, both included. An empty text is no number.
    pub(crate) fn number(&mut self, name: &str, bounds: [u32; 2]) -> Option<u32> {
        let [least, most] = bounds;
        let number = self.values.remove(name)?.parse().ok();
        let number = number.filter(|n| (least..=most).contains(n));
        if number.is_none() {
            self.refuse(name, &format!("must be {least} to {most}"));
        }
        number
    }

    /// Adds a problem with a parameter.
    pub(crate) fn refuse(&mut self, name: &str, message: &str) {
        self.problems.push(Detail::new(name, message));
    }

    /// Everything that is wrong with the parameters, those that nobody took among it.
    pub(crate) fn problems(mut self) -> Vec<Detail> {
        let unknown = self.values.keys();
        let unknown =
            unknown.map(|name| Detail::new(name.clone(), "is not a parameter of this route"));
        self.problems.extend(unknown);
        self.problems
    }

    /// Errors: 422 with every problem.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        let problems = self.problems();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid("the request is not valid", problems))
        }
    }
}
