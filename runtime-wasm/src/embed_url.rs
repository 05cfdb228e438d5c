//! The address that opens a dashboard, and the claims its token carries.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
        let (scheme, rest) = url.split_once("://")?;
        if !matches!(scheme, "https" | "http") {
            return None;
        }
        let (host, path) = rest.split_once('/')?;
        if host.is_empty()
            || host.contains(['@', '?', '#', '\\'])
            || host.contains(char::is_whitespace)
        {
            return None;
        }
        let (path, query) = path.split_once('?')?;
        let dashboard =
            DashboardId::new(path.strip_prefix("embed/")?.trim_end_matches('/')).ok()?;
        let query = query.split('#').next().unwrap_or_default();
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
    let payload = token.split('.').nth(1)?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let claims = Json::parse(&text)?;
    // Without a tenant there is nothing to compare, and two such tokens must not count as equal.
    claims.get("tenant").text().is_some().then_some(claims)
}

#[cfg(test)]
mod tests {
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
    fn tokens_that_cannot_be_read_never_share_a_scope() {
        assert!(!same_scope("a", "b"));
        assert!(!same_scope(&token("{}"), &token(r#"{"exp":1}"#)));
    }
}
