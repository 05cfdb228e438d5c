//! How old the figures on the screen are.

use emban_contract::UnixMillis;

/// Clocks that differ by more than this are not believed, in milliseconds.
const BELIEVED_MS: i64 = 600_000;

/// The age of the oldest figure on the screen, with the moment it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When it was read from the warehouse, by the server's clock.
    pub read_at: UnixMillis,
    /// When it arrived, by the browser's clock.
    pub arrived_at: UnixMillis,
}

impl Freshness {
    /// Age in seconds. With a wrong clock in the browser it counts from the arrival.
    pub fn age_seconds(&self, now: UnixMillis) -> i64 {
        let on_arrival = self.arrived_at.0 - self.read_at.0;
        let before = if (0..BELIEVED_MS).contains(&on_arrival) {
            on_arrival
        } else {
            0
        };
        (now.0 - self.arrived_at.0 + before).max(0) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_counts_from_the_warehouse_unless_a_clock_is_wrong() {
        let fresh = |read, arrived| Freshness {
            read_at: UnixMillis(read),
            arrived_at: UnixMillis(arrived),
        };
        assert_eq!(fresh(0, 40_000).age_seconds(UnixMillis(100_000)), 100);
        assert_eq!(fresh(0, 90_000_000).age_seconds(UnixMillis(90_060_000)), 60);
        assert_eq!(fresh(50_000, 0).age_seconds(UnixMillis(7000)), 7);
    }
}
