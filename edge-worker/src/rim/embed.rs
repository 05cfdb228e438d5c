//! The routes of a session: verify, look whether it still holds, then answer.

use std::rc::Rc;

use emban_contract::UnixMillis;
use emban_session::{CacheKey, CacheRoute, Live, RequestDigest, VerifiedSession, VerifyError};
use sha2::{Digest as _, Sha256};
use web_sys::Response;
use worker::Context;

use super::answers::{self, Question};
use super::exchange::Exchange;
use super::forward::{self, Asked};
use super::isolate::{Isolate, now};
use super::{origin, readings};
use crate::problem::Problem;
use crate::route::Route;
use crate::{ask, freshness, headers, token};

/// Answers a request that needs a session.
pub(super) async fn answer(
    isolate: &Rc<Isolate>,
    ctx: &Context,
    exchange: &mut Exchange,
    route: &Route,
) -> Result<Response, Problem> {
    let token = exchange.token(route)?;
    let session = admit(isolate, ctx, &token, exchange.arrived).await?;
    readings::feed(isolate, ctx).await;
    if isolate.feed.borrow().is_revoked(&session) {
        return Err(Problem::revoked());
    }
    if let Route::Document(dashboard) = route
        && dashboard != session.dashboard()
    {
        return Err(Problem::not_found());
    }
    exchange.check_reader(&session)?;
    let asked = asked(exchange, route, token).await?;
    match cache_key(isolate, &session, route, &asked) {
        Some((key, version)) => {
            let reload = exchange
                .header("cache-control")
                .is_some_and(|value| headers::asks_for_fresh(&value))
                && isolate
                    .pace
                    .borrow_mut()
                    .may_reload(session.session_id(), exchange.arrived);
            let question = Question {
                key,
                version,
                asked,
                scope: session.scope_digest().as_str().to_owned(),
                reload,
            };
            answers::answer(isolate, ctx, exchange, &session, question).await
        }
        None => forward::pass(isolate, exchange, &session, &asked).await,
    }
}

/// The session of a token, if it holds now.
async fn admit(
    isolate: &Rc<Isolate>,
    ctx: &Context,
    token: &str,
    now: UnixMillis,
) -> Result<Rc<VerifiedSession>, Problem> {
    readings::keys(isolate, ctx).await;
    let digest: [u8; 32] = Sha256::digest(token).into();
    if let Some(session) = isolate.sessions.borrow_mut().get(&digest) {
        return if session.expires_at() > now {
            Ok(session)
        } else {
            Err(Problem::expired())
        };
    }
    let mut verified = verify(isolate, token)?;
    if verified
        .as_ref()
        .is_err_and(|error| *error == VerifyError::UnknownKey)
        && readings::keys_at_once(isolate).await
    {
        verified = verify(isolate, token)?;
    }
    let session = Rc::new(verified.map_err(Problem::refused)?);
    isolate
        .sessions
        .borrow_mut()
        .insert(digest, Rc::clone(&session), token.len());
    Ok(session)
}

/// The outer error: there are no keys to verify with.
fn verify(isolate: &Isolate, token: &str) -> Result<Result<VerifiedSession, VerifyError>, Problem> {
    let keys = isolate.keys.borrow();
    let keys = keys
        .as_ref()
        .ok_or_else(|| Problem::unavailable(2, "the origin's keys could not be read yet"))?;
    Ok(keys.verifier.verify(token, now()))
}

/// Reads what is asked, and turns it into what the origin is asked.
async fn asked(exchange: &Exchange, route: &Route, token: String) -> Result<Asked, Problem> {
    let body = match route {
        Route::Query => Some(ask::query(&exchange.body().await?)?),
        Route::Rows | Route::Values => {
            let body = exchange.body().await?;
            if *route == Route::Rows {
                ask::rows(&body)?
            } else {
                ask::values(&body)?
            }
            Some(body)
        }
        Route::Document(_) | Route::Surface | Route::Export => None,
        Route::Asset | Route::EmbedScript | Route::Jwks | Route::Health => {
            return Err(Problem::not_found());
        }
    };
    let mut path = exchange.path().to_owned();
    if *route == Route::Export {
        let query = token::strip(exchange.query());
        if !query.is_empty() {
            path = format!("{path}?{query}");
        }
    }
    let limit_ms = if *route == Route::Export {
        origin::EXPORT_MS
    } else {
        origin::ANSWER_MS
    };
    Ok(Asked {
        route: exchange.route_name(),
        path,
        body,
        token,
        limit_ms,
    })
}

/// Names the entry of an answer, if the answer may come from a cache at all.
fn cache_key(
    isolate: &Isolate,
    session: &VerifiedSession,
    route: &Route,
    asked: &Asked,
) -> Option<(Rc<str>, u32)> {
    let cached = match route {
        // A document that opens once has to be counted at the origin.
        Route::Document(_) if session.permissions().single_use => return None,
        Route::Document(_) => CacheRoute::Document,
        Route::Surface => CacheRoute::Surface,
        Route::Query => CacheRoute::Query,
        Route::Rows | Route::Values | Route::Export => return None,
        Route::Asset | Route::EmbedScript | Route::Jwks | Route::Health => return None,
    };
    if !freshness::allows_cache(isolate.feed_refresh.borrow().age_ms(now())) {
        return None;
    }
    let version = match isolate.feed.borrow().live(session) {
        Live::Version(version) => version,
        // The origin knows best what to say of a dashboard that is offline.
        Live::Offline => return None,
    };
    let digest = RequestDigest::of(asked.body.as_deref().unwrap_or_default());
    Some((
        Rc::from(CacheKey::new(session, version, cached, &digest).as_str()),
        version,
    ))
}
