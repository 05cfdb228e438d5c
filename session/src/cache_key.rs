//! Cache keys: one constructor, and it takes a verified session.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emban_contract::UnixMillis;
use sha2::{Digest, Sha256};

use crate::claims::Claims;
use crate::verify::VerifiedSession;

/// Digest of every claim that shapes what a session sees: organisation, environment, tenant, dashboard, permissions.
///
/// Two sessions with the same digest see the same; the session's own id, its times and the `user_id` for the audit
/// log are not part of it. SHA-256 in base64url, 43 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScopeDigest(String);

impl ScopeDigest {
    pub(crate) fn of(claims: &Claims) -> Self {
        let mut permissions = claims.perm.clone();
        permissions.user_id = None;
        // Members are written in the order of the type, maps by key: equal permissions give equal bytes.
        // A permission that cannot be written cannot have been read either, so the fallback is unreachable;
        // it still separates by tenant and dashboard.
        let permissions = serde_json::to_vec(&permissions).unwrap_or_default();
        let mut digest = Sha256::new();
        for part in [
            claims.org.as_str().as_bytes(),
            claims.env.as_str().as_bytes(),
            claims.tenant.as_str().as_bytes(),
            claims.dash.as_str().as_bytes(),
            &permissions,
        ] {
            // The length before each part: no two lists of parts give the same bytes.
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self(URL_SAFE_NO_PAD.encode(digest.finalize()))
    }

    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What kind of answer an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the routes")]
pub enum CacheRoute {
    Document,
    Surface,
    Query,
    Rows,
    Values,
}

impl CacheRoute {
    fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Surface => "surface",
            Self::Query => "query",
            Self::Rows => "rows",
            Self::Values => "values",
        }
    }
}

/// Digest of what is asked, made from the canonical text of the parsed request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestDigest(String);

impl RequestDigest {
    /// Digests the canonical text of a request. SHA-256, base64url.
    pub fn of(canonical: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(canonical)))
    }
}

/// What an answer is taken from: a published version, and the data of a tenant as it is since its sessions were last ended.
///
/// Erasing a tenant ends its sessions: what was cached before is under keys that nobody asks for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    /// Of the dashboard.
    pub version: u32,
    /// The instant up to which every session of the tenant is void, as the feed has told.
    pub since: Option<UnixMillis>,
}

/// Names one cached answer. Cannot be made without a verified session, so it cannot lack the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey(String);

impl CacheKey {
    /// The key of an answer to this session.
    pub fn new(
        session: &VerifiedSession,
        edition: Edition,
        route: CacheRoute,
        request: &RequestDigest,
    ) -> Self {
        Self(format!(
            "v2/{}/{}/{}/{}/{}",
            route.as_str(),
            session.scope_digest().as_str(),
            edition.version,
            edition.since.map_or(0, |since| since.0),
            request.0
        ))
    }

    /// The key as text: letters, digits, `-`, `_` and `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
