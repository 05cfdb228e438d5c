//! One question at a time: requests that miss the same entry together ask the origin once.
//!
//! In Workers a promise belongs to the request that made it, so followers never await the leader's: the outcome is
//! plain data in memory, and each follower looks for it on timers of its own.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::task::{Poll, Waker};

use emban_contract::UnixMillis;

/// After this time a flight counts as lost: its leader's time for the origin (10 s) is over, and it did not land.
const LOST_MS: i64 = 12_000;

/// One question under way.
#[derive(Debug)]
pub(crate) struct Flight<T> {
    began: UnixMillis,
    outcome: RefCell<Option<T>>,
    /// The leader's, which alone may be woken: it is the same request that lands the flight.
    leader: RefCell<Option<Waker>>,
}

impl<T: Clone> Flight<T> {
    /// What came of it, once it has landed.
    pub(crate) fn outcome(&self) -> Option<T> {
        self.outcome.borrow().clone()
    }

    /// The leader's way to wait. Must not be awaited by any other request.
    pub(crate) async fn landed(&self) -> T {
        std::future::poll_fn(|context| match self.outcome() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                *self.leader.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }

    /// Whether nobody will land it any more.
    pub(crate) fn is_lost(&self, now: UnixMillis) -> bool {
        now.0.saturating_sub(self.began.0) >= LOST_MS
    }
}

/// Part of a request in a question.
#[derive(Debug)]
pub(crate) enum Part<T> {
    /// Ask, and land the flight.
    Lead(Rc<Flight<T>>),
    /// Look for the outcome.
    Follow(Rc<Flight<T>>),
}

/// The questions under way, by cache key.
#[derive(Debug)]
pub(crate) struct Flights<T> {
    by_key: HashMap<Rc<str>, Rc<Flight<T>>>,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self {
            by_key: HashMap::new(),
        }
    }
}

impl<T: Clone> Flights<T> {
    /// Joins the question of a key, or begins it.
    pub(crate) fn join(&mut self, key: &Rc<str>, now: UnixMillis) -> Part<T> {
        if let Some(flight) = self.by_key.get(key).filter(|flight| !flight.is_lost(now)) {
            return Part::Follow(Rc::clone(flight));
        }
        let flight = Rc::new(Flight {
            began: now,
            outcome: RefCell::new(None),
            leader: RefCell::new(None),
        });
        self.by_key.insert(Rc::clone(key), Rc::clone(&flight));
        Part::Lead(flight)
    }

    /// Ends a question: those who joined find the outcome, those who come later begin anew.
    pub(crate) fn land(&mut self, key: &Rc<str>, flight: &Rc<Flight<T>>, outcome: T) {
        *flight.outcome.borrow_mut() = Some(outcome);
        if self
            .by_key
            .get(key)
            .is_some_and(|current| Rc::ptr_eq(current, flight))
        {
            self.by_key.remove(key);
        }
        if let Some(leader) = flight.leader.borrow_mut().take() {
            leader.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(part: Part<u32>) -> Rc<Flight<u32>> {
        match part {
            Part::Lead(flight) => flight,
            Part::Follow(_) => panic!("expected to lead"),
        }
    }

    fn follow(part: Part<u32>) -> Rc<Flight<u32>> {
        match part {
            Part::Follow(flight) => flight,
            Part::Lead(_) => panic!("expected to follow"),
        }
    }

    #[test]
    fn those_who_join_share_the_outcome_and_later_ones_ask_anew() {
        let (mut flights, key, other) = (Flights::default(), Rc::from("a"), Rc::from("b"));
        let leader = lead(flights.join(&key, UnixMillis(0)));
        let follower = follow(flights.join(&key, UnixMillis(5)));
        lead(flights.join(&other, UnixMillis(5)));
        assert_eq!(follower.outcome(), None);
        flights.land(&key, &leader, 7);
        assert_eq!(follower.outcome(), Some(7));
        lead(flights.join(&key, UnixMillis(6)));
    }

    #[test]
    fn a_leader_that_never_lands_is_replaced_and_cannot_end_its_successor() {
        let (mut flights, key) = (Flights::default(), Rc::from("a"));
        let lost = lead(flights.join(&key, UnixMillis(0)));
        let follower = follow(flights.join(&key, UnixMillis(LOST_MS - 1)));
        assert!(follower.is_lost(UnixMillis(LOST_MS)));
        let second = lead(flights.join(&key, UnixMillis(LOST_MS)));
        flights.land(&key, &lost, 1);
        let third = follow(flights.join(&key, UnixMillis(LOST_MS + 1)));
        flights.land(&key, &second, 2);
        assert_eq!(third.outcome(), Some(2));
    }
}
