//! One answer that sessions of a scope share.

use std::borrow::Cow;
use std::cell::RefCell;

use emban_contract::UnixMillis;
use emban_session::VerifiedSession;
use js_sys::Uint8Array;
use web_sys::Response;

use super::exchange::Exchange;
use super::page::{self, Pack};
use super::respond;
use crate::expiry::Expiry;
use crate::freshness::Validity;
use crate::headers;
use crate::own::Own;
use crate::problem::Problem;

/// Heads kept ready for an entry at most: pages of a few origins read it.
const HEADS: usize = 8;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Served {
    /// The cache, and it is fresh.
    Hit,
    /// The origin, in so many milliseconds.
    Miss { origin_ms: i64 },
    /// The cache, and it is not fresh any more.
    Stale,
}

impl Served {
    fn server_timing(self) -> Cow<'static, str> {
        match self {
            Self::Hit => "edge;desc=hit".into(),
            Self::Miss { origin_ms } => format!("edge;desc=miss, origin;dur={origin_ms}").into(),
            Self::Stale => "edge;desc=stale".into(),
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
    pub(super) own: Own,
    /// The body compressed, once a viewer has asked for it so.
    pub(super) pack: Pack,
    /// Responses without a body, by where they came from and who may read them. Making the head of one costs more than
    /// all the rest; taking it from another costs half of taking it from a dictionary.
    heads: RefCell<Vec<Head>>,
}

struct Head {
    served: Served,
    reader: Option<String>,
    template: Response,
}

impl Entry {
    pub(super) fn new(
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Uint8Array,
        scope: String,
        validity: Validity,
        own: Own,
    ) -> Self {
        Self {
            status,
            headers,
            body,
            scope,
            validity,
            own,
            pack: Pack::default(),
            heads: RefCell::default(),
        }
    }

    /// Bytes that it takes at most. A page is there twice, once compressed.
    pub(super) fn weight(&self) -> usize {
        let copies = 1 + usize::from(self.own.nonce.is_some());
        let headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        self.body.length() as usize * copies + headers + self.scope.len() + 512
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
        if let Some(nonce) = &self.own.nonce {
            return page::response(self, nonce, exchange, session, served);
        }
        let head = self.head(exchange, served)?;
        if exchange.is_head() {
            return respond::like(exchange, &head, &self.body);
        }
        let seconds = seconds_left(session, exchange.arrived);
        respond::like(exchange, &head, &self.body_of(&seconds, None))
    }

    /// The body with what is not shared; the very body where all of it is.
    pub(super) fn body_of(&self, seconds: &str, nonce: Option<&str>) -> Cow<'_, Uint8Array> {
        let mut body = Cow::Borrowed(&self.body);
        if let (Some(given), Some(nonce)) = (&self.own.nonce, nonce) {
            let text = Uint8Array::from(nonce.as_bytes());
            let copy = body.slice(0, body.length());
            for at in given.places() {
                // Bodies are far below 4 GiB: they were weighed.
                copy.set(&text, *at as u32);
            }
            body = Cow::Owned(copy);
        }
        if let Expiry::At { start, end } = self.own.expiry {
            body = Cow::Owned(with_seconds(body, start, end, seconds));
        }
        body
    }

    /// One of its headers.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| *known == name)?;
        Some(value)
    }

    /// A response without a body, to take the head of.
    pub(super) fn head(&self, exchange: &Exchange, served: Served) -> Result<Response, Problem> {
        let same =
            |head: &&Head| head.served == served && head.reader.as_deref() == exchange.reader();
        if let Some(head) = self.heads.borrow().iter().find(same) {
            return Ok(Clone::clone(&head.template));
        }
        let timing = served.server_timing();
        let mut list = vec![headers::PRIVATE, ("server-timing", timing.as_ref())];
        list.extend(
            self.headers
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        list.extend(exchange.cors());
        let template = respond::empty(&respond::init(exchange, self.status, &list)?)?;
        let mut heads = self.heads.borrow_mut();
        // A miss is answered once.
        if heads.len() < HEADS && matches!(served, Served::Hit | Served::Stale) {
            heads.push(Head {
                served,
                reader: exchange.reader().map(str::to_owned),
                template: Clone::clone(&template),
            });
        }
        Ok(template)
    }
}

/// Seconds until a session ends, as a body has them.
pub(super) fn seconds_left(session: &VerifiedSession, now: UnixMillis) -> String {
    (session.expires_at().seconds() - now.seconds())
        .max(0)
        .to_string()
}

/// A body with a session's own seconds; a shared one is copied. Where they are fewer digits than those they replace,
/// spaces come before them: JSON does not mind (RFC 8259 section 2), and one copy is enough.
fn with_seconds(body: Cow<'_, Uint8Array>, start: usize, end: usize, seconds: &str) -> Uint8Array {
    let Some(spaces) = (end - start).checked_sub(seconds.len()) else {
        return spliced(&body, start, end, seconds);
    };
    let copy = match body {
        Cow::Borrowed(shared) => shared.slice(0, shared.length()),
        Cow::Owned(copy) => copy,
    };
    let padded = std::iter::repeat_n(b' ', spaces).chain(seconds.bytes());
    // Bodies are far below 4 GiB: they were weighed.
    for (at, byte) in (start as u32..).zip(padded) {
        copy.set_index(at, byte);
    }
    copy
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
