//! What a request says beside its body: URL parameters and headers.

use axum::http::{HeaderMap, header};
use base64::Engine as _;

use crate::exception::Exception;
use crate::ffi::Parameter;
use crate::settings::Settings;

/// The URL's parameters, sorted by their meaning.
#[derive(Debug, Default)]
pub struct UrlParameters {
    /// `query`: SQL, or the beginning of it.
    pub query: Option<String>,
    /// `default_format`, the output format of a statement that names none.
    pub default_format: Option<String>,
    /// `database`, the one that unqualified names are in.
    pub database: Option<String>,
    /// `query_id`, echoed in the answer.
    pub query_id: Option<String>,
    /// `decompress=1`: the body is of ClickHouse's compressed blocks.
    pub decompress: bool,
    /// `param_*`, still escaped as ClickHouse's HTTP interface wants them.
    pub parameters: Vec<Parameter>,
    /// Everything else.
    pub settings: Settings,
}

impl UrlParameters {
    /// Reads the part of a URL behind `?`.
    ///
    /// Errors: 115 for a name the helper does not know, 36 for text that is not UTF-8 and for switches other than
    /// 0 and 1, 511 for a role.
    pub fn read(query_string: &str) -> Result<Self, Exception> {
        let mut read = Self::default();
        for pair in query_string.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            read.take(&percent_decoded(name)?, percent_decoded(value)?)?;
        }
        Ok(read)
    }

    fn take(&mut self, name: &str, value: String) -> Result<(), Exception> {
        match name {
            "query" => self.query = Some(value).filter(|query| !query.is_empty()),
            "default_format" => {
                self.default_format = Some(value).filter(|format| !format.is_empty())
            }
            "database" => self.database = Some(value).filter(|database| !database.is_empty()),
            "query_id" => self.query_id = Some(value).filter(|id| !id.is_empty()),
            "decompress" => self.decompress = is_on(name, &value)?,
            "compress" if is_on(name, &value)? => {
                return Err(Exception::not_supported(
                    "The embedded engine does not compress answers: drop compress=1.",
                ));
            }
            "compress" => {}
            "role" if value.is_empty() => {}
            "role" => {
                return Err(Exception::not_supported(
                    "The embedded engine has no roles.",
                ));
            }
            _ => match name.strip_prefix("param_") {
                Some(parameter) => self
                    .parameters
                    .push((parameter.to_owned(), value.into_bytes())),
                None => self.settings.push(name, value)?,
            },
        }
        Ok(())
    }
}

fn is_on(name: &str, value: &str) -> Result<bool, Exception> {
    match value {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(Exception::bad_request(&format!(
            "The parameter {name} is either 0 or 1."
        ))),
    }
}

/// Decodes `application/x-www-form-urlencoded` text; refuses what does not decode instead of replacing it.
fn percent_decoded(text: &str) -> Result<String, Exception> {
    let refused = || Exception::bad_request("A URL parameter is not percent-encoded UTF-8.");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(hex_digit).ok_or_else(refused)?;
                let low = rest.next().and_then(hex_digit).ok_or_else(refused)?;
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| refused())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// The password of a request: `X-ClickHouse-Key`, which the `clickhouse` crate sends, or HTTP Basic.
pub fn password(headers: &HeaderMap) -> Option<Vec<u8>> {
    if let Some(key) = headers.get("x-clickhouse-key") {
        return Some(key.as_bytes().to_vec());
    }
    let basic = headers
        .get(header::AUTHORIZATION)?
        .as_bytes()
        .strip_prefix(b"Basic ")?;
    let credentials = base64::engine::general_purpose::STANDARD
        .decode(basic)
        .ok()?;
    let colon = credentials.iter().position(|byte| *byte == b':')?;
    credentials.get(colon + 1..).map(<[u8]>::to_vec)
}

/// Refuses bodies that are encoded in a way the helper does not decode.
pub fn check_encoding(headers: &HeaderMap) -> Result<(), Exception> {
    match headers.get(header::CONTENT_ENCODING) {
        None => Ok(()),
        Some(encoding) if encoding == "identity" => Ok(()),
        Some(encoding) => Err(Exception::unknown_compression(&format!(
            "Unknown Content-Encoding {encoding:?}: the embedded engine reads plain bodies and decompress=1."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn parameters_are_decoded_exactly() {
        let read = UrlParameters::read(
            "param_x=%09a+b%2B%00%C3%A9&database=d%26b&max_threads=2&decompress=1",
        )
        .unwrap();
        assert_eq!(
            read.parameters,
            [("x".to_owned(), "\ta b+\0é".as_bytes().to_vec())]
        );
        assert_eq!(read.database.as_deref(), Some("d&b"));
        assert_eq!(
            read.settings.statement().as_deref(),
            Some("SET max_threads = '2'")
        );
        assert!(read.decompress);
    }

    #[test]
    fn what_cannot_be_honoured_is_refused() {
        for (query, code) in [
            ("session_id=a", 115),
            ("compress=1", 48),
            ("role=admin", 48),
            ("decompress=yes", 36),
            ("query=%ff", 36),
            ("query=%4", 36),
            ("user=a", 115),
            ("password=a", 115),
        ] {
            assert_eq!(
                UrlParameters::read(query).unwrap_err().code(),
                code,
                "{query}"
            );
        }
    }

    #[test]
    fn the_password_comes_from_either_header() {
        let header = |name, value| HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        let key = header::HeaderName::from_static("x-clickhouse-key");
        assert_eq!(
            password(&header(key, "s3cret")).as_deref(),
            Some(b"s3cret".as_slice())
        );
        let basic = header(header::AUTHORIZATION, "Basic ZGVmYXVsdDphOmI=");
        assert_eq!(password(&basic).as_deref(), Some(b"a:b".as_slice()));
        assert_eq!(password(&header(header::AUTHORIZATION, "Bearer x")), None);
        assert_eq!(password(&HeaderMap::new()), None);
    }
}
