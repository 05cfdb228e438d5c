//! How often a session may skip the cache.

use std::collections::HashMap;

use emban_contract::{SessionId, UnixMillis};

/// Milliseconds between two reloads of one session that reach the origin: 2 s.
const RELOAD_MS: i64 = 2000;

/// Sessions remembered at most before the old ones are dropped.
const REMEMBERED: usize = 4096;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_reloads_once_in_two_seconds() {
        let (one, two) = (
            SessionId::new("es_1").unwrap(),
            SessionId::new("es_2").unwrap(),
        );
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
            .filter(|n| pace.may_reload(&SessionId::new(format!("es_{n}")).unwrap(), UnixMillis(0)))
            .count();
        assert_eq!((reloaded, pace.last.len()), (REMEMBERED, REMEMBERED));
        assert!(pace.may_reload(&SessionId::new("es_late").unwrap(), UnixMillis(RELOAD_MS)));
        assert_eq!(pace.last.len(), 1);
    }
}
