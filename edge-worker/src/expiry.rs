//! The one figure of a shared answer that belongs to the session and not to its scope.
//!
//! Sessions of the same scope share an entry but end at different times, and the surface and the document say how
//! many seconds are left. The origin tells where that number stands; the edge writes each session's own into it.

/// Where the seconds stand in a body: a range of bytes, all digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpirySlot {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The member that holds the seconds. A quote within a JSON string is escaped, so this is only ever a member's name.
const MEMBER: &[u8] = br#""expires_in":"#;

impl ExpirySlot {
    /// Reads the offset that the origin named. Missing: `None` when there is no number at that place.
    pub(crate) fn named(body: &[u8], header: &str) -> Option<Self> {
        Self::number_at(body, header.trim().parse().ok()?)
    }

    /// Finds the number in a surface: its last member of that name.
    pub(crate) fn in_surface(body: &[u8]) -> Option<Self> {
        let at = body
            .windows(MEMBER.len())
            .rposition(|window| window == MEMBER)?;
        Self::number_at(body, at + MEMBER.len())
    }

    fn number_at(body: &[u8], start: usize) -> Option<Self> {
        let digits = body
            .get(start..)?
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        (digits > 0).then_some(Self {
            start,
            end: start + digits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(body: &str) -> Option<&str> {
        let slot = ExpirySlot::in_surface(body.as_bytes())?;
        body.get(slot.start..slot.end)
    }

    #[test]
    fn the_seconds_of_a_surface_are_found_and_nothing_like_them() {
        assert_eq!(
            surface(r#"{"name":"\"expires_in\":7","refresh":15,"expires_in":3599}"#),
            Some("3599")
        );
        assert_eq!(surface(r#"{"name":"\"expires_in\":7"}"#), None);
        assert_eq!(surface(r#"{"expires_in":null}"#), None);
    }

    #[test]
    fn a_named_place_has_to_hold_a_number() {
        let slot = |at: &str| ExpirySlot::named(b"ab 120 c", at);
        assert_eq!(slot("3"), Some(ExpirySlot { start: 3, end: 6 }));
        for bad in ["0", "6", "8", "99", "x", "-1"] {
            assert_eq!(slot(bad), None, "{bad}");
        }
    }
}
