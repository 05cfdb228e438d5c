//! API keys, looked up once and remembered for a short time: a batch of events must not cost a database query.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use emban_contract::UnixMillis;
use emban_session::hash_key;

use super::now;
use crate::control::{Control, ControlError, FoundKey};

/// How long a key is remembered, in milliseconds: as long as a revoked key may still work.
const REMEMBERED_MS: i64 = 5_000;
/// How exactly the last use of a key is noted, in milliseconds.
const USED_MS: i64 = 60_000;
/// Keys remembered at most; the memory is emptied beyond.
const REMEMBERED_KEYS: usize = 10_000;

/// Finds keys. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Keys {
    control: Control,
    known: Arc<Mutex<HashMap<String, (FoundKey, UnixMillis)>>>,
}

impl Keys {
    pub(crate) fn new(control: Control) -> Self {
        Self {
            control,
            known: Arc::default(),
        }
    }

    /// The key that a raw text is, when it is one that still holds.
    pub(crate) async fn find(&self, raw: &str) -> Result<Option<FoundKey>, ControlError> {
        let (now, hash) = (now(), hash_key(raw));
        if let Some(key) = self.remembered(&hash, now) {
            return Ok(Some(key));
        }
        let Some(found) = self.control.find_key(raw, now).await? else {
            return Ok(None);
        };
        let used = found.summary.last_used_at;
        if used.is_none_or(|at| now.0.saturating_sub(at.0) >= USED_MS) {
            self.control.touch_key(&found.summary.id, now).await?;
        }
        if let Ok(mut known) = self.known.lock() {
            if known.len() >= REMEMBERED_KEYS {
                known.clear();
            }
            known.insert(hash, (found.clone(), now));
        }
        Ok(Some(found))
    }

    /// Forgets everything: a key was revoked.
    pub(crate) fn forget(&self) {
        if let Ok(mut known) = self.known.lock() {
            known.clear();
        }
    }

    fn remembered(&self, hash: &str, now: UnixMillis) -> Option<FoundKey> {
        let known = self.known.lock().ok()?;
        let (key, since) = known.get(hash)?;
        let fresh = now.0.saturating_sub(since.0) < REMEMBERED_MS && key.proof.holds(now);
        fresh.then(|| key.clone())
    }
}
