//! One line of JSON for each thing worth knowing. Never a token, a query string, a body or a tenant's data.

use serde::Serialize;

use crate::problem::Problem;

#[derive(Serialize)]
struct Line<'a> {
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    reason: &'a str,
}

/// A request that was not answered as asked.
pub(super) fn refusal(route: &str, request_id: &str, problem: &Problem) {
    // Without a reason there is nothing to learn: an unknown path, a body that does not fit.
    let Some(reason) = problem.reason.as_deref() else {
        return;
    };
    let status = problem.code.status();
    let line = Line {
        event: "refused",
        route: Some(route),
        status: Some(status),
        request_id: Some(request_id),
        reason,
    };
    if status >= 500 {
        error(&line)
    } else {
        info(&line)
    }
}

/// The origin broke a rule that keeps tenants apart: somebody has to look.
pub(super) fn scope_mismatch(route: &str, request_id: &str) {
    let reason = "an answer belongs to another scope than the session and was thrown away";
    error(&Line {
        event: "scope_mismatch",
        route: Some(route),
        status: None,
        request_id: Some(request_id),
        reason,
    });
}

/// Something that the edge lives with for a while.
pub(super) fn trouble(event: &str, reason: &str) {
    error(&Line {
        event,
        route: None,
        status: None,
        request_id: None,
        reason,
    });
}

fn info(line: &Line<'_>) {
    worker::console_log!("{}", serde_json::to_string(line).unwrap_or_default());
}

fn error(line: &Line<'_>) {
    worker::console_error!("{}", serde_json::to_string(line).unwrap_or_default());
}
