//! When to stop and how long to wait.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;

/// The request to stop.
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    pub(super) fn new(shutdown: watch::Receiver<bool>) -> Self {
        Self(shutdown)
    }

    pub(super) fn requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// The future's output, or `None` if the stop comes first.
    pub(super) async fn or<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            // An error means that the sender is gone, which is a request to stop as well.
            _ = self.0.wait_for(|stop| *stop) => None,
            output = future => Some(output),
        }
    }

    /// Waits. Returns whether to stop.
    pub(super) async fn sleep(&mut self, time: Duration) -> bool {
        self.or(tokio::time::sleep(time)).await.is_none()
    }
}

/// Waits that double from the least to the most.
pub(super) struct Backoff {
    min: Duration,
    max: Duration,
    next: Duration,
}

impl Backoff {
    pub(super) fn new(min: Duration, max: Duration) -> Self {
        Self {
            min,
            max,
            next: min.min(max),
        }
    }

    pub(super) fn next(&mut self) -> Duration {
        let now = self.next;
        self.next = now.saturating_mul(2).min(self.max);
        now
    }

    pub(super) fn reset(&mut self) {
        self.next = self.min.min(self.max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_bound_and_start_over() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(350));
        let waits: Vec<u128> = (0..4).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(waits, [100, 200, 350, 350]);
        backoff.reset();
        assert_eq!(backoff.next().as_millis(), 100);
    }
}
