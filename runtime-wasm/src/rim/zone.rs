//! The browser's knowledge of time zones.

use emban_chart::cut_at;
use emban_contract::UnixMillis;
use js_sys::{Date, Function, Object, Reflect};
use wasm_bindgen::JsValue;

/// Seconds east of UTC in an IANA zone at an instant; 0 for a zone that the browser does not know.
pub(super) fn offset_at(zone: &str, at: UnixMillis) -> i32 {
    if zone == "UTC" {
        0
    } else {
        written_at(zone, at).as_deref().and_then(parse).unwrap_or(0)
    }
}

/// `3/1/2026, GMT+05:30`
fn written_at(zone: &str, at: UnixMillis) -> Option<String> {
    let options = Object::new();
    for (key, value) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
        Reflect::set(&options, &key.into(), &value.into()).ok()?;
    }
    let date = Date::new(&JsValue::from_f64(at.0 as f64));
    // By its name, since the binding panics on a zone that is not known.
    let write: Function = Reflect::get(&date, &"toLocaleDateString".into())
        .ok()?
        .into();
    write
        .call2(&date, &"en-US".into(), &options)
        .ok()?
        .as_string()
}

fn parse(written: &str) -> Option<i32> {
    let (_, offset) = cut_at(written, "GMT")?;
    let offset = if offset.is_empty() { "Z" } else { offset };
    // Midnight there, at the begin of the count of seconds, came earlier by the offset.
    let midnight = ["1970-01-01T00:00:00", &offset.replace('\u{2212}', "-")].concat();
    let seconds = UnixMillis::parse(&midnight)?.seconds();
    i32::try_from(-seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_in_both_directions() {
        let written = [
            "3/1/2026, GMT",
            "3/1/2026, GMT+05:30",
            "3/1/2026, GMT-03:00",
            "3/1/2026, GMT\u{2212}03:00",
            "3/1/2026, CET",
        ];
        assert_eq!(
            written.map(parse),
            [Some(0), Some(19_800), Some(-10_800), Some(-10_800), None]
        );
    }
}
