//! A body of events of any shape is read or refused by name, and never becomes more than its bound.

use std::io::Write as _;

use emban_attacks::{fuzz, mutation};
use emban_contract::{UnixMillis, limits};
use emban_server::events_body::{Layout, decode, read};
use emban_server::ids::IdSeed;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Value, json};

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

fn sound() -> Value {
    let event = json!({
        "tenant_id": "acme", "event_name": "api.call", "timestamp": "2026-03-01T12:00:00+05:45", "event_id": "e1",
        "user_id": "u1", "string_props": {"model": "m-1"}, "numeric_props": {"tokens": 150, "latency.ms": 2.5},
    });
    json!({ "events": [event, event] })
}

fn holds(body: &[u8], layout: Layout) -> Result<(), TestCaseError> {
    let Ok(batch) = read(body, layout, NOW, &IdSeed::of(&[b"fuzz"])) else {
        return Ok(());
    };
    prop_assert!(batch.events.len() + batch.bad.len() <= limits::EVENTS_PER_REQUEST);
    for event in &batch.events {
        prop_assert!(!event.tenant_id.as_str().is_empty());
        prop_assert!(!event.event_id.is_empty());
        prop_assert!(
            event
                .numeric_props
                .iter()
                .all(|(_, number)| number.is_finite())
        );
    }
    for (_, details) in &batch.bad {
        prop_assert!(!details.is_empty());
        prop_assert!(
            details
                .iter()
                .all(|d| d.path.is_empty() || d.path.starts_with('/'))
        );
    }
    Ok(())
}

#[test]
fn fuzz_event_body() {
    let body = sound().to_string();
    assert_eq!(
        read(body.as_bytes(), Layout::Json, NOW, &IdSeed::of(&[b"fuzz"]))
            .map(|batch| batch.events.len())
            .ok(),
        Some(2)
    );
    let events = sound()["events"].as_array().cloned().unwrap_or_default();
    let documents = mutation::documents([events, vec![sound()]].concat());
    fuzz::try_many("event body", &documents, |document| {
        let text = document.to_string();
        holds(text.as_bytes(), Layout::Json)?;
        holds(text.as_bytes(), Layout::Lines)
    });
}

#[test]
fn fuzz_event_bytes() {
    let texts = mutation::bytes(vec![sound().to_string()]);
    fuzz::try_many("event bytes", &texts, |bytes| {
        holds(&bytes, Layout::Json)?;
        holds(&bytes, Layout::Lines)
    });
}

#[test]
fn fuzz_compressed_body() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    assert!(gzip.write_all(sound().to_string().as_bytes()).is_ok());
    let packed = gzip.finish().unwrap_or_default();
    assert!(decode(&packed, Some("gzip")).is_ok());
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    let bodies = edits.prop_map(move |edits| {
        let mut bytes = packed.clone();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            if let Some(there) = bytes.get_mut(place) {
                *there = byte;
            }
        }
        bytes
    });
    fuzz::try_many("compressed body", &bodies, |body| {
        if let Ok(plain) = decode(&body, Some("gzip")) {
            prop_assert!(plain.len() <= limits::EVENTS_BODY_BYTES);
        }
        Ok(())
    });
}
