//! How often a session may ask.

use std::collections::HashMap;

use emban_contract::{SessionId, UnixMillis};

/// Milliseconds between two reloads of one session that reach the origin: 2 s.
const RELOAD_MS: i64 = 2000;

/// Sessions remembered at most before the old ones are dropped.
const REMEMBERED: usize = 4096;

/// Requests of one session a minute when the operator does not say: a dashboard asks a few times a minute by itself,
/// and no hand clicks ten filters a second for long.
pub(crate) const REQUESTS_PER_MINUTE: u32 = 600;

/// The part of a minute's requests that may come at once: a fifth, since a page opens many things together.
const BURST: i64 = 5;

/// Remembers the last reload of each session.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: HashMap<SessionId, UnixMillis>,
}

impl Pace {
    /// Whether a session may skip the cache now; a yes is remembered.
    pub(crate) fn may_reload(&mut self, session: &SessionId, now: UnixMillis) -> bool {
        let recent = |last: &UnixMillis| now.0.saturating_sub(last.0) < RELOAD_MS;
        if self.last.get(session).is_some_and(recent) {
            return false;
        }
        if self.last.len() >= REMEMBERED {
            self.last.retain(|_, last| recent(last));
        }
        if self.last.len() >= REMEMBERED {
            return false;
        }
        self.last.insert(session.clone(), now);
        true
    }
}

/// Requests that each session has left: a leaky bucket, kept as the instant at which it is full again (the generic cell
/// rate algorithm of ITU-T I.371). An isolate counts by itself; several of them together allow several times as much.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// Microseconds that one request takes from the bucket; 0 is no limit.
    interval_us: i64,
    /// By session, Unix microseconds.
    full_at: HashMap<SessionId, i64>,
}

impl Allowance {
    /// An allowance of so many requests a minute; 0 is no limit.
    pub(crate) fn new(per_minute: u32) -> Self {
        let interval_us = 60_000_000_i64.checked_div(per_minute.into()).unwrap_or(0);
        Self {
            interval_us,
            full_at: HashMap::new(),
        }
    }

    /// Takes one request from a session's allowance.
    ///
    /// Errors: the seconds until there is one again, at least 1. A refusal takes nothing.
    pub(crate) fn take(&mut self, session: &SessionId, now: UnixMillis) -> Result<(), u32> {
        if self.interval_us == 0 {
            return Ok(());
        }
        let now_us = now.0.saturating_mul(1000);
        let depth_us = (60_000_000 / BURST).max(self.interval_us);
        if let Some(full_at) = self.full_at.get_mut(session) {
            let next = (*full_at).max(now_us) + self.interval_us;
            let excess_us = next - now_us - depth_us;
            if excess_us > 0 {
                let seconds = (excess_us + 999_999) / 1_000_000;
                return Err(u32::try_from(seconds).unwrap_or(u32::MAX));
            }
            *full_at = next;
            return Ok(());
        }
        self.make_room(now_us);
        self.full_at
            .insert(session.clone(), now_us + self.interval_us);
        Ok(())
    }

    /// Forgets those who have everything left, and when that is nobody, all: a limit that locks new sessions out for
    /// what others do would be worse than one that begins anew.
    fn make_room(&mut self, now_us: i64) {
        if self.full_at.len() < REMEMBERED {
            return;
        }
        self.full_at.retain(|_, full_at| *full_at > now_us);
        if self.full_at.len() >= REMEMBERED {
            self.full_at.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: usize) -> SessionId {
        SessionId::new(format!("es_{n}")).unwrap()
    }

    #[test]
    fn a_session_reloads_once_in_two_seconds() {
        let (one, two) = (session(1), session(2));
        let mut pace = Pace::default();
        assert!(pace.may_reload(&one, UnixMillis(0)));
        assert!(!pace.may_reload(&one, UnixMillis(1999)));
        assert!(pace.may_reload(&two, UnixMillis(1999)));
        assert!(pace.may_reload(&one, UnixMillis(2000)));
    }

    #[test]
    fn many_sessions_do_not_fill_the_memory() {
        let mut pace = Pace::default();
        let reloaded = (0..10_000)
            .filter(|n| pace.may_reload(&session(*n), UnixMillis(0)))
            .count();
        assert_eq!((reloaded, pace.last.len()), (REMEMBERED, REMEMBERED));
        assert!(pace.may_reload(&session(10_001), UnixMillis(RELOAD_MS)));
        assert_eq!(pace.last.len(), 1);
        let mut allowance = Allowance::new(600);
        for n in 0..10_000 {
            assert_eq!(allowance.take(&session(n), UnixMillis(0)), Ok(()));
        }
        assert!(allowance.full_at.len() <= REMEMBERED);
    }

    #[test]
    fn a_session_has_a_burst_and_then_its_rate() {
        let (one, two) = (session(1), session(2));
        let mut allowance = Allowance::new(600);
        let mut taken = |session: &SessionId, at: i64| {
            (0..10_000)
                .take_while(|_| allowance.take(session, UnixMillis(at)).is_ok())
                .count()
        };
        assert_eq!(taken(&one, 0), 120);
        assert_eq!(taken(&two, 0), 120, "each session has its own");
        assert_eq!(taken(&one, 99), 0);
        assert_eq!(taken(&one, 1000), 10);
        assert_eq!(taken(&one, 60_000), 120);
    }

    #[test]
    fn a_refused_session_learns_when_to_come_back() {
        let one = session(1);
        let mut slow = Allowance::new(6);
        assert_eq!(slow.take(&one, UnixMillis(0)), Ok(()));
        let seconds = slow.take(&one, UnixMillis(0)).unwrap_err();
        assert_eq!(seconds, 8);
        let then = UnixMillis(i64::from(seconds) * 1000);
        assert_eq!(slow.take(&one, UnixMillis(then.0 - 2000)), Err(2));
        assert_eq!(slow.take(&one, then), Ok(()));
        let mut slowest = Allowance::new(1);
        for minute in 0..3 {
            assert_eq!(slowest.take(&one, UnixMillis(minute * 60_000)), Ok(()));
        }
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let mut open = Allowance::new(0);
        assert!((0..10_000).all(|_| open.take(&session(1), UnixMillis(0)).is_ok()));
        assert!(open.full_at.is_empty());
    }
}
