//! When a session ends, by the server's count of seconds and the browser's measure of elapsed time.

/// How long before its end a session is renewed, in seconds.
const LEAD_SECONDS: f64 = 60.0;

/// The end of one session. The two clocks never meet: only differences of the browser's are used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SessionClock {
    started_ms: f64,
    life_ms: f64,
    warned: bool,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Due {
    /// Nothing, for so many milliseconds.
    Wait(f64),
    /// The session ends soon: say so once, and renew it.
    Warn,
    /// The session has ended.
    Expire,
}

impl SessionClock {
    /// Begins to count. `now_ms` is any clock of the browser that runs during sleep; `expires_in` is the server's.
    pub(crate) fn start(now_ms: f64, expires_in: i64) -> Self {
        Self {
            started_ms: now_ms,
            life_ms: expires_in.max(0) as f64 * 1000.0,
            warned: false,
        }
    }

    /// What is due now; a warning is given once.
    pub(crate) fn due(&mut self, now_ms: f64) -> Due {
        let left = self.left_ms(now_ms);
        // A session of a minute would be warned about at its begin; half of its life is soon enough.
        let lead = (LEAD_SECONDS * 1000.0).min(self.life_ms / 2.0);
        if left <= 0.0 {
            Due::Expire
        } else if self.warned {
            Due::Wait(left)
        } else if left <= lead {
            self.warned = true;
            Due::Warn
        } else {
            Due::Wait(left - lead)
        }
    }

    /// Milliseconds until the end. A clock that was set back does not lengthen a session.
    pub(crate) fn left_ms(&self, now_ms: f64) -> f64 {
        self.life_ms - (now_ms - self.started_ms).max(0.0)
    }
}

/// Milliseconds to wait before the next try to renew, after so many failures.
pub(crate) fn backoff_ms(failures: u32) -> f64 {
    2000.0 * f64::from(1_u32 << failures.min(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_warns_once_and_then_ends() {
        let mut clock = SessionClock::start(5_000_000.0, 3600);
        assert_eq!(clock.due(5_000_000.0), Due::Wait(3_540_000.0));
        assert_eq!(clock.due(8_540_000.0), Due::Warn);
        assert_eq!(clock.due(8_550_000.0), Due::Wait(50_000.0));
        assert_eq!(clock.due(8_600_000.0), Due::Expire);
    }

    #[test]
    fn a_short_session_warns_at_half_its_life() {
        let mut clock = SessionClock::start(0.0, 60);
        assert_eq!(clock.due(0.0), Due::Wait(30_000.0));
        assert_eq!(clock.due(30_000.0), Due::Warn);
    }

    #[test]
    fn sleep_and_a_clock_set_back_do_not_lengthen_it() {
        let mut clock = SessionClock::start(1000.0, 3600);
        assert_eq!(clock.due(0.0), Due::Wait(3_540_000.0));
        assert_eq!(clock.due(1e12), Due::Expire);
        assert_eq!(SessionClock::start(0.0, -5).due(0.0), Due::Expire);
    }

    #[test]
    fn tries_to_renew_grow_apart_and_stay_bounded() {
        assert_eq!(
            [0, 1, 2, 5, 99].map(backoff_ms),
            [2000.0, 4000.0, 8000.0, 64_000.0, 64_000.0]
        );
    }
}
