//! Where a session's token may stand.

/// The credential of an `Authorization: Bearer …` header (RFC 6750); the scheme's case does not matter.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The value of `token` in a query string. A token needs no escapes, so an escaped one is simply not a token.
///
/// Missing: `None`, also when the parameter stands twice, so that two tiers cannot read two different ones.
pub(crate) fn in_query(query: &str) -> Option<&str> {
    let mut values = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("token="));
    match (values.next(), values.next()) {
        (Some(token), None) if !token.is_empty() => Some(token),
        _ => None,
    }
}

/// A query string without any `token`, for forwarding.
pub(crate) fn strip(query: &str) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("token"))
        .collect();
    kept.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_credential_counts() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for bad in ["", "abc", "Bearer", "Bearer ", "Basic abc", "Bearerabc"] {
            assert_eq!(bearer(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_query_names_one_token_or_none() {
        assert_eq!(in_query("token=abc"), Some("abc"));
        assert_eq!(in_query("a=1&token=abc&b=2"), Some("abc"));
        for bad in ["", "token=", "token", "xtoken=abc", "token=a&token=b"] {
            assert_eq!(in_query(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_forwarded_query_carries_no_token() {
        assert_eq!(
            strip("format=csv&token=abc&widget=w1&token"),
            "format=csv&widget=w1"
        );
        assert_eq!(strip("token=abc"), "");
    }
}
