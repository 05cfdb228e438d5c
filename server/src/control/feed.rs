//! The feed: what the edges, and the other origins, must know of, in order.

use emban_contract::feed::{Feed, FeedEntry, FeedEvent};
use emban_contract::{EnvironmentName, UnixMillis, limits};
use sqlx::Row as _;

use super::{Control, ControlError};

/// Entries of one answer at most.
const PAGE: i64 = 1000;

/// How long an entry can matter, in milliseconds: the longest session, and an hour for clocks that differ.
const RELEVANT_MS: i64 = limits::SESSION_MAX_SECONDS as i64 * 1000 + 3_600_000;

/// Adds an entry within the transaction that makes it true.
///
/// Two origins that take the same number collide on the primary key, and one of the transactions fails whole.
pub(super) async fn append(
    transaction: &mut sqlx::Transaction<'_, sqlx::Any>,
    environment: &EnvironmentName,
    event: &FeedEvent,
    now: UnixMillis,
) -> Result<(), ControlError> {
    let text =
        serde_json::to_string(event).map_err(|e| ControlError::unreadable("feed event", e))?;
    sqlx::query(
        "INSERT INTO feed (sequence, environment, at, event)
         SELECT COALESCE(MAX(sequence), 0) + 1, $1, $2, $3 FROM feed",
    )
    .bind(environment.as_str())
    .bind(now.0)
    .bind(text)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Control {
    /// The entries after a sequence number that can still matter, oldest first; at most 1000.
    pub async fn read_feed(&self, after: u64, now: UnixMillis) -> Result<Feed, ControlError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows = sqlx::query(
            "SELECT sequence, environment, at, event FROM feed WHERE sequence > $1 ORDER BY sequence LIMIT $2",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(&self.pool)
        .await?;
        let mut sequence = after;
        let mut entries = Vec::new();
        for row in &rows {
            sequence = row.try_get("sequence")?;
            let at: i64 = row.try_get("at")?;
            if at < now.0.saturating_sub(RELEVANT_MS) {
                continue;
            }
            let (environment, event): (String, String) =
                (row.try_get("environment")?, row.try_get("event")?);
            entries.push(FeedEntry {
                sequence: sequence.unsigned_abs(),
                environment: EnvironmentName::new(environment)
                    .map_err(|e| ControlError::unreadable("environment", e))?,
                event: serde_json::from_str(&event)
                    .map_err(|e| ControlError::unreadable("feed event", e))?,
            });
        }
        Ok(Feed {
            sequence: sequence.unsigned_abs(),
            more: i64::try_from(rows.len()).is_ok_and(|n| n == PAGE),
            entries,
        })
    }
}
