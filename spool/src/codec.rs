//! Events as bytes: postcard, in the field order below. The segment's name carries the version of this layout.

use emban_contract::{Props, TenantId, UnixMillis, event::Event};
use serde::{Deserialize, Serialize};

/// The layout by reference. Times are integers here: the wire form of `UnixMillis` is text, three times as long.
#[derive(Serialize)]
struct Stored<'a> {
    tenant_id: &'a str,
    event_name: &'a str,
    timestamp_ms: i64,
    event_id: &'a str,
    user_id: &'a str,
    string_props: &'a Props<String>,
    numeric_props: &'a Props<f64>,
}

#[derive(Deserialize)]
struct Loaded {
    tenant_id: TenantId,
    event_name: String,
    timestamp_ms: i64,
    event_id: String,
    user_id: String,
    string_props: Props<String>,
    numeric_props: Props<f64>,
}

/// The payload of a frame: the events one after the other.
pub(crate) fn encode(events: &[Event]) -> Result<Vec<u8>, postcard::Error> {
    let mut out = Vec::with_capacity(events.len() * 160);
    for event in events {
        let stored = Stored {
            tenant_id: event.tenant_id.as_str(),
            event_name: &event.event_name,
            timestamp_ms: event.timestamp.0,
            event_id: &event.event_id,
            user_id: &event.user_id,
            string_props: &event.string_props,
            numeric_props: &event.numeric_props,
        };
        out = postcard::to_extend(&stored, out)?;
    }
    Ok(out)
}

/// Reads `count` events. Errors: the payload holds anything but exactly these.
pub(crate) fn decode(
    count: u32,
    mut payload: &[u8],
    out: &mut Vec<Event>,
) -> Result<(), postcard::Error> {
    let before = out.len();
    for _ in 0..count {
        match postcard::take_from_bytes::<Loaded>(payload) {
            Ok((loaded, rest)) => {
                payload = rest;
                out.push(Event {
                    tenant_id: loaded.tenant_id,
                    event_name: loaded.event_name,
                    timestamp: UnixMillis(loaded.timestamp_ms),
                    event_id: loaded.event_id,
                    user_id: loaded.user_id,
                    string_props: loaded.string_props,
                    numeric_props: loaded.numeric_props,
                });
            }
            Err(error) => {
                out.truncate(before);
                return Err(error);
            }
        }
    }
    if payload.is_empty() {
        Ok(())
    } else {
        out.truncate(before);
        Err(postcard::Error::DeserializeBadEncoding)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_event() -> impl Strategy<Value = Event> {
        let text = "\\PC{0,12}";
        let texts = proptest::collection::btree_map(text, text, 0..4);
        let numbers = proptest::collection::btree_map(text, -1e300..1e300, 0..4);
        ("[a-z]{1,8}", text, any::<i64>(), text, text, texts, numbers).prop_map(
            |(tenant, event_name, at, event_id, user_id, string_props, numeric_props)| Event {
                tenant_id: TenantId::new(tenant).unwrap(),
                event_name,
                timestamp: UnixMillis(at),
                event_id,
                user_id,
                string_props: string_props.into_iter().collect(),
                numeric_props: numeric_props.into_iter().collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn events_come_back_as_they_were(events in proptest::collection::vec(any_event(), 0..6)) {
            let bytes = encode(&events).unwrap();
            let mut back = Vec::new();
            decode(events.len() as u32, &bytes, &mut back).unwrap();
            prop_assert_eq!(&back, &events);
            prop_assert!(decode(events.len() as u32 + 1, &bytes, &mut back).is_err());
            prop_assert_eq!(&back, &events);
        }
    }
}
