//! Every bad place of an event that could not be read in one go.
//!
//! Reading stops at the first place that does not fit. Here each member is read by itself, so that a sender learns of
//! all of them at once.

use std::collections::BTreeSet;
use std::fmt;

use emban_contract::event::{RawEvent, UniqueMap};
use emban_contract::problem::pointer_segment;
use emban_contract::{Detail, UnixMillis};
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Members as they stand, repeated ones among them.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

/// Every bad place, with pointers relative to the event. Never empty.
pub(super) fn explain(text: &str, now: UnixMillis) -> Vec<Detail> {
    let members: Members<'_> = match serde_json::from_str(text) {
        Ok(members) => members,
        Err(error) if error.is_data() => return vec![Detail::new("", "must be an object")],
        Err(error) => return vec![Detail::new("", format!("is not JSON: {error}"))],
    };
    let mut details = Vec::new();
    let event = read_members(members, &mut details);
    let named = |details: &[Detail], path: &str| details.iter().any(|d| d.path == path);
    if let Err(found) = event.check(now, || "explained".to_owned()) {
        // A member of the wrong type is named already, and is not missing.
        let further: Vec<Detail> = found
            .into_iter()
            .filter(|detail| !named(&details, &detail.path))
            .collect();
        details.extend(further);
    }
    if details.is_empty() {
        details.push(Detail::new("", "is not an event"));
    }
    details
}

fn read_members(members: Members<'_>, details: &mut Vec<Detail>) -> RawEvent {
    let mut event = RawEvent {
        tenant_id: None,
        event_name: None,
        timestamp: None,
        event_id: None,
        user_id: None,
        string_props: UniqueMap::default(),
        numeric_props: UniqueMap::default(),
    };
    let mut seen = BTreeSet::new();
    for (name, value) in members.0 {
        let path = format!("/{}", shown(&name));
        if seen.contains(&name) {
            details.push(Detail::new(path, "is given twice"));
            continue;
        }
        match name.as_str() {
            "tenant_id" => event.tenant_id = text(value, path, details),
            "event_name" => event.event_name = text(value, path, details),
            "timestamp" => event.timestamp = text(value, path, details),
            "event_id" => event.event_id = text(value, path, details),
            "user_id" => event.user_id = text(value, path, details),
            "string_props" => event.string_props = props(value, &path, "must be a string", details),
            "numeric_props" => {
                event.numeric_props = props(value, &path, "must be a finite number", details);
            }
            _ => details.push(Detail::new(path, "is not a member of an event")),
        }
        seen.insert(name);
    }
    event
}

fn text(value: &RawValue, path: String, details: &mut Vec<Detail>) -> Option<String> {
    serde_json::from_str(value.get()).unwrap_or_else(|_| {
        details.push(Detail::new(path, "must be a string"));
        None
    })
}

fn props<V: DeserializeOwned>(
    value: &RawValue,
    path: &str,
    expected: &str,
    details: &mut Vec<Detail>,
) -> UniqueMap<V> {
    let Ok(members) = serde_json::from_str::<Option<Members<'_>>>(value.get()) else {
        details.push(Detail::new(path, "must be an object"));
        return UniqueMap::default();
    };
    let mut props = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, value) in members.map(|members| members.0).unwrap_or_default() {
        let place = format!("{path}/{}", shown(&name));
        if seen.contains(&name) {
            details.push(Detail::new(place, "is given twice"));
            continue;
        }
        match serde_json::from_str(value.get()) {
            Ok(value) => props.push((name.clone(), value)),
            Err(_) => details.push(Detail::new(place, expected)),
        }
        seen.insert(name);
    }
    UniqueMap(props.into_iter().collect())
}

fn shown(name: &str) -> String {
    let start: String = name.chars().take(80).collect();
    pointer_segment(&start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let details = explain(text, UnixMillis(1_774_000_000_000));
        let places: Vec<String> = details
            .iter()
            .map(|detail| format!("{} {}", detail.path, detail.message))
            .collect();
        assert_eq!(places, expect, "{text}");
    }

    /// As many names as a body may hold: each is looked up among those before, which must not take their number.
    #[test]
    fn an_event_of_very_many_properties_is_explained() {
        let names: Vec<String> = (0..500_000).map(|n| format!(r#""{n:x}":1"#)).collect();
        let text = format!(
            r#"{{"tenant_id":"a","event_name":"e","numeric_props":{{{}}},"more":1}}"#,
            names.join(",")
        );
        check(
            &text,
            &[
                "/more is not a member of an event",
                "/string_props holds, with /numeric_props, more than 256 properties",
            ],
        );
    }

    #[test]
    fn every_bad_place_is_named_whatever_is_wrong_with_it() {
        check(
            r#"{"tenant_id":7,"event_id":[1],"timestamp":"soon","props":{},"user_id":"u","user_id":"v",
                "string_props":{"a":1,"b":"x","b":"y","c/d":null},
                "numeric_props":{"n":"1","big":1e999,"ok":2}}"#,
            &[
                "/tenant_id must be a string",
                "/event_id must be a string",
                "/props is not a member of an event",
                "/user_id is given twice",
                "/string_props/a must be a string",
                "/string_props/b is given twice",
                "/string_props/c~1d must be a string",
                "/numeric_props/n must be a finite number",
                "/numeric_props/big must be a finite number",
                "/event_name is required",
                "/timestamp must be an RFC 3339 date-time such as 2026-03-29T12:00:00Z",
            ],
        );
    }

    #[test]
    fn what_is_no_object_is_said_to_be_none() {
        check("7", &[" must be an object"]);
        check(
            r#"{"tenant_id":"a","event_name":"e","string_props":[]}"#,
            &["/string_props must be an object"],
        );
        let deep = "[".repeat(100_000);
        let details = explain(&deep, UnixMillis(0));
        assert_eq!(details.len(), 1);
    }
}
