//! Making responses.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{Headers, Response, ResponseInit};

use super::exchange::Exchange;
use crate::cors;
use crate::headers::ALWAYS;
use crate::problem::Problem;

/// A JavaScript error where none is expected.
pub(super) fn unexpected(error: JsValue) -> Problem {
    let error = js_sys::Error::from(error);
    Problem::internal(String::from(error.message()))
}

/// A status and headers; [`ALWAYS`] is among them.
pub(super) fn init(status: u16, list: &[(&str, &str)]) -> Result<ResponseInit, Problem> {
    let headers = Headers::new().map_err(unexpected)?;
    for (name, value) in ALWAYS.iter().chain(list) {
        headers.append(name, value).map_err(unexpected)?;
    }
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    Ok(init)
}

/// A response with a body in memory; without it when only headers are wanted.
pub(super) fn body(
    exchange: &Exchange,
    body: &Uint8Array,
    init: &ResponseInit,
) -> Result<Response, Problem> {
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
    body(exchange, &Uint8Array::from(bytes), &init(status, list)?)
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
    Response::new_with_opt_buffer_source_and_init(None, &init(204, &list)?).map_err(unexpected)
}
