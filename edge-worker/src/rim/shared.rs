//! The Cache API: what the isolates of one data centre share.

use std::collections::BTreeMap;
use std::rc::Rc;

use emban_contract::UnixMillis;
use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response, WorkerGlobalScope};
use worker::worker_sys::ext::CacheStorageExt as _;

use super::entry::{Entry, Served};
use super::isolate::now;
use super::{log, respond};
use crate::freshness::{Age, Validity};
use crate::headers;
use crate::own::Own;

/// A path that the routing table does not know: entries cannot be asked for from outside. The host is the edge's own,
/// because others cost a DNS look-up (Cloudflare's page on the Cache API).
const PREFIX: &str = "/.emban-cache/";

/// What an entry needs to be one again, in one header: each header that is read costs a crossing to JavaScript.
#[derive(Serialize, Deserialize)]
struct Label {
    stored_at_ms: i64,
    fresh_seconds: u32,
    scope: String,
    own: Own,
    headers: BTreeMap<String, String>,
}

impl Label {
    fn of(entry: &Entry) -> Self {
        let owned = |(name, value): &(&'static str, String)| ((*name).to_owned(), value.clone());
        Self {
            stored_at_ms: entry.validity.stored_at.0,
            fresh_seconds: entry.validity.fresh_seconds,
            scope: entry.scope.clone(),
            own: entry.own.clone(),
            headers: entry.headers.iter().map(owned).collect(),
        }
    }

    /// The headers that an answer may have, whatever else stands here.
    fn kept(&self) -> Vec<(&'static str, String)> {
        let value = |name: &&'static str| Some((*name, self.headers.get(*name)?.clone()));
        headers::CACHED.iter().filter_map(value).collect()
    }
}

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
    let text = response.headers().get(headers::ENTRY).ok().flatten()?;
    let label: Label = serde_json::from_str(&text).ok()?;
    let validity = Validity {
        stored_at: UnixMillis(label.stored_at_ms),
        fresh_seconds: label.fresh_seconds,
    };
    let served = match validity.age(now()) {
        Age::Fresh => Served::Hit,
        Age::Stale => Served::Stale,
        Age::Gone => return None,
    };
    let body = Uint8Array::new(&JsFuture::from(response.array_buffer().ok()?).await.ok()?);
    let entry = Entry::new(200, label.kept(), body, label.scope, validity, label.own);
    Some((entry, served))
}

/// Keeps an answer for the isolates beside this one.
pub(super) async fn keep(own_origin: &str, key: &Rc<str>, entry: &Entry) {
    let max_age = format!("public, max-age={}", entry.validity.keep_seconds());
    let Ok(label) = serde_json::to_string(&Label::of(entry)) else {
        return;
    };
    let list = [
        ("cache-control", max_age.as_str()),
        (headers::ENTRY, label.as_str()),
    ];
    let Ok(init) = respond::internal(200, &list) else {
        return;
    };
    if let Ok(response) =
        Response::new_with_opt_buffer_source_and_init(Some(entry.body.as_ref()), &init)
    {
        keep_response(&url(own_origin, key), &response).await;
    }
}
