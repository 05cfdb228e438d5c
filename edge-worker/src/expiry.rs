//! The one figure of a shared answer that belongs to the session and not to its scope.
//!
//! Sessions of the same scope share an entry but end at different times, and the surface (by itself, or within the
//! document) says how many seconds are left. The edge writes each session's own into the shared bytes.

use serde::{Deserialize, Serialize};

/// Where the remaining seconds stand in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Expiry {
    /// Nowhere: the body is the same for all sessions.
    Absent,
    /// In a range of bytes, all digits.
    At { start: usize, end: usize },
    /// Not to be told apart from other text. Such a body cannot be shared.
    Ambiguous,
}

/// The member that holds the seconds. Within a JSON string the quotes would be escaped, within HTML text they could
/// stand as they are: hence more than one place is no place.
const MEMBER: &[u8] = br#""expires_in":"#;

impl Expiry {
    /// Finds the remaining seconds in a surface or a document.
    pub(crate) fn find(body: &[u8]) -> Self {
        let mut places = body
            .windows(MEMBER.len())
            .enumerate()
            .filter(|(_, window)| *window == MEMBER);
        match (places.next(), places.next()) {
            (None, _) => Self::Absent,
            (Some((at, member)), None) => Self::number_at(body, at + member.len()),
            (Some(_), Some(_)) => Self::Ambiguous,
        }
    }

    fn number_at(body: &[u8], start: usize) -> Self {
        let digits = body
            .iter()
            .skip(start)
            .take_while(|b| b.is_ascii_digit())
            .count();
        if digits == 0 {
            Self::Ambiguous
        } else {
            Self::At {
                start,
                end: start + digits,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: Option<&str>) {
        let found = match Expiry::find(body.as_bytes()) {
            Expiry::At { start, end } => body.get(start..end),
            Expiry::Absent | Expiry::Ambiguous => None,
        };
        assert_eq!(found, expect, "{body}");
    }

    #[test]
    fn the_seconds_are_found_and_nothing_like_them() {
        check(
            r#"{"name":"\"expires_in\":7","refresh":15,"expires_in":3599}"#,
            Some("3599"),
        );
        check(
            r#"<script>{"surface":{"expires_in":60},"answer":{}}</script>"#,
            Some("60"),
        );
        check(r#"{"expires_in":null}"#, None);
    }

    #[test]
    fn a_body_in_which_they_cannot_be_told_apart_is_not_shared() {
        assert_eq!(
            Expiry::find(br#"<p>"expires_in":1</p>{"expires_in":60}"#),
            Expiry::Ambiguous
        );
        assert_eq!(Expiry::find(br#"{"expires_in":-1}"#), Expiry::Ambiguous);
        assert_eq!(
            Expiry::find(br#"{"name":"\"expires_in\":7"}"#),
            Expiry::Absent
        );
        assert_eq!(Expiry::find(b""), Expiry::Absent);
    }
}
