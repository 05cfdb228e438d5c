//! The HTTP interface: routes, the secret, headers.

mod body;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use crate::engine::{Answer, Engine, Job};
use crate::exception::Exception;
use crate::request::{UrlParameters, check_encoding, password};
use body::{Content, read_content};

const SUMMARY: HeaderName = HeaderName::from_static("x-clickhouse-summary");
const FORMAT: HeaderName = HeaderName::from_static("x-clickhouse-format");
const QUERY_ID: HeaderName = HeaderName::from_static("x-clickhouse-query-id");
/// The database of a request that names none.
const DEFAULT_DATABASE: &str = "default";

/// What the handlers share.
#[derive(Clone)]
pub struct ServerState {
    /// Runs the statements.
    pub engine: Arc<Engine>,
    /// What clients send as the ClickHouse password.
    pub secret: Arc<SecretString>,
}

/// The routes; all but `/ping` want the secret.
pub fn router(state: ServerState) -> Router {
    Router::new()
        .route("/", get(statement).post(statement))
        .route("/identity", get(identity))
        .fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                "There is no such path here: try /, /ping or /identity.\n",
            )
        })
        .layer(middleware::from_fn_with_state(state.clone(), check_secret))
        .route("/ping", get(|| async { "Ok.\n" }))
        .with_state(state)
}

async fn check_secret(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let sent = password(request.headers()).unwrap_or_default();
    if bool::from(
        sent.as_slice()
            .ct_eq(state.secret.expose_secret().as_bytes()),
    ) {
        return next.run(request).await;
    }
    tracing::warn!("a request without the right secret was refused");
    Exception::authentication_failed().into_response()
}

/// Who this is, so that a supervisor knows that it talks to the process it started.
async fn identity(State(state): State<ServerState>) -> impl IntoResponse {
    axum::Json(serde_json::json!({
        "data_dir": state.engine.data_dir(),
        "pid": std::process::id(),
        "engine": state.engine.version(),
    }))
}

async fn statement(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Response, Exception> {
    check_encoding(request.headers())?;
    let mut url = UrlParameters::read(request.uri().query().unwrap_or_default())?;
    let is_get = request.method() != Method::POST;
    if is_get && url.query.is_none() {
        return Ok("Ok.\n".into_response());
    }
    if is_get {
        url.settings.make_read_only();
    }
    let query_id = url.query_id.clone();
    let answer = run(&state.engine, url, request).await;
    let answer =
        answer.inspect_err(|error| tracing::info!(code = error.code(), "a statement failed"))?;
    Ok(success(answer, query_id))
}

async fn run(
    engine: &Arc<Engine>,
    url: UrlParameters,
    request: Request,
) -> Result<Answer, Exception> {
    let decompress = url.decompress;
    let mut job = Job {
        default_format: url.default_format,
        database: url.database.unwrap_or_else(|| DEFAULT_DATABASE.to_owned()),
        settings: url.settings,
        parameters: url.parameters,
        ..Job::default()
    };
    match read_content(url.query, decompress, request).await? {
        Content::Statement { sql, parameters } => {
            job.sql = sql;
            job.parameters.extend(parameters);
            engine.run(job).await
        }
        Content::InsertWithRows { sql, rows } => {
            job.sql = sql;
            engine.insert(job, body::rows_channel(rows)).await
        }
        Content::InsertFromBody { sql, body } => {
            job.sql = sql;
            job.compressed_rows = decompress;
            let (sender, receiver) = tokio::sync::mpsc::channel(body::PIECES_AHEAD);
            let (answer, ()) =
                tokio::join!(engine.insert(job, receiver), body::forward(body, sender));
            answer
        }
    }
}

fn success(answer: Answer, query_id: Option<String>) -> Response {
    let content_type = match answer.format.as_str() {
        name if name.starts_with("JSONEachRow") => "application/x-ndjson; charset=UTF-8",
        name if name.starts_with("JSON") => "application/json; charset=UTF-8",
        name if name.starts_with("CSV") => "text/csv; charset=UTF-8",
        name if name.starts_with("TabSeparated") || name.starts_with("TSV") => {
            "text/tab-separated-values; charset=UTF-8"
        }
        _ => "application/octet-stream",
    };
    let mut response = answer.body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    let texts = [
        (SUMMARY, Some(answer.summary.header())),
        (FORMAT, Some(answer.format)),
        (QUERY_ID, query_id),
    ];
    for (name, text) in texts {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    }
    response
}
