//! Asking the origin.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response, WorkerGlobalScope};

use crate::config::EdgeConfig;

/// Milliseconds that the origin has for an answer, its body included: 10 s.
pub(super) const ANSWER_MS: u32 = 10_000;

/// Milliseconds that the origin has for an export: 60 s, since its rows are many.
pub(super) const EXPORT_MS: u32 = 60_000;

/// Milliseconds that the origin has for its feed and its keys: requests may be waiting.
pub(super) const READING_MS: u32 = 2500;

/// The origin did not answer in time, or not at all. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreachable(pub(super) String);

/// What is asked.
pub(super) struct Call<'a> {
    /// Path and query.
    pub(super) path: &'a str,
    pub(super) method: &'static str,
    /// A JSON body.
    pub(super) body: Option<&'a [u8]>,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) bearer: Option<&'a str>,
    pub(super) limit_ms: u32,
}

impl<'a> Call<'a> {
    /// A GET within [`ANSWER_MS`].
    pub(super) fn get(path: &'a str) -> Self {
        Self {
            path,
            method: "GET",
            body: None,
            headers: &[],
            bearer: None,
            limit_ms: ANSWER_MS,
        }
    }
}

/// What the origin answered.
pub(super) struct Reply(Response);

/// Asks. Redirects are not followed: a token goes to the origin and nowhere else.
pub(super) async fn call(config: &EdgeConfig, call: Call<'_>) -> Result<Reply, Unreachable> {
    let url = format!("{}{}", config.origin_url, call.path);
    let init = request(&call).map_err(|error| failure(&error))?;
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    let answer = JsFuture::from(global.fetch_with_str_and_init(&url, &init)).await;
    let response = answer
        .and_then(JsValue::dyn_into)
        .map_err(|error| failure(&error))?;
    Ok(Reply(response))
}

fn request(call: &Call<'_>) -> Result<RequestInit, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in call.headers {
        headers.set(name, value)?;
    }
    if let Some(bearer) = call.bearer {
        headers.set("authorization", &format!("Bearer {bearer}"))?;
    }
    let init = RequestInit::new();
    if let Some(body) = call.body {
        headers.set("content-type", "application/json")?;
        init.set_body(&Uint8Array::from(body));
    }
    init.set_method(call.method);
    init.set_headers(&headers);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(call.limit_ms)));
    Ok(init)
}

fn failure(error: &JsValue) -> Unreachable {
    // The message may name the origin's address, which is ours to know; never the request.
    let message = error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()));
    Unreachable(message.unwrap_or_else(|| "the origin could not be reached".to_owned()))
}

impl Reply {
    pub(super) fn status(&self) -> u16 {
        self.0.status()
    }

    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok().flatten()
    }

    /// Those of the named headers that it has.
    pub(super) fn headers(&self, names: &[&'static str]) -> Vec<(&'static str, String)> {
        names
            .iter()
            .filter_map(|name| Some((*name, self.header(name)?)))
            .collect()
    }

    /// The whole body, decoded.
    pub(super) async fn bytes(&self) -> Result<Uint8Array, Unreachable> {
        let promise = self.0.array_buffer().map_err(|error| failure(&error))?;
        let buffer = JsFuture::from(promise)
            .await
            .map_err(|error| failure(&error))?;
        Ok(Uint8Array::new(&buffer))
    }

    /// The body as it comes.
    pub(super) fn stream(&self) -> Option<web_sys::ReadableStream> {
        self.0.body()
    }
}
