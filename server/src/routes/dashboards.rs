//! `/v1/dashboards`.

use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::{Extension, Json};
use emban_contract::dashboard::DashboardDocument;
use emban_contract::{DashboardId, ProblemCode, UnixMillis};
use http::header::{ETAG, IF_MATCH};
use http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::audit::AuditDetails;
use crate::control::{Answered, Dashboard, Once, PublishOutcome, Replaced};
use crate::draft::{self, Unknown};
use crate::environment::Environment;
use crate::extract::idempotency::{self, IdempotencyKey};
use crate::extract::json::Body;
use crate::extract::key::{Admin, Reader};
use crate::extract::params::Params;
use crate::ids;
use crate::problem::Problem;

/// How long a publication waits for events that were taken and are not in the warehouse yet, before it calls a property
/// unknown.
const SETTLING: Duration = Duration::from_secs(5);
/// How often it looks meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A dashboard as it is answered.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Dashboard")]
pub(crate) struct DashboardBody {
    /// Names the dashboard.
    id: DashboardId,
    /// `published` when a version is live.
    #[schemars(extend("enum" = ["draft", "published"]))]
    status: &'static str,
    /// What the next publish would make live.
    #[schemars(with = "Draft")]
    draft: Value,
    /// The live version; null when none is.
    published_version: Option<u32>,
    /// When it was made.
    created_at: UnixMillis,
    /// When the draft was last replaced, or a version went live or offline.
    updated_at: UnixMillis,
}

/// A dashboard document, finished or not: an object with a name. Publishing checks the rest.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(
    dead_code,
    reason = "read as any JSON; this is what the documentation says of it"
)]
pub(crate) enum Draft {
    /// One that can be published.
    Finished(Box<DashboardDocument>),
    /// One that is being worked on.
    Unfinished(Unfinished),
}

/// What a draft needs to be kept.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "read as any JSON; this is what the documentation says of it"
)]
pub(crate) struct Unfinished {
    /// Title for people.
    #[schemars(regex(pattern = r"\S"))]
    name: String,
}

/// A list of dashboards.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DashboardList")]
pub(crate) struct Dashboards {
    /// The dashboards of the key's environment.
    dashboards: Vec<DashboardBody>,
}

/// A version in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DashboardVersion")]
pub(crate) struct VersionBody {
    /// Its number, from 1.
    version: u32,
    /// When it was published.
    created_at: UnixMillis,
    /// Whether it is what customers see.
    live: bool,
}

/// A list of versions.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DashboardVersionList")]
pub(crate) struct Versions {
    /// The newest first.
    versions: Vec<VersionBody>,
}

type Tagged = ([(http::HeaderName, String); 1], Json<DashboardBody>);

/// Method and path of the route that takes an `Idempotency-Key`.
const CREATE: &str = "POST /v1/dashboards";

/// Keeps a new draft.
pub(crate) async fn create_dashboard(
    Admin(environment): Admin,
    State(app): State<App>,
    key: IdempotencyKey,
    Body(draft): Body<Value>,
) -> Result<(StatusCode, Extension<AuditDetails>, Tagged), Problem> {
    check_draft(&draft)?;
    let once = key.once(CREATE, &draft)?;
    let new = Dashboard::new(ids::dashboard_id()?, draft, app.now());
    let id = keep_once(&app, &environment, &new, once).await?;
    let dashboard = if id == new.id {
        new
    } else {
        let earlier = app.control.read_dashboard(&environment.name, &id).await?;
        earlier.ok_or_else(missing)?
    };
    let made = AuditDetails(json!({ "dashboard_id": dashboard.id }));
    Ok((StatusCode::CREATED, Extension(made), tagged(dashboard)))
}

/// Keeps a new draft. Returns its id, or that of the one that the same request made earlier.
async fn keep_once(
    app: &App,
    environment: &Environment,
    new: &Dashboard,
    once: Option<Once>,
) -> Result<DashboardId, Problem> {
    let answered = once.map(|once| Answered {
        answer: json!({ "dashboard_id": new.id }),
        once,
    });
    // Twice at most: who loses the race for a key finds the winner's answer.
    for _ in 0..2 {
        let once = answered.as_ref().map(|answered| &answered.once);
        if let Some(earlier) = idempotency::earlier(app, environment, once).await? {
            let id = earlier.get("dashboard_id").and_then(Value::as_str);
            return parse_id(id.unwrap_or_default());
        }
        let control = &app.control;
        if control
            .create_dashboard(&environment.name, new, answered.as_ref())
            .await?
        {
            return Ok(new.id.clone());
        }
    }
    Err(Problem::internal(
        "an idempotency key is neither free nor taken",
    ))
}

/// The dashboards of the caller's environment.
pub(crate) async fn list_dashboards(
    Reader { environment, .. }: Reader,
    State(app): State<App>,
) -> Result<Json<Dashboards>, Problem> {
    let dashboards = app.control.list_dashboards(&environment.name).await?;
    Ok(Json(Dashboards {
        dashboards: dashboards.into_iter().map(body).collect(),
    }))
}

/// One dashboard.
pub(crate) async fn read_dashboard(
    Reader { environment, .. }: Reader,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Tagged, Problem> {
    let dashboard = app
        .control
        .read_dashboard(&environment.name, &parse_id(&id)?)
        .await?;
    Ok(tagged(dashboard.ok_or_else(missing)?))
}

/// Replaces the draft; with `If-Match` only when nobody else was faster.
pub(crate) async fn replace_dashboard(
    Admin(environment): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(draft): Body<Value>,
) -> Result<Tagged, Problem> {
    let id = parse_id(&id)?;
    check_draft(&draft)?;
    let expected = expected_revision(&headers)?;
    match app
        .control
        .replace_draft(&environment.name, &id, &draft, expected, app.now())
        .await?
    {
        Replaced::Done(dashboard) => Ok(tagged(dashboard)),
        Replaced::Missing => Err(missing()),
        Replaced::Stale => Err(Problem::new(
            ProblemCode::PreconditionFailed,
            "the draft was changed since it was read",
        )),
    }
}

/// Removes a dashboard; its sessions end at once.
pub(crate) async fn delete_dashboard(
    Admin(environment): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let now = app.now();
    if !app
        .control
        .delete_dashboard(&environment.name, &parse_id(&id)?, now)
        .await?
    {
        return Err(missing());
    }
    app.revocations.refresh(now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Freezes the draft as the next version and makes it live.
pub(crate) async fn publish_dashboard(
    Admin(environment): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<StatusCode, Problem> {
    let allow_unknown = params.parsed("allow_unknown").unwrap_or(false);
    params.finish()?;
    let id = parse_id(&id)?;
    let dashboard = app
        .control
        .read_dashboard(&environment.name, &id)
        .await?
        .ok_or_else(missing)?;
    let document = check_document(&dashboard.draft, app.now())?;
    if !allow_unknown {
        check_properties(&app, &environment, &document).await?;
    }
    live(
        &app,
        app.control
            .publish(&environment.name, &id, &dashboard.draft, app.now())
            .await?,
    )
    .await
}

/// Takes the embed offline.
pub(crate) async fn unpublish_dashboard(
    Admin(environment): Admin,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    live(
        &app,
        app.control
            .set_published(&environment.name, &parse_id(&id)?, None, app.now())
            .await?,
    )
    .await
}

/// The versions of a dashboard, newest first.
pub(crate) async fn list_versions(
    Reader { environment, .. }: Reader,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Versions>, Problem> {
    let id = parse_id(&id)?;
    let dashboard = app
        .control
        .read_dashboard(&environment.name, &id)
        .await?
        .ok_or_else(missing)?;
    let versions = app.control.list_versions(&environment.name, &id).await?;
    let versions = versions
        .into_iter()
        .map(|v| VersionBody {
            version: v.version,
            created_at: v.created_at,
            live: dashboard.published_version == Some(v.version),
        })
        .collect();
    Ok(Json(Versions { versions }))
}

/// Makes an older version live again.
pub(crate) async fn publish_version(
    Admin(environment): Admin,
    State(app): State<App>,
    Path((id, version)): Path<(String, u32)>,
) -> Result<StatusCode, Problem> {
    live(
        &app,
        app.control
            .set_published(&environment.name, &parse_id(&id)?, Some(version), app.now())
            .await?,
    )
    .await
}

/// Copies an older version into the draft.
pub(crate) async fn restore_version(
    Admin(environment): Admin,
    State(app): State<App>,
    Path((id, version)): Path<(String, u32)>,
) -> Result<Tagged, Problem> {
    let id = parse_id(&id)?;
    let version = app
        .control
        .read_version(&environment.name, &id, version)
        .await?
        .ok_or_else(missing)?;
    match app
        .control
        .replace_draft(&environment.name, &id, &version.document, None, app.now())
        .await?
    {
        Replaced::Done(dashboard) => Ok(tagged(dashboard)),
        Replaced::Missing | Replaced::Stale => Err(missing()),
    }
}

pub(super) fn missing() -> Problem {
    Problem::not_found("dashboard or version")
}

/// An id of another shape is an id that does not exist.
pub(super) fn parse_id(id: &str) -> Result<DashboardId, Problem> {
    DashboardId::new(id).map_err(|_| missing())
}

/// A draft may be unfinished, but it is an object with a name.
fn check_draft(draft: &Value) -> Result<(), Problem> {
    let named = draft
        .get("name")
        .and_then(Value::as_str)
        .is_some_and(|name| !name.trim().is_empty());
    if named {
        Ok(())
    } else {
        Err(Problem::invalid_at(
            "/name",
            "must be a text that is not empty",
        ))
    }
}

fn check_document(draft: &Value, now: UnixMillis) -> Result<DashboardDocument, Problem> {
    draft::read(draft, now)
        .map_err(|problems| Problem::invalid("the draft cannot be published", problems))
}

/// What a document names and nobody sent, once what was taken so far is in the warehouse; nothing when it cannot be told.
pub(super) async fn unknown_names(
    app: &App,
    environment: &Environment,
    document: &DashboardDocument,
) -> Unknown {
    let until = Instant::now() + SETTLING;
    loop {
        // Before the question: what is stored while it is asked may be missing from the answer.
        let settled = environment.spool.status().events == 0 || Instant::now() >= until;
        let unknown = draft::unknown(&app.warehouse, &environment.name, document).await;
        let unknown = unknown.unwrap_or_else(|error| {
            tracing::warn!(%error, "what a document names cannot be looked for");
            Unknown::default()
        });
        if unknown.properties.is_empty() || settled {
            return unknown;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn check_properties(
    app: &App,
    environment: &Environment,
    document: &DashboardDocument,
) -> Result<(), Problem> {
    let unknown = unknown_names(app, environment, document).await;
    if unknown.properties.is_empty() {
        return Ok(());
    }
    let message = "the draft names properties that no event has: correct them, or publish with ?allow_unknown=true";
    Err(Problem::invalid(message, unknown.properties))
}

/// Answers what came of a publication; this origin serves it from now on.
async fn live(app: &App, outcome: PublishOutcome) -> Result<StatusCode, Problem> {
    match outcome {
        PublishOutcome::Live(_) => {
            app.revocations.refresh(app.now()).await?;
            Ok(StatusCode::NO_CONTENT)
        }
        PublishOutcome::Missing => Err(missing()),
    }
}

fn expected_revision(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let revision = text
        .trim_start_matches("W/")
        .trim_matches('"')
        .parse()
        .ok()
        .filter(|n| *n > 0);
    revision.map(Some).ok_or_else(|| {
        Problem::new(
            ProblemCode::PreconditionFailed,
            "If-Match names no known ETag",
        )
    })
}

fn body(dashboard: Dashboard) -> DashboardBody {
    DashboardBody {
        id: dashboard.id,
        status: if dashboard.published_version.is_some() {
            "published"
        } else {
            "draft"
        },
        draft: dashboard.draft,
        published_version: dashboard.published_version,
        created_at: dashboard.created_at,
        updated_at: dashboard.updated_at,
    }
}

fn tagged(dashboard: Dashboard) -> Tagged {
    (
        [(ETAG, format!("\"{}\"", dashboard.revision))],
        Json(body(dashboard)),
    )
}
