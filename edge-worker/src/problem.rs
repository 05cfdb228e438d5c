//! What the edge refuses, as the one error document of every tier.

use std::borrow::Cow;

use emban_contract::{Detail, ProblemCode, ProblemDocument};
use emban_session::VerifyError;

/// An answer that is not a success. `reason` reaches only the log, and never holds a token or a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) code: ProblemCode,
    pub(crate) error: Cow<'static, str>,
    pub(crate) details: Vec<Detail>,
    /// Seconds until it makes sense to come back.
    pub(crate) retry_after: Option<u32>,
    /// Methods that the path has.
    pub(crate) allow: Option<&'static str>,
    pub(crate) reason: Option<Cow<'static, str>>,
}

impl Problem {
    fn new(code: ProblemCode, error: &'static str) -> Self {
        Self {
            code,
            error: error.into(),
            details: Vec::new(),
            retry_after: None,
            allow: None,
            reason: None,
        }
    }

    fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// No credential, or one that cannot be read as one.
    pub(crate) fn unauthorized(reason: &'static str) -> Self {
        Self::new(ProblemCode::Unauthorized, "A valid session is required.").because(reason)
    }

    /// A token that did not verify. Only that it has expired is told, since then it was ours.
    pub(crate) fn refused(error: VerifyError) -> Self {
        let problem = match error {
            VerifyError::Expired => Self::expired(),
            VerifyError::TooLong
            | VerifyError::Malformed
            | VerifyError::WrongAlgorithm
            | VerifyError::WrongType
            | VerifyError::UnknownKey
            | VerifyError::BadSignature
            | VerifyError::WrongIssuer
            | VerifyError::WrongAudience
            | VerifyError::BadClaims
            | VerifyError::WrongEnvironment
            | VerifyError::NotYet => Self::unauthorized(""),
        };
        problem.because(error.to_string())
    }

    /// The session has ended by itself.
    pub(crate) fn expired() -> Self {
        Self::new(ProblemCode::SessionExpired, "The session has expired.")
            .because("token has expired")
    }

    /// The session was ended by the company.
    pub(crate) fn revoked() -> Self {
        Self::new(ProblemCode::SessionRevoked, "The session was revoked.")
            .because("session is revoked")
    }

    /// No such path, or nothing that this session may know of.
    pub(crate) fn not_found() -> Self {
        Self::new(ProblemCode::NotFound, "Not found.")
    }

    /// The path exists for other methods.
    pub(crate) fn wrong_method(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(
                ProblemCode::MethodNotAllowed,
                "This method is not allowed here.",
            )
        }
    }

    /// The page that calls is not one of those the session allows.
    pub(crate) fn refused_origin() -> Self {
        Self::new(
            ProblemCode::NotPermitted,
            "The session does not allow this origin.",
        )
        .because("origin is not among the allowed")
    }

    /// The session has asked more than its allowance; `seconds` until it may again.
    ///
    /// Without a reason, so that whoever asks too often does not fill the log as well.
    pub(crate) fn rate_limited(seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                ProblemCode::RateLimited,
                "This session asks too often. Try again in a moment.",
            )
        }
    }

    /// The body is larger than `limit` bytes.
    pub(crate) fn too_large(limit: usize) -> Self {
        Self {
            error: format!("The body is larger than {limit} bytes.").into(),
            ..Self::new(ProblemCode::TooLarge, "")
        }
    }

    /// The body is not declared as JSON.
    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(
            ProblemCode::UnsupportedMediaType,
            "The body has to be application/json.",
        )
    }

    /// The body is not JSON, or could not be read.
    pub(crate) fn malformed(error: impl Into<Cow<'static, str>>) -> Self {
        Self {
            error: error.into(),
            ..Self::new(ProblemCode::Malformed, "")
        }
    }

    /// The body is JSON, but not the request that belongs here.
    pub(crate) fn invalid(details: Vec<Detail>) -> Self {
        Self {
            details,
            ..Self::new(ProblemCode::Invalid, "The request is not valid.")
        }
    }

    /// The origin did not answer, or not in a way that may be passed on.
    pub(crate) fn unavailable(retry_after: u32, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                ProblemCode::Unavailable,
                "The dashboard cannot be reached right now.",
            )
            .because(reason)
        }
    }

    /// A fault of ours.
    pub(crate) fn internal(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ProblemCode::Internal, "Something went wrong here.").because(reason)
    }

    /// The body of the answer.
    pub(crate) fn document(&self, request_id: &str) -> ProblemDocument {
        ProblemDocument {
            error: self.error.clone().into_owned(),
            code: self.code,
            request_id: Some(request_id.to_owned()),
            details: self.details.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_does_not_learn_why_a_token_is_refused() {
        let documents: Vec<_> = [
            VerifyError::BadSignature,
            VerifyError::UnknownKey,
            VerifyError::WrongAlgorithm,
            VerifyError::WrongEnvironment,
            VerifyError::NotYet,
        ]
        .into_iter()
        .map(|error| Problem::refused(error).document("r"))
        .collect();
        assert!(
            documents.windows(2).all(|pair| pair.first() == pair.last()),
            "{documents:?}"
        );
        assert_eq!(
            Problem::refused(VerifyError::Expired).code,
            ProblemCode::SessionExpired
        );
        let reason = Problem::refused(VerifyError::UnknownKey).reason;
        assert_eq!(
            reason.as_deref(),
            Some("token is signed with an unknown key")
        );
    }
}
