//! Finding the statement and the rows in a request.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use crate::compressed::BlockDecoder;
use crate::engine::Rows;
use crate::exception::Exception;
use crate::ffi::Parameter;
use crate::statement::{Shape, shape};

/// Largest statement with the rows written into it, or multipart body. Rows behind an INSERT have no limit.
const MAX_STATEMENT_BYTES: usize = 64 << 20;
/// Pieces of a body that wait for the engine; hyper's pieces are at most 400 KiB or so.
pub(super) const PIECES_AHEAD: usize = 8;
/// How long the rest of a refused insert's body is read, so that the client gets to see the refusal.
const DRAIN_WAIT: Duration = Duration::from_secs(5);

/// What a request asks for.
pub(super) enum Content {
    /// A statement, and the values that came with it.
    Statement {
        sql: String,
        parameters: Vec<Parameter>,
    },
    /// An INSERT with its rows behind it, all in memory.
    InsertWithRows { sql: String, rows: Bytes },
    /// An INSERT whose rows are the body, which has not been read.
    InsertFromBody { sql: String, body: Body },
}

/// Puts the URL's `query` and the body together as ClickHouse does: the one, a line break, the other.
pub(super) async fn read_content(
    url_query: Option<String>,
    decompress: bool,
    request: Request,
) -> Result<Content, Exception> {
    if is_multipart(&request) {
        return read_multipart(url_query, request).await;
    }
    let url_query = match url_query {
        Some(query) => match shape(&query) {
            Shape::InsertRows(insert) if insert.rows_at == query.len() => {
                let sql = insert.statement.to_owned();
                return Ok(Content::InsertFromBody {
                    sql,
                    body: request.into_body(),
                });
            }
            _ => query,
        },
        None => String::new(),
    };
    let body = collect(request.into_body(), decompress).await?;
    if body.is_empty() || url_query.is_empty() {
        let text = if url_query.is_empty() {
            body
        } else {
            url_query.into()
        };
        return split(text);
    }
    split([url_query.as_bytes(), b"\n", &body].concat().into())
}

fn is_multipart(request: &Request) -> bool {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| content_type.starts_with("multipart/form-data"))
}

/// `query` and `param_*` fields, which the `clickhouse` crate sends when a query has parameters.
async fn read_multipart(url_query: Option<String>, request: Request) -> Result<Content, Exception> {
    let unreadable = || Exception::bad_request("The multipart body cannot be read.");
    let limited =
        request.map(|body| Body::new(http_body_util::Limited::new(body, MAX_STATEMENT_BYTES)));
    let mut form = Multipart::from_request(limited, &())
        .await
        .map_err(|_| unreadable())?;
    let mut sql = url_query.unwrap_or_default();
    let mut parameters = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.bytes().await.map_err(|_| unreadable())?;
        if name == "query" {
            sql.push_str(std::str::from_utf8(&value).map_err(|_| unreadable())?);
        } else if let Some(parameter) = name.strip_prefix("param_") {
            parameters.push((parameter.to_owned(), value.to_vec()));
        } else {
            return Err(Exception::not_supported(&format!(
                "External table or unknown form field {name:?}."
            )));
        }
    }
    Ok(Content::Statement { sql, parameters })
}

async fn collect(mut body: Body, decompress: bool) -> Result<Bytes, Exception> {
    let mut decoder = decompress.then(BlockDecoder::default);
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| Exception::aborted())?.into_data() else {
            continue;
        };
        match &mut decoder {
            None => collected.extend_from_slice(&piece),
            Some(decoder) => decoder
                .push(&piece)?
                .iter()
                .for_each(|block| collected.extend_from_slice(block)),
        }
        if collected.len() > MAX_STATEMENT_BYTES {
            return Err(Exception::too_large(
                "The statement is too large: send rows behind INSERT … FORMAT.",
            ));
        }
    }
    decoder.as_ref().map_or(Ok(()), BlockDecoder::finish)?;
    Ok(collected.freeze())
}

/// Separates rows from the statement, so that the engine's text parser never sees them: it skips bytes of binary rows
/// that look like white space, and reports success.
fn split(text: Bytes) -> Result<Content, Exception> {
    let valid = match std::str::from_utf8(&text) {
        Ok(valid) => valid,
        Err(error) => text
            .get(..error.valid_up_to())
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or(""),
    };
    match shape(valid) {
        Shape::InsertRows(insert) => Ok(Content::InsertWithRows {
            sql: insert.statement.to_owned(),
            rows: text.slice(insert.rows_at..),
        }),
        _ if valid.len() == text.len() => Ok(Content::Statement {
            sql: valid.to_owned(),
            parameters: Vec::new(),
        }),
        _ => Err(Exception::bad_request("The statement is not UTF-8.")),
    }
}

/// A channel that already holds all of an insert's rows.
pub(super) fn rows_channel(rows: Bytes) -> mpsc::Receiver<Rows> {
    let (sender, receiver) = mpsc::channel(2);
    for part in [Rows::Piece(rows), Rows::End] {
        if sender.try_send(part).is_err() {
            tracing::error!("a channel for two parts did not take two parts");
        }
    }
    receiver
}

/// Hands an insert's body to the engine as it comes.
///
/// If the client breaks off, the channel closes without [`Rows::End`], and the insert is cancelled. If the engine
/// refuses the insert, the rest of the body is read and thrown away.
pub(super) async fn forward(mut body: Body, rows: mpsc::Sender<Rows>) {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return };
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        if rows.send(Rows::Piece(piece)).await.is_err() {
            drain(body).await;
            return;
        }
    }
    // The engine has given up if nobody takes this, and its answer says why.
    drop(rows.send(Rows::End).await);
}

async fn drain(mut body: Body) {
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    if tokio::time::timeout(DRAIN_WAIT, rest).await.is_err() {
        tracing::debug!("a refused insert's body was not read to its end");
    }
}
