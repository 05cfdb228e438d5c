//! The routes of a session: verify, look whether it still holds, then answer.

use std::rc::Rc;

use emban_contract::UnixMillis;
use emban_session::{
    CacheKey, CacheRoute, Edition, Live, RequestDigest, VerifiedSession, VerifyError,
};
use sha2::{Digest as _, Sha256};
use web_sys::Response;
use worker::Context;

use super::answers::{self, Question};
use super::exchange::Exchange;
use super::forward::{self, Asked};
use super::isolate::{Isolate, now};
use super::{origin, readings};
use crate::problem::Problem;
use crate::refresh::{Due, FEED, KEYS};
use crate::route::Route;
use crate::{ask, freshness, token};

/// Answers a request that needs a session.
pub(super) async fn answer(
    isolate: &Rc<Isolate>,
    ctx: &Context,
    exchange: &mut Exchange,
    route: &Route,
) -> Result<Response, Problem> {
    let token = exchange.token(route)?.to_owned();
    let session = admit(isolate, ctx, &token, exchange.arrived).await?;
    readings::feed(isolate, ctx).await;
    check(isolate, exchange, route, &session)?;
    count(isolate, exchange, &session)?;
    let asked = asked(exchange, route, token).await?;
    let body = asked.body.as_deref().unwrap_or_default();
    let edition = cached_edition(isolate, &session, now());
    match (cached_as(route, &session), edition) {
        (Some(cached), Some(edition)) => {
            let key = key(&session, edition, cached, body);
            let reload = asks_for_fresh(exchange)
                && isolate
                    .pace
                    .borrow_mut()
                    .may_reload(session.session_id(), exchange.arrived);
            let question = Question {
                key,
                version: edition.version,
                asked,
                scope: session.scope_digest().as_str().to_owned(),
                reload,
            };
            answers::answer(isolate, ctx, exchange, &session, question).await
        }
        (Some(_) | None, _) => forward::pass(isolate, exchange, &session, &asked).await,
    }
}

/// The answer, when memory alone can give it: keys and feed are current, and the entry is fresh or there is a refusal.
/// Most requests end here, before there is a promise.
///
/// Missing: `None` whenever there is something to wait for; [`answer`] then begins from the start. A request that is
/// let through is counted once, by whichever of the two answers it.
pub(super) fn at_once(
    isolate: &Isolate,
    exchange: &mut Exchange,
    route: &Route,
) -> Option<Result<Response, Problem>> {
    let arrived = exchange.arrived;
    let current = isolate.keys_refresh.borrow().due(arrived, KEYS) == Due::No
        && isolate.feed_refresh.borrow().due(arrived, FEED) == Due::No;
    if !current {
        return None;
    }
    let admitted = exchange
        .token(route)
        .map(|token| known(isolate, token, arrived));
    let session = match admitted {
        Ok(Ok(session)) => session,
        // The origin may have a key by now that this edge has not read.
        Ok(Err(Unknown::Key)) => return None,
        Ok(Err(Unknown::Refused(problem))) | Err(problem) => return Some(Err(problem)),
    };
    if let Err(problem) = check(isolate, exchange, route, &session) {
        return Some(Err(problem));
    }
    if asks_for_fresh(exchange) {
        return None;
    }
    let cached = cached_as(route, &session)?;
    let edition = cached_edition(isolate, &session, arrived)?;
    let key = if *route == Route::Query {
        let asked = ask::query(exchange.body_at_once()?).ok()?;
        key(&session, edition, cached, &asked)
    } else {
        key(&session, edition, cached, &[])
    };
    let answer = answers::at_once(isolate, exchange, &session, &key)?;
    Some(count(isolate, exchange, &session).and(answer))
}

/// The session of a token, if it holds now.
async fn admit(
    isolate: &Rc<Isolate>,
    ctx: &Context,
    token: &str,
    now: UnixMillis,
) -> Result<Rc<VerifiedSession>, Problem> {
    readings::keys(isolate, ctx).await;
    let mut admitted = known(isolate, token, now);
    if matches!(admitted, Err(Unknown::Key)) && readings::keys_at_once(isolate).await {
        admitted = known(isolate, token, now);
    }
    admitted.map_err(|unknown| match unknown {
        Unknown::Key => Problem::refused(VerifyError::UnknownKey),
        Unknown::Refused(problem) => problem,
    })
}

/// Why there is no session.
enum Unknown {
    /// The token names a key that this edge has not read.
    Key,
    /// It does not hold, or cannot be verified.
    Refused(Problem),
}

/// The session of a token as far as the keys at hand tell: remembered, or verified and remembered from now on.
fn known(isolate: &Isolate, token: &str, now: UnixMillis) -> Result<Rc<VerifiedSession>, Unknown> {
    let digest: [u8; 32] = Sha256::digest(token).into();
    if let Some(session) = isolate.sessions.borrow_mut().get(&digest) {
        return if session.expires_at() > now {
            Ok(session)
        } else {
            Err(Unknown::Refused(Problem::expired()))
        };
    }
    let keys = isolate.keys.borrow();
    let keys = keys.as_ref().ok_or_else(|| {
        let reason = "the origin's keys could not be read yet";
        Unknown::Refused(Problem::unavailable(2, reason))
    })?;
    let session = keys.verifier.verify(token, now).map_err(|error| {
        if error == VerifyError::UnknownKey {
            Unknown::Key
        } else {
            Unknown::Refused(Problem::refused(error))
        }
    })?;
    let session = Rc::new(session);
    isolate
        .sessions
        .borrow_mut()
        .insert(digest, Rc::clone(&session), token.len());
    Ok(session)
}

/// Whether a verified session may ask this, from this page.
fn check(
    isolate: &Isolate,
    exchange: &mut Exchange,
    route: &Route,
    session: &VerifiedSession,
) -> Result<(), Problem> {
    if isolate.feed.borrow().is_revoked(session) {
        return Err(Problem::revoked());
    }
    if let Route::Document(dashboard) = route
        && dashboard != session.dashboard()
    {
        return Err(Problem::not_found());
    }
    exchange.check_reader(session)
}

/// Takes one request from the session's allowance.
fn count(isolate: &Isolate, exchange: &Exchange, session: &VerifiedSession) -> Result<(), Problem> {
    isolate
        .allowance
        .borrow_mut()
        .take(session.session_id(), exchange.arrived)
        .map_err(Problem::rate_limited)
}

fn asks_for_fresh(exchange: &Exchange) -> bool {
    exchange
        .head
        .cache_control()
        .is_some_and(freshness::asks_for_fresh)
}

/// Reads what is asked, and turns it into what the origin is asked.
async fn asked(exchange: &mut Exchange, route: &Route, token: String) -> Result<Asked, Problem> {
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
    let mut path = exchange.head.path().to_owned();
    if *route == Route::Export {
        let query = token::strip(exchange.head.query());
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
        wants_page: exchange.wants_page(),
        limit_ms,
    })
}

/// What kind of entry holds the answer, if it may come from a cache at all.
fn cached_as(route: &Route, session: &VerifiedSession) -> Option<CacheRoute> {
    match route {
        // A document that opens once has to be counted at the origin.
        Route::Document(_) if session.permissions().single_use => None,
        Route::Document(_) => Some(CacheRoute::Document),
        Route::Surface => Some(CacheRoute::Surface),
        Route::Query => Some(CacheRoute::Query),
        Route::Rows | Route::Values | Route::Export => None,
        Route::Asset | Route::EmbedScript | Route::Jwks | Route::Health => None,
    }
}

/// What an answer to the session would be of, if it may come from a cache now.
fn cached_edition(
    isolate: &Isolate,
    session: &VerifiedSession,
    now: UnixMillis,
) -> Option<Edition> {
    if !freshness::allows_cache(isolate.feed_refresh.borrow().age_ms(now)) {
        return None;
    }
    let feed = isolate.feed.borrow();
    match feed.live(session) {
        Live::Version(version) => Some(Edition {
            version,
            since: feed.tenant_cutoff(session.environment(), session.tenant()),
        }),
        // The origin knows best what to say of a dashboard that is offline.
        Live::Offline => None,
    }
}

fn key(session: &VerifiedSession, edition: Edition, cached: CacheRoute, body: &[u8]) -> Rc<str> {
    let digest = RequestDigest::of(body);
    Rc::from(CacheKey::new(session, edition, cached, &digest).as_str())
}
