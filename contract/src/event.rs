//! Product events: what a company sends, and the checks that need no clock but the one passed in.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::problem::{Detail, pointer_segment};
use crate::{Props, TenantId, UnixMillis, limits};

/// One event as it arrives. Unknown members and members given twice are refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Event")
)]
#[serde(deny_unknown_fields)]
pub struct RawEvent {
    /// Whose event it is.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "TenantId", required))]
    pub tenant_id: Option<String>,
    /// What happened.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(required, length(min = 1, max = limits::NAME_BYTES)))]
    pub event_name: Option<String>,
    /// When, RFC 3339; the server's time when not given.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<UnixMillis>"))]
    pub timestamp: Option<String>,
    /// Deduplication key; generated when missing or empty.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::NAME_BYTES)))]
    pub event_id: Option<String>,
    /// Who did it.
    #[serde(default)]
    pub user_id: Option<String>,
    /// Texts by property name.
    #[serde(default)]
    pub string_props: UniqueMap<String>,
    /// Finite numbers by property name.
    #[serde(default)]
    pub numeric_props: UniqueMap<f64>,
}

/// A checked event, ready to be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Whose event it is.
    pub tenant_id: TenantId,
    /// What happened, 1 to 1024 bytes.
    pub event_name: String,
    /// When.
    pub timestamp: UnixMillis,
    /// Deduplication key, never empty.
    pub event_id: String,
    /// Who did it; empty when nobody is named.
    pub user_id: String,
    /// Texts by property name.
    pub string_props: Props<String>,
    /// Finite numbers by property name.
    pub numeric_props: Props<f64>,
}

/// A JSON object whose keys may not repeat.
#[derive(Debug, Clone, PartialEq)]
pub struct UniqueMap<V>(pub Props<V>);

impl<V> Default for UniqueMap<V> {
    fn default() -> Self {
        Self(Props::default())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for UniqueMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique<V>(std::marker::PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Unique<V> {
            type Value = UniqueMap<V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object without repeated keys")
            }
            // What a client writes for a map that it never made.
            fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
                Ok(UniqueMap::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    all.push(entry);
                }
                let unique = Props::unique(all).map_err(|name| {
                    serde::de::Error::custom(format_args!("property `{name}` is given twice"))
                });
                Ok(UniqueMap(unique?))
            }
        }
        deserializer.deserialize_any(Unique(std::marker::PhantomData))
    }
}

impl RawEvent {
    /// Checks one event against the limits.
    ///
    /// `now` stands in for a missing timestamp; `fresh_id` makes a deduplication key when none is given.
    /// Errors: every offending place, with pointers relative to the event (`/tenant_id`).
    pub fn check(
        self,
        now: UnixMillis,
        fresh_id: impl FnOnce() -> String,
    ) -> Result<Event, Vec<Detail>> {
        let mut details = Vec::new();
        let tenant = match self.tenant_id.map(TenantId::new) {
            Some(Ok(tenant)) => Some(tenant),
            Some(Err(error)) => complain(&mut details, "/tenant_id", error.to_string()),
            None => complain(&mut details, "/tenant_id", "is required"),
        };
        let name = match self.event_name {
            Some(name) if fits_name(&name) => Some(name),
            Some(_) => complain(
                &mut details,
                "/event_name",
                "must be 1 to 1024 bytes without control characters",
            ),
            None => complain(&mut details, "/event_name", "is required"),
        };
        let timestamp = match self.timestamp {
            None => Some(now),
            Some(text) => check_time(&text, now)
                .map_or_else(|why| complain(&mut details, "/timestamp", why), Some),
        };
        let event_id = self
            .event_id
            .filter(|id| !id.is_empty())
            .unwrap_or_else(fresh_id);
        if event_id.len() > limits::NAME_BYTES {
            details.push(Detail::new("/event_id", "is longer than 1024 bytes"));
        }
        let user_id = self.user_id.unwrap_or_default();
        if user_id.len() > limits::NAME_BYTES {
            details.push(Detail::new("/user_id", "is longer than 1024 bytes"));
        }
        check_props(&self.string_props.0, &self.numeric_props.0, &mut details);
        match (tenant, name, timestamp) {
            (Some(tenant_id), Some(event_name), Some(timestamp)) if details.is_empty() => {
                Ok(Event {
                    tenant_id,
                    event_name,
                    timestamp,
                    event_id,
                    user_id,
                    string_props: self.string_props.0,
                    numeric_props: self.numeric_props.0,
                })
            }
            _ => Err(details),
        }
    }
}

fn complain<T>(details: &mut Vec<Detail>, path: &str, message: impl Into<String>) -> Option<T> {
    details.push(Detail::new(path, message));
    None
}

fn fits_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= limits::NAME_BYTES && !name.chars().any(char::is_control)
}

fn check_time(text: &str, now: UnixMillis) -> Result<UnixMillis, &'static str> {
    let at = UnixMillis::parse(text)
        .ok_or("must be an RFC 3339 date-time such as 2026-03-29T12:00:00Z")?;
    if at.0 < limits::EARLIEST_EVENT_MS {
        return Err("lies before the year 2000");
    }
    if at.0 > now.0.saturating_add(limits::EVENT_AHEAD_MS) {
        return Err("lies more than one day ahead of the server's clock");
    }
    Ok(at)
}

fn check_props(strings: &Props<String>, numbers: &Props<f64>, details: &mut Vec<Detail>) {
    if strings.len() + numbers.len() > limits::PROPERTIES_PER_EVENT {
        details.push(Detail::new(
            "/string_props",
            "holds, with /numeric_props, more than 256 properties",
        ));
    }
    for (name, value) in strings.iter() {
        if !fits_name(name) {
            details.push(Detail::new(
                prop_path("string_props", name),
                "must be a name of 1 to 1024 bytes without control characters",
            ));
        }
        if value.len() > limits::STRING_VALUE_BYTES {
            details.push(Detail::new(
                prop_path("string_props", name),
                "is longer than 8192 bytes",
            ));
        }
    }
    for (name, value) in numbers.iter() {
        if !fits_name(name) {
            details.push(Detail::new(
                prop_path("numeric_props", name),
                "must be a name of 1 to 1024 bytes without control characters",
            ));
        }
        if !value.is_finite() {
            details.push(Detail::new(
                prop_path("numeric_props", name),
                "must be a finite number",
            ));
        }
    }
}

fn prop_path(map: &str, name: &str) -> String {
    let shown: String = name.chars().take(80).collect();
    format!("/{map}/{}", pointer_segment(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

    fn check(json: &str) -> Result<Event, Vec<String>> {
        let raw: RawEvent = serde_json::from_str(json).map_err(|e| vec![e.to_string()])?;
        raw.check(NOW, || "fresh".to_owned())
            .map_err(|details| details.into_iter().map(|d| d.path).collect())
    }

    #[test]
    fn a_bare_event_gets_the_servers_time_and_an_id() {
        let event = check(r#"{"tenant_id":"acme","event_name":"api.call"}"#).unwrap();
        assert_eq!((event.timestamp, event.event_id.as_str()), (NOW, "fresh"));
        let event = check(r#"{"tenant_id":"acme","event_name":"api.call","event_id":""}"#).unwrap();
        assert_eq!(event.event_id, "fresh");
    }

    #[test]
    fn null_stands_for_what_is_not_given() {
        let event = check(
            r#"{"tenant_id":"a","event_name":"e","timestamp":null,"event_id":null,"user_id":null,
                "string_props":null,"numeric_props":null}"#,
        )
        .unwrap();
        assert_eq!((event.timestamp, event.event_id.as_str()), (NOW, "fresh"));
        assert!(event.string_props.is_empty() && event.numeric_props.is_empty());
    }

    #[test]
    fn every_bad_place_of_an_event_is_named() {
        let paths = check(
            r#"{"event_name":"","timestamp":"yesterday","user_id":"u","string_props":{"":"x","a/b":"y"},"numeric_props":{}}"#,
        )
        .unwrap_err();
        assert_eq!(
            paths,
            ["/tenant_id", "/event_name", "/timestamp", "/string_props/"]
        );
    }

    #[test]
    fn times_are_accepted_from_2000_to_one_day_ahead() {
        let with_time = |text: &str| {
            check(&format!(
                r#"{{"tenant_id":"a","event_name":"e","timestamp":"{text}"}}"#
            ))
            .is_ok()
        };
        assert!(with_time("2000-01-01T00:00:00Z"));
        assert!(!with_time("1999-12-31T23:59:59Z"));
        assert!(with_time(
            &UnixMillis(NOW.0 + limits::EVENT_AHEAD_MS).to_string()
        ));
        assert!(!with_time(
            &UnixMillis(NOW.0 + limits::EVENT_AHEAD_MS + 1).to_string()
        ));
    }

    #[test]
    fn repeated_keys_and_unknown_members_are_refused() {
        for bad in [
            r#"{"tenant_id":"a","tenant_id":"b","event_name":"e"}"#,
            r#"{"tenant_id":"a","event_name":"e","string_props":{"p":"1","p":"2"}}"#,
            r#"{"tenant_id":"a","event_name":"e","numeric_props":{"p":"1"}}"#,
            r#"{"tenant_id":"a","event_name":"e","numeric_props":{"p":1e999}}"#,
            r#"{"tenant_id":"a","event_name":"e","props":{}}"#,
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
