//! The body of `POST /v1/events`: JSON, a lone event, or one event a line; plain or compressed.

use std::io::Read as _;

use emban_contract::event::{Event, RawEvent};
use emban_contract::{Detail, UnixMillis, limits};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ids::{self, RandomError};

/// Why a body cannot be taken apart into events.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// More than 10 MiB after decompression.
    #[error("the body is larger than 10 MiB after decompression")]
    TooLarge,
    /// Not JSON, or not sound gzip.
    #[error("the body is malformed: {0}")]
    Malformed(String),
    /// JSON of another shape, or too many events.
    #[error("the body is not valid at {path:?}: {message}")]
    Invalid {
        /// JSON pointer.
        path: &'static str,
        /// What is wrong there.
        message: String,
    },
    /// A `Content-Encoding` that is not known.
    #[error("Content-Encoding {0:?} is not supported; gzip is")]
    UnsupportedEncoding(String),
    /// No random bytes for an event's id.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// How the events stand in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `{"events":[…]}` or a lone event.
    Json,
    /// One event a line.
    Lines,
}

/// What was read: the events that are sound, and every bad one by its index.
#[derive(Debug, Default)]
pub struct Batch {
    /// Sound events, in order.
    pub events: Vec<Event>,
    /// Bad events: index in the request and every offending place, relative to the event.
    pub bad: Vec<(usize, Vec<Detail>)>,
}

/// Undoes `Content-Encoding`, never producing more than the limit.
pub fn decode(body: &[u8], encoding: Option<&str>) -> Result<Vec<u8>, BodyError> {
    let plain = match encoding.map(str::trim) {
        None | Some("" | "identity") => body.to_vec(),
        Some("gzip" | "x-gzip") => {
            let bound = limits::EVENTS_BODY_BYTES as u64 + 1;
            let mut plain = Vec::new();
            MultiGzDecoder::new(body)
                .take(bound)
                .read_to_end(&mut plain)
                .map_err(|_| BodyError::Malformed("it is not sound gzip".to_owned()))?;
            plain
        }
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            return Err(BodyError::UnsupportedEncoding(shown));
        }
    };
    if plain.len() > limits::EVENTS_BODY_BYTES {
        Err(BodyError::TooLarge)
    } else {
        Ok(plain)
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    events: Option<Vec<&'a RawValue>>,
}

/// Reads and checks the events of a body.
///
/// Errors: a body that cannot be taken apart into events, or that holds more than 1000.
pub fn read(body: &[u8], layout: Layout, now: UnixMillis) -> Result<Batch, BodyError> {
    let malformed = |error: serde_json::Error| match error.classify() {
        serde_json::error::Category::Data => BodyError::Invalid {
            path: "/events",
            message: error.to_string(),
        },
        _ => BodyError::Malformed(error.to_string()),
    };
    let mut batch = Batch::default();
    match layout {
        Layout::Lines => {
            let lines: Vec<&[u8]> = body
                .split(|b| *b == b'\n')
                .filter(|line| !line.trim_ascii().is_empty())
                .collect();
            check_count(lines.len())?;
            for (index, line) in lines.into_iter().enumerate() {
                batch.add(index, serde_json::from_slice(line), now)?;
            }
        }
        Layout::Json => {
            let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(malformed)?;
            match envelope.events {
                Some(events) => {
                    check_count(events.len())?;
                    check_envelope(body)?;
                    for (index, event) in events.into_iter().enumerate() {
                        batch.add(index, serde_json::from_str(event.get()), now)?;
                    }
                }
                None => batch.add(0, serde_json::from_slice(body), now)?,
            }
        }
    }
    Ok(batch)
}

/// Beside `events` nothing may stand, least of all a tenant for all of them.
fn check_envelope(body: &[u8]) -> Result<(), BodyError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[serde(rename = "events")]
        _events: serde::de::IgnoredAny,
    }
    serde_json::from_slice::<Strict>(body)
        .map(|_| ())
        .map_err(|error| BodyError::Invalid {
            path: "",
            message: error.to_string(),
        })
}

fn check_count(count: usize) -> Result<(), BodyError> {
    if count > limits::EVENTS_PER_REQUEST {
        let message = format!(
            "holds {count} events, the limit is {}",
            limits::EVENTS_PER_REQUEST
        );
        return Err(BodyError::Invalid {
            path: "/events",
            message,
        });
    }
    Ok(())
}

impl Batch {
    fn add(
        &mut self,
        index: usize,
        raw: serde_json::Result<RawEvent>,
        now: UnixMillis,
    ) -> Result<(), BodyError> {
        match raw {
            Ok(raw) => {
                let fresh = ids::random_text(24)?;
                match raw.check(now, || fresh) {
                    Ok(event) => self.events.push(event),
                    Err(details) => self.bad.push((index, details)),
                }
            }
            Err(error) => self
                .bad
                .push((index, vec![Detail::new("", error.to_string())])),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

    #[test]
    fn all_three_layouts_give_the_same_event() {
        let event = r#"{"tenant_id":"a","event_name":"e","event_id":"1"}"#;
        let bodies = [
            (format!(r#"{{"events":[{event}]}}"#), Layout::Json),
            (event.to_owned(), Layout::Json),
            (format!("{event}\n\r\n"), Layout::Lines),
        ];
        let read: Vec<Vec<Event>> = bodies
            .iter()
            .map(|(b, l)| read(b.as_bytes(), *l, NOW).unwrap().events)
            .collect();
        assert_eq!(read[0].len(), 1);
        assert!(read.iter().all(|events| *events == read[0]));
    }

    #[test]
    fn each_bad_event_is_named_by_its_index() {
        let body = r#"{"events":[{"tenant_id":"a","event_name":"e"},{"event_name":"e"},7,{"tenant_id":"a"}]}"#;
        let batch = read(body.as_bytes(), Layout::Json, NOW).unwrap();
        assert_eq!(batch.events.len(), 1);
        let bad: Vec<usize> = batch.bad.iter().map(|(index, _)| *index).collect();
        assert_eq!(bad, [1, 2, 3]);
    }

    #[test]
    fn nothing_may_stand_beside_the_events() {
        let body = r#"{"tenant_id":"b","events":[{"tenant_id":"a","event_name":"e"}]}"#;
        assert!(matches!(
            read(body.as_bytes(), Layout::Json, NOW),
            Err(BodyError::Invalid { path: "", .. })
        ));
        assert!(matches!(
            read(b"{", Layout::Json, NOW),
            Err(BodyError::Malformed(_))
        ));
    }

    #[test]
    fn more_than_a_thousand_events_are_refused() {
        let line = "{\"tenant_id\":\"a\",\"event_name\":\"e\"}\n";
        assert_eq!(
            read(line.repeat(1000).as_bytes(), Layout::Lines, NOW)
                .unwrap()
                .events
                .len(),
            1000
        );
        assert!(read(line.repeat(1001).as_bytes(), Layout::Lines, NOW).is_err());
    }

    #[test]
    fn a_small_body_cannot_unpack_to_a_large_one() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder
            .write_all(&vec![b' '; limits::EVENTS_BODY_BYTES + 1])
            .unwrap();
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 100_000);
        assert!(matches!(
            decode(&bomb, Some("gzip")),
            Err(BodyError::TooLarge)
        ));
        assert!(matches!(
            decode(b"x", Some("gzip")),
            Err(BodyError::Malformed(_))
        ));
        assert!(matches!(
            decode(b"x", Some("snappy")),
            Err(BodyError::UnsupportedEncoding(_))
        ));
        assert_eq!(decode(b"x", None).unwrap(), b"x");
    }
}
