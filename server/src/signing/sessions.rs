//! Sessions of the tokens that were verified: a dashboard asks many times with one token, and a signature costs more than
//! an answer from memory.

use std::sync::{Arc, Mutex};

use emban_contract::UnixMillis;
use emban_session::lru::Lru;
use emban_session::{VerifiedSession, Verifier, VerifyError};
use sha2::{Digest as _, Sha256};

/// Bytes that remembered sessions may take: some thousands.
const SESSION_BYTES: usize = 4 * 1024 * 1024;
/// What a session takes beside the claims that its token tells.
const BESIDE_BYTES: usize = 1024;

/// A verifier that remembers the sessions of tokens, under their SHA-256. It lasts as long as the keys are the same, so
/// that no session outlives the key that signed it.
pub(super) struct Sessions {
    verifier: Verifier,
    known: Mutex<Lru<[u8; 32], Arc<VerifiedSession>>>,
}

impl Sessions {
    pub(super) fn new(verifier: Verifier) -> Self {
        Self {
            verifier,
            known: Mutex::new(Lru::new(SESSION_BYTES)),
        }
    }

    /// The session of a token that holds now.
    pub(super) fn verify(
        &self,
        token: &str,
        now: UnixMillis,
    ) -> Result<Arc<VerifiedSession>, VerifyError> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        if let Some(session) = self.known(&digest) {
            return if now < session.expires_at() {
                Ok(session)
            } else {
                Err(VerifyError::Expired)
            };
        }
        let session = Arc::new(self.verifier.verify(token, now)?);
        if let Ok(mut known) = self.known.lock() {
            known.insert(digest, Arc::clone(&session), token.len() + BESIDE_BYTES);
        }
        Ok(session)
    }

    fn known(&self, digest: &[u8; 32]) -> Option<Arc<VerifiedSession>> {
        self.known.lock().ok()?.get(digest)
    }
}
