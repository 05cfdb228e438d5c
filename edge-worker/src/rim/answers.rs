//! The cache: isolate memory, then the data centre's Cache API, then the origin, which is asked once.

use std::rc::Rc;

use emban_contract::UnixMillis;
use emban_session::VerifiedSession;
use js_sys::Uint8Array;
use web_sys::Response;
use worker::Context;

use super::entry::{Entry, Served};
use super::exchange::Exchange;
use super::forward::{self, Asked};
use super::isolate::{Isolate, now};
use super::origin::Reply;
use super::readings::look_until;
use super::{log, shared};
use crate::expiry::Expiry;
use crate::flights::{Flight, Part};
use crate::freshness::{Age, Validity};
use crate::headers;
use crate::own::Own;
use crate::problem::Problem;

/// Milliseconds that a request waits for the one that asks in its place: a little more than that one has.
const FOLLOW_MS: u64 = 11_000;

/// Milliseconds after a failure in which a stale entry is not asked for anew: an origin that is down is not helped by
/// a question for every request.
const HOLD_OFF_MS: i64 = 1000;

/// What may be answered from an entry.
pub(super) struct Question {
    /// The text of a `CacheKey`.
    pub(super) key: Rc<str>,
    /// The version in the key; 0 when the feed has not named one.
    pub(super) version: u32,
    pub(super) asked: Asked,
    /// Digest of the session's scope.
    pub(super) scope: String,
    /// Whether to ask the origin whatever the caches hold.
    pub(super) reload: bool,
}

/// What came of asking the origin.
#[derive(Clone)]
pub(super) enum Landed {
    /// An answer for everyone of the scope.
    Shared(Rc<Entry>, Served),
    /// An answer for the session that asked, such as that it is revoked.
    Own(Rc<Entry>, Served),
    /// None. The text is for the log.
    Failed(Rc<str>),
}

/// Answers a question.
pub(super) async fn answer(
    isolate: &Rc<Isolate>,
    ctx: &Context,
    exchange: &Exchange,
    session: &VerifiedSession,
    question: Question,
) -> Result<Response, Problem> {
    if !question.reload
        && let Some((entry, served)) = remembered(isolate, &question.key)
    {
        let response = serve(isolate, exchange, session, &question.key, &entry, served);
        if served == Served::Stale {
            refresh(isolate, ctx, exchange, question);
        }
        return response;
    }
    let key = Rc::clone(&question.key);
    if !question.reload
        && let Some((entry, served)) = shared(isolate, exchange, &key).await
    {
        let response = serve(isolate, exchange, session, &key, &entry, served);
        if served == Served::Stale {
            refresh(isolate, ctx, exchange, question);
        }
        return response;
    }
    // Bound to a name: the borrow has to end before anything is awaited.
    let part = isolate.flights.borrow_mut().join(&key, now());
    let landed = match part {
        Part::Lead(flight) => {
            // The question outlives this request's client, since others wait for it.
            ctx.wait_until(Lead::new(isolate, exchange, question, &flight).run());
            flight.landed().await
        }
        Part::Follow(flight) => {
            look_until(FOLLOW_MS, || {
                flight.outcome().is_some() || flight.is_lost(now())
            })
            .await;
            match flight.outcome() {
                Some(Landed::Own(..)) => {
                    return forward::pass(isolate, exchange, session, &question.asked).await;
                }
                Some(landed) => landed,
                None => Landed::Failed("the request that asked the origin was lost".into()),
            }
        }
    };
    match landed {
        Landed::Shared(entry, served) => serve(isolate, exchange, session, &key, &entry, served),
        Landed::Own(entry, served) => entry.response(exchange, session, served),
        Landed::Failed(reason) => Err(Problem::unavailable(5, reason.to_string())),
    }
}

/// The entry of the data centre's cache, which is in memory from then on.
async fn shared(
    isolate: &Isolate,
    exchange: &Exchange,
    key: &Rc<str>,
) -> Option<(Rc<Entry>, Served)> {
    let found = shared::find(exchange.head.own_origin(), key).await;
    // Somebody else may have brought one meanwhile, and a newer one.
    if let Some(known) = remembered(isolate, key) {
        return Some(known);
    }
    let (entry, served) = found?;
    let entry = Rc::new(entry);
    remember(isolate, key, &entry);
    Some((entry, served))
}

/// The answer of a fresh entry in memory.
pub(super) fn at_once(
    isolate: &Isolate,
    exchange: &Exchange,
    session: &VerifiedSession,
    key: &Rc<str>,
) -> Option<Result<Response, Problem>> {
    let (entry, served) = remembered(isolate, key)?;
    (served == Served::Hit).then(|| serve(isolate, exchange, session, key, &entry, served))
}

/// The entry in memory, unless it is too old.
fn remembered(isolate: &Isolate, key: &Rc<str>) -> Option<(Rc<Entry>, Served)> {
    let entry = isolate.answers.borrow_mut().get(key)?;
    match entry.validity.age(now()) {
        Age::Fresh => Some((entry, Served::Hit)),
        Age::Stale => Some((entry, Served::Stale)),
        Age::Gone => {
            isolate.answers.borrow_mut().remove(key);
            None
        }
    }
}

/// The wall behind the key: an entry goes only to sessions of the scope that it was given for.
fn serve(
    isolate: &Isolate,
    exchange: &Exchange,
    session: &VerifiedSession,
    key: &Rc<str>,
    entry: &Entry,
    served: Served,
) -> Result<Response, Problem> {
    if entry.is_for(session) {
        return entry.response(exchange, session, served);
    }
    isolate.answers.borrow_mut().remove(key);
    log::scope_mismatch(exchange.route_name(), &exchange.request_id());
    Err(Problem::unavailable(
        1,
        "a cached answer belongs to another scope",
    ))
}

/// Asks anew while the stale answer is on its way.
fn refresh(isolate: &Rc<Isolate>, ctx: &Context, exchange: &Exchange, question: Question) {
    let failed_at = isolate.origin_failed_at.get();
    if failed_at.is_some_and(|at| exchange.arrived.0.saturating_sub(at.0) < HOLD_OFF_MS) {
        return;
    }
    let part = isolate
        .flights
        .borrow_mut()
        .join(&question.key, exchange.arrived);
    if let Part::Lead(flight) = part {
        ctx.wait_until(Lead::new(isolate, exchange, question, &flight).run());
    }
}

/// Finds the answer in the name of all who wait for it.
struct Lead {
    isolate: Rc<Isolate>,
    own_origin: String,
    request_id: String,
    question: Question,
    flight: Rc<Flight<Landed>>,
}

impl Lead {
    fn new(
        isolate: &Rc<Isolate>,
        exchange: &Exchange,
        question: Question,
        flight: &Rc<Flight<Landed>>,
    ) -> Self {
        Self {
            isolate: Rc::clone(isolate),
            own_origin: exchange.head.own_origin().to_owned(),
            request_id: exchange.request_id(),
            question,
            flight: Rc::clone(flight),
        }
    }

    async fn run(self) {
        let landed = self.ask().await;
        let fresh = match &landed {
            Landed::Shared(entry, Served::Miss { .. }) => Some(Rc::clone(entry)),
            Landed::Shared(..) | Landed::Own(..) | Landed::Failed(_) => None,
        };
        // Before the flight lands: whoever comes right after it finds the entry.
        let kept = fresh.filter(|entry| remember(&self.isolate, &self.question.key, entry));
        self.land(landed);
        if let Some(entry) = kept {
            shared::keep(&self.own_origin, &self.question.key, &entry).await;
        }
    }

    fn land(&self, landed: Landed) {
        self.isolate
            .flights
            .borrow_mut()
            .land(&self.question.key, &self.flight, landed);
    }

    /// Asks the origin; when it fails, what is still in memory has to do.
    async fn ask(&self) -> Landed {
        let asked_at = now();
        let asked = &self.question.asked;
        let failure: Rc<str> = match asked
            .send(&self.isolate, asked.method(), &self.request_id)
            .await
        {
            Err(error) => error.0.into(),
            Ok(reply)
                if reply.status() >= 500
                    && remembered(&self.isolate, &self.question.key).is_some() =>
            {
                format!("the origin answered {}", reply.status()).into()
            }
            Ok(reply) => match reply.bytes().await {
                Ok(body) => return self.received(&reply, body, asked_at),
                Err(error) => error.0.into(),
            },
        };
        self.isolate.origin_failed_at.set(Some(now()));
        match remembered(&self.isolate, &self.question.key) {
            Some((entry, _)) => {
                log::trouble("origin_unreachable", &failure);
                Landed::Shared(entry, Served::Stale)
            }
            None => Landed::Failed(failure),
        }
    }

    /// Judges an answer of the origin.
    fn received(&self, reply: &Reply, body: Uint8Array, asked_at: UnixMillis) -> Landed {
        let question = &self.question;
        let validity = Validity::new(asked_at, reply.header(headers::FRESH).as_deref());
        let served = Served::Miss {
            origin_ms: now().0.saturating_sub(asked_at.0),
        };
        if reply.status() != 200 {
            let passed = reply.headers(headers::PASSED);
            let entry = Entry::new(
                reply.status(),
                passed,
                body,
                String::new(),
                validity,
                Own::NOTHING,
            );
            return Landed::Own(Rc::new(entry), served);
        }
        if reply.header(headers::SCOPE).as_deref() != Some(&question.scope) {
            log::scope_mismatch(question.asked.route, &self.request_id);
            return Landed::Failed("the origin answered for another scope".into());
        }
        // A query's answer is the same for every session of the scope; the surface and the document, which holds one,
        // tell when their session ends.
        let own = if question.asked.body.is_some() {
            Own::NOTHING
        } else {
            Own::find(reply.header(headers::POLICY).as_deref(), &body.to_vec())
        };
        let ambiguous = own.expiry == Expiry::Ambiguous;
        let kept = reply.headers(headers::CACHED);
        let entry = Rc::new(Entry::new(
            200,
            kept,
            body,
            question.scope.clone(),
            validity,
            own,
        ));
        let version: Option<u32> = reply
            .header(headers::VERSION)
            .and_then(|version| version.parse().ok());
        let expected =
            question.version == 0 || version.is_none_or(|version| version == question.version);
        // Published meanwhile: right for whoever asked, but not what the key stands for. And with an ambiguous place
        // of the seconds it is right for one session only.
        if expected && !ambiguous {
            Landed::Shared(entry, served)
        } else {
            Landed::Own(entry, served)
        }
    }
}

/// Keeps an entry in memory, if it may be kept at all.
fn remember(isolate: &Isolate, key: &Rc<str>, entry: &Rc<Entry>) -> bool {
    let lasting = entry.validity.fresh_seconds > 0 && entry.own.expiry != Expiry::Ambiguous;
    if lasting {
        isolate
            .answers
            .borrow_mut()
            .insert(Rc::clone(key), Rc::clone(entry), entry.weight());
    }
    lasting
}
