//! Which origin embeds the document, and what may be said to it.

use emban_chart::cut_at;

/// The origin that embeds, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct HostOrigin {
    known: Option<String>,
}

impl HostOrigin {
    /// Takes what the browser tells: the nearest ancestor's origin, else the page that led here.
    pub(crate) fn new(ancestor: Option<String>, referrer: &str) -> Self {
        let known = ancestor
            .filter(|origin| is_origin(origin))
            .or_else(|| origin_of(referrer));
        Self { known }
    }

    /// Whether a message from `origin` is listened to; the first such message makes an unknown host known.
    ///
    /// `allowed` is the session's list of origins; any when there is none.
    pub(crate) fn accepts(&mut self, origin: &str, allowed: Option<&[String]>) -> bool {
        if !is_origin(origin) || !is_allowed(origin, allowed) {
            return false;
        }
        match &self.known {
            Some(known) => known == origin,
            None => {
                self.known = Some(origin.to_owned());
                true
            }
        }
    }

    /// Where a message goes; none if it must not be sent.
    ///
    /// To a host that is not known yet only what carries nothing of the tenant's is sent, and to any origin.
    pub(crate) fn target(&self, message: &str, allowed: Option<&[String]>) -> Option<&str> {
        match &self.known {
            Some(known) => is_allowed(known, allowed).then_some(known.as_str()),
            None => matches!(message, "ready" | "resize").then_some("*"),
        }
    }
}

fn is_allowed(origin: &str, allowed: Option<&[String]>) -> bool {
    allowed.is_none_or(|list| {
        list.iter().any(|entry| {
            entry
                .strip_suffix("/")
                .unwrap_or(entry)
                .eq_ignore_ascii_case(origin)
        })
    })
}

/// `null`, the origin of sandboxed pages and files, is nobody's.
fn is_origin(origin: &str) -> bool {
    cut_at(origin, "://").is_some()
}

fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = cut_at(url, "://")?;
    let host = rest
        .split(['/', '?', '#'])
        .next()
        .filter(|host| !host.is_empty())?;
    Some([scheme, "://", host].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_host_is_the_only_one_heard_and_spoken_to() {
        let mut host = HostOrigin::new(
            Some("https://app.example".into()),
            "https://other.example/x",
        );
        assert!(host.accepts("https://app.example", None));
        assert!(!host.accepts("https://evil.example", None));
        assert_eq!(host.target("filter", None), Some("https://app.example"));
    }

    #[test]
    fn the_referrer_stands_in_where_ancestors_are_not_told() {
        let host = HostOrigin::new(None, "https://app.example:8080/page?x#y");
        assert_eq!(host.target("data", None), Some("https://app.example:8080"));
    }

    #[test]
    fn an_unknown_host_hears_only_that_the_embed_is_there() {
        let mut host = HostOrigin::new(None, "");
        assert_eq!(host.target("ready", None), Some("*"));
        assert_eq!(host.target("filter", None), None);
        assert!(host.accepts("https://app.example", None));
        assert_eq!(host.target("ready", None), Some("https://app.example"));
        assert!(!host.accepts("https://evil.example", None));
    }

    #[test]
    fn origins_beyond_the_sessions_list_get_nothing() {
        let allowed = ["https://app.example/".to_owned()];
        let mut host = HostOrigin::new(None, "https://evil.example/");
        assert!(!host.accepts("https://evil.example", Some(&allowed)));
        assert_eq!(host.target("ready", Some(&allowed)), None);
        let mut host = HostOrigin::default();
        assert!(host.accepts("https://app.example", Some(&allowed)));
        assert!(!host.accepts("null", None));
    }
}
