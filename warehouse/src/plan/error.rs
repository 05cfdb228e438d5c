//! Why a request has no plan.

use emban_contract::problem::Detail;
use emban_contract::{ProblemCode, limits};

/// Why a request has no plan. `Display` is fit for a browser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Well-formed, but not valid.
    #[error("the request is not valid: {}", first_message(.0))]
    Invalid(Vec<Detail>),
    /// The session's permissions do not allow it.
    #[error("the session does not allow {what}")]
    NotPermitted {
        /// A noun phrase.
        what: &'static str,
    },
    /// No such widget, or none that the session may know of.
    #[error("there is no such widget")]
    NotFound,
    /// More points than a chart may have.
    #[error("the period holds {points} steps, the limit is {limit}: choose a shorter period or longer steps", limit = limits::SERIES_POINTS)]
    TooManyPoints {
        /// Steps asked for, counted until well past the limit.
        points: usize,
    },
}

impl PlanError {
    pub(crate) fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Detail::new(path, message)])
    }

    /// The code that a browser sees.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Invalid(_) => ProblemCode::Invalid,
            Self::NotPermitted { .. } => ProblemCode::NotPermitted,
            Self::NotFound => ProblemCode::NotFound,
            Self::TooManyPoints { .. } => ProblemCode::QueryTooLarge,
        }
    }

    /// Every offending place.
    pub fn details(&self) -> &[Detail] {
        match self {
            Self::Invalid(details) => details,
            Self::NotPermitted { .. } | Self::NotFound | Self::TooManyPoints { .. } => &[],
        }
    }
}

fn first_message(details: &[Detail]) -> String {
    details.first().map_or_else(String::new, |detail| {
        [detail.path.as_str(), " ", detail.message.as_str()].concat()
    })
}
