//! Where the rules meet the Workers runtime. Nothing of `worker` or `web_sys` leaves this module.

mod answers;
mod embed;
mod entry;
mod exchange;
mod files;
mod forward;
mod isolate;
mod log;
mod origin;
mod page;
mod readings;
mod respond;
mod shared;

use std::rc::Rc;

use emban_contract::{UnixMillis, refusal_page};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Request, Response};
use worker::{Context, Env};

use crate::head::RequestHead;
use crate::headers;
use crate::problem::Problem;
use crate::route::{self, Route, Routing};
use exchange::Exchange;
use isolate::Isolate;

/// Answers a request from memory, or leaves it to [`answer`]. `lines` is the head as [`RequestHead::read`] takes it,
/// `body` what a POST carries when it is short, `now` the time in Unix milliseconds.
///
/// A call without a promise: a hit costs a third of what it costs by way of the executor (`cargo xtask bench P3`).
#[wasm_bindgen(js_name = answerAtOnce)]
#[expect(unreachable_pub, reason = "the shim calls it")]
pub fn answer_at_once(
    request: Request,
    lines: &[u8],
    body: Option<Vec<u8>>,
    now: f64,
) -> Option<Response> {
    let isolate = Isolate::known()?;
    let head = RequestHead::read(lines)?;
    let Routing::Serve { route, head: only } = route::find(head.method(), head.path()) else {
        return None;
    };
    let mut exchange = Exchange::new(request, head, body, UnixMillis(now as i64));
    exchange.found(route.name(), only);
    match route {
        Route::Surface | Route::Query => exchange.allow_reading(),
        Route::Document(_) => exchange.allow_page(),
        Route::Health => return health(&exchange).ok(),
        Route::Rows
        | Route::Values
        | Route::Export
        | Route::Asset
        | Route::EmbedScript
        | Route::Jwks => return None,
    }
    embed::at_once(&isolate, &mut exchange, &route)?
        .or_else(|problem| refuse(&exchange, &problem))
        .ok()
}

/// Answers a request, with the arguments of [`answer_at_once`]. What goes wrong on our side is a problem document as
/// well; only a runtime that cannot even make a response is left with the error.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "the shim calls it")]
pub async fn answer(
    request: Request,
    lines: Vec<u8>,
    body: Option<Vec<u8>>,
    env: Env,
    ctx: worker::worker_sys::Context,
) -> Result<Response, JsValue> {
    let head = RequestHead::read(&lines).unwrap_or_default();
    let mut exchange = Exchange::new(request, head, body, isolate::now());
    let answer = match Isolate::current(&env) {
        Ok(isolate) => dispatch(&isolate, &Context::new(ctx), &mut exchange).await,
        Err(error) => Err(Problem::internal(format!(
            "the edge is not set up: {error}"
        ))),
    };
    answer
        .or_else(|problem| refuse(&exchange, &problem))
        .map_err(|problem| JsValue::from(problem.reason.unwrap_or(problem.error).into_owned()))
}

async fn dispatch(
    isolate: &Rc<Isolate>,
    ctx: &Context,
    exchange: &mut Exchange,
) -> Result<Response, Problem> {
    if route::is_embed_api(exchange.head.path()) {
        exchange.allow_reading();
    }
    let (route, head) = match route::find(exchange.head.method(), exchange.head.path()) {
        Routing::Serve { route, head } => (route, head),
        Routing::Preflight { allow } => return respond::preflight(exchange, allow),
        Routing::WrongMethod { allow } => return Err(Problem::wrong_method(allow)),
        Routing::Unknown => return Err(Problem::not_found()),
    };
    exchange.found(route.name(), head);
    if matches!(route, Route::Document(_)) {
        exchange.allow_page();
    }
    match route {
        Route::Health => health(exchange),
        Route::Jwks => files::jwks(isolate, ctx, exchange).await,
        Route::Asset | Route::EmbedScript => files::file(isolate, ctx, exchange).await,
        Route::Document(_)
        | Route::Surface
        | Route::Query
        | Route::Rows
        | Route::Values
        | Route::Export => embed::answer(isolate, ctx, exchange, &route).await,
    }
}

fn health(exchange: &Exchange) -> Result<Response, Problem> {
    respond::json(exchange, br#"{"status":"ok"}"#, "no-store")
}

/// The problem document of a refusal, or a page that says the same to people, and its one line in the log.
fn refuse(exchange: &Exchange, problem: &Problem) -> Result<Response, Problem> {
    let request_id = exchange.request_id();
    log::refusal(exchange.route_name(), &request_id, problem);
    let document = problem.document(&request_id);
    let retry_after = problem.retry_after.map(|seconds| seconds.to_string());
    let mut list = vec![headers::PRIVATE, ("x-request-id", request_id.as_str())];
    list.extend(
        retry_after
            .as_deref()
            .map(|seconds| ("retry-after", seconds)),
    );
    list.extend(problem.allow.map(|methods| ("allow", methods)));
    list.extend(exchange.cors());
    let body = if exchange.wants_page() {
        list.push(("content-type", refusal_page::CONTENT_TYPE));
        list.push(("content-security-policy", refusal_page::POLICY));
        refusal_page::page(&document).into_bytes()
    } else {
        list.push(("content-type", "application/json"));
        serde_json::to_vec(&document).map_err(|error| Problem::internal(error.to_string()))?
    };
    respond::bytes(exchange, problem.code.status(), &list, &body)
}
