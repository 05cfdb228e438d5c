//! Requests to the server that the session belongs to.

use emban_contract::ProblemCode;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Blob, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
    Response,
};

use crate::embed_url::EmbedUrl;
use crate::json::Json;
use crate::state::Caches;
use crate::wire::word;

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
pub(super) struct Sending {
    /// Whose data, and where it is.
    pub(super) credentials: EmbedUrl,
    /// Gives the request up.
    pub(super) signal: AbortSignal,
    /// Whether caches on the way may answer.
    pub(super) caches: Caches,
}

/// Reads an answer.
pub(super) type Read<T> = fn(&Json) -> Option<T>;

/// What came back.
pub(super) type Reply = Result<Json, Failure>;

/// The answer in a reply.
pub(super) fn answer_in<T>(reply: Reply, read: Read<T>) -> Result<T, Failure> {
    read(&reply?).ok_or_else(|| {
        Failure::Problem(
            ProblemCode::Internal,
            "the answer cannot be read".to_owned(),
        )
    })
}

/// `GET`s a document, or `POST`s a question.
pub(super) async fn ask(sending: &Sending, path: &str, question: Option<Json>) -> Reply {
    let exchange = async {
        let body = question.map(|json| json.to_text());
        let response = respond(sending, path, body).await?;
        let text = JsFuture::from(response.text()?).await?;
        Ok::<_, JsValue>((response.status(), text.as_string().unwrap_or_default()))
    };
    let (status, text) = exchange.await.map_err(|_| unanswered(sending))?;
    if (200..300).contains(&status) {
        return Ok(Json::parse(&text).unwrap_or_default());
    }
    Err(problem(status, &text))
}

fn unanswered(sending: &Sending) -> Failure {
    if sending.signal.aborted() {
        Failure::Aborted
    } else {
        Failure::Offline
    }
}

fn problem(status: u16, text: &str) -> Failure {
    let answer = Json::parse(text).unwrap_or_default();
    let code = word(answer.get("code")).unwrap_or_else(|| code_of(status));
    let message = answer
        .get("error")
        .text()
        .map_or_else(|| ["status ", &status.to_string()].concat(), str::to_owned);
    Failure::Problem(code, message)
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

/// `GET`s a file.
pub(super) async fn fetch_file(sending: &Sending, path: &str) -> Result<Blob, Failure> {
    let response = respond(sending, path, None)
        .await
        .map_err(|_| unanswered(sending))?;
    if !response.ok() {
        return Err(problem(response.status(), &text_of(&response).await));
    }
    let bytes = async { JsFuture::from(response.blob()?).await?.dyn_into() };
    bytes.await.map_err(|_| unanswered(sending))
}

async fn text_of(response: &Response) -> String {
    let text = async { JsFuture::from(response.text()?).await };
    let text = text.await.ok().and_then(|text| text.as_string());
    text.unwrap_or_default()
}

async fn respond(sending: &Sending, path: &str, body: Option<String>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set(
        "authorization",
        &["Bearer ", &sending.credentials.token].concat(),
    )?;
    let init = RequestInit::new();
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.set_method("POST");
        init.set_body(&body.into());
    }
    init.set_headers(&headers);
    init.set_signal(Some(&sending.signal));
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    // `reload` makes the browser send `cache-control: no-cache` by itself, which needs no leave in CORS;
    // so would `no-store`, which is why the usual request does not ask for it.
    init.set_cache(match sending.caches {
        Caches::PassedOver => RequestCache::Reload,
        Caches::Allowed => RequestCache::Default,
    });
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let url = [&sending.credentials.origin, path].concat();
    JsFuture::from(window.fetch_with_str_and_init(&url, &init))
        .await?
        .dyn_into()
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
