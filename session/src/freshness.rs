//! How old an answer may be.

use emban_contract::{UnixMillis, limits};

/// Seconds an answer may be fresh at most, whatever the origin says: an hour.
const LONGEST_FRESH_SECONDS: u32 = 3600;

/// How far ahead of this machine's clock another one of the same data centre may have stored an entry: 5 s.
const CLOCK_SKEW_MS: i64 = 5000;

/// Milliseconds that cached answers are still served after the feed was last known to hold: the 5 s in which it has to
/// be read again, and the minute that design section 6 allows.
const TRUSTED_MS: i64 = (5 + limits::STALE_SECONDS as i64) * 1000;

/// Whether cached answers may be served, given the age of what the feed has told, in milliseconds.
pub fn allows_cache(feed_age_ms: Option<i64>) -> bool {
    feed_age_ms.is_some_and(|age| age < TRUSTED_MS)
}

/// Whether a request asks for fresh data (RFC 9111 section 5.2.1.4).
pub fn asks_for_fresh(cache_control: &str) -> bool {
    cache_control
        .split(',')
        .any(|directive| directive.trim().eq_ignore_ascii_case("no-cache"))
}

/// When an answer was made, and how long it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// When the origin was asked.
    pub stored_at: UnixMillis,
    /// Seconds it is fresh from then on.
    pub fresh_seconds: u32,
}

/// What an entry's age allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Serve it.
    Fresh,
    /// Serve it and ask anew meanwhile; or serve it because the origin does not answer.
    Stale,
    /// Never serve it.
    Gone,
}

impl Validity {
    /// Reads the origin's `x-emban-fresh`, in seconds; 15 when it says nothing.
    pub fn new(stored_at: UnixMillis, header: Option<&str>) -> Self {
        let asked = header
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(limits::REFRESH_SECONDS);
        Self {
            stored_at,
            fresh_seconds: asked.min(LONGEST_FRESH_SECONDS),
        }
    }

    /// Judges the age at an instant.
    pub fn age(&self, now: UnixMillis) -> Age {
        let age = now.0.saturating_sub(self.stored_at.0);
        let fresh = i64::from(self.fresh_seconds) * 1000;
        if age < -CLOCK_SKEW_MS {
            Age::Gone
        } else if age < fresh {
            Age::Fresh
        } else if age < fresh + i64::from(limits::STALE_SECONDS) * 1000 {
            Age::Stale
        } else {
            Age::Gone
        }
    }

    /// Seconds that a shared cache has to keep the entry.
    pub fn keep_seconds(&self) -> u32 {
        self.fresh_seconds + limits::STALE_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: Option<&str>, age_ms: i64, expect: Age) {
        let validity = Validity::new(UnixMillis(1_000_000), header);
        assert_eq!(
            validity.age(UnixMillis(1_000_000 + age_ms)),
            expect,
            "{header:?} {age_ms}"
        );
    }

    #[test]
    fn an_answer_is_fresh_then_stale_for_a_minute_then_gone() {
        check(None, 0, Age::Fresh);
        check(None, 14_999, Age::Fresh);
        check(None, 15_000, Age::Stale);
        check(None, 74_999, Age::Stale);
        check(None, 75_000, Age::Gone);
        check(Some("2"), 2000, Age::Stale);
        check(Some("0"), 0, Age::Stale);
        check(Some("999999"), 3_600_000, Age::Stale);
        check(Some("soon"), 14_999, Age::Fresh);
        check(Some("-5"), 15_000, Age::Stale);
    }

    #[test]
    fn cached_answers_end_a_minute_after_the_feed() {
        assert!(allows_cache(Some(64_999)));
        assert!(!allows_cache(Some(65_000)));
        assert!(
            !allows_cache(None),
            "an isolate that never read the feed serves nothing from a cache"
        );
    }

    #[test]
    fn a_request_for_fresh_data_is_told_from_others() {
        assert!(asks_for_fresh("No-Cache, max-age=0") && !asks_for_fresh("max-age=0"));
    }

    #[test]
    fn an_entry_from_the_future_is_not_served_for_ever() {
        check(None, -1000, Age::Fresh);
        check(None, -5001, Age::Gone);
    }
}
