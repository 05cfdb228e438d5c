//! Answers kept in memory: asked once, served to every session of the same scope while they are fresh.
//!
//! The origin alone has to be quick, and what many edges miss at once should be computed once. An entry is found only
//! under a key that a verified session made; it carries its scope and is compared with the session's again when served.
//! Revocation and publication need no eviction: sessions are verified, and the live version is looked up, before this
//! cache is asked, and the version is part of the key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use emban_contract::UnixMillis;
use emban_session::freshness::{Age, Validity};
use emban_session::lru::Lru;
use emban_session::{CacheKey, ScopeDigest, VerifiedSession};
use tokio::sync::OnceCell;

/// Bytes of all entries together: a fifth of what the origin may use under load (150 MB, design section 8).
const KEPT_BYTES: usize = 32 * 1024 * 1024;
/// What an entry weighs beside its body: key, scope, places in two maps.
const ENTRY_BYTES: usize = 512;

/// One answer as it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    /// The body, JSON.
    pub(crate) body: Bytes,
    /// When it was asked, and how long it holds.
    pub(crate) validity: Validity,
}

/// What came of asking the warehouse.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    /// All of it was answered.
    Whole(Answered),
    /// A part failed: shown to those who asked, and not kept.
    Partial(Answered),
}

#[derive(Debug, Clone)]
struct Entry {
    scope: ScopeDigest,
    answered: Answered,
}

type Flight = Arc<OnceCell<Asked>>;

/// The answers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Answers {
    kept: Arc<Mutex<Lru<CacheKey, Entry>>>,
    flights: Arc<Mutex<HashMap<CacheKey, Flight>>>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            kept: Arc::new(Mutex::new(Lru::new(KEPT_BYTES))),
            flights: Arc::default(),
        }
    }
}

impl Answered {
    /// An answer that is asked now and fresh for this many seconds.
    pub(crate) fn new(body: Bytes, asked_at: UnixMillis, fresh_seconds: u32) -> Self {
        Self {
            body,
            validity: Validity {
                stored_at: asked_at,
                fresh_seconds,
            },
        }
    }

    /// Whole seconds for which it is still fresh: what the next cache may add to its age.
    pub(crate) fn fresh_seconds_left(&self, now: UnixMillis) -> u32 {
        let age = now.0.saturating_sub(self.validity.stored_at.0).max(0);
        let age = u32::try_from((age + 999) / 1000).unwrap_or(u32::MAX);
        self.validity.fresh_seconds.saturating_sub(age)
    }
}

impl Answers {
    /// A fresh answer for this session.
    pub(crate) fn fresh(
        &self,
        session: &VerifiedSession,
        key: &CacheKey,
        now: UnixMillis,
    ) -> Option<Answered> {
        self.find(session, key)
            .filter(|answered| answered.validity.age(now) == Age::Fresh)
    }

    /// Asks, together with those who ask the same at this moment, and keeps a whole answer.
    ///
    /// When a part fails and a whole answer of the last minute is there, that one is given.
    /// A caller that goes away in the middle leaves the question to the next one.
    pub(crate) async fn ask<E, F: Future<Output = Result<Asked, E>>>(
        &self,
        session: &VerifiedSession,
        key: &CacheKey,
        now: UnixMillis,
        question: impl FnOnce() -> F,
    ) -> Result<Answered, E> {
        let seat = self.join(key);
        let asked = seat.flight.get_or_try_init(question).await?.clone();
        Ok(match asked {
            Asked::Whole(answered) => {
                self.keep(session, key, &answered);
                answered
            }
            Asked::Partial(answered) => self
                .find(session, key)
                .filter(|former| former.validity.age(now) != Age::Gone)
                .unwrap_or(answered),
        })
    }

    fn find(&self, session: &VerifiedSession, key: &CacheKey) -> Option<Answered> {
        let entry = self.kept.lock().ok()?.get(key)?;
        // The key holds the scope; a second look costs nothing and stands alone.
        (entry.scope == *session.scope_digest()).then_some(entry.answered)
    }

    fn keep(&self, session: &VerifiedSession, key: &CacheKey, answered: &Answered) {
        let Ok(mut kept) = self.kept.lock() else {
            return;
        };
        let newer = kept
            .get(key)
            .is_some_and(|entry| entry.answered.validity.stored_at > answered.validity.stored_at);
        if !newer {
            let entry = Entry {
                scope: session.scope_digest().clone(),
                answered: answered.clone(),
            };
            kept.insert(key.clone(), entry, answered.body.len() + ENTRY_BYTES);
        }
    }

    fn join<'a>(&'a self, key: &'a CacheKey) -> Seat<'a> {
        let flight = match self.flights.lock() {
            Ok(mut flights) => Arc::clone(flights.entry(key.clone()).or_default()),
            Err(_) => Flight::default(),
        };
        Seat {
            flights: &self.flights,
            key,
            flight,
        }
    }
}

/// Part of one caller in a question.
struct Seat<'a> {
    flights: &'a Mutex<HashMap<CacheKey, Flight>>,
    key: &'a CacheKey,
    flight: Flight,
}

impl Drop for Seat<'_> {
    /// Ends the question when it has an outcome, so that those who come later begin anew, or when nobody is left to
    /// ask it: a caller may go away at any moment.
    fn drop(&mut self) {
        let Ok(mut flights) = self.flights.lock() else {
            return;
        };
        let current = flights
            .get(self.key)
            .is_some_and(|current| Arc::ptr_eq(current, &self.flight));
        // Two hold it: the map and this seat. Nobody can join while the map is locked.
        let last = Arc::strong_count(&self.flight) <= 2;
        if current && (last || self.flight.initialized()) {
            flights.remove(self.key);
        }
    }
}
