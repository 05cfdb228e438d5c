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
mod readings;
mod respond;
mod shared;

use std::rc::Rc;

use web_sys::{Request, Response};
use worker::{Context, Env, event};

use crate::headers;
use crate::problem::Problem;
use crate::route::{self, Route, Routing};
use exchange::Exchange;
use isolate::Isolate;

/// Answers one request. What goes wrong on our side is a problem document as well; only a runtime that cannot even
/// make a response is left with the error of the macro.
#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> worker::Result<Response> {
    let mut exchange = Exchange::new(request);
    let answer = match Isolate::current(&env) {
        Ok(isolate) => dispatch(&isolate, &ctx, &mut exchange).await,
        Err(error) => Err(Problem::internal(format!(
            "the edge is not set up: {error}"
        ))),
    };
    answer
        .or_else(|problem| refuse(&exchange, &problem))
        .map_err(|problem| {
            worker::Error::RustError(problem.reason.unwrap_or(problem.error).into_owned())
        })
}

async fn dispatch(
    isolate: &Rc<Isolate>,
    ctx: &Context,
    exchange: &mut Exchange,
) -> Result<Response, Problem> {
    if route::is_embed_api(exchange.path()) {
        exchange.allow_reading();
    }
    let (route, head) = match route::find(exchange.method(), exchange.path()) {
        Routing::Serve { route, head } => (route, head),
        Routing::Preflight { allow } => return respond::preflight(exchange, allow),
        Routing::WrongMethod { allow } => return Err(Problem::wrong_method(allow)),
        Routing::Unknown => return Err(Problem::not_found()),
    };
    exchange.found(route.name(), head);
    match route {
        Route::Health => respond::json(exchange, br#"{"status":"ok"}"#, "no-store"),
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

/// The problem document of a refusal, and its one line in the log.
fn refuse(exchange: &Exchange, problem: &Problem) -> Result<Response, Problem> {
    let request_id = exchange.request_id();
    log::refusal(exchange.route_name(), &request_id, problem);
    let body = serde_json::to_vec(&problem.document(&request_id))
        .map_err(|error| Problem::internal(error.to_string()))?;
    let retry_after = problem.retry_after.map(|seconds| seconds.to_string());
    let mut list = vec![
        ("content-type", "application/json"),
        headers::PRIVATE,
        ("x-request-id", request_id.as_str()),
    ];
    list.extend(
        retry_after
            .as_deref()
            .map(|seconds| ("retry-after", seconds)),
    );
    list.extend(problem.allow.map(|methods| ("allow", methods)));
    list.extend(exchange.cors());
    respond::bytes(exchange, problem.code.status(), &list, &body)
}
