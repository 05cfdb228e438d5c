//! A map that forgets what was used longest ago, bounded by weight.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Holds at most `limit` of weight; the weight's unit is the caller's.
#[derive(Debug)]
pub struct Lru<K, V> {
    slots: HashMap<K, Slot<V>>,
    /// Keys by the time of their last use.
    order: BTreeMap<u64, K>,
    clock: u64,
    weight: usize,
    limit: usize,
}

#[derive(Debug)]
struct Slot<V> {
    value: V,
    weight: usize,
    used: u64,
}

impl<K: Clone + Eq + Hash, V: Clone> Lru<K, V> {
    /// An empty map.
    pub fn new(limit: usize) -> Self {
        Self {
            slots: HashMap::new(),
            order: BTreeMap::new(),
            clock: 0,
            weight: 0,
            limit,
        }
    }

    /// The value of a key, which counts as used now.
    pub fn get<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let slot = self.slots.get_mut(key)?;
        self.clock += 1;
        if let Some(key) = self.order.remove(&slot.used) {
            self.order.insert(self.clock, key);
        }
        slot.used = self.clock;
        Some(slot.value.clone())
    }

    /// Keeps a value in place of a former one. A value heavier than an eighth of the whole is not kept at all:
    /// it would push out too many others.
    pub fn insert(&mut self, key: K, value: V, weight: usize) {
        self.remove(&key);
        if weight > self.limit / 8 {
            return;
        }
        while self.weight + weight > self.limit {
            let Some((_, oldest)) = self.order.pop_first() else {
                break;
            };
            self.forget(&oldest);
        }
        self.clock += 1;
        self.weight += weight;
        self.order.insert(self.clock, key.clone());
        self.slots.insert(
            key,
            Slot {
                value,
                weight,
                used: self.clock,
            },
        );
    }

    /// Forgets one key.
    pub fn remove<Q>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some(used) = self.forget(key) {
            self.order.remove(&used);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.order.clear();
        self.weight = 0;
    }

    fn forget<Q>(&mut self, key: &Q) -> Option<u64>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let slot = self.slots.remove(key)?;
        self.weight -= slot.weight;
        Some(slot.used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(limit: usize) -> Lru<String, u32> {
        Lru::new(limit)
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let mut lru = map(30);
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] {
            lru.insert(key.to_owned(), value, 3);
        }
        for n in 0..7 {
            lru.insert(format!("filler {n}"), n, 3);
        }
        assert_eq!(lru.get("a"), Some(1));
        lru.insert("d".to_owned(), 4, 3);
        assert_eq!(
            (lru.get("a"), lru.get("b"), lru.get("d")),
            (Some(1), None, Some(4))
        );
        assert!(lru.weight <= 30 && lru.slots.len() == lru.order.len());
    }

    #[test]
    fn a_replaced_value_weighs_once() {
        let mut lru = map(16);
        for n in 0..100 {
            lru.insert("a".to_owned(), n, 2);
        }
        assert_eq!(
            (lru.get("a"), lru.weight, lru.order.len()),
            (Some(99), 2, 1)
        );
        lru.remove("a");
        assert_eq!((lru.get("a"), lru.weight, lru.order.len()), (None, 0, 0));
    }

    #[test]
    fn one_value_cannot_push_out_all_others() {
        let mut lru = map(80);
        lru.insert("a".to_owned(), 1, 10);
        lru.insert("b".to_owned(), 2, 11);
        assert_eq!((lru.get("a"), lru.get("b")), (Some(1), None));
        lru.insert("a".to_owned(), 3, 11);
        assert_eq!(
            lru.get("a"),
            None,
            "the former value must not outlive its replacement"
        );
    }
}
