//! `POST /v1/events`.

use axum::Json;
use axum::extract::{Query, Request, State};
use emban_contract::{Detail, ProblemCode};
use emban_spool::AppendError;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::events_body::{self, Batch, Layout};
use crate::extract::json::read_bytes;
use crate::extract::key::Ingest;
use crate::problem::Problem;

/// Parameters of the request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventsQuery {
    /// Keep the sound events of a request that holds bad ones.
    #[serde(default)]
    partial: bool,
}

/// Answer: the events are durable.
#[derive(Serialize)]
pub(crate) struct Accepted {
    accepted: usize,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<Rejected>,
}

/// One bad place of one bad event.
#[derive(Serialize)]
struct Rejected {
    index: usize,
    path: String,
    message: String,
}

/// Takes events; answers only when they are durable.
pub(crate) async fn create_events(
    Ingest(environment): Ingest,
    State(app): State<App>,
    Query(query): Query<EventsQuery>,
    request: Request,
) -> Result<Json<Accepted>, Problem> {
    let headers = request.headers().clone();
    let layout = layout(&headers)?;
    let body = read_bytes(request, &app).await?;
    let encoding = headers
        .get(CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let plain = events_body::decode(&body, encoding)?;
    let Batch { events, bad } = events_body::read(&plain, layout, app.now())?;
    if !bad.is_empty() && !query.partial {
        return Err(Problem::invalid(
            "some events are not valid; none was stored",
            pointers(bad),
        ));
    }
    let accepted = events.len();
    environment.spool.append(events).await.map_err(refusal)?;
    let rejected = bad
        .into_iter()
        .flat_map(|(index, details)| {
            details.into_iter().map(move |detail| Rejected {
                index,
                path: detail.path,
                message: detail.message,
            })
        })
        .collect();
    Ok(Json(Accepted {
        accepted,
        status: "ok",
        rejected,
    }))
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
