//! What became of requests that named themselves by an idempotency key: remembered for a day.
//!
//! A record is written without waiting for the disk. One that a crash loses costs nothing: the events of such a
//! request have ids that follow from its key and body, so that a retry is recognised event by event, for as long as
//! deduplication reaches.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use emban_contract::UnixMillis;
use fjall::PersistMode;
use sha2::{Digest, Sha256};

use crate::dedup::DedupError;
use crate::generations::{Generations, GenerationsConfig};

/// Bytes of a key's digest and of a body's digest: no two meet by chance.
const DIGEST_BYTES: usize = 16;
const RECORD_BYTES: usize = DIGEST_BYTES + 8;

/// Digest of what a request carried, so that a key used for another body is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestDigest([u8; DIGEST_BYTES]);

impl RequestDigest {
    /// Digests the parts of a request. SHA-256, cut to 16 bytes.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            // The length before each part: no two lists of parts give the same bytes.
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self(cut(digest))
    }

    /// 16 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The first request under a key that was answered with success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstRequest {
    /// What it carried.
    pub digest: RequestDigest,
    /// The time by which it was judged: the same body judged at the same time gives the same answer.
    pub at: UnixMillis,
}

/// Idempotency keys seen within a day. Clones share one store.
#[derive(Clone)]
pub struct RequestLog {
    generations: Arc<Generations>,
}

impl RequestLog {
    /// Opens the store in a directory of its own, creating it if needed. Blocks.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, DedupError> {
        let config = GenerationsConfig {
            cache_bytes: 2 * 1024 * 1024,
            memtable_bytes: 1024 * 1024,
            window: Duration::from_secs(86_400),
            generation: Duration::from_secs(6 * 3600),
        };
        Ok(Self {
            generations: Arc::new(Generations::open(dir.as_ref(), config)?),
        })
    }

    /// The first request under a key. Blocks for a read at most.
    pub fn find(&self, key: &str) -> Result<Option<FirstRequest>, DedupError> {
        let key = name(key);
        let record = self.generations.with_store(|store| {
            for keyspace in store.latest_first() {
                if let Some(record) = keyspace.get(key)? {
                    return Ok(Some(record));
                }
            }
            Ok(None)
        })?;
        Ok(record.and_then(|record| read(&record)))
    }

    /// Remembers the first request under a key, once its events are durable. Does not wait for the disk.
    pub fn record(&self, key: &str, first: FirstRequest) -> Result<(), DedupError> {
        let number = self.generations.number_of(first.at);
        let (key, mut record) = (name(key), Vec::with_capacity(RECORD_BYTES));
        record.extend_from_slice(&first.digest.0);
        record.extend_from_slice(&first.at.0.to_le_bytes());
        let is_new_generation = self.generations.with_store(|store| {
            let is_new = !store.generations.contains_key(&number);
            let keyspace = store.generation(number)?;
            keyspace.insert(key, record)?;
            store.db.persist(PersistMode::Buffer)?;
            Ok(is_new)
        })?;
        if is_new_generation {
            self.generations.expire(first.at)?;
        }
        Ok(())
    }
}

fn name(key: &str) -> [u8; DIGEST_BYTES] {
    cut(Sha256::new().chain_update(key))
}

fn cut(digest: Sha256) -> [u8; DIGEST_BYTES] {
    let mut bytes = [0; DIGEST_BYTES];
    bytes
        .iter_mut()
        .zip(digest.finalize())
        .for_each(|(to, from)| *to = from);
    bytes
}

fn read(record: &[u8]) -> Option<FirstRequest> {
    let (digest, at) = record.split_first_chunk::<DIGEST_BYTES>()?;
    let at = at.first_chunk::<8>()?;
    Some(FirstRequest {
        digest: RequestDigest(*digest),
        at: UnixMillis(i64::from_le_bytes(*at)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    #[test]
    fn a_request_is_remembered_for_a_day_and_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let first = |at| FirstRequest {
            digest: RequestDigest::of(&[b"body"]),
            at: UnixMillis(at),
        };
        let log = RequestLog::open(dir.path()).unwrap();
        log.record("a", first(100 * DAY_MS)).unwrap();
        assert_eq!(log.find("a").unwrap(), Some(first(100 * DAY_MS)));
        assert_eq!(log.find("b").unwrap(), None);
        drop(log);
        let log = RequestLog::open(dir.path()).unwrap();
        assert_eq!(log.find("a").unwrap(), Some(first(100 * DAY_MS)));
        log.record("b", first(101 * DAY_MS)).unwrap();
        assert!(log.find("a").unwrap().is_some());
        log.record("c", first(102 * DAY_MS)).unwrap();
        assert_eq!(log.find("a").unwrap(), None);
    }

    #[test]
    fn parts_are_told_apart_however_their_bytes_are_split() {
        assert_ne!(
            RequestDigest::of(&[b"ab", b"c"]),
            RequestDigest::of(&[b"a", b"bc"])
        );
    }
}
