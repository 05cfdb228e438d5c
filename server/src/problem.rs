//! An HTTP error: what the caller learns, and what only the log learns.

use axum::response::{IntoResponse, Response};
use emban_contract::{Detail, ProblemCode, ProblemDocument, refusal_page};
use http::{HeaderValue, StatusCode, header};

use crate::control::ControlError;
use crate::events_body::BodyError;
use crate::ids::RandomError;

/// What stands behind an error, for the log.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// An HTTP error. `message` and `details` are shown to the caller, `source` reaches only the log.
#[derive(Debug)]
pub struct Problem {
    code: ProblemCode,
    message: String,
    details: Vec<Detail>,
    retry_after_seconds: Option<u32>,
    refuses_origin: bool,
    source: Option<Source>,
}

impl Problem {
    /// An error that is the caller's to mend.
    pub fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
            retry_after_seconds: None,
            refuses_origin: false,
            source: None,
        }
    }

    /// An error whose reason only the log learns.
    pub fn hidden(
        code: ProblemCode,
        message: impl Into<String>,
        source: impl Into<Source>,
    ) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(code, message)
        }
    }

    /// A fault of ours.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::hidden(
            ProblemCode::Internal,
            "something went wrong on our side",
            source,
        )
    }

    /// A request that is well-formed but not valid, with every place.
    pub fn invalid(message: impl Into<String>, details: Vec<Detail>) -> Self {
        Self {
            details,
            ..Self::new(ProblemCode::Invalid, message)
        }
    }

    /// A request that names one offending place.
    pub fn invalid_at(path: impl Into<String>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::invalid("the request is not valid", vec![Detail::new(path, message)])
    }

    /// No such object, or none that the caller may know of.
    pub fn not_found(what: &str) -> Self {
        Self::new(ProblemCode::NotFound, format!("no such {what}"))
    }

    /// A parameter of the URL that is not even text.
    pub(crate) fn malformed_parameter() -> Self {
        Self::new(
            ProblemCode::Malformed,
            "a parameter of the path or query string cannot be read",
        )
    }

    /// What went wrong with one widget, as an answer of its own. The cause was logged where it was found.
    pub(crate) fn of_widget(code: ProblemCode, message: String) -> Self {
        let problem = Self::new(code, message);
        match code.status() {
            503 => problem.retry_after(5),
            _ => problem,
        }
    }

    /// One key or session asks more often than it may.
    pub(crate) fn too_often(seconds: u32) -> Self {
        Self::new(ProblemCode::RateLimited, "too many requests").retry_after(seconds)
    }

    /// Says when to come back, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Refuses the page's origin: the answer must not be readable by that page.
    pub(crate) fn refused_origin() -> Self {
        let message = "this page's origin may not use the session";
        Self {
            refuses_origin: true,
            ..Self::new(ProblemCode::NotPermitted, message)
        }
    }

    /// Every offending place.
    pub fn details(&self) -> &[Detail] {
        &self.details
    }

    /// The stable word of this error.
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// The same error as a page for people, in the same status: what a frame shows.
    pub(crate) fn into_page(self) -> Response {
        let document = ProblemDocument {
            error: self.message.clone(),
            code: self.code,
            request_id: crate::extract::request_id::current(),
            details: Vec::new(),
        };
        let mut response = self.into_response();
        *response.body_mut() = refusal_page::page(&document).into();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(refusal_page::CONTENT_TYPE),
        );
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(refusal_page::POLICY),
        );
        response
    }
}

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        Self::internal(error)
    }
}

impl From<RandomError> for Problem {
    fn from(error: RandomError) -> Self {
        Self::internal(error)
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::new(ProblemCode::TooLarge, error.to_string()),
            BodyError::Malformed(_) => Self::new(ProblemCode::Malformed, error.to_string()),
            BodyError::Invalid { path, message } => Self::invalid_at(path, message),
            BodyError::UnsupportedEncoding(_) => {
                Self::new(ProblemCode::UnsupportedMediaType, error.to_string())
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let request_id = crate::extract::request_id::current();
        match &self.source {
            Some(source) => {
                tracing::error!(code = self.code.as_str(), error = %source, "request failed")
            }
            // Why a credential was refused is logged where it was.
            None if status == StatusCode::UNAUTHORIZED => {
                tracing::debug!(message = %self.message, "request refused");
            }
            // Codes and no messages: those can hold what the caller sent.
            None => tracing::info!(code = self.code.as_str(), "request refused"),
        }
        let body = ProblemDocument {
            error: self.message,
            code: self.code,
            request_id,
            details: self.details,
        };
        let mut response = (status, axum::Json(body)).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.refuses_origin {
            response
                .headers_mut()
                .insert(crate::cors::REFUSED_ORIGIN, HeaderValue::from_static("1"));
        }
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Turns an error without the error document or its page (a timeout, an unreadable path or query string) into one with
/// the document.
pub(crate) fn documented(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| {
            kind.as_bytes().starts_with(b"application/json") || kind == refusal_page::CONTENT_TYPE
        });
    if !is_error || is_ours {
        return response;
    }
    match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            Problem::new(ProblemCode::Timeout, "the request took too long")
                .retry_after(5)
                .into_response()
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(ProblemCode::TooLarge, "the body is larger than allowed").into_response()
        }
        _ if status.is_client_error() => Problem::malformed_parameter().into_response(),
        _ => Problem::internal(format!("a layer answered {status}")).into_response(),
    }
}
