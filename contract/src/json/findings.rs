//! Reading on past what does not fit, so that every problem is told at once.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::read_value;
use crate::problem::{Detail, pointer_segment};

/// Problems of one value that are told at most.
const PROBLEMS: usize = 100;
/// Times that one value is read at most: each problem takes a few.
const READINGS: usize = 1000;

/// What could be read of a value, and everything in it that does not fit.
#[derive(Debug)]
pub struct Findings<T> {
    /// The value with stand-ins for what does not fit; `None` when too little is left of it.
    pub value: Option<T>,
    /// Every problem, each with its JSON pointer. Sound values have none.
    pub problems: Vec<Detail>,
}

/// Reads a value whole: what does not fit is noted and put aside, what is missing is noted and stood in for.
pub fn findings<T: DeserializeOwned>(value: &Value) -> Findings<T> {
    let mut reading = Reading {
        value: value.clone(),
        problems: Vec::new(),
        left: READINGS,
    };
    let value = reading.read();
    Findings {
        value,
        problems: reading.problems,
    }
}

struct Reading {
    value: Value,
    problems: Vec<Detail>,
    /// Readings that are left.
    left: usize,
}

impl Reading {
    fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        while self.problems.len() < PROBLEMS {
            let detail = match self.attempt::<T>()? {
                Ok(value) => return Some(value),
                Err(detail) => detail,
            };
            let (place, missing) = match missing_member(&detail) {
                Some(place) => (place, true),
                None => (detail.path.clone(), false),
            };
            let known = |known: &Detail| is_within(&place, &known.path);
            let follows = self.problems.iter().any(known);
            if !follows {
                let message = if missing {
                    "is required".to_owned()
                } else {
                    detail.message
                };
                self.problems.push(Detail::new(place.clone(), message));
            }
            // What was noted already is missing because it was put aside.
            let removed = !missing && !follows && self.remove(&place);
            if !removed && !self.stand_in::<T>(&place) {
                return None;
            }
        }
        None
    }

    /// `None` when the value was read often enough.
    fn attempt<T: DeserializeOwned>(&mut self) -> Option<Result<T, Detail>> {
        self.left = self.left.checked_sub(1)?;
        Some(read_value(&self.value))
    }

    fn remove(&mut self, place: &str) -> bool {
        match self.parent_of(place) {
            Some((Value::Object(members), name)) => members.remove(&name).is_some(),
            _ => false,
        }
    }

    /// Puts something in a place that fits there, or else in the place around it.
    fn stand_in<T: DeserializeOwned>(&mut self, place: &str) -> bool {
        let mut place = place;
        while !place.is_empty() {
            if self.fill::<T>(place) {
                return true;
            }
            place = place.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
        false
    }

    fn fill<T: DeserializeOwned>(&mut self, place: &str) -> bool {
        let mut candidates = vec![
            json!([]),
            json!({}),
            json!(1),
            json!(true),
            json!("2026-01-01T00:00:00Z"),
            json!("1h"),
            json!("dash_a"),
            json!("a"),
        ];
        while let Some(candidate) = candidates.pop() {
            if !self.put(place, candidate) {
                return false;
            }
            let detail = match self.attempt::<T>() {
                None => return false,
                Some(Ok(_)) => return true,
                Some(Err(detail)) => detail,
            };
            // An object that lacks members fits; they are stood in for next.
            let fits = detail.path != place || missing_member(&detail).is_some();
            if fits {
                return true;
            }
            candidates.extend(named_variant(&detail.message).map(|name| json!(name)));
        }
        false
    }

    fn put(&mut self, place: &str, value: Value) -> bool {
        match self.parent_of(place) {
            Some((Value::Object(members), name)) => {
                members.insert(name, value);
                true
            }
            Some((Value::Array(elements), index)) => {
                let element = index.parse().ok().and_then(|i: usize| elements.get_mut(i));
                element.map(|element| *element = value).is_some()
            }
            _ => false,
        }
    }

    /// What a place is a member of, and its name there.
    fn parent_of(&mut self, place: &str) -> Option<(&mut Value, String)> {
        let (parent, name) = place.rsplit_once('/')?;
        let name = name.replace("~1", "/").replace("~0", "~");
        Some((self.value.pointer_mut(parent)?, name))
    }
}

/// The place of a member that is not there.
fn missing_member(detail: &Detail) -> Option<String> {
    let rest = detail.message.strip_prefix("missing field `")?;
    let name = rest.split('`').next()?;
    Some(format!("{}/{}", detail.path, pointer_segment(name)))
}

/// The first word that is accepted, of a message that says which are. One that was tried is in no such message.
fn named_variant(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown variant ")?;
    let expected = rest.split_once("expected ")?.1;
    expected.split('`').nth(1).map(str::to_owned)
}

/// Whether one pointer is another one or leads into it.
pub(crate) fn is_within(inner: &str, outer: &str) -> bool {
    !outer.is_empty()
        && inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::CreateSession;

    fn paths<T: DeserializeOwned>(value: Value) -> Vec<String> {
        let mut paths: Vec<String> = findings::<T>(&value)
            .problems
            .into_iter()
            .map(|detail| detail.path)
            .collect();
        paths.sort();
        paths
    }

    #[test]
    fn every_member_that_does_not_fit_or_is_missing_is_named() {
        assert_eq!(
            paths::<CreateSession>(json!({})),
            ["/dashboard_id", "/tenant_id"]
        );
        let asked = json!({
            "tenant_id": "",
            "dashboard_id": "x",
            "expires_in": "soon",
            "colour": 1,
            "permissions": { "nope": 1, "allowed_periods": ["7d", "soon", 3], "hidden_widgets": 1 },
        });
        assert_eq!(
            paths::<CreateSession>(asked),
            [
                "/colour",
                "/dashboard_id",
                "/expires_in",
                "/permissions/allowed_periods/1",
                "/permissions/allowed_periods/2",
                "/permissions/hidden_widgets",
                "/permissions/nope",
                "/tenant_id",
            ]
        );
        assert_eq!(paths::<CreateSession>(json!([])), [""]);
    }

    #[test]
    fn what_is_sound_is_read_without_a_word() {
        let asked = json!({ "tenant_id": "acme", "dashboard_id": "dash_1" });
        let found = findings::<CreateSession>(&asked);
        assert_eq!(found.problems, []);
        assert_eq!(found.value.unwrap().tenant_id.as_str(), "acme");
    }
}
