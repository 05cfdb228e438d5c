//! Exact deduplication by (tenant, event id): a set of keys on disk, in generations that are dropped whole.
//!
//! A key is 20 bytes of SHA-256, so that it fits into the store's inline keys: 8 bytes of the tenant's digest,
//! which lets a tenant be forgotten, and 12 bytes of the digest of tenant and event id. At a thousand million
//! events of one tenant in the window, two of them share a key by chance with a probability of about 1 in 10^11.
//! Nobody can make their events look like another tenant's, since the hash is cryptographic and the tenant, with
//! its length before it, is part of what is hashed; a tenant that seeks collisions hurts only itself.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use emban_contract::{TenantId, UnixMillis, event::Event};
use fjall::PersistMode;
use sha2::{Digest, Sha256};

use crate::generations::{Generations, GenerationsConfig, Store};

const TENANT_BYTES: usize = 8;
const KEY_BYTES: usize = 20;

/// A deduplication key.
pub(crate) type Key = [u8; KEY_BYTES];

/// Bytes of keys that are sorted in memory before they are written out.
const MEMTABLE_BYTES: u64 = 8 * 1024 * 1024;

/// How long and with how much memory duplicates are recognised.
#[derive(Debug, Clone)]
pub struct DedupConfig {
    /// Memory for blocks and filters. Default 16 MiB. The store needs about as much again for its write buffers.
    pub cache_bytes: u64,
    /// Time for which a key is remembered at least, by arrival. Default 7 days.
    pub window: Duration,
    /// Time that one generation covers: what a key may be remembered longer. Default one day.
    pub generation: Duration,
}

impl Default for DedupConfig {
    fn default() -> Self {
        let day = Duration::from_secs(86_400);
        Self {
            cache_bytes: 16 * 1024 * 1024,
            window: 7 * day,
            generation: day,
        }
    }
}

/// Why the deduplication store could not be used.
#[derive(Debug, thiserror::Error)]
#[error("deduplication store failed")]
pub struct DedupError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl From<fjall::Error> for DedupError {
    fn from(error: fjall::Error) -> Self {
        Self(Box::new(error))
    }
}

/// The keys seen within the window. Clones share one store.
#[derive(Clone)]
pub struct Dedup {
    generations: Arc<Generations>,
}

/// What became of a batch: for each event whether it is a duplicate, and its key.
#[derive(Debug, Default)]
pub(crate) struct Sifted {
    pub(crate) duplicate: Vec<bool>,
    pub(crate) keys: Vec<Key>,
}

impl Dedup {
    /// Opens the store in a directory of its own, creating it if needed. Blocks.
    ///
    /// Errors: [`DedupError`] if the directory cannot be used, for one because another process has it open.
    pub fn open(dir: impl AsRef<Path>, config: DedupConfig) -> Result<Self, DedupError> {
        let config = GenerationsConfig {
            cache_bytes: config.cache_bytes,
            memtable_bytes: MEMTABLE_BYTES,
            window: config.window,
            generation: config.generation,
        };
        Ok(Self {
            generations: Arc::new(Generations::open(dir.as_ref(), config)?),
        })
    }

    /// Forgets every key of a tenant, so that its events can be sent anew, and returns how many there were. Blocks.
    ///
    /// For the erasure of a tenant: first close its ingest and wait until its last event is flushed,
    /// or keys recorded meanwhile stay until they are too old. Cost: reads all keys of the tenant.
    pub fn forget_tenant(&self, tenant: &TenantId) -> Result<u64, DedupError> {
        let prefix = tenant_prefix(tenant);
        self.with_store(|store| {
            let mut forgotten = 0;
            for keyspace in store.generations.values() {
                let mut batch = store.db.batch().durability(Some(PersistMode::SyncData));
                for entry in keyspace.prefix(prefix) {
                    batch.remove(keyspace, entry.key()?);
                    forgotten += 1;
                }
                batch.commit()?;
            }
            Ok(forgotten)
        })
    }

    /// Tells which events were seen before, in the store or earlier in the same batch. Records nothing.
    pub(crate) fn sift(&self, events: &[Event]) -> Result<Sifted, DedupError> {
        let keys = keys_of(events);
        // In the order of the keys neighbours share their blocks, and equal ones stand together, the earlier event first.
        let mut order: Vec<(&Key, usize)> = keys.iter().zip(0..).collect();
        order.sort_unstable();
        let mut duplicate = vec![false; keys.len()];
        self.with_store(|store| {
            let mut before = None;
            for (key, index) in order {
                let known = before == Some(key) || contains(store, key)?;
                before = Some(key);
                if let Some(duplicate) = duplicate.get_mut(index) {
                    *duplicate = known;
                }
            }
            Ok(())
        })?;
        Ok(Sifted { duplicate, keys })
    }

    /// Records keys under the generation of an arrival. Returns when they are on disk; doing it again changes nothing.
    pub(crate) fn record(&self, keys: &[Key], arrived: UnixMillis) -> Result<(), DedupError> {
        let number = self.generations.number_of(arrived);
        let mut keys = keys.to_vec();
        // The store's buffer is sorted: a key that comes behind its neighbour is placed in half the time.
        keys.sort_unstable();
        self.with_store(|store| {
            let keyspace = store.generation(number)?;
            let mut batch = store.db.batch().durability(Some(PersistMode::SyncData));
            for key in keys {
                batch.insert(&keyspace, key, []);
            }
            batch.commit()
        })
    }

    /// Takes keys back, for events that did not reach the warehouse after all.
    pub(crate) fn take_back(&self, keys: &[Key]) -> Result<(), DedupError> {
        self.with_store(|store| {
            let mut batch = store.db.batch().durability(Some(PersistMode::SyncData));
            for (keyspace, key) in store
                .generations
                .values()
                .flat_map(|keyspace| keys.iter().map(move |key| (keyspace, key)))
            {
                batch.remove(keyspace, *key);
            }
            batch.commit()
        })
    }

    /// Drops the generations that hold only keys older than the window, seen from an arrival.
    pub(crate) fn expire(&self, now: UnixMillis) -> Result<(), DedupError> {
        Ok(self.generations.expire(now)?)
    }

    fn with_store<T>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, fjall::Error>,
    ) -> Result<T, DedupError> {
        Ok(self.generations.with_store(work)?)
    }
}

fn contains(store: &Store, key: &Key) -> Result<bool, fjall::Error> {
    for keyspace in store.latest_first() {
        if keyspace.contains_key(key)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The keys of events, in their order.
pub(crate) fn keys_of(events: &[Event]) -> Vec<Key> {
    let mut prefixes: HashMap<&str, [u8; TENANT_BYTES]> = HashMap::new();
    events
        .iter()
        .map(|event| {
            let tenant = event.tenant_id.as_str();
            let prefix = *prefixes
                .entry(tenant)
                .or_insert_with(|| tenant_prefix(&event.tenant_id));
            let digest = Sha256::new()
                .chain_update((tenant.len() as u64).to_le_bytes())
                .chain_update(tenant)
                .chain_update(&event.event_id)
                .finalize();
            let mut key = [0; KEY_BYTES];
            key.iter_mut()
                .zip(prefix.into_iter().chain(digest))
                .for_each(|(to, from)| *to = from);
            key
        })
        .collect()
}

fn tenant_prefix(tenant: &TenantId) -> [u8; TENANT_BYTES] {
    let digest = Sha256::digest(tenant.as_str());
    let mut prefix = [0; TENANT_BYTES];
    prefix
        .iter_mut()
        .zip(digest)
        .for_each(|(to, from)| *to = from);
    prefix
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use emban_contract::Props;

    use super::*;

    fn event(tenant: &str, id: &str) -> Event {
        Event {
            tenant_id: TenantId::new(tenant).unwrap(),
            event_name: "e".to_owned(),
            timestamp: UnixMillis(0),
            event_id: id.to_owned(),
            user_id: String::new(),
            string_props: Props::default(),
            numeric_props: Props::default(),
        }
    }

    fn take(dedup: &Dedup, events: &[Event], day: i64) -> Vec<bool> {
        let sifted = dedup.sift(events).unwrap();
        let now = UnixMillis(day * 86_400_000);
        let kept: Vec<Key> = sifted
            .keys
            .iter()
            .zip(&sifted.duplicate)
            .filter(|(_, duplicate)| !**duplicate)
            .map(|(key, _)| *key)
            .collect();
        dedup.record(&kept, now).unwrap();
        dedup.expire(now).unwrap();
        sifted.duplicate
    }

    fn generations(dedup: &Dedup) -> usize {
        dedup
            .with_store(|store| Ok(store.generations.len()))
            .unwrap()
    }

    #[test]
    fn an_event_counts_once_within_a_batch_across_batches_and_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let dedup = Dedup::open(dir.path(), DedupConfig::default()).unwrap();
        let batch = [event("a", "1"), event("a", "2"), event("a", "1")];
        assert_eq!(take(&dedup, &batch, 100), [false, false, true]);
        assert_eq!(take(&dedup, &batch, 100), [true, true, true]);
        drop(dedup);
        let dedup = Dedup::open(dir.path(), DedupConfig::default()).unwrap();
        assert_eq!(
            take(&dedup, &[event("a", "2"), event("a", "3")], 100),
            [true, false]
        );
    }

    #[test]
    fn the_same_id_of_two_tenants_is_two_events_however_the_bytes_are_split() {
        let keys: HashSet<Key> = keys_of(&[
            event("a", "bc"),
            event("ab", "c"),
            event("abc", ""),
            event("b", "c"),
        ])
        .into_iter()
        .collect();
        assert_eq!(keys.len(), 4);
    }

    #[test]
    fn a_week_later_it_is_a_duplicate_still_and_old_generations_are_dropped_whole() {
        let dir = tempfile::tempdir().unwrap();
        let dedup = Dedup::open(dir.path(), DedupConfig::default()).unwrap();
        assert_eq!(take(&dedup, &[event("a", "1")], 100), [false]);
        assert_eq!(
            take(&dedup, &[event("a", "1"), event("a", "2")], 107),
            [true, false]
        );
        for day in 108..=130 {
            take(&dedup, &[event("a", &format!("day {day}"))], day);
        }
        assert_eq!(generations(&dedup), 8);
        drop(dedup);
        let dedup = Dedup::open(dir.path(), DedupConfig::default()).unwrap();
        assert_eq!(generations(&dedup), 8);
        assert_eq!(
            take(&dedup, &[event("a", "1"), event("a", "day 123")], 130),
            [false, true]
        );
    }

    #[test]
    fn a_forgotten_tenants_events_are_taken_again_and_others_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let dedup = Dedup::open(dir.path(), DedupConfig::default()).unwrap();
        let batch = [event("a", "1"), event("a", "2"), event("b", "1")];
        take(&dedup, &batch, 100);
        assert_eq!(
            dedup.forget_tenant(&TenantId::new("a").unwrap()).unwrap(),
            2
        );
        assert_eq!(take(&dedup, &batch, 101), [false, false, true]);
    }
}
