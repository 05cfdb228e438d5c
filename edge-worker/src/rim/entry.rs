//! One answer that sessions of a scope share.

use std::cell::RefCell;

use emban_contract::UnixMillis;
use emban_session::VerifiedSession;
use js_sys::Uint8Array;
use web_sys::{Response, ResponseInit};

use super::exchange::Exchange;
use super::respond;
use crate::expiry::Expiry;
use crate::freshness::Validity;
use crate::headers;
use crate::problem::Problem;

/// Heads kept ready for an entry at most: pages of a few origins read it.
const HEADS: usize = 8;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Served {
    /// The cache, and it is fresh.
    Hit,
    /// The origin.
    Miss,
    /// The cache, and it is not fresh any more.
    Stale,
}

impl Served {
    fn server_timing(self) -> &'static str {
        match self {
            Self::Hit => "edge;desc=hit",
            Self::Miss => "edge;desc=miss",
            Self::Stale => "edge;desc=stale",
        }
    }
}

/// An answer with the scope it was given for.
pub(super) struct Entry {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Outside of wasm memory, so that a response takes it without a copy and the collector frees it.
    pub(super) body: Uint8Array,
    /// Digest of the scope, as the origin named it. Empty for an answer that is not a success.
    pub(super) scope: String,
    pub(super) validity: Validity,
    pub(super) expiry: Expiry,
    /// Heads of responses, by where they came from and who may read them: making one costs more than all the rest.
    heads: RefCell<Vec<Head>>,
}

struct Head {
    served: Served,
    reader: Option<String>,
    init: ResponseInit,
}

impl Entry {
    pub(super) fn new(
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Uint8Array,
        scope: String,
        validity: Validity,
        expiry: Expiry,
    ) -> Self {
        Self {
            status,
            headers,
            body,
            scope,
            validity,
            expiry,
            heads: RefCell::default(),
        }
    }

    /// Bytes that it takes.
    pub(super) fn weight(&self) -> usize {
        let headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        self.body.length() as usize + headers + self.scope.len() + 512
    }

    /// Whether it was given for this session's scope.
    pub(super) fn is_for(&self, session: &VerifiedSession) -> bool {
        self.scope == session.scope_digest().as_str()
    }

    /// The response for one session.
    pub(super) fn response(
        &self,
        exchange: &Exchange,
        session: &VerifiedSession,
        served: Served,
    ) -> Result<Response, Problem> {
        let init = self.head(exchange, served)?;
        match self.expiry {
            Expiry::At { start, end } if !exchange.is_head() => {
                let seconds = seconds_left(session, exchange.arrived);
                respond::body(exchange, &spliced(&self.body, start, end, &seconds), &init)
            }
            Expiry::At { .. } | Expiry::Absent | Expiry::Ambiguous => {
                respond::body(exchange, &self.body, &init)
            }
        }
    }

    fn head(&self, exchange: &Exchange, served: Served) -> Result<ResponseInit, Problem> {
        let same =
            |head: &&Head| head.served == served && head.reader.as_deref() == exchange.reader();
        if let Some(head) = self.heads.borrow().iter().find(same) {
            return Ok(head.init.clone());
        }
        let mut list = vec![headers::PRIVATE, ("server-timing", served.server_timing())];
        list.extend(
            self.headers
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        list.extend(exchange.cors());
        let init = respond::init(self.status, &list)?;
        let mut heads = self.heads.borrow_mut();
        if heads.len() < HEADS {
            heads.push(Head {
                served,
                reader: exchange.reader().map(str::to_owned),
                init: init.clone(),
            });
        }
        Ok(init)
    }
}

fn seconds_left(session: &VerifiedSession, now: UnixMillis) -> String {
    (session.expires_at().seconds() - now.seconds())
        .max(0)
        .to_string()
}

/// A copy of the body with other bytes in place of a range.
fn spliced(body: &Uint8Array, start: usize, end: usize, bytes: &str) -> Uint8Array {
    // Bodies are far below 4 GiB: they were weighed.
    let (start, end, length) = (start as u32, end as u32, bytes.len() as u32);
    let rest = body.subarray(end, body.length());
    let copy = Uint8Array::new_with_length(start + length + rest.length());
    copy.set(&body.subarray(0, start), 0);
    copy.set(&Uint8Array::from(bytes.as_bytes()), start);
    copy.set(&rest, start + length);
    copy
}
