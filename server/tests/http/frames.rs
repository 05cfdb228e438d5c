//! What a frame and its browser get: pages instead of documents, files that are not sent twice.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

use crate::origin::{Answer, Origin, answer, calls_dashboard};

/// As Chromium asks for a frame.
const FRAME: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn document(origin: &Origin, query: &str, accept: &str) -> RequestBuilder {
    let url = format!("{}/embed/dash_1{query}", origin.url);
    origin.client.get(url).header("accept", accept)
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers[name].to_str().unwrap()
}

#[tokio::test]
async fn a_frame_whose_session_does_not_hold_shows_a_page() {
    let origin = Origin::start();
    let dashboard = origin.publish(calls_dashboard()).await;
    let token = origin.token("acme", &dashboard, json!({})).await;
    for (query, status, code) in [
        (String::new(), 401, "unauthorized"),
        ("?token=abc".to_owned(), 401, "unauthorized"),
        (format!("?token={token}"), 404, "not_found"),
    ] {
        let page = answer(document(&origin, &query, FRAME)).await;
        assert_eq!(page.status, status, "{query}");
        assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
        assert!(
            header(&page, "content-security-policy").starts_with("default-src 'none'"),
            "{:?}",
            page.headers
        );
        assert!(
            page.text.contains(&format!("data-code=\"{code}\"")),
            "{}",
            page.text
        );
        assert!(page.text.contains(header(&page, "x-request-id")));
        let refused = answer(document(&origin, &query, "*/*")).await;
        refused.refused(status, code);
    }
}

#[tokio::test]
async fn a_file_that_a_browser_has_is_not_sent_again() {
    let origin = Origin::start();
    let ask = |known: Option<&str>| {
        let request = origin.client.get(format!("{}/embed.js", origin.url));
        match known {
            Some(known) => request.header("if-none-match", known),
            None => request,
        }
    };
    let first = answer(ask(None)).await;
    first.expect(200);
    let etag = header(&first, "etag");
    for known in [etag, etag.trim_start_matches("W/"), "\"other\", *"] {
        let again = answer(ask(Some(known))).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!((header(&again, "etag"), again.text.as_str()), (etag, ""));
    }
    let other = answer(ask(Some("\"other\""))).await;
    assert_eq!((other.status, other.text), (200, first.text.clone()));
}
