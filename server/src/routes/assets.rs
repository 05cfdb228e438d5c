//! `/assets/*`, `/embed.js`: what browsers fetch.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::app::App;
use crate::assets::Asset;
use crate::problem::Problem;

/// Names carry a hash of the content: what was fetched once holds for good.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// The loader's name is fixed in host pages: it is looked at again after five minutes.
const LOADER: &str = "public, max-age=300";

/// One file of the runtime.
pub(crate) async fn read_asset(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond(&app, &name, IMMUTABLE, &headers)
}

/// The loader of the script tag.
pub(crate) async fn read_loader(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    respond(&app, "embed.js", LOADER, &headers)
}

fn respond(
    app: &App,
    name: &str,
    caching: &'static str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let asset = app
        .assets
        .get(name)
        .ok_or_else(|| Problem::not_found("asset"))?;
    let etag = HeaderValue::from_str(&asset.etag).map_err(Problem::internal)?;
    let (bytes, encoding) = choose(asset, headers);
    let known = is_known(asset, headers);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        bytes.into_response()
    };
    response.headers_mut().insert(ETAG, etag);
    let mut set = |header: HeaderName, value: &'static str| {
        response
            .headers_mut()
            .insert(header, HeaderValue::from_static(value));
    };
    set(CACHE_CONTROL, caching);
    set(VARY, "accept-encoding");
    // Public files: a host page of any origin may load them as modules.
    set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    );
    if !known {
        set(CONTENT_TYPE, content_type(name));
        if let Some(encoding) = encoding {
            set(CONTENT_ENCODING, encoding);
        }
    }
    Ok(response)
}

/// Whether the client has this content already; entity tags are compared weakly (RFC 9110 section 13.1.2).
fn is_known(asset: &Asset, headers: &HeaderMap) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    known.is_some_and(|known| {
        known
            .split(',')
            .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(&asset.etag))
    })
}

fn choose(asset: &Asset, headers: &HeaderMap) -> (Bytes, Option<&'static str>) {
    let accepted = headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let accepts = |name: &str| {
        accepted.split(',').any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            coding.trim().eq_ignore_ascii_case(name) && !weight.trim().eq_ignore_ascii_case("q=0")
        })
    };
    match (&asset.br, &asset.gz) {
        (Some(br), _) if accepts("br") => (br.clone(), Some("br")),
        (_, Some(gz)) if accepts("gzip") => (gz.clone(), Some("gzip")),
        _ => (asset.identity.clone(), None),
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        _ => "application/octet-stream",
    }
}
