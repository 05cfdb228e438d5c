//! Files and keys: public, the same for everyone.

use std::rc::Rc;

use web_sys::{Response, ResponseInit};
use worker::Context;

use super::exchange::Exchange;
use super::isolate::Isolate;
use super::origin::{self, Call, Reply};
use super::{readings, respond, shared};
use crate::headers::{self, FILE, IMMUTABLE, PUBLIC_FILE, REVALIDATED};
use crate::problem::Problem;

/// The public keys, as this edge knows them.
pub(super) async fn jwks(
    isolate: &Rc<Isolate>,
    ctx: &Context,
    exchange: &Exchange,
) -> Result<Response, Problem> {
    readings::keys(isolate, ctx).await;
    let keys = isolate.keys.borrow();
    let keys = keys
        .as_ref()
        .ok_or_else(|| Problem::unavailable(2, "the origin's keys could not be read yet"))?;
    let body =
        serde_json::to_vec(&keys.jwks).map_err(|error| Problem::internal(error.to_string()))?;
    respond::json(exchange, &body, "public, max-age=60")
}

/// A file: from the data centre's cache, or from the origin.
pub(super) async fn file(
    isolate: &Isolate,
    ctx: &Context,
    exchange: &Exchange,
) -> Result<Response, Problem> {
    let encoding = headers::best_encoding(
        headers::READY,
        exchange.header("accept-encoding").as_deref(),
    );
    let url = shared::url(
        exchange.head.own_origin(),
        &format!("files/{encoding}{}", exchange.head.path()),
    );
    if let Some(found) = shared::find_response(&url).await {
        return unless_known(exchange, found);
    }
    let call = Call {
        headers: &[("accept-encoding", encoding)],
        ..Call::get(exchange.head.path())
    };
    let reply = origin::call(&isolate.config, call)
        .await
        .map_err(|error| Problem::unavailable(5, error.0))?;
    if reply.status() != 200 {
        return if reply.status() >= 500 {
            Err(Problem::unavailable(
                5,
                format!("the origin answered {}", reply.status()),
            ))
        } else {
            Err(Problem::not_found())
        };
    }
    let response = with_stream(&reply, &head(exchange, &reply)?)?;
    let copy = response.clone().map_err(respond::unexpected)?;
    ctx.wait_until(async move { shared::keep_response(&url, &copy).await });
    unless_known(exchange, response)
}

fn head(exchange: &Exchange, reply: &Reply) -> Result<ResponseInit, Problem> {
    let caching = if headers::is_hashed(exchange.head.path()) {
        IMMUTABLE.to_owned()
    } else {
        reply
            .header("cache-control")
            .unwrap_or_else(|| REVALIDATED.to_owned())
    };
    let kept = reply.headers(FILE);
    let mut list = vec![("cache-control", caching.as_str())];
    list.extend(PUBLIC_FILE);
    list.extend(kept.iter().map(|(name, value)| (*name, value.as_str())));
    respond::init(exchange, 200, &list)
}

/// The body keeps its encoding: where the declared encoding goes in and comes out unchanged, the runtime passes the
/// bytes through as they are.
fn with_stream(reply: &Reply, init: &ResponseInit) -> Result<Response, Problem> {
    Response::new_with_opt_readable_stream_and_init(reply.stream().as_ref(), init)
        .map_err(respond::unexpected)
}

/// 304 for a client that has this very file, and no body for one that asks for headers only.
fn unless_known(exchange: &Exchange, response: Response) -> Result<Response, Problem> {
    let etag = response.headers().get("etag").ok().flatten();
    let known = etag.is_some_and(|etag| {
        exchange
            .header("if-none-match")
            .is_some_and(|known| headers::is_known(&known, &etag))
    });
    if !known && !exchange.is_head() {
        return Ok(response);
    }
    let init = ResponseInit::new();
    init.set_status(if known { 304 } else { 200 });
    init.set_headers(&response.headers());
    Response::new_with_opt_buffer_source_and_init(None, &init).map_err(respond::unexpected)
}
