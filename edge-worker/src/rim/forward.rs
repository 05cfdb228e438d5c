//! Answers that come from the origin, whatever it says.

use emban_session::VerifiedSession;
use web_sys::Response;

use super::exchange::Exchange;
use super::isolate::{Isolate, now};
use super::origin::{self, Call, Reply, Unreachable};
use super::{log, respond};
use crate::headers;
use crate::problem::Problem;

/// What the origin is asked in the name of a session.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The route's name in logs.
    pub(super) route: &'static str,
    /// Path and query.
    pub(super) path: String,
    /// A JSON body, of a POST.
    pub(super) body: Option<Vec<u8>>,
    pub(super) token: String,
    /// Whether a refusal is to be a page for people.
    pub(super) wants_page: bool,
    pub(super) limit_ms: u32,
}

impl Asked {
    /// The method that asks for the whole answer.
    pub(super) fn method(&self) -> &'static str {
        if self.body.is_some() { "POST" } else { "GET" }
    }

    /// Asks the origin. The token goes in a header, never in a URL.
    pub(super) async fn send(
        &self,
        isolate: &Isolate,
        method: &'static str,
        request_id: &str,
    ) -> Result<Reply, Unreachable> {
        let accept = if self.wants_page { "text/html" } else { "*/*" };
        let call = Call {
            method,
            body: self.body.as_deref(),
            headers: &[
                ("x-request-id", request_id),
                ("accept", accept),
                // The edge keeps answers by itself: the age of an answer must not be that of two caches.
                ("cache-control", "no-cache"),
            ],
            bearer: Some(&self.token),
            limit_ms: self.limit_ms,
            ..Call::get(&self.path)
        };
        origin::call(&isolate.config, call).await
    }
}

/// Passes a request on and its answer back, as it comes.
pub(super) async fn pass(
    isolate: &Isolate,
    exchange: &Exchange,
    session: &VerifiedSession,
    asked: &Asked,
) -> Result<Response, Problem> {
    // Whether a look at the headers opens a document that opens once is for the origin to say.
    let method = if exchange.is_head() {
        "HEAD"
    } else {
        asked.method()
    };
    let request_id = exchange.request_id();
    let asked_at = now();
    let reply = asked
        .send(isolate, method, &request_id)
        .await
        .map_err(|error| Problem::unavailable(5, error.0))?;
    let scope = reply.header(headers::SCOPE);
    if reply.status() == 200 && scope.as_deref() != Some(session.scope_digest().as_str()) {
        log::scope_mismatch(asked.route, &request_id);
        return Err(Problem::unavailable(
            5,
            "the origin answered for another scope",
        ));
    }
    let passed = reply.headers(headers::PASSED);
    let origin_ms = now().0.saturating_sub(asked_at.0);
    let timing = format!("edge;desc=pass, origin;dur={origin_ms}");
    let mut list = vec![headers::PRIVATE, ("server-timing", timing.as_str())];
    list.extend(passed.iter().map(|(name, value)| (*name, value.as_str())));
    list.extend(exchange.cors());
    let init = respond::init(exchange, reply.status(), &list)?;
    let stream = if exchange.is_head() {
        None
    } else {
        reply.stream()
    };
    Response::new_with_opt_readable_stream_and_init(stream.as_ref(), &init)
        .map_err(respond::unexpected)
}
