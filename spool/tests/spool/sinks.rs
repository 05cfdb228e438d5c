//! Test doubles of the warehouse, for failures that the real one does not produce on command.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use emban_contract::event::Event;
use emban_spool::{Sink, SinkError};

/// Drops a second batch with a known token, as ClickHouse does, and insists that it equals the first.
#[derive(Default)]
pub(crate) struct Warehouse {
    pub(crate) batches: Mutex<BTreeMap<String, Vec<Event>>>,
    /// Every try, by token.
    pub(crate) tries: Mutex<Vec<String>>,
    /// Tokens that are not to come again.
    pub(crate) settled: Mutex<BTreeSet<String>>,
    /// Event ids that are refused.
    pub(crate) poison: Mutex<BTreeSet<String>>,
    /// Answers "unavailable" while set.
    pub(crate) down: AtomicBool,
    /// Inserts that are answered; the one after is stored and never answered.
    pub(crate) answers: Option<usize>,
    pub(crate) answered: AtomicUsize,
    /// Set once an insert hangs.
    pub(crate) hangs: AtomicBool,
}

impl Warehouse {
    pub(crate) fn refusing(ids: impl IntoIterator<Item = impl ToString>) -> Self {
        Self {
            poison: Mutex::new(ids.into_iter().map(|id| id.to_string()).collect()),
            ..Self::default()
        }
    }

    /// The same content, answering again.
    pub(crate) fn restarted(&self) -> Self {
        Self {
            batches: Mutex::new(self.batches.lock().unwrap().clone()),
            poison: Mutex::new(self.poison.lock().unwrap().clone()),
            ..Self::default()
        }
    }

    pub(crate) fn heal(&self) {
        self.poison.lock().unwrap().clear();
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.batches
            .lock()
            .unwrap()
            .values()
            .flatten()
            .cloned()
            .collect()
    }

    /// Ids in the warehouse, sorted as numbers where they are.
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self
            .events()
            .into_iter()
            .map(|event| event.event_id)
            .collect();
        ids.sort_by_key(|id| (id.parse::<u64>().unwrap_or(u64::MAX), id.clone()));
        ids
    }

    pub(crate) fn tokens(&self) -> Vec<String> {
        self.batches.lock().unwrap().keys().cloned().collect()
    }
}

impl Sink for Warehouse {
    async fn insert(&self, events: &[Event], token: &str) -> Result<(), SinkError> {
        self.tries.lock().unwrap().push(token.to_owned());
        let again = self.settled.lock().unwrap().contains(token);
        assert!(!again, "a batch came again that never was to");
        if self.down.load(Ordering::Relaxed) {
            return Err(SinkError::Unavailable("down for the test".to_owned()));
        }
        assert!(!events.is_empty(), "an empty batch was sent");
        let refused = {
            let poison = self.poison.lock().unwrap();
            events
                .iter()
                .find(|event| poison.contains(&event.event_id))
                .map(|event| event.event_id.clone())
        };
        if refused.is_none() {
            let mut batches = self.batches.lock().unwrap();
            let stored = batches
                .entry(token.to_owned())
                .or_insert_with(|| events.to_vec());
            assert_eq!(stored, events, "two batches under one token");
        }
        if self
            .answers
            .is_some_and(|most| self.answered.fetch_add(1, Ordering::Relaxed) >= most)
        {
            self.hangs.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        }
        match refused {
            Some(id) => Err(SinkError::Refused(format!("no column for {id}"))),
            None => Ok(()),
        }
    }

    fn settle(&self) {
        let tries = self.tries.lock().unwrap().clone();
        self.settled.lock().unwrap().extend(tries);
    }
}
