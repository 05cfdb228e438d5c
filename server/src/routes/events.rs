//! `POST /v1/events`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use emban_contract::{Detail, ProblemCode, UnixMillis};
use emban_spool::{AppendError, FirstRequest, RequestDigest};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::environment::Environment;
use crate::events_body::{self, Batch, Layout};
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::json::read_bytes;
use crate::extract::key::Ingest;
use crate::extract::params::Params;
use crate::ids::IdSeed;
use crate::problem::Problem;

/// Answer: the events are durable.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventsAccepted")]
pub(crate) struct Accepted {
    /// Events that are durable now.
    accepted: usize,
    /// Always `ok`.
    status: &'static str,
    /// What was not stored, with `?partial=true`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<Rejected>,
}

/// One bad place of one bad event.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventRejected")]
struct Rejected {
    /// Place of the event in the request, from 0.
    index: usize,
    /// JSON pointer into the event.
    path: String,
    /// What is wrong there.
    message: String,
}

/// Takes events; answers only when they are durable.
pub(crate) async fn create_events(
    Ingest(environment): Ingest,
    State(app): State<App>,
    mut params: Params,
    key: IdempotencyKey,
    request: Request,
) -> Result<Json<Accepted>, Problem> {
    // Keep the sound events of a request that holds bad ones.
    let partial = params.parsed("partial").unwrap_or(false);
    params.finish()?;
    let headers = request.headers().clone();
    let (layout, key) = (layout(&headers)?, key.text());
    let body = read_bytes(request, &app).await?;
    let encoding = headers
        .get(CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let plain = events_body::decode(&body, encoding)?;
    let named = match key {
        Some(key) => {
            let parts = [layout.name(), partial_name(partial), &plain];
            Some(Named::find(&environment, key, RequestDigest::of(&parts)).await?)
        }
        None => None,
    };
    let first = named.as_ref().and_then(|named| named.first);
    let now = first.map_or_else(|| app.now(), |first| first.at);
    let seed = match &named {
        Some(named) => named.seed(&environment),
        None => IdSeed::random()?,
    };
    let Batch { events, bad } = events_body::read(&plain, layout, now, &seed)?;
    if !bad.is_empty() && !partial {
        return Err(Problem::invalid(
            "some events are not valid; none was stored",
            pointers(bad),
        ));
    }
    // Not needed while the disk is waited for.
    drop(plain);
    drop(body);
    let accepted = events.len();
    if first.is_none() {
        environment.spool.append(events).await.map_err(refusal)?;
        if let Some(named) = named {
            named.remember(&environment, now).await;
        }
    }
    Ok(Json(answer(accepted, bad)))
}

fn answer(accepted: usize, bad: Vec<(usize, Vec<Detail>)>) -> Accepted {
    let rejected = bad.into_iter().flat_map(|(index, details)| {
        details.into_iter().map(move |detail| Rejected {
            index,
            path: detail.path,
            message: detail.message,
        })
    });
    Accepted {
        accepted,
        status: "ok",
        rejected: rejected.collect(),
    }
}

fn partial_name(partial: bool) -> &'static [u8] {
    if partial { b"partial" } else { b"whole" }
}

/// A request that names itself, so that it can be told from its own retry.
struct Named {
    key: String,
    digest: RequestDigest,
    first: Option<FirstRequest>,
}

impl Named {
    /// Looks up what became of the key. Errors: it was used for another request.
    async fn find(
        environment: &Arc<Environment>,
        key: &str,
        digest: RequestDigest,
    ) -> Result<Self, Problem> {
        let (requests, key) = (environment.requests.clone(), key.to_owned());
        let found = tokio::task::spawn_blocking(move || (requests.find(&key), key));
        let (found, key) = found.await.map_err(Problem::internal)?;
        let first = found.map_err(|error| {
            let message = "idempotency keys cannot be looked up now";
            Problem::hidden(ProblemCode::Unavailable, message, error).retry_after(5)
        })?;
        if first.is_some_and(|first| first.digest != digest) {
            return Err(Problem::new(
                ProblemCode::Conflict,
                "this Idempotency-Key was used for another request",
            ));
        }
        Ok(Self { key, digest, first })
    }

    /// The body is part of it: events that come under a key of which nothing is known any more are others, and must
    /// not be taken for those that came under it before.
    fn seed(&self, environment: &Environment) -> IdSeed {
        let environment = environment.name.as_str().as_bytes();
        IdSeed::of(&[environment, self.key.as_bytes(), self.digest.as_bytes()])
    }

    /// Keeps what the request carried and when it was judged, now that its events are durable.
    async fn remember(self, environment: &Arc<Environment>, at: UnixMillis) {
        let (requests, digest) = (environment.requests.clone(), self.digest);
        let record = move || requests.record(&self.key, FirstRequest { digest, at });
        // A record that is missing costs nothing: the ids of the events follow from the key.
        match tokio::task::spawn_blocking(record).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "an idempotency key was not kept"),
            Err(error) => tracing::warn!(%error, "an idempotency key was not kept"),
        }
    }
}

fn layout(headers: &HeaderMap) -> Result<Layout, Problem> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(Layout::Json);
    };
    let essence = value
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => Ok(Layout::Json),
        "application/x-ndjson" | "application/ndjson" => Ok(Layout::Lines),
        _ => Err(Problem::new(
            ProblemCode::UnsupportedMediaType,
            "the body must be application/json or application/x-ndjson",
        )),
    }
}

fn pointers(bad: Vec<(usize, Vec<Detail>)>) -> Vec<Detail> {
    bad.into_iter()
        .flat_map(|(index, details)| {
            details.into_iter().map(move |detail| {
                Detail::new(format!("/events/{index}{}", detail.path), detail.message)
            })
        })
        .collect()
}

fn refusal(error: AppendError) -> Problem {
    match error {
        AppendError::Full { retry_after } => {
            let seconds = u32::try_from(retry_after.as_secs().max(1)).unwrap_or(60);
            Problem::new(
                ProblemCode::SpoolFull,
                "the warehouse is behind and the spool is full",
            )
            .retry_after(seconds)
        }
        AppendError::TooLarge { bytes, limit } => Problem::new(
            ProblemCode::TooLarge,
            format!("the events take {bytes} bytes, the limit is {limit}"),
        ),
        AppendError::Disk(_) | AppendError::Closed => {
            Problem::hidden(ProblemCode::SpoolFull, "events cannot be stored now", error)
                .retry_after(5)
        }
    }
}
