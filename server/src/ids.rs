//! Random identifiers and keys, from the operating system's generator.

use emban_contract::keys::KeyScope;
use emban_contract::{DashboardId, IdError, SessionId};
use sha2::{Digest as _, Sha256};

/// 32 symbols, so that five bits of a random byte choose one without bias (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Why no identifier could be made.
#[derive(Debug, thiserror::Error)]
pub enum RandomError {
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    Source(getrandom::Error),
    /// Never happens: the alphabet fits every identifier.
    #[error(transparent)]
    Shape(#[from] IdError),
}

/// `length` random symbols of five bits each.
pub fn random_text(length: usize) -> Result<String, RandomError> {
    let mut bytes = vec![0_u8; length];
    getrandom::fill(&mut bytes).map_err(RandomError::Source)?;
    Ok(bytes.iter().map(symbol).collect())
}

fn symbol(byte: &u8) -> char {
    ALPHABET
        .get(usize::from(byte & 31))
        .map_or('0', |symbol| char::from(*symbol))
}

/// 32 secret bytes.
pub fn random_seed() -> Result<[u8; 32], RandomError> {
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(RandomError::Source)?;
    Ok(seed)
}

/// What the ids of a request's events are made from when the sender gave none.
pub struct IdSeed([u8; 32]);

impl IdSeed {
    /// Ids that nobody has seen before.
    pub fn random() -> Result<Self, RandomError> {
        random_seed().map(Self)
    }

    /// The same ids whenever these parts come again.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            // The length before each part: no two lists of parts give the same bytes.
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self(digest.finalize().into())
    }

    /// The id of the event at an index: 24 symbols, 120 bits.
    pub fn event_id(&self, index: usize) -> String {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update((index as u64).to_le_bytes())
            .finalize();
        digest.iter().take(24).map(symbol).collect()
    }
}

/// A new dashboard's id, 80 random bits.
pub fn dashboard_id() -> Result<DashboardId, RandomError> {
    Ok(DashboardId::new(format!("dash_{}", random_text(16)?))?)
}

/// A new session's id, 100 random bits.
pub fn session_id() -> Result<SessionId, RandomError> {
    Ok(SessionId::new(format!("es_{}", random_text(20)?))?)
}

/// A new raw API key, 200 random bits.
pub fn api_key(scope: KeyScope) -> Result<String, RandomError> {
    Ok(format!("{}{}", scope.prefix(), random_text(40)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_do_not_repeat_and_have_their_shape() {
        let ids: std::collections::HashSet<String> = (0..1000)
            .map(|_| String::from(session_id().unwrap()))
            .collect();
        assert_eq!(ids.len(), 1000);
        assert!(api_key(KeyScope::Ingest).unwrap().starts_with("eb_ing_"));
    }

    #[test]
    fn every_symbol_is_distinct() {
        let distinct: std::collections::HashSet<&u8> = ALPHABET.iter().collect();
        assert_eq!(distinct.len(), 32, "a repeated symbol would cost entropy");
    }
}
