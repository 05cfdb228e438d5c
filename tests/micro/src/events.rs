//! From the bytes of a request to events that may be kept.

use std::fmt::Write as _;

use emban_server::events_body::{Layout, read};
use emban_server::ids::IdSeed;

use crate::Subject;
use crate::sessions::NOW;

const EVENTS: usize = 1000;

fn lines() -> String {
    (0..EVENTS).fold(String::new(), |mut lines, number| {
        writeln!(
            lines,
            r#"{{"tenant_id":"tenant_{}","event_name":"api.call","timestamp":"2026-03-01T10:15:{:02}.123Z","event_id":"evt_{number}","user_id":"u{}","string_props":{{"model":"m-large","endpoint":"/v1/chat","region":"eu-1"}},"numeric_props":{{"tokens":{number},"latency_ms":{}.5}}}}"#,
            number % 200,
            number % 60,
            number % 50,
            number % 900,
        )
        .unwrap();
        lines
    })
}

pub(crate) fn subject() -> Subject {
    let (body, seed) = (lines(), IdSeed::random().unwrap());
    Subject::new(
        "server: read and check 1000 events",
        move || read(body.as_bytes(), Layout::Lines, NOW, &seed),
        |batch| {
            batch
                .as_ref()
                .is_ok_and(|batch| batch.events.len() == EVENTS && batch.bad.is_empty())
        },
    )
}
