//! How many requests a second one key or one session may send.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Seconds of requests that may come at once after a time of silence.
const BURST_SECONDS: u64 = 2;
/// Callers remembered at most; beyond, all of them start anew.
const CALLERS: usize = 100_000;

/// The generic cell rate algorithm (ITU-T I.371): one instant a caller. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Rates {
    per_second: Option<NonZeroU32>,
    started: Instant,
    /// For each caller, when its requests so far would have been due, in microseconds since the start.
    due: Arc<Mutex<HashMap<String, u64>>>,
}

impl Rates {
    /// Without a number there is no limit.
    pub(crate) fn new(per_second: Option<NonZeroU32>) -> Self {
        Self {
            per_second,
            started: Instant::now(),
            due: Arc::default(),
        }
    }

    /// Takes one request of a caller. `Err` is the number of seconds after which to come back.
    pub(crate) fn take(&self, caller: &str) -> Result<(), u32> {
        let now = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.take_at(caller, now)
    }

    fn take_at(&self, caller: &str, now: u64) -> Result<(), u32> {
        let Some(per_second) = self.per_second else {
            return Ok(());
        };
        let step = 1_000_000 / u64::from(per_second.get());
        let burst = BURST_SECONDS * 1_000_000;
        let Ok(mut due) = self.due.lock() else {
            return Ok(());
        };
        let known = due.get(caller).copied().unwrap_or(0).max(now);
        if known + step > now + burst {
            let wait = known + step - now - burst;
            return Err(u32::try_from(wait.div_ceil(1_000_000)).unwrap_or(u32::MAX));
        }
        if due.len() >= CALLERS {
            due.clear();
        }
        due.insert(caller.to_owned(), known + step);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_the_rate_holds() {
        let rates = Rates::new(NonZeroU32::new(10));
        let taken = (0..100).filter(|_| rates.take_at("a", 5).is_ok()).count();
        assert_eq!(taken, 20, "two seconds of requests at once");
        assert_eq!(rates.take_at("a", 5), Err(1));
        assert_eq!(rates.take_at("b", 5), Ok(()), "each caller has its own");
        let later = 5 + 1_000_000;
        let taken = (0..100)
            .filter(|_| rates.take_at("a", later).is_ok())
            .count();
        assert_eq!(taken, 10, "one second later one second's requests");
    }

    #[test]
    fn without_a_number_there_is_no_limit() {
        let rates = Rates::new(None);
        assert!((0..10_000).all(|_| rates.take("a").is_ok()));
    }
}
