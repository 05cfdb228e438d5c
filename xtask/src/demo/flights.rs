//! The demo's events: one for each flight until now, moved so that the last day of the file is the day from now on.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const HEADER: &str = "timestamp,tenant_id,event_name,user_id,origin,dest,status,dep_delay,arr_delay,air_time,distance";
const STRING_PROPS: [&str; 3] = ["origin", "dest", "status"];
const NUMERIC_PROPS: [&str; 4] = ["dep_delay", "arr_delay", "air_time", "distance"];
const SECONDS_A_DAY: i64 = 86_400;

/// How the events are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shift {
    /// Whole days, so that hours and their order stay.
    days: i64,
    /// Unix time in seconds after which a flight has not left yet and is no event.
    #[serde(default = "for_ever")]
    until: i64,
}

/// Folders of earlier versions hold all flights.
fn for_ever() -> i64 {
    i64::MAX
}

impl Shift {
    /// Moves the last events of the file just beyond now: today has flights in every time zone.
    pub(crate) fn until_now(source: &Path) -> Result<Self> {
        let mut newest = None;
        for line in lines(source)? {
            let line = line?;
            let at: Timestamp = line.split(',').next().unwrap_or_default().parse()?;
            newest = newest.max(Some(at));
        }
        let newest = newest.context("the demo data has no events")?;
        Ok(Self::between(newest, Timestamp::now()))
    }

    fn between(newest: Timestamp, now: Timestamp) -> Self {
        Self {
            days: (now.as_second() - newest.as_second()).div_euclid(SECONDS_A_DAY) + 1,
            until: now.as_second(),
        }
    }

    fn apply(self, at: Timestamp) -> Result<Timestamp> {
        Ok(at.checked_add(SignedDuration::from_secs(self.days * SECONDS_A_DAY))?)
    }
}

/// The events of all flights that have left, in the file's order, as the API takes them.
///
/// Each one's `event_id` is its line number, so that loading twice counts once.
pub(crate) fn read(source: &Path, shift: Shift) -> Result<Vec<Value>> {
    let events = lines(source)?.enumerate().map(|(index, line)| {
        event(index + 1, &line?, shift).with_context(|| format!("flight {}", index + 1))
    });
    events.filter_map(Result::transpose).collect()
}

fn lines(source: &Path) -> Result<impl Iterator<Item = std::io::Result<String>>> {
    let file = File::open(source).with_context(|| source.display().to_string())?;
    let mut lines = BufReader::new(GzDecoder::new(file)).lines();
    let header = lines.next().transpose()?.unwrap_or_default();
    if header != HEADER {
        bail!(
            "{} has the columns {header:?}, not those of the demo",
            source.display()
        );
    }
    Ok(lines)
}

/// The event of a line; none when its flight has not left yet.
fn event(number: usize, line: &str, shift: Shift) -> Result<Option<Value>> {
    let mut fields = line.split(',');
    let mut field = |name: &str| fields.next().with_context(|| format!("no column {name}"));
    let at = shift.apply(field("timestamp")?.parse()?)?;
    if at.as_second() > shift.until {
        return Ok(None);
    }
    let mut event = json!({
        "event_id": format!("flights-{number}"),
        "timestamp": at.to_string(),
        "tenant_id": field("tenant_id")?,
        "event_name": field("event_name")?,
    });
    let user = field("user_id")?;
    let mut strings = Map::new();
    for name in STRING_PROPS {
        strings.insert(name.to_owned(), field(name)?.into());
    }
    let mut numbers = Map::new();
    for name in NUMERIC_PROPS {
        let text = field(name)?;
        // An unknown measure is left out: 0 minutes of delay would be a statement.
        if !text.is_empty() {
            let value: f64 = text
                .parse()
                .with_context(|| format!("{name} is {text:?}"))?;
            numbers.insert(name.to_owned(), value.into());
        }
    }
    if let Some(event) = event.as_object_mut() {
        if !user.is_empty() {
            event.insert("user_id".to_owned(), user.into());
        }
        event.insert("string_props".to_owned(), strings.into());
        event.insert("numeric_props".to_owned(), numbers.into());
    }
    Ok(Some(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIFT: Shift = Shift {
        days: 1,
        until: i64::MAX,
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_file_ends_within_a_day_from_now_and_what_lies_ahead_is_left_out() {
        let newest = at("2014-01-01T04:59:00Z");
        for now in [
            "2026-11-24T00:00:00Z",
            "2026-11-24T04:58:59Z",
            "2026-11-24T04:59:00Z",
            "2026-11-24T23:59:59Z",
        ] {
            let now = at(now);
            let shift = Shift::between(newest, now);
            let moved = shift.apply(newest).unwrap();
            let ahead = moved.as_second() - now.as_second();
            assert!((1..=SECONDS_A_DAY).contains(&ahead), "{now}: {moved}");
            let line =
                |at: Timestamp| format!("{at},UA,flight.cancelled,,EWR,IAH,cancelled,,,,1400");
            assert_eq!(event(1, &line(newest), shift).unwrap(), None);
            let day_before = newest - SignedDuration::from_secs(SECONDS_A_DAY);
            assert!(event(1, &line(day_before), shift).unwrap().is_some());
        }
    }

    #[test]
    fn a_flight_becomes_an_event_and_unknown_measures_are_left_out() {
        let line = "2013-01-01T10:15:00Z,UA,flight.cancelled,,EWR,IAH,cancelled,,,,1400";
        let found = event(7, line, SHIFT).unwrap().unwrap();
        assert_eq!(
            found,
            json!({
                "event_id": "flights-7", "timestamp": "2013-01-02T10:15:00Z", "tenant_id": "UA",
                "event_name": "flight.cancelled",
                "string_props": {"origin": "EWR", "dest": "IAH", "status": "cancelled"},
                "numeric_props": {"distance": 1400.0},
            })
        );
    }

    #[test]
    fn a_line_with_too_few_columns_is_refused() {
        assert!(event(1, "2013-01-01T10:15:00Z,UA", SHIFT).is_err());
    }
}
