//! Identifiers as types, so that a tenant cannot be passed where a dashboard is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;

/// Why a text is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdError {
    /// What was expected, as a sentence fragment: `a tenant id of 1 to 256 bytes without control characters`.
    pub expected: &'static str,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for IdError {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $valid:path, $expected:literal, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks a text. Errors: [`IdError`] says what is expected.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                if $valid(&text) { Ok(Self(text)) } else { Err(IdError { expected: $expected }) }
            }

            /// A regular expression that every such identifier matches.
            pub const PATTERN: &'static str = $pattern;

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// One customer of the company: opaque, case-sensitive, 1 to 256 bytes, no control characters.
    TenantId,
    is_tenant_id,
    "a tenant id of 1 to 256 bytes without control characters",
    r"^[^\u0000-\u001f\u007f-\u009f]{1,256}$"
);
id!(
    /// A dashboard: `dash_` and 1 to 40 lower-case letters or digits.
    DashboardId,
    is_dashboard_id,
    "a dashboard id: `dash_` followed by lower-case letters and digits",
    "^dash_[a-z0-9]{1,40}$"
);
id!(
    /// An embed session: `es_` and 1 to 40 lower-case letters or digits.
    SessionId,
    is_session_id,
    "a session id: `es_` followed by lower-case letters and digits",
    "^es_[a-z0-9]{1,40}$"
);
id!(
    /// A widget of a dashboard: 1 to 64 letters, digits, `_` or `-`.
    WidgetId,
    is_widget_id,
    "a widget id of 1 to 64 letters, digits, `_` or `-`",
    "^[A-Za-z0-9_-]{1,64}$"
);
id!(
    /// The company that runs Emban: 1 to 32 lower-case letters, digits, `_` or `-`.
    OrganisationId,
    is_slug,
    "a name of 1 to 32 lower-case letters, digits, `_` or `-`",
    "^[a-z0-9_-]{1,32}$"
);
id!(
    /// `production`, `development`, … of one organisation: 1 to 32 lower-case letters, digits, `_` or `-`.
    EnvironmentName,
    is_slug,
    "a name of 1 to 32 lower-case letters, digits, `_` or `-`",
    "^[a-z0-9_-]{1,32}$"
);

fn is_tenant_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= limits::TENANT_ID_BYTES && !text.chars().any(char::is_control)
}

fn is_dashboard_id(text: &str) -> bool {
    text.strip_prefix("dash_").is_some_and(is_random_part)
}

fn is_session_id(text: &str) -> bool {
    text.strip_prefix("es_").is_some_and(is_random_part)
}

fn is_random_part(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_widget_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_slug(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_id_is_opaque_but_bounded() {
        for good in [
            "acme",
            "Ünïcode 株式会社",
            "a b",
            "' OR 1=1 --",
            "{x:String}",
            &"x".repeat(256),
        ] {
            assert_eq!(TenantId::new(good).map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "a\nb", "a\0", "\u{85}", &"x".repeat(257)] {
            assert!(TenantId::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn ids_of_one_kind_are_refused_as_another() {
        assert!(DashboardId::new("dash_abc1").is_ok());
        assert!(DashboardId::new("es_abc1").is_err());
        assert!(DashboardId::new("dash_").is_err());
        assert!(DashboardId::new("dash_../x").is_err());
        assert!(SessionId::new("es_abc1").is_ok());
        assert!(WidgetId::new("internal_notes").is_ok());
        assert!(WidgetId::new("a/b").is_err());
        assert!(serde_json::from_str::<TenantId>("\"\"").is_err());
    }
}
