//! Reading the origin's keys and its feed, and waiting for those who do.

use std::rc::Rc;
use std::time::Duration;

use emban_contract::UnixMillis;
use emban_contract::feed::{FEED_PATH, Feed};
use emban_session::{Jwks, Next, Verifier};
use serde::de::DeserializeOwned;
use worker::{Context, Delay};

use super::isolate::{Isolate, Keys, now};
use super::log;
use super::origin::{self, Call, READING_MS};
use crate::refresh::{Due, FEED, KEYS};

/// Pages of the feed that one reading takes at most: an origin that always has more is out of order.
const FEED_PAGES: usize = 50;

/// Milliseconds that a reading in the background lets pass first: where edge, origin and browser share a machine, it
/// would take the processor from the page of the very viewer whose request began it.
const ASIDE_MS: u64 = 250;

/// Milliseconds before a feed is waited for in which its reading begins at once.
const LEISURE_MS: i64 = 1000;

const KEYS_PATH: &str = "/.well-known/jwks.json";

/// Looks until something is so, on timers of this request, for at most `limit_ms`.
pub(super) async fn look_until(limit_ms: u64, so: impl Fn() -> bool) {
    let (mut pause, mut waited) = (2, 0);
    while !so() && waited < limit_ms {
        Delay::from(Duration::from_millis(pause)).await;
        waited += pause;
        // Soon at first, since most answers take milliseconds; then seldom, since each look costs CPU time.
        pause = (pause * 2).min(32);
    }
}

/// Sees to it that the feed is known as of at most 5 s ago, unless it cannot be read.
pub(super) async fn feed(isolate: &Rc<Isolate>, ctx: &Context) {
    let began = now();
    let due = isolate.feed_refresh.borrow().due(began, FEED);
    match due {
        Due::No => {}
        Due::InBackground => {
            let age = isolate.feed_refresh.borrow().age_ms(began);
            isolate.feed_refresh.borrow_mut().begin(began);
            let isolate = Rc::clone(isolate);
            ctx.wait_until(async move {
                // Unless others would soon wait for it.
                if age.is_some_and(|age| age + LEISURE_MS < FEED.wait_ms) {
                    step_aside().await;
                }
                read_feed(isolate, began).await;
            });
        }
        Due::Now => {
            isolate.feed_refresh.borrow_mut().begin(began);
            read_feed(Rc::clone(isolate), began).await;
        }
        Due::ByAnother => {
            look_until(READING_MS.into(), || {
                !isolate.feed_refresh.borrow().is_busy(now(), FEED)
            })
            .await;
        }
    }
}

/// Sees to it that keys are known, and that they are not older than a minute or about to be read.
pub(super) async fn keys(isolate: &Rc<Isolate>, ctx: &Context) {
    let due = isolate.keys_refresh.borrow().due(now(), KEYS);
    if due == Due::InBackground {
        let began = now();
        isolate.keys_refresh.borrow_mut().begin(began);
        let isolate = Rc::clone(isolate);
        ctx.wait_until(async move {
            step_aside().await;
            read_keys(isolate, began).await;
        });
    } else {
        settle_keys(isolate, due).await;
    }
}

/// Reads the keys because a token names one that is not known. Whether it is worth looking again.
pub(super) async fn keys_at_once(isolate: &Rc<Isolate>) -> bool {
    let due = isolate.keys_refresh.borrow().due_at_once(now(), KEYS);
    settle_keys(isolate, due).await;
    due != Due::No
}

async fn step_aside() {
    Delay::from(Duration::from_millis(ASIDE_MS)).await;
}

async fn settle_keys(isolate: &Rc<Isolate>, due: Due) {
    match due {
        Due::Now => {
            let began = now();
            isolate.keys_refresh.borrow_mut().begin(began);
            read_keys(Rc::clone(isolate), began).await;
        }
        Due::ByAnother => {
            look_until(READING_MS.into(), || {
                !isolate.keys_refresh.borrow().is_busy(now(), KEYS)
            })
            .await;
        }
        Due::No | Due::InBackground => {}
    }
}

async fn read_feed(isolate: Rc<Isolate>, began: UnixMillis) {
    for _ in 0..FEED_PAGES {
        let path = format!("{FEED_PATH}?after={}", isolate.feed.borrow().after());
        let page: Feed = match read(&isolate, &path, Some(&isolate.config.edge_secret)).await {
            Ok(page) => page,
            Err(reason) => {
                log::trouble("feed_unreadable", &reason);
                return isolate.feed_refresh.borrow_mut().fail(began);
            }
        };
        match isolate.feed.borrow_mut().apply(page, now()) {
            Next::Done => return isolate.feed_refresh.borrow_mut().succeed(began),
            Next::More | Next::FromStart => {}
        }
    }
    log::trouble("feed_unreadable", "it has no end");
    isolate.feed_refresh.borrow_mut().fail(began);
}

async fn read_keys(isolate: Rc<Isolate>, began: UnixMillis) {
    let keys = read::<Jwks>(&isolate, KEYS_PATH, None)
        .await
        .and_then(|jwks| {
            let verifier = Verifier::new(isolate.config.organisation.clone(), &jwks)
                .map_err(|error| error.to_string())?;
            Ok(Keys { jwks, verifier })
        });
    match keys {
        Ok(keys) => {
            let changed = isolate
                .keys
                .borrow()
                .as_ref()
                .is_none_or(|known| known.jwks != keys.jwks);
            if changed {
                // A key that is gone must not live on in the sessions it once signed.
                isolate.sessions.borrow_mut().clear();
                *isolate.keys.borrow_mut() = Some(keys);
            }
            isolate.keys_refresh.borrow_mut().succeed(began);
        }
        Err(reason) => {
            log::trouble("keys_unreadable", &reason);
            isolate.keys_refresh.borrow_mut().fail(began);
        }
    }
}

/// A JSON document of the origin. Errors: a sentence for the log.
async fn read<T: DeserializeOwned>(
    isolate: &Isolate,
    path: &str,
    bearer: Option<&str>,
) -> Result<T, String> {
    let call = Call {
        bearer,
        limit_ms: READING_MS,
        ..Call::get(path)
    };
    let reply = origin::call(&isolate.config, call)
        .await
        .map_err(|error| error.0)?;
    if reply.status() != 200 {
        return Err(format!("the origin answered {}", reply.status()));
    }
    let bytes = reply.bytes().await.map_err(|error| error.0)?.to_vec();
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}
