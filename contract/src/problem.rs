//! The one error document of every route and tier.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal;)*) => {
        /// Stable, machine-readable reason of an error; `snake_case` on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum ProblemCode { $($(#[$doc])* $name,)* }

        impl ProblemCode {
            /// Every code, for documentation and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as it stands on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status that goes with the code.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON, or a parameter cannot be read.
    Malformed = "malformed", 400;
    /// No credential, or one that is not valid; the reason is only logged.
    Unauthorized = "unauthorized", 401;
    /// The session was valid once.
    SessionExpired = "session_expired", 401;
    /// The session was revoked.
    SessionRevoked = "session_revoked", 401;
    /// The key's scope does not allow this route.
    WrongScope = "wrong_scope", 403;
    /// The session's permissions do not allow this.
    NotPermitted = "not_permitted", 403;
    /// No such object, or none that the caller may know of.
    NotFound = "not_found", 404;
    /// The route exists for other methods.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The state of the object does not allow this now.
    Conflict = "conflict", 409;
    /// The dashboard has no published version.
    NotPublished = "not_published", 409;
    /// Someone else was faster: the ETag given is not the current one.
    PreconditionFailed = "precondition_failed", 412;
    /// The body is larger than allowed.
    TooLarge = "too_large", 413;
    /// The content type or encoding is not one of those supported.
    UnsupportedMediaType = "unsupported_media_type", 415;
    /// Well-formed, but not valid; `details` names each place.
    Invalid = "invalid", 422;
    /// The query asks for more than the limits allow.
    QueryTooLarge = "query_too_large", 422;
    /// Too many requests; `Retry-After` says when to come back.
    RateLimited = "rate_limited", 429;
    /// A fault of ours.
    Internal = "internal", 500;
    /// The warehouse did not answer; `Retry-After` says when to come back.
    WarehouseUnavailable = "warehouse_unavailable", 503;
    /// The spool is full; `Retry-After` says when to come back.
    SpoolFull = "spool_full", 503;
    /// A tier behind this one did not answer; `Retry-After` says when to come back.
    Unavailable = "unavailable", 503;
    /// The query ran longer than allowed.
    Timeout = "timeout", 503;
}

/// One offending place of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Detail {
    /// JSON pointer (RFC 6901) into the request's body, or the name of a parameter.
    pub path: String,
    /// What is wrong there, as a sentence fragment.
    pub message: String,
}

impl Detail {
    /// Puts a place and its message together.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
        }
    }
}

/// Escapes one member name for use in a JSON pointer (RFC 6901 section 3).
pub fn pointer_segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProblemDocument {
    /// A sentence for people.
    pub error: String,
    /// A stable word for programs.
    pub code: ProblemCode,
    /// Names this request in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Every offending place, when the request is at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_the_same_in_rust_and_on_the_wire() {
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).ok(), Some(code.as_str().into()));
            assert!((400..=599).contains(&code.status()));
        }
    }

    #[test]
    fn pointer_segments_are_escaped() {
        assert_eq!(pointer_segment("a/b~c"), "a~1b~0c");
    }
}
