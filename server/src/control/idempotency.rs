//! Requests that are sent again: what was made for an `Idempotency-Key`, kept in the transaction that made it.

use emban_contract::{EnvironmentName, UnixMillis};
use serde_json::Value;
use sqlx::Row as _;

use super::{Control, ControlError};

/// How long a key is remembered, in milliseconds: a day.
const REMEMBERED_MS: i64 = 86_400_000;

/// A request that is to have its effect once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Method and path: one key may be used on several routes.
    pub route: &'static str,
    /// The caller's key.
    pub key: String,
    /// Of the request, so that the key of one is not answered with the effect of another.
    pub request_hash: String,
}

/// A request that is to have its effect once, with what a repetition is answered from.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The request.
    pub once: Once,
    /// No secret may stand in it.
    pub answer: Value,
}

/// What is known of an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Nothing.
    Fresh,
    /// The same request was answered with this.
    Same(Value),
    /// It belongs to another request.
    Other,
}

impl Control {
    /// Looks an `Idempotency-Key` up, and forgets those of yesterday.
    pub async fn known(
        &self,
        environment: &EnvironmentName,
        once: &Once,
        now: UnixMillis,
    ) -> Result<Known, ControlError> {
        sqlx::query("DELETE FROM idempotency WHERE created_at < $1")
            .bind(now.0.saturating_sub(REMEMBERED_MS))
            .execute(&self.pool)
            .await?;
        let row = sqlx::query(
            "SELECT request_hash, answer FROM idempotency WHERE environment = $1 AND route = $2 AND idempotency_key = $3",
        )
        .bind(environment.as_str())
        .bind(once.route)
        .bind(&once.key)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(Known::Fresh);
        };
        let (hash, answer): (String, String) =
            (row.try_get("request_hash")?, row.try_get("answer")?);
        if hash != once.request_hash {
            return Ok(Known::Other);
        }
        let answer = serde_json::from_str(&answer);
        let answer = answer.map_err(|e| ControlError::unreadable("idempotent answer", e))?;
        Ok(Known::Same(answer))
    }
}

/// Takes an `Idempotency-Key` within the transaction that has the effect. False when somebody was faster: the
/// transaction must then be given up, and the key looked up again.
pub(super) async fn claim(
    transaction: &mut sqlx::Transaction<'_, sqlx::Any>,
    environment: &EnvironmentName,
    answered: &Answered,
    now: UnixMillis,
) -> Result<bool, ControlError> {
    let done = sqlx::query(
        "INSERT INTO idempotency (environment, route, idempotency_key, request_hash, answer, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(environment.as_str())
    .bind(answered.once.route)
    .bind(&answered.once.key)
    .bind(&answered.once.request_hash)
    .bind(answered.answer.to_string())
    .bind(now.0)
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() > 0)
}
