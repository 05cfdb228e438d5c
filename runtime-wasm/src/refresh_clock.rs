//! When a dashboard asks for figures by itself: after the seconds that its answers are fresh, and later after failures.

/// The longest pause between two tries, in milliseconds.
const LONGEST_MS: f64 = 300_000.0;
/// The shortest, whatever a dashboard asks for.
const SHORTEST_MS: f64 = 5000.0;

/// Counts from the last answer. A clock that was never started asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct RefreshClock {
    every_ms: f64,
    due_ms: Option<f64>,
    failures: u32,
}

impl RefreshClock {
    /// Begins to count. `now_ms` is any clock of the browser that runs during sleep.
    pub(crate) fn start(now_ms: f64, refresh_seconds: u32) -> Self {
        let every_ms = (f64::from(refresh_seconds) * 1000.0).max(SHORTEST_MS);
        Self {
            every_ms,
            due_ms: Some(now_ms + every_ms),
            failures: 0,
        }
    }

    /// Milliseconds until figures are due, none while an answer is awaited.
    pub(crate) fn due_in_ms(&mut self, now_ms: f64) -> Option<f64> {
        // A clock that was set back would put the next answer far off.
        let due = self.due_ms?.min(now_ms + LONGEST_MS.max(self.every_ms));
        self.due_ms = Some(due);
        Some(due - now_ms)
    }

    /// Figures were asked for.
    pub(crate) fn asked(&mut self) {
        self.due_ms = None;
    }

    /// Figures came.
    pub(crate) fn answered(&mut self, now_ms: f64) {
        self.failures = 0;
        self.due_ms = Some(now_ms + self.every_ms).filter(|_| self.every_ms > 0.0);
    }

    /// They did not come: the next try waits twice as long, up to five minutes.
    pub(crate) fn failed(&mut self, now_ms: f64) {
        self.failures = (self.failures + 1).min(8);
        let pause = self.every_ms * f64::from(1_u32 << self.failures);
        self.due_ms =
            Some(now_ms + pause.min(LONGEST_MS.max(self.every_ms))).filter(|_| self.every_ms > 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_due_after_their_seconds_and_once() {
        let mut clock = RefreshClock::start(1000.0, 15);
        assert_eq!(clock.due_in_ms(1000.0), Some(15_000.0));
        assert_eq!(clock.due_in_ms(16_000.0), Some(0.0));
        clock.asked();
        assert_eq!(clock.due_in_ms(99_000.0), None);
        clock.answered(100_000.0);
        assert_eq!(clock.due_in_ms(101_000.0), Some(14_000.0));
    }

    #[test]
    fn failures_put_the_next_try_off_within_bounds() {
        let mut clock = RefreshClock::start(0.0, 15);
        clock.failed(0.0);
        assert_eq!(clock.due_in_ms(0.0), Some(30_000.0));
        clock.failed(0.0);
        assert_eq!(clock.due_in_ms(0.0), Some(60_000.0));
        (0..20).for_each(|_| clock.failed(0.0));
        assert_eq!(clock.due_in_ms(0.0), Some(300_000.0));
        clock.answered(0.0);
        assert_eq!(clock.due_in_ms(0.0), Some(15_000.0));
    }

    #[test]
    fn nothing_is_due_before_a_start_and_nothing_too_often() {
        let mut idle = RefreshClock::default();
        idle.answered(5.0);
        assert_eq!(idle.due_in_ms(1e9), None);
        assert_eq!(RefreshClock::start(0.0, 0).due_in_ms(0.0), Some(5000.0));
        // The browser's clock was set back by a day.
        assert_eq!(
            RefreshClock::start(86_400_000.0, 15).due_in_ms(0.0),
            Some(300_000.0)
        );
    }
}
