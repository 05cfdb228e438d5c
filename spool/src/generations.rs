//! Keys on disk in generations by time of arrival, which are dropped whole when they are too old.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use emban_contract::UnixMillis;
use fjall::compaction::Leveled;
use fjall::config::{BloomConstructionPolicy, FilterPolicy, FilterPolicyEntry, PartitioningPolicy};
use fjall::{Database, Keyspace, KeyspaceCreateOptions};

/// Bits a key in the Bloom filters: one lookup in a thousand of a key that is not there reads a block in vain.
const FILTER_BITS: f32 = 14.0;

/// Bytes of a table. The first level has four of them, and is written anew whenever four buffers of new keys are merged into it.
const TABLE_BYTES: u64 = 8 * 1024 * 1024;

/// How long keys are kept and with how much memory.
#[derive(Debug, Clone)]
pub(crate) struct GenerationsConfig {
    /// Memory for blocks and filters.
    pub(crate) cache_bytes: u64,
    /// Bytes of keys that are sorted in memory before they are written out.
    pub(crate) memtable_bytes: u64,
    /// Time for which a key is kept at least, by arrival.
    pub(crate) window: Duration,
    /// Time that one generation covers: what a key may be kept longer.
    pub(crate) generation: Duration,
}

/// The store in its directory.
pub(crate) struct Generations {
    dir: PathBuf,
    config: GenerationsConfig,
    /// `None` after a failure: the store refuses everything after a failed write, so it is opened anew.
    store: Mutex<Option<Store>>,
}

/// The open store.
pub(crate) struct Store {
    /// By number: arrival divided by the length of a generation.
    pub(crate) generations: BTreeMap<i64, Keyspace>,
    pub(crate) db: Database,
    memtable_bytes: u64,
}

impl Generations {
    /// Opens the store, creating it if needed. Blocks.
    pub(crate) fn open(dir: &Path, config: GenerationsConfig) -> Result<Self, fjall::Error> {
        let store = Store::open(dir, &config)?;
        Ok(Self {
            dir: dir.to_owned(),
            config,
            store: Mutex::new(Some(store)),
        })
    }

    /// Works with the store, alone. After an error the next call opens it anew.
    pub(crate) fn with_store<T>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, fjall::Error>,
    ) -> Result<T, fjall::Error> {
        let mut slot = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut store = match slot.take() {
            Some(store) => store,
            None => Store::open(&self.dir, &self.config)?,
        };
        let result = work(&mut store)?;
        *slot = Some(store);
        Ok(result)
    }

    /// The generation of an arrival.
    pub(crate) fn number_of(&self, arrived: UnixMillis) -> i64 {
        arrived.0.div_euclid(millis(self.config.generation).max(1))
    }

    /// Drops the generations that hold only keys older than the window, seen from an arrival.
    pub(crate) fn expire(&self, now: UnixMillis) -> Result<(), fjall::Error> {
        let oldest = UnixMillis(now.0.saturating_sub(millis(self.config.window)));
        let oldest = self.number_of(oldest);
        self.with_store(|store| {
            while let Some(entry) = store
                .generations
                .first_entry()
                .filter(|entry| *entry.key() < oldest)
            {
                store.db.delete_keyspace(entry.remove())?;
            }
            Ok(())
        })
    }
}

impl Store {
    fn open(dir: &Path, config: &GenerationsConfig) -> Result<Self, fjall::Error> {
        // One: of several, the first hands every merge on to the others, and hands it to itself for as long as they are busy.
        let db = Database::builder(dir)
            .cache_size(config.cache_bytes)
            .max_journaling_size(64 * 1024 * 1024)
            .worker_threads(1)
            .open()?;
        let mut store = Self {
            generations: BTreeMap::new(),
            db,
            memtable_bytes: config.memtable_bytes,
        };
        for name in store.db.list_keyspace_names() {
            if let Some(number) = name
                .strip_prefix('g')
                .and_then(|number| number.parse().ok())
            {
                store.generation(number)?;
            }
        }
        Ok(store)
    }

    /// The keyspace of a generation, made if needed.
    pub(crate) fn generation(&mut self, number: i64) -> Result<Keyspace, fjall::Error> {
        if let Some(keyspace) = self.generations.get(&number) {
            return Ok(keyspace.clone());
        }
        let memtable_bytes = self.memtable_bytes;
        let keyspace = self
            .db
            .keyspace(&format!("g{number}"), || options(memtable_bytes))?;
        self.generations.insert(number, keyspace.clone());
        Ok(keyspace)
    }

    /// Generations, the latest first: retries come soon after.
    pub(crate) fn latest_first(&self) -> impl Iterator<Item = &Keyspace> {
        self.generations.values().rev()
    }
}

// Filters and indexes in small blocks: whole ones grow with a generation, and reading one back into a full cache
// would cost megabytes for one key.
fn options(memtable_bytes: u64) -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .max_memtable_size(memtable_bytes)
        .compaction_strategy(Arc::new(
            Leveled::default().with_table_target_size(TABLE_BYTES),
        ))
        .filter_policy(FilterPolicy::all(FilterPolicyEntry::Bloom(
            BloomConstructionPolicy::BitsPerKey(FILTER_BITS),
        )))
        .filter_block_partitioning_policy(PartitioningPolicy::all(true))
        .index_block_partitioning_policy(PartitioningPolicy::all(true))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
