//! The body of `POST /v1/events`: JSON, a lone event, or one event a line; plain or compressed.

mod decode;
mod explain;

use std::fmt;
use std::marker::PhantomData;

use emban_contract::event::{Event, RawEvent};
use emban_contract::{Detail, UnixMillis, json, limits};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::ids::IdSeed;

pub use decode::decode;

/// Why a body cannot be taken apart into events.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// More than 10 MiB after decompression.
    #[error("the body is larger than 10 MiB after decompression")]
    TooLarge,
    /// Not JSON, or not soundly compressed.
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
    #[error("Content-Encoding {0:?} is not supported; gzip and zstd are")]
    UnsupportedEncoding(String),
}

/// How the events stand in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `{"events":[…]}` or a lone event.
    Json,
    /// One event a line.
    Lines,
}

impl Layout {
    /// Tells the layouts apart in a digest.
    pub fn name(self) -> &'static [u8] {
        match self {
            Self::Json => b"json",
            Self::Lines => b"lines",
        }
    }
}

/// What was read: the events that are sound, and every bad one by its index.
#[derive(Debug, Default)]
pub struct Batch {
    /// Sound events, in order.
    pub events: Vec<Event>,
    /// Bad events: index in the request and every offending place, relative to the event.
    pub bad: Vec<(usize, Vec<Detail>)>,
}

/// Elements of a list: kept up to the limit, and counted beyond it, so that a body of ten million empty events takes no
/// memory for them.
struct Bounded<T> {
    kept: Vec<T>,
    count: usize,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Bounded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counting<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Counting<T> {
            type Value = Bounded<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of events")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut kept = Vec::new();
                while kept.len() < limits::EVENTS_PER_REQUEST {
                    match access.next_element()? {
                        Some(element) => kept.push(element),
                        None => break,
                    }
                }
                let mut count = kept.len();
                while access.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Bounded { kept, count })
            }
        }
        deserializer.deserialize_seq(Counting(PhantomData))
    }
}

/// A struct that stands in its object, never in a list of its members.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::object(deserializer).map(Self)
    }
}

/// A body without anything that is wrong on its face. Beside `events` nothing may stand, least of all a tenant for all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sound {
    events: Bounded<Object<RawEvent>>,
}

/// A body whose events are looked at one by one.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    events: Option<Bounded<&'a RawValue>>,
}

/// Reads and checks the events of a body. `now` stands in for missing times, ids made from `seed` for missing ids.
///
/// Errors: a body that cannot be taken apart into events, or that holds more than 1000.
pub fn read(
    body: &[u8],
    layout: Layout,
    now: UnixMillis,
    seed: &IdSeed,
) -> Result<Batch, BodyError> {
    let mut batch = Batch::default();
    match layout {
        Layout::Lines => {
            let lines = || {
                body.split(|b| *b == b'\n')
                    .filter(|line| !line.trim_ascii().is_empty())
            };
            check_count(lines().count())?;
            for (index, line) in lines().enumerate() {
                batch.add_text(index, line, now, seed);
            }
        }
        Layout::Json => match serde_json::from_slice::<Object<Sound>>(body) {
            Ok(Object(sound)) => {
                check_count(sound.events.count)?;
                for (index, Object(raw)) in sound.events.kept.into_iter().enumerate() {
                    batch.add(index, raw, now, seed);
                }
            }
            Err(_) => read_one_by_one(body, now, seed, &mut batch)?,
        },
    }
    Ok(batch)
}

fn read_one_by_one(
    body: &[u8],
    now: UnixMillis,
    seed: &IdSeed,
    batch: &mut Batch,
) -> Result<(), BodyError> {
    let Object(envelope): Object<Envelope<'_>> =
        serde_json::from_slice(body).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => BodyError::Invalid {
                path: "/events",
                message: error.to_string(),
            },
            _ => BodyError::Malformed(error.to_string()),
        })?;
    let Some(events) = envelope.events else {
        batch.add_text(0, body, now, seed);
        return Ok(());
    };
    check_count(events.count)?;
    check_envelope(body)?;
    for (index, event) in events.kept.into_iter().enumerate() {
        batch.add_text(index, event.get().as_bytes(), now, seed);
    }
    Ok(())
}

fn check_envelope(body: &[u8]) -> Result<(), BodyError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        #[serde(rename = "events")]
        _events: IgnoredAny,
    }
    serde_json::from_slice::<Object<Strict>>(body)
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
    fn add(&mut self, index: usize, raw: RawEvent, now: UnixMillis, seed: &IdSeed) {
        match raw.check(now, || seed.event_id(index)) {
            Ok(event) => self.events.push(event),
            Err(details) => self.bad.push((index, details)),
        }
    }

    fn add_text(&mut self, index: usize, text: &[u8], now: UnixMillis, seed: &IdSeed) {
        match (serde_json::from_slice(text), str::from_utf8(text)) {
            (Ok(Object(raw)), _) => self.add(index, raw, now, seed),
            (Err(_), Ok(text)) => self.bad.push((index, explain::explain(text, now))),
            (Err(_), Err(error)) => {
                let detail = Detail::new("", format!("is not UTF-8: {error}"));
                self.bad.push((index, vec![detail]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

    fn read_with(body: &[u8], layout: Layout) -> Result<Batch, BodyError> {
        read(body, layout, NOW, &IdSeed::of(&[b"tests"]))
    }

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
            .map(|(b, l)| read_with(b.as_bytes(), *l).unwrap().events)
            .collect();
        assert_eq!(read[0].len(), 1);
        assert!(read.iter().all(|events| *events == read[0]));
    }

    #[test]
    fn each_bad_event_is_named_by_its_index() {
        let body = r#"{"events":[{"tenant_id":"a","event_name":"e"},{"event_name":"e"},7,{"tenant_id":"a"}]}"#;
        let batch = read_with(body.as_bytes(), Layout::Json).unwrap();
        assert_eq!(batch.events.len(), 1);
        let bad: Vec<usize> = batch.bad.iter().map(|(index, _)| *index).collect();
        assert_eq!(bad, [1, 2, 3]);
    }

    #[test]
    fn nothing_may_stand_beside_the_events() {
        let body = r#"{"tenant_id":"b","events":[{"tenant_id":"a","event_name":"e"}]}"#;
        assert!(matches!(
            read_with(body.as_bytes(), Layout::Json),
            Err(BodyError::Invalid { path: "", .. })
        ));
        assert!(matches!(
            read_with(b"{", Layout::Json),
            Err(BodyError::Malformed(_))
        ));
    }

    #[test]
    fn more_than_a_thousand_events_are_refused() {
        let line = "{\"tenant_id\":\"a\",\"event_name\":\"e\"}\n";
        assert_eq!(
            read_with(line.repeat(1000).as_bytes(), Layout::Lines)
                .unwrap()
                .events
                .len(),
            1000
        );
        assert!(read_with(line.repeat(1001).as_bytes(), Layout::Lines).is_err());
    }

    #[test]
    fn more_events_than_are_kept_are_still_counted() {
        let body = format!(r#"{{"events":[{}7]}}"#, "{},".repeat(1_000_000));
        let Err(BodyError::Invalid { path, message }) = read_with(body.as_bytes(), Layout::Json)
        else {
            panic!("it is taken")
        };
        assert_eq!(path, "/events");
        assert!(message.contains("1000001"), "{message}");
    }

    #[test]
    fn ids_that_are_not_given_follow_from_the_seed_and_the_place() {
        let body = br#"{"events":[{"tenant_id":"a","event_name":"e"},{"tenant_id":"a","event_name":"e"}]}"#;
        let ids = |seed: &IdSeed| -> Vec<String> {
            let batch = read(body, Layout::Json, NOW, seed).unwrap();
            batch.events.into_iter().map(|e| e.event_id).collect()
        };
        let (one, other) = (IdSeed::of(&[b"a", b"key"]), IdSeed::random().unwrap());
        assert_eq!(ids(&one), ids(&IdSeed::of(&[b"a", b"key"])));
        assert_ne!(ids(&one), ids(&other));
        assert_ne!(ids(&one)[0], ids(&one)[1]);
        assert_eq!(ids(&one)[0].len(), 24);
    }
}
