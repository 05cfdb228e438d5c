//! What an isolate remembers between requests. Plain data and buffers only: promises and streams belong to the
//! request that made them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emban_contract::UnixMillis;
use emban_session::{FeedState, Jwks, VerifiedSession, Verifier};
use worker::Env;

use super::answers::Landed;
use super::entry::Entry;
use crate::config::{ConfigError, EdgeConfig};
use crate::flights::Flights;
use crate::lru::Lru;
use crate::pace::{Allowance, Pace};
use crate::refresh::Refresh;

/// Bytes of tokens whose sessions are remembered: several thousand sessions, with their permissions about twice that.
const SESSION_BYTES: usize = 4 * 1024 * 1024;

/// The memory of one isolate.
pub(super) struct Isolate {
    pub(super) config: EdgeConfig,
    pub(super) keys: RefCell<Option<Keys>>,
    pub(super) keys_refresh: RefCell<Refresh>,
    pub(super) feed: RefCell<FeedState>,
    pub(super) feed_refresh: RefCell<Refresh>,
    /// Verified sessions by the SHA-256 of their token.
    pub(super) sessions: RefCell<Lru<[u8; 32], Rc<VerifiedSession>>>,
    pub(super) answers: RefCell<Lru<Rc<str>, Rc<Entry>>>,
    pub(super) flights: RefCell<Flights<Landed>>,
    pub(super) pace: RefCell<Pace>,
    pub(super) allowance: RefCell<Allowance>,
    /// When the origin last failed to answer.
    pub(super) origin_failed_at: Cell<Option<UnixMillis>>,
}

/// The origin's public keys, as read and ready to use.
pub(super) struct Keys {
    pub(super) jwks: Jwks,
    pub(super) verifier: Verifier,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Isolate>>> = const { RefCell::new(None) };
}

impl Isolate {
    /// This isolate's memory, once a request has made it.
    pub(super) fn known() -> Option<Rc<Self>> {
        CURRENT.with_borrow(Option::clone)
    }

    /// This isolate's memory, made from the Worker's variables on first use.
    pub(super) fn current(env: &Env) -> Result<Rc<Self>, ConfigError> {
        if let Some(isolate) = Self::known() {
            return Ok(isolate);
        }
        let var = |name: &str| {
            let value = js_sys::Reflect::get(env, &name.into()).ok()?;
            value.as_string()
        };
        let isolate = Rc::new(Self::new(EdgeConfig::from_vars(var)?));
        CURRENT.set(Some(Rc::clone(&isolate)));
        Ok(isolate)
    }

    fn new(config: EdgeConfig) -> Self {
        Self {
            keys: RefCell::default(),
            keys_refresh: RefCell::default(),
            feed: RefCell::default(),
            feed_refresh: RefCell::default(),
            sessions: RefCell::new(Lru::new(SESSION_BYTES)),
            answers: RefCell::new(Lru::new(config.answer_bytes)),
            flights: RefCell::default(),
            pace: RefCell::default(),
            allowance: RefCell::new(Allowance::new(config.session_requests_per_minute)),
            origin_failed_at: Cell::new(None),
            config,
        }
    }
}

/// The time. In Workers it stands still while a request computes and moves on with each I/O.
pub(super) fn now() -> UnixMillis {
    // Whole milliseconds, far below 2^53.
    UnixMillis(js_sys::Date::now() as i64)
}
