//! JSON bodies with errors that name the place.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use emban_contract::ProblemCode;
use emban_contract::json::{self, JsonError};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A JSON body of a known type. An empty body, a syntax error and a wrong content type each have their own answer.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_none_or(is_json);
        if !json {
            return Err(Problem::new(
                ProblemCode::UnsupportedMediaType,
                "the body must be application/json",
            ));
        }
        let bytes = read_bytes(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// The whole body, within the route's limit.
pub(crate) async fn read_bytes<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection.status().as_u16() {
            413 => Problem::new(ProblemCode::TooLarge, "the body is larger than allowed"),
            _ => Problem::new(ProblemCode::Malformed, "the body could not be read"),
        })
}

fn is_json(value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// Reads a JSON text; what is not JSON is malformed (400), what does not fit is invalid (422).
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    json::read(bytes).map_err(|error| match error {
        JsonError::Invalid(details) => Problem::invalid("the request is not valid", details),
        JsonError::Malformed(reason) => Problem::new(
            ProblemCode::Malformed,
            format!("the body is not JSON: {reason}"),
        ),
    })
}
