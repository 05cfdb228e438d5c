//! API keys of a company's backend: the proof that a caller holds one, and that it may read for a tenant it names.
//!
//! A session names its tenant by itself; a company's backend names the tenant in its request. What allows it to is a
//! [`ReadKey`], which comes from a raw key that was shown and matched, and from nowhere else.

use std::fmt;

use emban_contract::keys::KeyScope;
use emban_contract::{EnvironmentName, UnixMillis};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

/// SHA-256 of a raw key in hexadecimal. A key carries 200 random bits, so no slow hash is needed.
pub fn hash_key(raw: &str) -> String {
    Sha256::digest(raw.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What is kept of a key: enough to recognise it, not enough to use it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptKey {
    /// Of the raw key, by [`hash_key`].
    pub hash: String,
    /// What it may do.
    pub scope: KeyScope,
    /// The environment it belongs to.
    pub environment: EnvironmentName,
    /// When it stops working.
    pub expires_at: Option<UnixMillis>,
}

/// A key that was shown and matched.
///
/// The only way to get one is [`KeptKey::verify`]: there is no constructor, no `Default` and no `Deserialize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedKey {
    scope: KeyScope,
    environment: EnvironmentName,
    expires_at: Option<UnixMillis>,
}

/// A verified key that may read the rows of whichever tenant of its environment it names.
///
/// The only way to get one is [`VerifiedKey::reading`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadKey {
    environment: EnvironmentName,
}

impl KeptKey {
    /// Compares a raw key with what is kept, in constant time. `None` when it is another key, or when it has expired.
    pub fn verify(&self, raw: &str, now: UnixMillis) -> Option<VerifiedKey> {
        let hash = hash_key(raw);
        let same = bool::from(self.hash.as_bytes().ct_eq(hash.as_bytes()));
        let key = VerifiedKey {
            scope: self.scope,
            environment: self.environment.clone(),
            expires_at: self.expires_at,
        };
        (same && key.holds(now)).then_some(key)
    }
}

impl VerifiedKey {
    /// What it may do.
    pub fn scope(&self) -> KeyScope {
        self.scope
    }

    /// The environment it belongs to.
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// Whether it has not expired.
    pub fn holds(&self, now: UnixMillis) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }

    /// The right to read, which admin and read keys have and ingest keys have not.
    pub fn reading(&self) -> Option<ReadKey> {
        match self.scope {
            KeyScope::Admin | KeyScope::Read => Some(ReadKey {
                environment: self.environment.clone(),
            }),
            KeyScope::Ingest => None,
        }
    }
}

impl ReadKey {
    /// The environment whose tenants it may read.
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }
}

/// The hash opens nothing, but it has no place in a log either.
impl fmt::Debug for KeptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptKey")
            .field("scope", &self.scope)
            .field("environment", &self.environment)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

    fn kept(scope: KeyScope) -> KeptKey {
        KeptKey {
            hash: hash_key("eb_rd_raw"),
            scope,
            environment: EnvironmentName::new("production").unwrap(),
            expires_at: Some(NOW.plus_seconds(60)),
        }
    }

    #[test]
    fn a_key_is_verified_by_its_raw_text_until_it_expires() {
        let kept = kept(KeyScope::Read);
        let verified = kept.verify("eb_rd_raw", NOW).unwrap();
        assert_eq!(verified.environment().as_str(), "production");
        assert!(verified.holds(NOW) && !verified.holds(NOW.plus_seconds(60)));
        for (raw, now) in [
            ("eb_rd_raW", NOW),
            ("", NOW),
            (kept.hash.as_str(), NOW),
            ("eb_rd_raw", NOW.plus_seconds(60)),
        ] {
            assert_eq!(kept.verify(raw, now), None, "{raw}");
        }
    }

    #[test]
    fn an_ingest_key_reads_nothing() {
        for (scope, reads) in [
            (KeyScope::Admin, true),
            (KeyScope::Read, true),
            (KeyScope::Ingest, false),
        ] {
            let key = kept(scope).verify("eb_rd_raw", NOW).unwrap();
            assert_eq!(key.reading().is_some(), reads, "{scope:?}");
        }
    }

    #[test]
    fn the_hash_is_not_in_what_is_logged() {
        let kept = kept(KeyScope::Admin);
        assert!(!format!("{kept:?}").contains(&kept.hash));
    }
}
