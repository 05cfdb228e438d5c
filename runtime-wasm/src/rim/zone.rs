//! The browser's knowledge of time zones.

use emban_contract::UnixMillis;
use js_sys::{Array, Date, Intl, Object, Reflect};
use wasm_bindgen::JsValue;

/// Seconds east of UTC in an IANA zone at an instant; 0 for a zone that the browser does not know.
pub(super) fn offset_at(zone: &str, at: UnixMillis) -> i32 {
    if zone == "UTC" {
        0
    } else {
        name_at(zone, at).as_deref().and_then(parse).unwrap_or(0)
    }
}

/// `GMT+05:30`
fn name_at(zone: &str, at: UnixMillis) -> Option<String> {
    let options = Object::new();
    for (key, value) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
        Reflect::set(&options, &key.into(), &value.into()).ok()?;
    }
    let arguments = Array::of2(&"en-US".into(), &options);
    // By its constructor's name, since the binding panics on a zone that is not known.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor: js_sys::Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.into();
    let format: Intl::DateTimeFormat = Reflect::construct(&constructor, &arguments).ok()?.into();
    let parts = format.format_to_parts(&Date::new(&JsValue::from_f64(at.0 as f64)));
    parts.iter().find_map(|part| {
        let read = |key: &str| {
            Reflect::get(&part, &key.into())
                .ok()
                .and_then(|value| value.as_string())
        };
        read("type")
            .filter(|kind| kind == "timeZoneName")
            .and_then(|_| read("value"))
    })
}

fn parse(name: &str) -> Option<i32> {
    let rest = name.strip_prefix("GMT")?;
    let sign = match rest.chars().next() {
        None => return Some(0),
        Some('+') => 1,
        Some('-' | '\u{2212}') => -1,
        Some(_) => return None,
    };
    let mut parts = rest
        .trim_start_matches(['+', '-', '\u{2212}'])
        .split(':')
        .map(|part| part.parse::<i32>().ok());
    let (hours, minutes) = (parts.next()??, parts.next().flatten().unwrap_or(0));
    Some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_in_both_directions() {
        let read = ["GMT", "GMT+05:30", "GMT-03:00", "GMT+2", "CET"].map(parse);
        assert_eq!(
            read,
            [Some(0), Some(19_800), Some(-10_800), Some(7200), None]
        );
    }
}
