//! The Cache API: what the isolates of one data centre share.

use std::rc::Rc;

use emban_contract::UnixMillis;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response, WorkerGlobalScope};
use worker::worker_sys::ext::CacheStorageExt as _;

use super::entry::{Entry, Served};
use super::isolate::now;
use super::{log, respond};
use crate::expiry::Expiry;
use crate::freshness::{Age, Validity};
use crate::headers;

/// A path that the routing table does not know: entries cannot be asked for from outside. The host is the edge's own,
/// because others cost a DNS look-up (Cloudflare's page on the Cache API).
const PREFIX: &str = "/.emban-cache/";

/// The data centre's cache.
pub(super) fn cache() -> Result<Cache, JsValue> {
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    Ok(global.caches()?.default())
}

/// The URL that stands for an entry.
pub(super) fn url(own_origin: &str, key: &str) -> String {
    format!("{own_origin}{PREFIX}{key}")
}

/// Looks for a response.
pub(super) async fn find_response(url: &str) -> Option<Response> {
    let found = JsFuture::from(cache().ok()?.match_with_str(url))
        .await
        .ok()?;
    found.dyn_into().ok()
}

/// Keeps a response.
pub(super) async fn keep_response(url: &str, response: &Response) {
    let kept = match cache() {
        Ok(cache) => JsFuture::from(cache.put_with_str(url, response))
            .await
            .map(drop),
        Err(error) => Err(error),
    };
    if kept.is_err() {
        log::trouble(
            "cache_unwritable",
            "an answer could not be kept in the Cache API",
        );
    }
}

/// Looks for an answer that is not too old.
pub(super) async fn find(own_origin: &str, key: &Rc<str>) -> Option<(Entry, Served)> {
    let response = find_response(&url(own_origin, key)).await?;
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let stored_at = UnixMillis(header(headers::STORED_AT)?.parse().ok()?);
    let validity = Validity::new(stored_at, header(headers::FRESH).as_deref());
    let served = match validity.age(now()) {
        Age::Fresh => Served::Hit,
        Age::Stale => Served::Stale,
        Age::Gone => return None,
    };
    let scope = header(headers::SCOPE)?;
    let kept = headers::CACHED
        .iter()
        .filter_map(|name| Some((*name, header(name)?)))
        .collect();
    let body = Uint8Array::new(&JsFuture::from(response.array_buffer().ok()?).await.ok()?);
    let expiry = Expiry::find(&body.to_vec());
    Some((Entry::new(200, kept, body, scope, validity, expiry), served))
}

/// Keeps an answer for the isolates beside this one.
pub(super) async fn keep(own_origin: &str, key: &Rc<str>, entry: &Entry) {
    let max_age = format!("public, max-age={}", entry.validity.keep_seconds());
    let stored_at = entry.validity.stored_at.0.to_string();
    let fresh = entry.validity.fresh_seconds.to_string();
    let mut list = vec![
        ("cache-control", max_age.as_str()),
        (headers::STORED_AT, stored_at.as_str()),
        (headers::FRESH, fresh.as_str()),
        (headers::SCOPE, entry.scope.as_str()),
    ];
    list.extend(
        entry
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str())),
    );
    let Ok(init) = respond::init(200, &list) else {
        return;
    };
    if let Ok(response) =
        Response::new_with_opt_buffer_source_and_init(Some(entry.body.as_ref()), &init)
    {
        keep_response(&url(own_origin, key), &response).await;
    }
}
