//! The page for people in place of a problem document: what an iframe shows when its session does not hold.
//!
//! It holds no figure and no name of anybody, loads nothing, and tells the page that frames it what a dashboard would
//! have told it: `error`, and `session-expired` when there is no session that holds, so that a host can fetch another one.

use crate::{ProblemCode, ProblemDocument};

const TEMPLATE: &str = include_str!("../../www/refusal/page.html");
const STYLE: &str = include_str!("../../www/refusal/page.css");
const SCRIPT: &str = include_str!("../../www/refusal/page.js");

/// `Content-Type` of the page.
pub const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// `Content-Security-Policy` of the page: its own style and script by their SHA-256, nothing else. Anybody may frame it,
/// since who may is unknown while the session is.
pub const POLICY: &str = "default-src 'none'; \
                          style-src 'sha256-AMVsusTd0bdGeyWe1AmjdMzSbuz0iD0BODHwZmodAHE='; \
                          script-src 'sha256-y75a0m6BGlAWZblG6tvRYHB2v5e31vNb7F+Ae1zI8WU='; img-src data:; \
                          base-uri 'none'; form-action 'none'; frame-ancestors *";

/// Whether a client takes HTML by name: a frame or a tab does, a script that asks for `*/*` does not.
pub fn wants_page(accept: Option<&str>) -> bool {
    accept.unwrap_or_default().split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_html = parts
            .next()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
        is_html && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Writes the page of a problem; its status stays the problem's.
pub fn page(problem: &ProblemDocument) -> String {
    let (title, advice) = words(problem.code);
    let reference = problem
        .request_id
        .as_deref()
        .map(|id| format!("Reference: {}", escape(id)))
        .unwrap_or_default();
    let parts = [
        ("{{title}}", title),
        ("{{advice}}", advice),
        ("{{style}}", STYLE.trim_end()),
        ("{{script}}", SCRIPT.trim_end()),
        ("{{code}}", problem.code.as_str()),
        ("{{reference}}", &reference),
    ];
    let fill = |page: String, (place, text): (&str, &str)| page.replace(place, text);
    parts.into_iter().fold(TEMPLATE.to_owned(), fill)
}

/// A title and what to do, for a viewer who knows nothing of sessions and tokens.
fn words(code: ProblemCode) -> (&'static str, &'static str) {
    match code {
        ProblemCode::SessionExpired => (
            "Your session has ended",
            "Reload the page around this dashboard to go on.",
        ),
        ProblemCode::SessionRevoked => (
            "This session is no longer valid",
            "Reload the page around this dashboard. If it stays like this, ask whoever gave you access.",
        ),
        ProblemCode::Unauthorized => (
            "This session is not valid",
            "Open the dashboard again from the page that it belongs to.",
        ),
        ProblemCode::WrongScope | ProblemCode::NotPermitted => (
            "This dashboard cannot be shown here",
            "Open it from the page that it belongs to.",
        ),
        ProblemCode::NotFound | ProblemCode::NotPublished | ProblemCode::Conflict => (
            "This dashboard is not available",
            "It may have been taken offline. Try again later.",
        ),
        ProblemCode::RateLimited => ("Too many requests", "Wait a moment, then reload the page."),
        ProblemCode::Malformed
        | ProblemCode::MethodNotAllowed
        | ProblemCode::PreconditionFailed
        | ProblemCode::TooLarge
        | ProblemCode::UnsupportedMediaType
        | ProblemCode::Invalid
        | ProblemCode::QueryTooLarge => (
            "This dashboard cannot be opened like this",
            "Open it again from the page that it belongs to.",
        ),
        ProblemCode::Internal
        | ProblemCode::WarehouseUnavailable
        | ProblemCode::SpoolFull
        | ProblemCode::Unavailable
        | ProblemCode::Timeout => (
            "This dashboard cannot be reached right now",
            "Reload the page in a moment.",
        ),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(code: ProblemCode, request_id: &str) -> ProblemDocument {
        ProblemDocument {
            error: "for programs".to_owned(),
            code,
            request_id: Some(request_id.to_owned()),
            details: Vec::new(),
        }
    }

    #[test]
    fn every_code_has_a_page_without_a_place_left_empty() {
        for code in ProblemCode::ALL {
            let page = page(&problem(*code, "id-1"));
            assert!(!page.contains("{{"), "{page}");
            assert!(page.contains(&format!("data-code=\"{}\"", code.as_str())));
            assert!(page.contains("Reference: id-1"));
        }
    }

    #[test]
    fn a_request_id_cannot_write_markup() {
        let page = page(&problem(
            ProblemCode::Unauthorized,
            "<script>alert(1)</script>",
        ));
        assert!(!page.contains("<script>alert"), "{page}");
    }

    #[test]
    fn only_who_names_html_gets_a_page() {
        for accept in [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/json, TEXT/HTML;q=0.1",
        ] {
            assert!(wants_page(Some(accept)), "{accept}");
        }
        for accept in ["*/*", "application/json", "text/html;q=0", "text/htmlx", ""] {
            assert!(!wants_page(Some(accept)), "{accept}");
        }
        assert!(!wants_page(None));
    }
}
