//! The HTML document of an embed: the page, its styles, and the first answers, so that the runtime asks nothing
//! before it draws.

use emban_contract::embed::{QueryAnswer, Surface};
use serde::Serialize;

use crate::assets::Assets;

/// The page, with places for what changes.
const TEMPLATE: &str = include_str!("../../www/embed/document.html");

/// What the runtime starts from.
#[derive(Serialize)]
struct Boot<'a> {
    surface: &'a Surface,
    answer: &'a QueryAnswer,
}

/// Fills the page. `nonce` allows the one inline script and style of this answer.
///
/// Errors: the figures cannot be written as JSON, which no value of these types causes.
pub fn document(
    surface: &Surface,
    answer: &QueryAnswer,
    assets: &Assets,
    nonce: &str,
) -> Result<String, serde_json::Error> {
    // `<` is written as an escape: no text of a tenant can end the script element that holds it.
    let boot = serde_json::to_string(&Boot { surface, answer })?.replace('<', "\\u003c");
    let language = surface.locale.as_deref().unwrap_or("en");
    let parts = [
        ("lang", escape(language)),
        ("title", escape(&surface.name)),
        ("nonce", escape(nonce)),
        ("css", assets.css().to_owned()),
        (
            "runtime_js",
            format!("/assets/{}", escape(&assets.manifest.runtime_js)),
        ),
        (
            "runtime_wasm",
            format!("/assets/{}", escape(&assets.manifest.runtime_wasm)),
        ),
        ("boot", boot),
    ];
    Ok(fill(TEMPLATE, &parts))
}

/// The policy of the document: only our own scripts, only our own answers, framed only by those who may.
pub fn content_security_policy(nonce: &str, allowed_origins: Option<&[String]>) -> String {
    let ancestors = allowed_origins.map_or_else(
        || "*".to_owned(),
        |origins| {
            if origins.is_empty() {
                "'none'".to_owned()
            } else {
                origins.join(" ")
            }
        },
    );
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'nonce-{nonce}' 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors {ancestors}"
    )
}

/// Replaces `{{name}}` once, from left to right; what was put in is not searched again.
fn fill(template: &str, parts: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(
        template.len() + parts.iter().map(|(_, text)| text.len()).sum::<usize>(),
    );
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            rest = after;
            break;
        };
        if let Some((_, text)) = parts.iter().find(|(n, _)| *n == name) {
            filled.push_str(text);
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let parts = [("a", "{{b}}".to_owned()), ("b", "secret".to_owned())];
        assert_eq!(fill("<{{a}}|{{c}}>", &parts), "<{{b}}|>");
    }

    #[test]
    fn only_the_allowed_may_frame() {
        let allowed = ["https://app.example.com".to_owned()];
        assert!(
            content_security_policy("n", Some(&allowed))
                .ends_with("frame-ancestors https://app.example.com")
        );
        assert!(content_security_policy("n", None).ends_with("frame-ancestors *"));
        assert!(content_security_policy("n", Some(&[])).ends_with("frame-ancestors 'none'"));
    }
}
