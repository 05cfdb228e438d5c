//! Errors in the words, codes and statuses of ClickHouse's HTTP interface.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::ffi::EngineError;

/// The header from which clients read an exception's code.
pub const EXCEPTION_CODE_HEADER: HeaderName =
    HeaderName::from_static("x-clickhouse-exception-code");

/// A ClickHouse exception: the engine's own, or one that the helper raises in its manner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    code: u32,
    text: String,
    status: Option<StatusCode>,
}

impl Exception {
    fn new(code: u32, name: &str, detail: &str) -> Self {
        Self {
            code,
            text: format!("Code: {code}. DB::Exception: {detail} ({name})"),
            status: None,
        }
    }

    /// ClickHouse's error number.
    pub fn code(&self) -> u32 {
        self.code
    }

    /// The whole text, beginning with `Code: N. DB::Exception:`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The secret is absent or wrong.
    pub fn authentication_failed() -> Self {
        Self::new(
            516,
            "AUTHENTICATION_FAILED",
            "Authentication failed: the password is incorrect.",
        )
    }

    /// A URL parameter that is no known setting.
    pub fn unknown_setting(name: &str) -> Self {
        Self::new(
            115,
            "UNKNOWN_SETTING",
            &format!(
                "Unknown setting '{name}': the embedded engine's allow-list does not hold it."
            ),
        )
    }

    /// A value, header or body that is not of the form it must have.
    pub fn bad_request(detail: &str) -> Self {
        Self {
            status: Some(StatusCode::BAD_REQUEST),
            ..Self::new(36, "BAD_ARGUMENTS", detail)
        }
    }

    /// More bytes than a limit of the helper allows.
    pub fn too_large(detail: &str) -> Self {
        Self::new(223, "QUERY_IS_TOO_LARGE", detail)
    }

    /// Something that a real server does and the helper does not.
    pub fn not_supported(detail: &str) -> Self {
        Self::new(48, "NOT_IMPLEMENTED", detail)
    }

    /// A body encoding that the helper does not decode.
    pub fn unknown_compression(detail: &str) -> Self {
        Self {
            status: Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ..Self::new(89, "UNKNOWN_COMPRESSION_METHOD", detail)
        }
    }

    /// A compressed block that does not decode.
    pub fn cannot_decompress(detail: &str) -> Self {
        Self {
            status: Some(StatusCode::BAD_REQUEST),
            ..Self::new(271, "CANNOT_DECOMPRESS", detail)
        }
    }

    /// A compressed block whose checksum is not that of its bytes.
    pub fn checksum_mismatch() -> Self {
        Self {
            status: Some(StatusCode::BAD_REQUEST),
            ..Self::new(
                40,
                "CHECKSUM_DOESNT_MATCH",
                "Checksum doesn't match: corrupted data in a compressed block.",
            )
        }
    }

    /// More than one statement in one request.
    pub fn several_statements() -> Self {
        Self::new(
            62,
            "SYNTAX_ERROR",
            "Syntax error (Multi-statements are not allowed): send one statement a request.",
        )
    }

    /// A text that the engine's parser does not accept and cannot say more about.
    pub fn syntax_error() -> Self {
        Self::new(
            62,
            "SYNTAX_ERROR",
            "Syntax error: the statement is empty or cannot be parsed.",
        )
    }

    /// A write, or a change of settings, in a read-only request.
    pub fn read_only() -> Self {
        Self::new(
            164,
            "READONLY",
            "default: Cannot execute query in readonly mode.",
        )
    }

    /// A SETTINGS clause in a read-only request.
    pub fn read_only_settings() -> Self {
        Self::new(
            164,
            "READONLY",
            "Cannot modify settings in readonly mode: a SETTINGS clause is not allowed.",
        )
    }

    /// No free place for another query within the time a request may wait for one.
    pub fn too_many_queries(limit: usize) -> Self {
        Self {
            status: Some(StatusCode::SERVICE_UNAVAILABLE),
            ..Self::new(
                202,
                "TOO_MANY_SIMULTANEOUS_QUERIES",
                &format!("Too many simultaneous queries. Maximum: {limit}"),
            )
        }
    }

    /// The client went away before its request was whole, or the helper is stopping.
    pub fn aborted() -> Self {
        Self::new(
            236,
            "ABORTED",
            "The request was aborted before it was whole.",
        )
    }

    /// The engine gave no connection.
    pub fn no_connection() -> Self {
        Self {
            status: Some(StatusCode::SERVICE_UNAVAILABLE),
            ..Self::new(
                279,
                "ALL_CONNECTION_TRIES_FAILED",
                "The engine gave no connection.",
            )
        }
    }

    /// ClickHouse's `exceptionCodeToHTTPStatus` (`src/Server/HTTP/exceptionCodeToHTTPStatus.cpp`).
    fn status(&self) -> StatusCode {
        if let Some(status) = self.status {
            return status;
        }
        match self.code {
            192 | 193 | 497 | 511 | 516 => StatusCode::FORBIDDEN,
            // Things that cannot be parsed or do not fit their type.
            6 | 26 | 27 | 36 | 38 | 41 | 43 | 53 | 62 | 72 | 117 | 130 | 131 | 320 | 427 | 441
            | 457 => StatusCode::BAD_REQUEST,
            // UNKNOWN_TABLE and its kin.
            46 | 47 | 50 | 56 | 60 | 63 | 73 | 78 | 81 | 113 | 114 | 115 => StatusCode::NOT_FOUND,
            159 => StatusCode::REQUEST_TIMEOUT,
            223 => StatusCode::PAYLOAD_TOO_LARGE,
            48 => StatusCode::NOT_IMPLEMENTED,
            76 | 209 | 439 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<EngineError> for Exception {
    fn from(EngineError(text): EngineError) -> Self {
        let number = text
            .strip_prefix("Code: ")
            .and_then(|rest| rest.split_once('.'))
            .map(|(number, _)| number);
        match number.and_then(|number| number.parse().ok()) {
            Some(code) => Self {
                code,
                text,
                status: None,
            },
            // LOGICAL_ERROR: the engine always states a code, so this is the helper's own trouble.
            None => Self::new(49, "LOGICAL_ERROR", &text),
        }
    }
}

impl IntoResponse for Exception {
    fn into_response(self) -> Response {
        let headers = [
            (EXCEPTION_CODE_HEADER, HeaderValue::from(self.code)),
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/plain; charset=UTF-8"),
            ),
        ];
        (self.status(), headers, format!("{}\n", self.text)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_code_decides_the_status() {
        let check = |text: &str, code, status| {
            let exception = Exception::from(EngineError(text.to_owned()));
            assert_eq!(
                (exception.code(), exception.status().as_u16()),
                (code, status),
                "{text}"
            );
        };
        check(
            "Code: 60. DB::Exception: Table x.y does not exist. (UNKNOWN_TABLE)",
            60,
            404,
        );
        check("Code: 62. DB::Exception: Syntax error", 62, 400);
        check("Code: 159. DB::Exception: Timeout exceeded", 159, 408);
        check("Code: 164. DB::Exception: readonly", 164, 500);
        check("something without a code", 49, 500);
    }

    #[test]
    fn a_wrong_secret_is_forbidden_with_clickhouses_code() {
        let response = Exception::authentication_failed().into_response();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()[EXCEPTION_CODE_HEADER], "516");
    }
}
