//! `GET /v1/audit`.

use axum::Json;
use axum::extract::State;
use emban_contract::UnixMillis;
use emban_contract::audit::{AuditEntry, AuditPage};

use crate::app::App;
use crate::control::AuditCursor;
use crate::extract::key::Reader;
use crate::extract::params::Params;
use crate::problem::Problem;

/// Entries of a page at most, and when the caller does not say.
const PAGE: [u32; 2] = [500, 100];

/// The audit log of the caller's environment, newest first.
pub(crate) async fn list_audit(
    reader: Reader,
    State(app): State<App>,
    mut params: Params,
) -> Result<Json<AuditPage>, Problem> {
    let [most, usual] = PAGE;
    let limit = params.number("limit", [1, most]).unwrap_or(usual);
    let cursor = params.text("cursor");
    let before = cursor.as_deref().and_then(parse_cursor);
    if cursor.is_some() && before.is_none() {
        params.refuse("cursor", "is not one of ours");
    }
    params.finish()?;
    let environment = &reader.environment.name;
    let mut entries = app
        .control
        .list_audit(environment, before.as_ref(), limit + 1)
        .await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > page;
    entries.truncate(page);
    let next_cursor = entries.last().filter(|_| more).map(cursor_after);
    Ok(Json(AuditPage {
        entries,
        next_cursor,
    }))
}

fn cursor_after(entry: &AuditEntry) -> String {
    format!("{}.{}", entry.at.0, entry.id)
}

fn parse_cursor(text: &str) -> Option<AuditCursor> {
    let (at, id) = text.split_once('.')?;
    Some(AuditCursor {
        at: UnixMillis(at.parse().ok()?),
        id: id.to_owned(),
    })
}
