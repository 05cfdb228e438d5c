//! The head of a request, as far as every request needs it.

/// What the rim hands over at once, one value a line: reading them one by one would cross the border to JavaScript for
/// each, and the border costs more than all that is done with them. None of them can hold a line break: the URL is
/// serialised (WHATWG URL section 4.5), the others are header values (RFC 9110 section 5.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RequestHead {
    method: String,
    url: String,
    /// Where the path begins in the URL, and where it ends.
    path: (usize, usize),
    authorization: Option<String>,
    /// The page whose script asks.
    origin: Option<String>,
    cache_control: Option<String>,
    content_type: Option<String>,
}

impl RequestHead {
    /// Reads method, URL, and the headers `authorization`, `origin`, `cache-control` and `content-type`, empty where
    /// there is none.
    ///
    /// Missing: `None` for bytes that the shim has not written.
    pub(crate) fn read(lines: &[u8]) -> Option<Self> {
        let mut lines = str::from_utf8(lines).ok()?.split('\n');
        let mut next = || lines.next();
        let (method, url) = (next()?.to_owned(), next()?.to_owned());
        let mut header = || next().map(|value| (!value.is_empty()).then(|| value.to_owned()));
        let (authorization, origin) = (header()?, header()?);
        let (cache_control, content_type) = (header()?, header()?);
        let host = url.find("://").map_or(0, |at| at + 3);
        let start = url
            .get(host..)
            .and_then(|rest| rest.find('/'))
            .map_or(url.len(), |at| host + at);
        let end = url
            .get(start..)
            .and_then(|rest| rest.find(['?', '#']))
            .map_or(url.len(), |at| start + at);
        Some(Self {
            method,
            url,
            path: (start, end),
            authorization,
            origin,
            cache_control,
            content_type,
        })
    }

    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// The path of the URL as it was sent, without the query.
    pub(crate) fn path(&self) -> &str {
        self.url.get(self.path.0..self.path.1).unwrap_or_default()
    }

    /// The query string without its question mark.
    pub(crate) fn query(&self) -> &str {
        self.url
            .get(self.path.1..)
            .and_then(|rest| rest.strip_prefix('?'))
            .unwrap_or_default()
    }

    /// Scheme, host and port under which this edge was called.
    pub(crate) fn own_origin(&self) -> &str {
        self.url.get(..self.path.0).unwrap_or_default()
    }

    pub(crate) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    pub(crate) fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    pub(crate) fn cache_control(&self) -> Option<&str> {
        self.cache_control.as_deref()
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, own_origin: &str, path: &str, query: &str) {
        let head = RequestHead::read(format!("GET\n{url}\n\n\n\n").as_bytes()).unwrap();
        assert_eq!(
            (head.own_origin(), head.path(), head.query()),
            (own_origin, path, query)
        );
    }

    #[test]
    fn a_url_falls_into_its_parts() {
        check("https://e.example/", "https://e.example", "/", "");
        check(
            "http://127.0.0.1:8787/embed/dash_1?token=a.b&x=/?",
            "http://127.0.0.1:8787",
            "/embed/dash_1",
            "token=a.b&x=/?",
        );
        check("https://e.example", "https://e.example", "", "");
    }

    #[test]
    fn a_header_that_is_not_there_is_none() {
        let head =
            RequestHead::read(b"POST\nhttps://e/\nBearer a\n\nno-cache\ntext/plain").unwrap();
        assert_eq!(head.method(), "POST");
        assert_eq!(head.authorization(), Some("Bearer a"));
        assert_eq!(head.origin(), None);
        assert_eq!(head.cache_control(), Some("no-cache"));
        assert_eq!(head.content_type(), Some("text/plain"));
        assert_eq!(RequestHead::read(b"GET\nhttps://e/\n\n\n"), None);
    }
}
