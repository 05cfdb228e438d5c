//! API keys of a company's backend.

use serde::{Deserialize, Serialize};

use crate::{EnvironmentName, UnixMillis};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Everything.
    Admin,
    /// Only `POST /v1/events`.
    Ingest,
    /// `GET` and `/v1/query`.
    Read,
}

/// Whether a label can be kept: 1 to 200 characters that are not all spaces, none of them a control character, which
/// PostgreSQL and terminals would stumble over.
pub fn is_label(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= LABEL_CHARS
        && !name.chars().any(char::is_control)
}

/// Characters of a key's label at most.
const LABEL_CHARS: usize = 200;

impl KeyScope {
    /// First characters of a raw key of this scope.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Admin => "eb_adm_",
            Self::Ingest => "eb_ing_",
            Self::Read => "eb_rd_",
        }
    }

    /// The scope as it stands on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Ingest => "ingest",
            Self::Read => "read",
        }
    }
}

/// `POST /v1/keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// Label for people.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1, max = LABEL_CHARS), regex(pattern = r"^[^\u0000-\u001f\u007f-\u009f]+$"))
    )]
    pub name: String,
    /// What the key may do.
    pub scope: KeyScope,
    /// When it stops working; never when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMillis>,
}

/// A key as it can be listed: never the raw key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeySummary {
    /// Names the key: `key_…`.
    pub id: String,
    /// Label for people.
    pub name: String,
    /// What it may do.
    pub scope: KeyScope,
    /// The environment it belongs to.
    pub environment: EnvironmentName,
    /// First 8 characters after the scope's prefix, so that people can tell keys apart.
    pub prefix: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it stops working.
    pub expires_at: Option<UnixMillis>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<UnixMillis>,
}

/// `POST /v1/keys/{id}/rotate`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// Seconds for which the former key goes on working, 0 to 2,592,000 (30 days); a day when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = crate::limits::KEY_OVERLAP_MAX_SECONDS)))]
    pub overlap_seconds: Option<u32>,
}

/// Answer of `POST /v1/keys/{id}/rotate`: the only time that the new raw key is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyRotated {
    /// The raw key, shown once.
    pub key: String,
    /// What is kept of it.
    #[serde(flatten)]
    pub summary: KeySummary,
    /// The former key.
    pub replaces: String,
    /// When the former key stops working.
    pub former_expires_at: UnixMillis,
}

/// Answer of `POST /v1/keys`: the only time that the raw key is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyCreated {
    /// The raw key, shown once.
    pub key: String,
    /// What is kept of it.
    #[serde(flatten)]
    pub summary: KeySummary,
}
