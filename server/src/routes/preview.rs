//! `POST /v1/dashboards/validate` and `POST /v1/dashboards/{id}/preview`: a draft before it is published.

use axum::Json;
use axum::extract::{Path, State};
use emban_contract::dashboard::read_document;
use emban_contract::embed::{QueryAnswer, QueryRequest, Surface};
use emban_contract::filters::ViewerFilters;
use emban_contract::permissions::Permissions;
use emban_contract::{Detail, TenantId, WidgetId};
use emban_warehouse::{TenantScope, View};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dashboards::{missing, parse_id, unknown_names};
use super::embed::refusal;
use crate::app::App;
use crate::draft;
use crate::extract::json::Body;
use crate::extract::key::Editor;
use crate::problem::Problem;
use crate::surface::{Viewer, surface_for};

/// Answer of `validate`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Validity {
    /// Whether it could be published.
    valid: bool,
    /// Every problem, each with its JSON pointer.
    problems: Vec<Detail>,
    /// Events and properties that nobody sent so far. Publishing refuses the properties unless it is told to allow them.
    warnings: Vec<Detail>,
}

/// Who looks at a draft, and what it asks.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewRequest {
    /// As whom.
    tenant_id: TenantId,
    /// Under which permissions.
    #[serde(default, deserialize_with = "emban_contract::json::object")]
    permissions: Permissions,
    /// Which widgets; all that ask something when not given.
    #[serde(default)]
    widgets: Option<Vec<WidgetId>>,
    /// What the viewer would have chosen.
    #[serde(default)]
    filters: ViewerFilters,
}

/// A draft as a session of a tenant would see it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Preview {
    /// Always true: what is shown is not what customers see.
    preview: bool,
    /// As whom.
    tenant_id: TenantId,
    /// The draft as it would be seen.
    surface: Surface,
    /// The figures.
    answer: QueryAnswer,
}

/// Checks a document without keeping it: every problem at once.
pub(crate) async fn validate_dashboard(
    editor: Editor,
    State(app): State<App>,
    Body(draft): Body<Value>,
) -> Json<Validity> {
    let (problems, warnings) = match draft::read(&draft, app.now()) {
        Ok(document) => {
            let unknown = unknown_names(&app, &editor.environment, &document).await;
            let wholes = draft::false_wholes(&document);
            (
                Vec::new(),
                [unknown.properties, unknown.events, wholes].concat(),
            )
        }
        Err(problems) => (problems, Vec::new()),
    };
    Json(Validity {
        valid: problems.is_empty(),
        problems,
        warnings,
    })
}

/// Shows a draft as any tenant, under any permissions.
pub(crate) async fn preview_dashboard(
    editor: Editor,
    State(app): State<App>,
    Path(id): Path<String>,
    Body(asked): Body<PreviewRequest>,
) -> Result<Json<Preview>, Problem> {
    let id = parse_id(&id)?;
    let environment = &editor.environment.name;
    let dashboard = app.control.read_dashboard(environment, &id).await?;
    let dashboard = dashboard.ok_or_else(missing)?;
    let now = app.now();
    let document = read_document(&dashboard.draft)
        .map_err(|problems| Problem::invalid("the draft cannot be shown", problems))?;
    let view = View {
        document: &document,
        permissions: &asked.permissions,
        now,
    };
    let request = QueryRequest {
        widgets: asked.widgets,
        filters: asked.filters,
    };
    let planned = view.widgets(&request).map_err(refusal)?;
    let scope = TenantScope::named_by(&editor.key, asked.tenant_id.clone());
    let results = app.warehouse.scoped(scope).answer(&planned, now).await;
    // A draft has no version: 0 is none.
    let version = 0;
    let viewer = Viewer {
        dashboard: &id,
        permissions: &asked.permissions,
        now,
        expires_in: 0,
    };
    Ok(Json(Preview {
        preview: true,
        tenant_id: asked.tenant_id,
        surface: surface_for(&document, version, &viewer),
        answer: QueryAnswer { version, results },
    }))
}
