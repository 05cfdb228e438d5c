//! Sound inputs, broken in a few places: what comes near to being valid reaches the deepest.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

use crate::{CONTROL_TEXTS, TEXTS};

/// Deeper than any document of ours.
const DEEP: usize = 100;
/// Longer than any limit on a text.
const LONG: usize = 10_000;

#[derive(Debug, Clone)]
enum Change {
    /// Another value in this place.
    Put(Value),
    /// The place is left out.
    Drop,
    /// A further member, or element, beside it.
    Add(String, Value),
    /// The value of another place of the same document.
    Move(prop::sample::Index),
}

/// One of these documents with one to four changes.
pub fn documents(sound: Vec<Value>) -> impl Strategy<Value = Value> {
    let changes = vec((any::<prop::sample::Index>(), change()), 1..5);
    (prop::sample::select(sound), changes).prop_map(|(mut document, changes)| {
        for (place, change) in changes {
            let pointers = pointers(&document);
            let pointer = place.get(&pointers).clone();
            apply(&mut document, &pointer, change, &pointers);
        }
        document
    })
}

/// One of these texts, cut, doubled, flipped or interspersed; or bytes that have nothing to do with it.
pub fn bytes(sound: Vec<String>) -> impl Strategy<Value = Vec<u8>> {
    let edits = vec(
        (
            any::<prop::sample::Index>(),
            vec(any::<u8>(), 0..4),
            0..4_usize,
        ),
        1..5,
    );
    let edited = (prop::sample::select(sound), edits).prop_map(|(text, edits)| {
        let mut bytes = text.into_bytes();
        for (place, fresh, cut) in edits {
            let start = place.index(bytes.len() + 1);
            let end = (start + cut).min(bytes.len());
            bytes.splice(start..end, fresh);
        }
        bytes
    });
    prop_oneof![9 => edited, 1 => vec(any::<u8>(), 0..200)]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => leaf().prop_map(Change::Put),
        1 => Just(Change::Drop),
        2 => (text(), leaf()).prop_map(|(name, value)| Change::Add(name, value)),
        2 => any::<prop::sample::Index>().prop_map(Change::Move),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let known: Vec<&str> = TEXTS.iter().chain(CONTROL_TEXTS).copied().collect();
    prop_oneof![
        6 => prop::sample::select(known).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => Just("x".repeat(LONG)),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    let nested = |open: fn(Value) -> Value| (0..DEEP).fold(json!(1), |inner, _| open(inner));
    let odd = vec![
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!([[]]),
        json!({ "__proto__": { "tenant_id": "victim" } }),
        nested(|inner| json!([inner])),
        nested(|inner| json!({ "a": inner })),
    ];
    let numbers = [0.0, -0.0, 1.5, -1.0, 1e308, 5e-324, 9_007_199_254_740_993.0];
    prop_oneof![
        4 => text().prop_map(Value::String),
        2 => prop::sample::select(odd),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<u64>().prop_map(|number| json!(number)),
        1 => prop::sample::select(numbers.to_vec())
            .prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
    ]
}

/// Every place of a document, the whole first.
fn pointers(document: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut next = 0;
    while let Some(pointer) = found.get(next).cloned() {
        let segments: Vec<String> = match document.pointer(&pointer) {
            Some(Value::Object(members)) => members.keys().map(|key| escaped(key)).collect(),
            Some(Value::Array(elements)) => (0..elements.len()).map(|i| i.to_string()).collect(),
            _ => Vec::new(),
        };
        found.extend(
            segments
                .iter()
                .map(|segment| format!("{pointer}/{segment}")),
        );
        next += 1;
    }
    found
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn apply(document: &mut Value, pointer: &str, change: Change, pointers: &[String]) {
    let moved = match &change {
        Change::Move(from) => document.pointer(from.get::<String>(pointers)).cloned(),
        Change::Put(_) | Change::Drop | Change::Add(..) => None,
    };
    let Some(place) = document.pointer_mut(pointer) else {
        return;
    };
    match (change, place) {
        (Change::Put(value), place) => *place = value,
        (Change::Move(_), place) => *place = moved.unwrap_or_default(),
        (Change::Drop, Value::Object(members)) => drop_one(members),
        (Change::Drop, place) => *place = Value::Null,
        (Change::Add(name, value), Value::Object(members)) => {
            members.insert(name, value);
        }
        (Change::Add(_, value), Value::Array(elements)) => elements.push(value),
        (Change::Add(name, _), place) => *place = Value::String(name),
    }
}

fn drop_one(members: &mut Map<String, Value>) {
    if let Some(name) = members.keys().next().cloned() {
        members.remove(&name);
    }
}
