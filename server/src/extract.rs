//! Arguments of handlers: a handler that names one of these is authenticated; there is no second step to forget.

pub(crate) mod embed;
pub(crate) mod idempotency;
pub(crate) mod json;
pub(crate) mod key;
pub(crate) mod params;
pub(crate) mod request_id;

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The credential of `Authorization: Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    // Two credentials in one request are a mistake or an attack; neither counts.
    if values.next().is_some() {
        return None;
    }
    let (scheme, credential) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(credential.trim())
}
