//! `/openapi.json`, `/docs`, `/v1/schemas/dashboard.json`: what the routes say of themselves.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};

use crate::openapi::{DASHBOARD_SCHEMA, DOCUMENT, PAGE, POLICY};

/// They change with the program only.
const CACHING: HeaderValue = HeaderValue::from_static("public, max-age=300");

type File = ([(HeaderName, HeaderValue); 2], Bytes);

/// The OpenAPI document.
pub(crate) async fn read_openapi() -> File {
    file("application/json", &DOCUMENT)
}

/// The JSON Schema of a dashboard document.
pub(crate) async fn read_dashboard_schema() -> File {
    file("application/schema+json", &DASHBOARD_SCHEMA)
}

/// The OpenAPI document as a page for people. It loads nothing and runs nothing.
pub(crate) async fn read_page() -> ([(HeaderName, HeaderValue); 1], File) {
    let policy = [(CONTENT_SECURITY_POLICY, POLICY.clone())];
    (policy, file("text/html; charset=utf-8", &PAGE))
}

fn file(content_type: &'static str, content: &Bytes) -> File {
    let content_type = HeaderValue::from_static(content_type);
    (
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, CACHING)],
        content.clone(),
    )
}
