//! What in a shared answer is not the same for all who share it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::expiry::Expiry;
use crate::nonce::Nonce;

/// The parts of an entry that the edge writes anew for each answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Own {
    /// The session's.
    pub(crate) expiry: Expiry,
    /// The answer's.
    pub(crate) nonce: Option<Nonce>,
}

/// What is written into a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// The seconds that are left of the session.
    Seconds,
    /// The nonce.
    Nonce,
}

impl Own {
    /// Nothing: the answer is the same for everyone.
    pub(crate) const NOTHING: Self = Self {
        expiry: Expiry::Absent,
        nonce: None,
    };

    /// Finds them in a surface, or in a document and its policy.
    pub(crate) fn find(policy: Option<&str>, body: &[u8]) -> Self {
        Self {
            expiry: Expiry::find(body),
            nonce: policy.and_then(|policy| Nonce::find(policy, body)),
        }
    }

    /// Where a body has them, in bytes and in order.
    pub(crate) fn places(&self) -> Vec<(Range<usize>, Value)> {
        let mut places = Vec::new();
        if let Some(nonce) = &self.nonce {
            let range = |at: &usize| (*at..*at + nonce.length(), Value::Nonce);
            places.extend(nonce.places().iter().map(range));
        }
        if let Expiry::At { start, end } = self.expiry {
            places.push((start..end, Value::Seconds));
        }
        places.sort_by_key(|(range, _)| range.start);
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_the_order_of_the_body() {
        let policy = "script-src 'nonce-0123456789abcdefghijklmn'";
        let body = br#"<style nonce="0123456789abcdefghijklmn"></style>{"expires_in":60}<i id=0123456789abcdefghijklmn>"#;
        let own = Own::find(Some(policy), body);
        let found: Vec<_> = own
            .places()
            .into_iter()
            .map(|(range, value)| (&body[range], value))
            .collect();
        let nonce = (&b"0123456789abcdefghijklmn"[..], Value::Nonce);
        assert_eq!(found, [nonce, (&b"60"[..], Value::Seconds), nonce]);
        assert_eq!(Own::NOTHING.places(), []);
    }
}
