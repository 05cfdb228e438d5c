//! Which pages may read an answer.

use emban_contract::permissions::Permissions;

/// What a preflight may ask for: a script-tag embed sends its token, JSON, and `no-cache` on reload.
pub(crate) const ALLOWED_HEADERS: &str = "authorization, cache-control, content-type";

/// What a script of another origin may read of an answer besides its body.
pub(crate) const EXPOSED_HEADERS: &str =
    "content-disposition, retry-after, server-timing, x-request-id";

/// Seconds that a browser may remember a preflight: two hours, the most that Chromium keeps.
pub(crate) const PREFLIGHT_SECONDS: &str = "7200";

/// Whether a page of `origin` may call with this session.
///
/// `own` is the edge's own origin: the document in an iframe calls from there, whoever frames it; who may frame it is
/// for `frame-ancestors` to say. Origins are compared as browsers serialise them (RFC 6454 section 6.2).
pub(crate) fn allows(permissions: &Permissions, origin: &str, own: &str) -> bool {
    match &permissions.allowed_origins {
        None => true,
        Some(allowed) => {
            origin == own
                || allowed
                    .iter()
                    .any(|a| a.trim_end_matches('/').eq_ignore_ascii_case(origin))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(allowed: Option<&[&str]>, origin: &str, expect: bool) {
        let allowed_origins = allowed.map(|list| list.iter().map(|o| (*o).to_owned()).collect());
        let permissions = Permissions {
            allowed_origins,
            ..Permissions::default()
        };
        assert_eq!(
            allows(&permissions, origin, "https://edge.example"),
            expect,
            "{allowed:?} {origin}"
        );
    }

    #[test]
    fn only_listed_origins_may_call_when_there_is_a_list() {
        check(None, "https://anyone.example", true);
        check(Some(&["https://app.example"]), "https://app.example", true);
        check(Some(&["https://app.example/"]), "https://app.example", true);
        check(Some(&["https://app.example"]), "https://edge.example", true);
        check(Some(&["https://app.example"]), "http://app.example", false);
        check(
            Some(&["https://app.example"]),
            "https://app.example:8443",
            false,
        );
        check(
            Some(&["https://app.example"]),
            "https://app.example.evil.example",
            false,
        );
        check(Some(&["https://app.example"]), "null", false);
        check(Some(&[]), "https://app.example", false);
    }
}
