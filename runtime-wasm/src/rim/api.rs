//! Requests to the server that the session belongs to.

use emban_contract::{ProblemCode, ProblemDocument};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, Response,
};

use crate::embed_url::EmbedUrl;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server said so.
    Problem(ProblemCode, String),
    /// Nothing came back.
    Offline,
    /// Nobody waits for it any more.
    Aborted,
}

impl Failure {
    /// The code, if the server gave one.
    pub(super) fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(code, _) => Some(*code),
            Self::Offline | Self::Aborted => None,
        }
    }

    /// A sentence for programmers.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Problem(_, message) => message.clone(),
            Self::Offline => "the server did not answer".to_owned(),
            Self::Aborted => "the request was given up".to_owned(),
        }
    }
}

/// How a request is sent.
pub(super) struct Sending<'a> {
    /// Whose data, and where it is.
    pub(super) credentials: &'a EmbedUrl,
    /// Gives the request up.
    pub(super) signal: &'a AbortSignal,
    /// Whether caches on the way are passed over.
    pub(super) reload: bool,
}

/// `GET`s a document.
pub(super) async fn get<T: DeserializeOwned>(
    sending: &Sending<'_>,
    path: &str,
) -> Result<T, Failure> {
    send(sending, path, None).await
}

/// `POST`s a question.
pub(super) async fn post<T: DeserializeOwned>(
    sending: &Sending<'_>,
    path: &str,
    question: &impl Serialize,
) -> Result<T, Failure> {
    let body = serde_json::to_string(question)
        .map_err(|error| Failure::Problem(ProblemCode::Malformed, error.to_string()))?;
    send(sending, path, Some(body)).await
}

async fn send<T: DeserializeOwned>(
    sending: &Sending<'_>,
    path: &str,
    body: Option<String>,
) -> Result<T, Failure> {
    let (status, text) = exchange(sending, path, body).await.map_err(|_| {
        if sending.signal.aborted() {
            Failure::Aborted
        } else {
            Failure::Offline
        }
    })?;
    if (200..300).contains(&status) {
        return serde_json::from_str(&text).map_err(|error| {
            Failure::Problem(ProblemCode::Internal, format!("unreadable answer: {error}"))
        });
    }
    Err(match serde_json::from_str::<ProblemDocument>(&text) {
        Ok(problem) => Failure::Problem(problem.code, problem.error),
        Err(_) => Failure::Problem(code_of(status), format!("status {status}")),
    })
}

/// An answer without our error document comes from something on the way.
fn code_of(status: u16) -> ProblemCode {
    match status {
        401 => ProblemCode::Unauthorized,
        403 => ProblemCode::NotPermitted,
        404 => ProblemCode::NotFound,
        429 => ProblemCode::RateLimited,
        500 => ProblemCode::Internal,
        501.. => ProblemCode::Unavailable,
        _ => ProblemCode::Invalid,
    }
}

async fn exchange(
    sending: &Sending<'_>,
    path: &str,
    body: Option<String>,
) -> Result<(u16, String), JsValue> {
    let headers = Headers::new()?;
    headers.set(
        "authorization",
        &format!("Bearer {}", sending.credentials.token),
    )?;
    let init = RequestInit::new();
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.set_method("POST");
        init.set_body(&body.into());
    }
    init.set_headers(&headers);
    init.set_signal(Some(sending.signal));
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    // `reload` makes the browser send `cache-control: no-cache` by itself, which needs no leave in CORS;
    // so would `no-store`, which is why the usual request does not ask for it.
    init.set_cache(if sending.reload {
        RequestCache::Reload
    } else {
        RequestCache::Default
    });
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let url = format!("{}{path}", sending.credentials.origin);
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(&url, &init))
        .await?
        .dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_something_on_the_way_still_has_a_code() {
        assert_eq!(code_of(401), ProblemCode::Unauthorized);
        assert_eq!(code_of(502), ProblemCode::Unavailable);
        assert_eq!(code_of(418), ProblemCode::Invalid);
    }
}
