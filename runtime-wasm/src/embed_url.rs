//! The address that opens a dashboard, and the claims its token carries.

use emban_chart::cut_at;
use emban_contract::DashboardId;

use crate::json::Json;

/// Claims that decide whose data is shown and how much of it.
const SCOPE_CLAIMS: [&str; 5] = ["org", "env", "tenant", "dash", "perm"];

/// `https://edge.example/embed/dash_abc?token=…`, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EmbedUrl {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// Which dashboard.
    pub(crate) dashboard: DashboardId,
    /// The session's token.
    pub(crate) token: String,
}

impl EmbedUrl {
    /// Missing: `None` for anything that is not an absolute http(s) address of an embed with a token.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let url = url.trim();
        let (scheme, rest) = cut_at(url, "://")?;
        if !matches!(scheme, "https" | "http") {
            return None;
        }
        let (host, path) = cut_at(rest, "/")?;
        if host.is_empty()
            || host.contains(['@', '?', '#', '\\'])
            || host.contains(char::is_whitespace)
        {
            return None;
        }
        let (path, query) = cut_at(path, "?")?;
        let id = path.strip_prefix("embed/")?;
        let dashboard = DashboardId::new(id.strip_suffix("/").unwrap_or(id)).ok()?;
        let query = cut_at(query, "#").map_or(query, |(query, _)| query);
        let token = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("token="))?;
        if token.is_empty() {
            return None;
        }
        Some(Self {
            origin: [scheme, "://", host].concat().to_ascii_lowercase(),
            dashboard,
            token: token.to_owned(),
        })
    }

    /// Whether its token says whose data it shows. Whether that holds is the server's business.
    pub(crate) fn is_readable(&self) -> bool {
        claims(&self.token).is_some()
    }
}

/// Whether a text that is not followed as an address was meant for other data than those of a token.
///
/// Missing: what says of no data whose they are was not meant for other data.
pub(crate) fn is_meant_for_others(text: &str, token: &str) -> bool {
    // What follows the token only lengthens its signature, which is not read.
    cut_at(text, "token=")
        .is_some_and(|(_, named)| claims(named).is_some() && !same_scope(named, token))
}

/// Whether two tokens show the same data, so that one may follow the other without clearing the screen.
///
/// The signature is the server's business; a token that lies here gets nothing but its own data a frame later.
/// Missing: a token that cannot be read has a scope of its own.
pub(crate) fn same_scope(one: &str, other: &str) -> bool {
    one == other
        || matches!((claims(one), claims(other)), (Some(a), Some(b)) if SCOPE_CLAIMS.iter().all(|claim| a.get(claim) == b.get(claim)))
}

fn claims(token: &str) -> Option<Json> {
    let (_, rest) = cut_at(token, ".")?;
    let (payload, _) = cut_at(rest, ".")?;
    let text = String::from_utf8(decoded(payload)?).ok()?;
    let claims = Json::parse(&text)?;
    // Without a tenant there is nothing to compare, and two such tokens must not count as equal.
    claims.get("tenant").text().is_some().then_some(claims)
}

/// Bytes of base64url without padding. Missing: `None` for anything else.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held) = (0_u32, 0);
    let mut out = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn token(claims: &str) -> String {
        format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn an_embed_url_is_taken_apart() {
        let url = EmbedUrl::parse("https://Edge.example:8443/embed/dash_abc?x=1&token=a.b.c#top")
            .unwrap();
        assert_eq!(
            (
                url.origin.as_str(),
                url.dashboard.as_str(),
                url.token.as_str()
            ),
            ("https://edge.example:8443", "dash_abc", "a.b.c")
        );
    }

    #[test]
    fn other_addresses_are_refused() {
        for bad in [
            "",
            "/embed/dash_abc?token=t",
            "javascript://edge/embed/dash_abc?token=t",
            "https://edge/embed/other?token=t",
            "https://edge/embed/dash_abc",
            "https://edge/embed/dash_abc?token=",
            "https://user@edge/embed/dash_abc?token=t",
            "https://edge/v1/dash_abc?token=t",
        ] {
            assert!(EmbedUrl::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn base64_is_read_as_the_standard_has_it() {
        for length in 0..70_u8 {
            let bytes: Vec<u8> = (0..length)
                .map(|at| at.wrapping_mul(37).wrapping_add(length))
                .collect();
            assert_eq!(decoded(&URL_SAFE_NO_PAD.encode(&bytes)), Some(bytes));
        }
        assert_eq!(decoded("a+/="), None);
    }

    #[test]
    fn a_renewed_token_has_the_scope_of_the_old_one() {
        let old =
            token(r#"{"tenant":"acme","dash":"dash_a","perm":{"allow_export":false},"exp":1}"#);
        assert!(same_scope(
            &old,
            &token(r#"{"tenant":"acme","dash":"dash_a","perm":{"allow_export":false},"exp":2}"#)
        ));
        assert!(!same_scope(
            &old,
            &token(r#"{"tenant":"globex","dash":"dash_a","perm":{"allow_export":false}}"#)
        ));
        assert!(!same_scope(
            &old,
            &token(r#"{"tenant":"acme","dash":"dash_a","perm":{}}"#)
        ));
    }

    #[test]
    fn an_address_that_is_not_followed_may_be_meant_for_others() {
        let [acme, again, globex] = [("acme", 1), ("acme", 2), ("globex", 1)]
            .map(|(tenant, exp)| token(&format!(r#"{{"tenant":"{tenant}","exp":{exp}}}"#)));
        for (text, meant) in [
            (
                format!("https://elsewhere/embed/dash_abc?token={globex}"),
                true,
            ),
            (format!("/embed/dash_abc?x=1&token={globex}&y=2#z"), true),
            (format!("token={globex}"), true),
            (
                format!("https://elsewhere/embed/dash_abc?token={again}"),
                false,
            ),
            (String::new(), false),
            ("https://edge/embed/dash_abc?token=".to_owned(), false),
            ("https://edge/embed/dash_abc?token=abc".to_owned(), false),
            ("https://edge/embed/dash_abc?token=a.b.c".to_owned(), false),
        ] {
            assert_eq!(is_meant_for_others(&text, &acme), meant, "{text}");
        }
        let readable = |token: &str| {
            EmbedUrl::parse(&format!("https://edge/embed/dash_abc?token={token}"))
                .is_some_and(|url| url.is_readable())
        };
        assert!(readable(&acme) && !readable("abc") && !readable("a.b.c"));
    }

    #[test]
    fn tokens_that_cannot_be_read_never_share_a_scope() {
        assert!(!same_scope("a", "b"));
        assert!(!same_scope(&token("{}"), &token(r#"{"exp":1}"#)));
    }
}
