//! `Idempotency-Key`: the same request sent again has no second effect.

use axum::extract::FromRequestParts;
use emban_contract::ProblemCode;
use emban_session::hash_key;
use http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::control::{Known, Once};
use crate::environment::Environment;
use crate::problem::Problem;

/// Bytes of a key at most.
const KEY_BYTES: usize = 255;

/// The key of a request, when it has one.
pub(crate) struct IdempotencyKey(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            return Ok(Self(None));
        };
        let key = value.to_str().ok().map(str::trim);
        let is_printable = |key: &&str| key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let key = key.filter(|key| (1..=KEY_BYTES).contains(&key.len()) && is_printable(key));
        let key = key.ok_or_else(|| {
            Problem::invalid_at(
                "Idempotency-Key",
                "must be 1 to 255 printable ASCII characters",
            )
        })?;
        Ok(Self(Some(key.to_owned())))
    }
}

impl IdempotencyKey {
    /// The key's text.
    pub(crate) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The request as one that is to have its effect once; `None` without a key.
    ///
    /// The request is compared as it was understood: spaces and the order of members make no other request.
    pub(crate) fn once(
        self,
        route: &'static str,
        request: &impl Serialize,
    ) -> Result<Option<Once>, Problem> {
        let Some(key) = self.0 else { return Ok(None) };
        let text = serde_json::to_string(request).map_err(Problem::internal)?;
        Ok(Some(Once {
            route,
            key,
            request_hash: hash_key(&text),
        }))
    }
}

/// What the same request was answered with before; `None` when it is the first.
pub(crate) async fn earlier(
    app: &App,
    environment: &Environment,
    once: Option<&Once>,
) -> Result<Option<Value>, Problem> {
    let Some(once) = once else { return Ok(None) };
    match app
        .control
        .known(&environment.name, once, app.now())
        .await?
    {
        Known::Fresh => Ok(None),
        Known::Same(answer) => Ok(Some(answer)),
        Known::Other => Err(Problem::new(
            ProblemCode::Conflict,
            "this Idempotency-Key was used for another request",
        )),
    }
}
