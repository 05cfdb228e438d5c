//! A document from an entry: with a nonce of each answer's own, in its body and in its policy, and compressed.

use std::cell::OnceCell;

use emban_session::VerifiedSession;
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast as _;
use web_sys::{Response, ResponseInit, WorkerGlobalScope};

use super::entry::{Entry, Served, seconds_left};
use super::exchange::Exchange;
use super::respond;
use crate::headers;
use crate::nonce::{self, Nonce};
use crate::own::{Own, Value};
use crate::packed::Packed;
use crate::problem::Problem;

/// The page compressed, and what goes into its gaps. Made for the second viewer: the first waited for the origin already.
#[derive(Default)]
pub(super) struct Pack(OnceCell<Option<(Packed, Vec<Value>)>>);

impl Pack {
    /// The file with an answer's values.
    ///
    /// Missing: `None` if it cannot be packed, which is so for no body whose places were found in it.
    fn with(&self, body: &Uint8Array, own: &Own, nonce: &str, seconds: &str) -> Option<Vec<u8>> {
        let pack = || {
            let (gaps, values): (Vec<_>, Vec<_>) = own.places().into_iter().unzip();
            Some((Packed::new(&body.to_vec(), &gaps)?, values))
        };
        let (packed, values) = self.0.get_or_init(pack).as_ref()?;
        let text = |value: &Value| match value {
            Value::Nonce => nonce.as_bytes(),
            Value::Seconds => seconds.as_bytes(),
        };
        let values: Vec<_> = values.iter().map(text).collect();
        Some(packed.with(&values))
    }
}

/// The answer to one viewer of a page whose entry has `given` as its nonce.
pub(super) fn response(
    entry: &Entry,
    given: &Nonce,
    exchange: &Exchange,
    session: &VerifiedSession,
    served: Served,
) -> Result<Response, Problem> {
    let head = entry.head(exchange, served)?;
    let nonce = fresh(given)?;
    let encoding = encoding(exchange);
    let seconds = seconds_left(session, exchange.arrived);
    let is_packed = encoding == headers::GZIP && matches!(served, Served::Hit | Served::Stale);
    let file = if is_packed {
        entry.pack.with(&entry.body, &entry.own, &nonce, &seconds)
    } else {
        None
    };
    let response = match file {
        Some(file) => as_it_is(entry.status, &head, &file)?,
        None if exchange.is_head() => respond::like(exchange, &head, &entry.body)?,
        None => respond::like(exchange, &head, &entry.body_of(&seconds, Some(&nonce)))?,
    };
    let own = response.headers();
    let set = |name, value: &str| own.set(name, value).map_err(respond::unexpected);
    if let Some(policy) = entry.header(headers::POLICY) {
        set(headers::POLICY, &given.in_policy(policy, &nonce))?;
    }
    own.append("vary", "accept-encoding")
        .map_err(respond::unexpected)?;
    if encoding != headers::IDENTITY {
        set("content-encoding", encoding)?;
    }
    Ok(response)
}

/// How a page is compressed: tens of kilobytes are, unless a network in front does it.
fn encoding(exchange: &Exchange) -> &'static str {
    if exchange.is_head() || exchange.is_behind_network() {
        return headers::IDENTITY;
    }
    headers::best_encoding(headers::MADE, exchange.header("accept-encoding").as_deref())
}

/// A nonce for one answer.
fn fresh(given: &Nonce) -> Result<String, Problem> {
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    let mut bytes = vec![0; given.length()];
    let crypto = global.crypto().map_err(respond::unexpected)?;
    crypto
        .get_random_values_with_u8_array(&mut bytes)
        .map_err(respond::unexpected)?;
    Ok(nonce::of_random(&bytes))
}

/// A response of bytes that are compressed already: the runtime is told to leave them as they are.
fn as_it_is(status: u16, head: &Response, file: &[u8]) -> Result<Response, Problem> {
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&head.headers());
    Reflect::set(&init, &"encodeBody".into(), &"manual".into()).map_err(respond::unexpected)?;
    // The runtime keeps a reference to what it is given, so it gets a copy outside of wasm memory.
    let body = Uint8Array::from(file);
    Response::new_with_opt_buffer_source_and_init(Some(&body), &init).map_err(respond::unexpected)
}
