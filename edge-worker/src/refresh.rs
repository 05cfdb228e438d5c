//! When a document of the origin (its feed, its keys) is read anew.

use emban_contract::UnixMillis;

/// How a document is kept current. All in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pacing {
    /// From this age on it is read again while requests go on.
    pub(crate) background_ms: i64,
    /// From this age on requests wait until it has been read.
    pub(crate) wait_ms: i64,
    /// Time between two attempts when they fail.
    pub(crate) retry_ms: i64,
    /// After this time a reading counts as lost: the request that began it may have been cancelled.
    pub(crate) abandon_ms: i64,
}

/// The feed: design section 6 wants it read at most every 5 s, and a revocation to hold within 10 s.
pub(crate) const FEED: Pacing = Pacing {
    background_ms: 2000,
    wait_ms: 5000,
    retry_ms: 2000,
    abandon_ms: 4000,
};

/// The keys: a rotation overlaps for longer than a minute, and an unknown key asks for them at once.
pub(crate) const KEYS: Pacing = Pacing {
    background_ms: 60_000,
    wait_ms: i64::MAX,
    retry_ms: 5000,
    abandon_ms: 4000,
};

/// What a request has to do first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing.
    No,
    /// Read it, without waiting.
    InBackground,
    /// Read it, and wait.
    Now,
    /// Wait for the request that is reading it.
    ByAnother,
}

/// How current a document is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Refresh {
    /// When the reading began that succeeded last.
    as_of: Option<UnixMillis>,
    /// When the last reading began.
    began: Option<UnixMillis>,
    /// Whether that one is still under way.
    busy: bool,
}

impl Refresh {
    /// What a request at `now` has to do.
    pub(crate) fn due(&self, now: UnixMillis, pacing: Pacing) -> Due {
        let needed = self.age_ms(now).is_none_or(|age| age >= pacing.wait_ms);
        let since_begin = self
            .began
            .map_or(i64::MAX, |began| now.0.saturating_sub(began.0));
        if self.busy && since_begin < pacing.abandon_ms {
            return if needed { Due::ByAnother } else { Due::No };
        }
        if self.failed() && since_begin < pacing.retry_ms {
            return Due::No;
        }
        match self.age_ms(now) {
            _ if needed => Due::Now,
            Some(age) if age >= pacing.background_ms => Due::InBackground,
            Some(_) | None => Due::No,
        }
    }

    /// What a request has to do when something unknown turned up: read out of turn, but at most once in `retry_ms`,
    /// so that forged tokens cannot make the edge a hammer.
    pub(crate) fn due_at_once(&self, now: UnixMillis, pacing: Pacing) -> Due {
        let since_begin = self
            .began
            .map_or(i64::MAX, |began| now.0.saturating_sub(began.0));
        if self.busy && since_begin < pacing.abandon_ms {
            Due::ByAnother
        } else if since_begin < pacing.retry_ms {
            Due::No
        } else {
            Due::Now
        }
    }

    /// Whether a reading is under way that has not been lost.
    pub(crate) fn is_busy(&self, now: UnixMillis, pacing: Pacing) -> bool {
        self.due_at_once(now, pacing) == Due::ByAnother
    }

    /// A reading begins.
    pub(crate) fn begin(&mut self, now: UnixMillis) {
        self.began = Some(now);
        self.busy = true;
    }

    /// The reading that began at `began` succeeded: what it says was so at that time at the latest.
    pub(crate) fn succeed(&mut self, began: UnixMillis) {
        self.as_of = self.as_of.max(Some(began));
        self.busy = self.busy && self.began != Some(began);
    }

    /// The reading that began at `began` failed.
    pub(crate) fn fail(&mut self, began: UnixMillis) {
        self.busy = self.busy && self.began != Some(began);
    }

    /// Milliseconds since the document was last known to hold; `None` when it was never read.
    pub(crate) fn age_ms(&self, now: UnixMillis) -> Option<i64> {
        self.as_of.map(|as_of| now.0.saturating_sub(as_of.0))
    }

    fn failed(&self) -> bool {
        !self.busy && self.began.is_some() && self.began != self.as_of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UnixMillis {
        UnixMillis(1_000_000 + seconds * 1000)
    }

    #[test]
    fn the_first_request_waits_and_the_next_ones_do_not() {
        let mut feed = Refresh::default();
        assert_eq!(feed.due(at(0), FEED), Due::Now);
        feed.begin(at(0));
        assert_eq!(feed.due(at(0), FEED), Due::ByAnother);
        feed.succeed(at(0));
        assert_eq!(feed.due(at(1), FEED), Due::No);
        assert_eq!(feed.due(at(2), FEED), Due::InBackground);
        feed.begin(at(2));
        assert_eq!(feed.due(at(3), FEED), Due::No);
        feed.succeed(at(2));
        assert_eq!(
            feed.due(at(7), FEED),
            Due::Now,
            "after a pause nothing is served before the feed was read"
        );
    }

    #[test]
    fn a_failing_origin_is_asked_every_two_seconds() {
        let mut feed = Refresh::default();
        feed.begin(at(0));
        feed.succeed(at(0));
        feed.begin(at(6));
        assert_eq!(feed.due(at(6), FEED), Due::ByAnother);
        feed.fail(at(6));
        assert_eq!(feed.due(at(7), FEED), Due::No);
        assert_eq!(feed.due(at(8), FEED), Due::Now);
        assert_eq!(feed.age_ms(at(8)), Some(8000));
    }

    #[test]
    fn a_lost_reading_does_not_block() {
        let mut feed = Refresh::default();
        feed.begin(at(0));
        assert_eq!(feed.due(at(3), FEED), Due::ByAnother);
        assert_eq!(feed.due(at(4), FEED), Due::Now);
        feed.begin(at(4));
        feed.succeed(at(0));
        assert_eq!(
            feed.age_ms(at(5)),
            Some(5000),
            "what the late answer says was so when it was asked for"
        );
    }

    #[test]
    fn known_keys_go_on_and_unknown_ones_are_looked_up_at_a_bounded_rate() {
        let mut keys = Refresh::default();
        assert_eq!(keys.due_at_once(at(0), KEYS), Due::Now);
        keys.begin(at(0));
        assert_eq!(keys.due_at_once(at(0), KEYS), Due::ByAnother);
        keys.succeed(at(0));
        assert_eq!(keys.due_at_once(at(4), KEYS), Due::No);
        assert_eq!(keys.due_at_once(at(5), KEYS), Due::Now);
        assert_eq!(keys.due(at(59), KEYS), Due::No);
        assert_eq!(keys.due(at(86_400), KEYS), Due::InBackground);
    }
}
