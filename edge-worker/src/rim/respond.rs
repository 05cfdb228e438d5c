//! Making responses.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Headers, Response, ResponseInit};

use super::exchange::Exchange;
use crate::cors;
use crate::headers::{ALWAYS, SECURED};
use crate::problem::Problem;

/// A JavaScript error where none is expected.
pub(super) fn unexpected(error: JsValue) -> Problem {
    let error = js_sys::Error::from(error);
    Problem::internal(String::from(error.message()))
}

/// A status and headers; [`ALWAYS`] is among them, and over HTTPS [`SECURED`].
pub(super) fn init(
    exchange: &Exchange,
    status: u16,
    list: &[(&str, &str)],
) -> Result<ResponseInit, Problem> {
    let secured = exchange.head.own_origin().starts_with("https://");
    let secured = secured.then_some(&SECURED);
    internal(status, ALWAYS.iter().chain(secured).chain(list))
}

/// A status and headers, for what never leaves this edge.
pub(super) fn internal<'a>(
    status: u16,
    list: impl IntoIterator<Item = &'a (&'a str, &'a str)>,
) -> Result<ResponseInit, Problem> {
    let headers = Headers::new().map_err(unexpected)?;
    for (name, value) in list {
        headers.append(name, value).map_err(unexpected)?;
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    Ok(init)
}

/// A response without a body.
pub(super) fn empty(init: &ResponseInit) -> Result<Response, Problem> {
    Response::new_with_opt_buffer_source_and_init(None, init).map_err(unexpected)
}

/// A response with the head of another one.
pub(super) fn like(
    exchange: &Exchange,
    head: &Response,
    content: &Uint8Array,
) -> Result<Response, Problem> {
    // A response is a dictionary of its own status and headers (Fetch standard, section 5.5).
    body(exchange, content, head.unchecked_ref())
}

/// A response with a body in memory; without it when only headers are wanted.
fn body(exchange: &Exchange, body: &Uint8Array, init: &ResponseInit) -> Result<Response, Problem> {
    let body = if exchange.is_head() {
        None
    } else {
        Some(body.as_ref())
    };
    Response::new_with_opt_buffer_source_and_init(body, init).map_err(unexpected)
}

/// A response with bytes of ours.
pub(super) fn bytes(
    exchange: &Exchange,
    status: u16,
    list: &[(&str, &str)],
    bytes: &[u8],
) -> Result<Response, Problem> {
    // The runtime keeps a reference to what it is given, so it gets a copy outside of wasm memory.
    body(
        exchange,
        &Uint8Array::from(bytes),
        &init(exchange, status, list)?,
    )
}

/// A small JSON document that everyone may read.
pub(super) fn json(
    exchange: &Exchange,
    text: &[u8],
    cache_control: &str,
) -> Result<Response, Problem> {
    let list = [
        ("content-type", "application/json"),
        ("cache-control", cache_control),
        ("access-control-allow-origin", "*"),
    ];
    bytes(exchange, 200, &list, text)
}

/// The answer to a preflight. There is no session yet, so it only says what may be asked at all: the session's allowed
/// origins are held when it is.
pub(super) fn preflight(exchange: &Exchange, allow: &str) -> Result<Response, Problem> {
    let mut list = exchange.cors();
    list.push(("access-control-allow-methods", allow));
    list.push(("access-control-allow-headers", cors::ALLOWED_HEADERS));
    list.push(("access-control-max-age", cors::PREFLIGHT_SECONDS));
    empty(&init(exchange, 204, &list)?)
}
