//! Which headers travel. Lists of what may pass: whatever else the origin says, `x-emban-*` first of all, stays here.

/// Digest of the scope that the origin answered for.
pub(crate) const SCOPE: &str = "x-emban-scope";
/// Seconds that an answer is fresh.
pub(crate) const FRESH: &str = "x-emban-fresh";
/// The dashboard's version that was answered for.
pub(crate) const VERSION: &str = "x-emban-version";
/// All that makes a response an entry; only between this edge and its Cache API.
pub(crate) const ENTRY: &str = "x-emban-entry";

/// What a document may do; of a cached one, with a nonce that is written anew.
pub(crate) const POLICY: &str = "content-security-policy";

/// A body as it is (RFC 9110 section 8.4.1).
pub(crate) const IDENTITY: &str = "identity";

/// What is kept of an answer that is cached.
pub(crate) const CACHED: &[&str] = &[
    "content-type",
    "content-language",
    POLICY,
    "permissions-policy",
];

/// What passes of an answer that is not cached.
pub(crate) const PASSED: &[&str] = &[
    "content-type",
    "content-language",
    POLICY,
    "permissions-policy",
    "content-disposition",
    "retry-after",
    "x-request-id",
];

/// What passes of a file.
pub(crate) const FILE: &[&str] = &["content-type", "content-encoding", "etag", "last-modified"];

/// On every answer.
pub(crate) const ALWAYS: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
];

/// On every answer that came by HTTPS: the next one does, too (RFC 6797). Two years; hosts beside this one decide for
/// themselves.
pub(crate) const SECURED: (&str, &str) = ("strict-transport-security", "max-age=63072000");

/// On every answer that depends on a session: figures of a tenant stay out of every cache but ours.
pub(crate) const PRIVATE: (&str, &str) = ("cache-control", "private, no-store");

/// On files, which pages of any origin load.
pub(crate) const PUBLIC_FILE: &[(&str, &str)] = &[
    ("access-control-allow-origin", "*"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("vary", "accept-encoding"),
];

/// `Cache-Control` of a file whose name changes with its content.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// `Cache-Control` of a file whose name stays, when the origin gives none: five minutes.
pub(crate) const REVALIDATED: &str = "public, max-age=300";

/// Whether a file's name holds a hash of its content: a run of 16 hexadecimal digits or more.
pub(crate) fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(|c: char| !c.is_ascii_hexdigit())
        .any(|run| run.len() >= 16)
}

/// The encoding that a page is kept in.
pub(crate) const GZIP: &str = "gzip";

/// Encodings of files, which the origin keeps ready: the smallest first.
pub(crate) const READY: [&str; 2] = ["br", GZIP];

/// Encodings of pages, which are made while the viewer waits: the quickest first.
pub(crate) const MADE: [&str; 2] = [GZIP, "br"];

/// The first of some encodings that a client accepts (RFC 9110 section 12.5.3).
pub(crate) fn best_encoding(offered: [&'static str; 2], accept: Option<&str>) -> &'static str {
    let accept = accept.unwrap_or_default();
    let accepts = |wanted: &str| {
        accept.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            let quality = parts
                .find_map(|part| part.strip_prefix("q="))
                .unwrap_or("1");
            named && quality.parse::<f32>().is_ok_and(|q| q > 0.0)
        })
    };
    offered
        .into_iter()
        .find(|encoding| accepts(encoding))
        .unwrap_or(IDENTITY)
}

/// Whether a client's `If-None-Match` names this entity tag (RFC 9110 section 13.1.2: by the weak comparison).
pub(crate) fn is_known(if_none_match: &str, etag: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        tag.strip_prefix("W/").unwrap_or(tag)
    }
    let tags = if_none_match.split(',').map(str::trim);
    tags.clone().any(|tag| tag == "*") || tags.map(opaque).any(|tag| tag == opaque(etag))
}

/// Whether a body is declared as JSON.
pub(crate) fn is_json(content_type: &str) -> bool {
    content_type
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_internal_header_is_on_a_list_of_what_passes() {
        for name in [CACHED, PASSED, FILE].concat() {
            assert!(!name.starts_with("x-emban"), "{name}");
            assert!(
                ![
                    "set-cookie",
                    "access-control-allow-origin",
                    "server",
                    "cache-control"
                ]
                .contains(&name)
            );
        }
    }

    #[test]
    fn only_a_name_with_a_hash_is_immutable() {
        assert!(is_hashed("/assets/emban-0123456789abcdef_bg.wasm"));
        assert!(is_hashed("/assets/css/emban-0123456789abcdef.css"));
        assert!(!is_hashed("/assets/manifest.json"));
        assert!(!is_hashed("/assets/0123456789abcdef/logo.svg"));
        assert!(!is_hashed("/assets/emban-0123456789abcde.js"));
    }

    #[test]
    fn the_best_encoding_that_is_accepted_is_taken() {
        let check = |accept, expect| assert_eq!(best_encoding(READY, accept), expect, "{accept:?}");
        check(Some("gzip, deflate, br, zstd"), "br");
        check(Some("gzip"), "gzip");
        check(Some("br;q=0, GZIP;q=0.5"), "gzip");
        check(Some("broken"), "identity");
        check(Some("identity"), "identity");
        check(None, "identity");
        assert_eq!(best_encoding(MADE, Some("gzip, deflate, br, zstd")), "gzip");
        assert_eq!(best_encoding(MADE, Some("br")), "br");
    }

    #[test]
    fn an_entity_tag_is_known_by_the_weak_comparison() {
        for known in [r#""a""#, r#"W/"a""#, r#""b", W/"a""#, r#""b","a""#, "*"] {
            assert!(
                is_known(known, r#"W/"a""#) && is_known(known, r#""a""#),
                "{known}"
            );
        }
        for other in ["", r#""b""#, "a", r#""a"#] {
            assert!(!is_known(other, r#""a""#), "{other}");
        }
    }

    #[test]
    fn declarations_are_read_as_browsers_write_them() {
        assert!(is_json("application/json; charset=utf-8") && is_json("Application/JSON"));
        assert!(!is_json("text/plain") && !is_json("application/jsonp") && !is_json(""));
    }
}
