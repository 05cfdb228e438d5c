//! Writing events: RowBinary under a deduplication token.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clickhouse::{Client, Row};
use emban_contract::event::Event;
use jiff::Timestamp;
use serde::Serialize;

use crate::error::exception_code;
use crate::property::path_of;
use crate::rollup::Keeper;

/// Months that one insert may touch. ClickHouse refuses more than 100 partitions a block by default, and a batch with
/// one event of each month since 2000 is legal.
const MONTHS_PER_INSERT: usize = 90;

/// How long a chunk may take to leave, and how long the engine may take to confirm. Long: giving up early only
/// means sending the same batch again.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(120);

/// Codes with which ClickHouse refuses the bytes of a batch: they cannot be parsed (6, 25, 26, 27, 33, 38, 41, 72), do not fit
/// their type (53, 69, 70, 131, 128, 321, 349, 407), or are not valid data (117). Everything else may pass: repeating it loses
/// nothing, and a batch that is set aside by mistake is lost.
const REFUSED: &[u32] = &[
    6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 128, 131, 321, 349, 407,
];

/// Binary type tags of values in a JSON column (ClickHouse, "Data types binary encoding").
const STRING_TAG: u8 = 0x15;
const FLOAT64_TAG: u8 = 0x0E;

/// Writes the events of one environment.
#[derive(Clone)]
pub struct Writer {
    client: Client,
    keeper: Arc<Keeper>,
}

/// Why a batch was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The warehouse cannot be reached, is overloaded, or failed in a way that may pass: send the same batch, under the same
    /// token, again.
    #[error("the warehouse did not confirm the batch")]
    Unavailable(#[source] clickhouse::error::Error),
    /// Some event of the batch is refused, and would be again: halve the batch to find it.
    #[error("the warehouse refuses the batch")]
    Refused(#[source] clickhouse::error::Error),
}

impl WriteError {
    /// Whether sending the same batch again may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<clickhouse::error::Error> for WriteError {
    fn from(error: clickhouse::error::Error) -> Self {
        match exception_code(&error) {
            Some(code) if REFUSED.contains(&code) => Self::Refused(error),
            _ => Self::Unavailable(error),
        }
    }
}

/// One event as the table holds it. JSON travels in its binary form, path by path with the type of each value, so that no
/// text is ever guessed to be a date and no number loses a bit.
#[derive(Row, Serialize)]
struct EventRow<'a> {
    tenant_id: &'a str,
    event_name: &'a str,
    timestamp: i64,
    event_id: &'a str,
    user_id: &'a str,
    string_props: Vec<(Cow<'a, str>, u8, &'a str)>,
    number_props: Vec<(Cow<'a, str>, u8, f64)>,
}

impl<'a> From<&'a Event> for EventRow<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            tenant_id: event.tenant_id.as_str(),
            event_name: &event.event_name,
            timestamp: event.timestamp.0,
            event_id: &event.event_id,
            user_id: &event.user_id,
            string_props: event
                .string_props
                .iter()
                .map(|(name, value)| (path_of(name), STRING_TAG, value.as_str()))
                .collect(),
            number_props: event
                .numeric_props
                .iter()
                .map(|(name, value)| (path_of(name), FLOAT64_TAG, *value))
                .collect(),
        }
    }
}

impl Writer {
    pub(crate) fn new(client: Client, keeper: Arc<Keeper>) -> Self {
        Self { client, keeper }
    }

    /// Writes a batch and waits until the warehouse has confirmed it.
    ///
    /// `token` names the batch: the same events under the same token, within the last ten thousand inserts, count once. The
    /// same token with other events loses them, so a token must follow from the batch. No events: nothing is sent.
    /// Errors: [`WriteError`] says whether to repeat. After an error part of a batch that touches more than 90 months may
    /// have been written; repeating it under its token completes it.
    pub async fn insert(&self, events: &[Event], token: &str) -> Result<(), WriteError> {
        let _on_its_way = self.keeper.gate.enter().await;
        for (index, part) in parts(events).into_iter().enumerate() {
            let token = if index == 0 {
                token.to_owned()
            } else {
                [token, "#", &index.to_string()].concat()
            };
            self.insert_part(&part, token).await?;
        }
        Ok(())
    }

    /// Says that no batch that was sent will be sent again: whoever sends them has written down which are done.
    ///
    /// Rollups begin only then. A view that was made after a batch's first sending would count its second.
    pub fn settle(&self) {
        self.keeper.gate.settle();
    }

    async fn insert_part(&self, events: &[&Event], token: String) -> Result<(), WriteError> {
        let insert = self.client.insert::<EventRow<'_>>("events").await?;
        let mut insert = insert
            .with_timeouts(Some(SEND_TIMEOUT), Some(CONFIRM_TIMEOUT))
            .with_setting("async_insert", "0")
            .with_setting("insert_deduplicate", "1")
            .with_setting("deduplicate_blocks_in_dependent_materialized_views", "1")
            .with_setting("insert_deduplication_token", token);
        for event in events {
            insert.write(&EventRow::from(*event)).await?;
        }
        Ok(insert.end().await?)
    }
}

/// A batch in parts that each touch few enough months. The same batch gives the same parts.
fn parts(events: &[Event]) -> Vec<Vec<&Event>> {
    let mut months: BTreeMap<(i16, i8), Vec<&Event>> = BTreeMap::new();
    for event in events {
        months.entry(month(event)).or_default().push(event);
    }
    if events.is_empty() {
        Vec::new()
    } else if months.len() <= MONTHS_PER_INSERT {
        vec![events.iter().collect()]
    } else {
        let months: Vec<Vec<&Event>> = months.into_values().collect();
        months
            .chunks(MONTHS_PER_INSERT)
            .map(|part| part.concat())
            .collect()
    }
}

fn month(event: &Event) -> (i16, i8) {
    let instant = Timestamp::from_millisecond(event.timestamp.0).unwrap_or(Timestamp::UNIX_EPOCH);
    let date = instant.to_zoned(jiff::tz::TimeZone::UTC).date();
    (date.year(), date.month())
}

#[cfg(test)]
mod tests {
    use clickhouse::error::Error;
    use emban_contract::{Props, TenantId, UnixMillis};

    use super::*;

    fn event(timestamp: i64) -> Event {
        Event {
            tenant_id: TenantId::new("acme").unwrap(),
            event_name: "e".to_owned(),
            timestamp: UnixMillis(timestamp),
            event_id: timestamp.to_string(),
            user_id: String::new(),
            string_props: Props::default(),
            numeric_props: Props::default(),
        }
    }

    #[test]
    fn a_batch_over_many_months_is_sent_in_parts() {
        const MONTH_MS: i64 = 31 * 86_400_000;
        let events: Vec<Event> = (0..250)
            .map(|n| event(946_684_800_000 + n * MONTH_MS))
            .collect();
        let sizes: Vec<usize> = parts(&events).iter().map(Vec::len).collect();
        assert_eq!(sizes.iter().sum::<usize>(), events.len());
        assert_eq!(sizes.len(), 3);
        assert_eq!(parts(&events[..80]).len(), 1);
        assert!(parts(&[]).is_empty());
    }

    #[test]
    fn only_bytes_that_cannot_be_read_are_refused() {
        let retryable =
            |text: &str| WriteError::from(Error::BadResponse(text.to_owned())).is_retryable();
        assert!(!retryable("Code: 33. DB::Exception: Cannot read all data"));
        assert!(!retryable("Code: 117. DB::Exception: Incorrect data"));
        assert!(retryable("Code: 252. DB::Exception: Too many parts"));
        assert!(retryable(
            "Code: 241. DB::Exception: Memory limit (total) exceeded"
        ));
        assert!(retryable("Bad gateway"));
        assert!(WriteError::from(Error::TimedOut).is_retryable());
    }
}
