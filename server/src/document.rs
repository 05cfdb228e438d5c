//! The HTML document of an embed: the page, its styles, the dashboard as it is drawn first, and the answers it was
//! drawn from, so that the runtime asks nothing before it takes over.

use std::sync::LazyLock;

use emban_contract::dashboard::Theme;
use emban_contract::embed::{QueryAnswer, Surface, SurfaceWidget, WidgetResult};
use emban_contract::{ProblemCode, UnixMillis};
use emban_paint::{
    Choice, Figures, Language, Page, Screen, Styles, Trouble, banner, page, variables,
};
use serde::Serialize;

use crate::assets::Assets;

/// The page, with places for what changes.
static TEMPLATE: LazyLock<String> =
    LazyLock::new(|| sent(include_str!("../../www/embed/document.html")));

/// A page without what only its authors read: indentation, and the lines of its script that are comments.
fn sent(page: &str) -> String {
    let lines = page.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with("//")).collect();
    lines.join("\n")
}

/// What the runtime starts from.
#[derive(Serialize)]
struct Boot<'a> {
    surface: &'a Surface,
    answer: &'a QueryAnswer,
}

/// Fills the page, drawn as it is at `now`. `nonce` allows the one inline script and style of this answer.
///
/// Errors: the figures cannot be written as JSON, which no value of these types causes.
pub fn document(
    surface: &Surface,
    answer: &QueryAnswer,
    assets: &Assets,
    nonce: &str,
    now: UnixMillis,
) -> Result<String, serde_json::Error> {
    // `<` is written as an escape: no text of a tenant can end the script element that holds it.
    let boot = serde_json::to_string(&Boot { surface, answer })?.replace('<', "\\u003c");
    let language = surface.locale.as_deref().unwrap_or("en");
    let manifest = &assets.manifest;
    let (js, wasm, css) = (&manifest.runtime_js, &manifest.runtime_wasm, &manifest.css);
    let path = |name: &str| format!("/assets/{}", escape(name));
    let integrity = |name: &str| {
        let asset = assets.get(name);
        asset.map_or_else(String::new, |asset| asset.integrity.clone())
    };
    let words = Language::from_tag(language);
    let dashboard = drawn(surface, answer, words, now);
    let trouble = Trouble::Reload(Some(ProblemCode::Internal));
    let failed = banner(words, Some(trouble));
    let first_css = assets.first_css.of(&[&TEMPLATE, &dashboard, &failed]);
    let parts = [
        ("lang", escape(language)),
        ("title", escape(&surface.name)),
        ("nonce", escape(nonce)),
        ("first_css", first_css),
        ("css", path(css)),
        ("css_integrity", integrity(css)),
        ("runtime_js", path(js)),
        ("runtime_js_integrity", integrity(js)),
        ("runtime_wasm", path(wasm)),
        ("runtime_wasm_integrity", integrity(wasm)),
        ("theme", theme(surface.theme.as_ref())),
        ("dashboard", dashboard),
        ("boot", boot),
        ("failed", failed),
    ];
    Ok(fill(&TEMPLATE, &parts))
}

/// The dashboard with its figures and charts, by the code that draws it in the browser.
fn drawn(surface: &Surface, answer: &QueryAnswer, language: Language, now: UnixMillis) -> String {
    let choice = Choice::initial(surface);
    let read_at = answer.results.values().filter_map(|result| match result {
        WidgetResult::Ok { freshness, .. } => Some(freshness.0),
        WidgetResult::Error { .. } => None,
    });
    let first = Page {
        screen: Screen {
            surface,
            choice: &choice,
            language,
            offset_at,
            styles: Styles::Attribute,
            svg: emban_paint::fluid,
        },
        age_seconds: read_at.min().map(|at| (now.0 - at).max(0) / 1000),
    };
    page(&first, |widget: &SurfaceWidget| {
        match answer.results.get(&widget.id) {
            Some(WidgetResult::Ok { data, .. }) => Figures::Ready(data),
            Some(WidgetResult::Error { code, .. }) => Figures::Failed(Some(*code)),
            None => Figures::Loading,
        }
    })
}

/// Seconds east of UTC in an IANA zone at an instant; 0 for a zone or an instant that is not known.
pub(crate) fn offset_at(zone: &str, at: UnixMillis) -> i32 {
    let instant = jiff::Timestamp::from_millisecond(at.0).ok();
    let zone = jiff::tz::TimeZone::get(zone).ok();
    instant
        .zip(zone)
        .map_or(0, |(instant, zone)| zone.to_offset(instant).seconds())
}

/// The dashboard's own colours, as an attribute of the page. Only what can be nothing but a colour gets here.
fn theme(theme: Option<&Theme>) -> String {
    let set: String = variables(theme, &Theme::default())
        .into_iter()
        .filter_map(|(name, value)| Some([name, ": ", &escape(&value?), "; "].concat()))
        .collect();
    if set.is_empty() {
        String::new()
    } else {
        [" style=\"", set.trim_end(), "\""].concat()
    }
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
    fn comments_and_indentation_are_not_sent() {
        let page = "<p>a // b</p>\n<script>\n// Why.\n  run(\"// c\"); // d\n</script>";
        assert_eq!(
            sent(page),
            "<p>a // b</p>\n<script>\nrun(\"// c\"); // d\n</script>"
        );
        assert!(TEMPLATE.contains("{{boot}}") && !TEMPLATE.contains("\n//"));
    }

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

    #[test]
    fn only_colours_reach_the_page() {
        let themed = |color: &str| {
            theme(Some(&Theme {
                primary_color: Some(color.to_owned()),
                ..Theme::default()
            }))
        };
        assert_eq!(themed("#123456"), " style=\"--eb-c0: #123456;\"");
        assert_eq!(themed("red;}\"><script>"), "");
        assert_eq!(theme(None), "");
    }

    #[test]
    fn a_zone_is_known_at_an_instant() {
        let summer = UnixMillis::parse("2026-07-01T00:00:00Z").unwrap_or(UnixMillis(0));
        assert_eq!(
            [
                offset_at("Europe/Berlin", summer),
                offset_at("UTC", summer),
                offset_at("Nowhere/Else", summer)
            ],
            [7200, 0, 0]
        );
    }
}
