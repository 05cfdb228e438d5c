//! The log: what is acknowledged survives, what was torn is cut, what is damaged is set aside.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use emban_spool::{AppendError, Spool, SpoolConfig, SpoolError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::sinks::Warehouse;
use crate::{Running, drained, event, open, quick};

/// A log of four appends with 3 events each, made once; tests copy it.
struct Template {
    dir: tempfile::TempDir,
    /// Where each frame ends in the segment.
    ends: Vec<u64>,
}

impl Template {
    async fn make() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = open(dir.path());
        let mut ends = vec![0];
        for frame in 0..4 {
            spool
                .append((0..3).map(|n| event(frame * 3 + n)).collect())
                .await
                .unwrap();
            ends.push(spool.status().disk_bytes);
        }
        Self { dir, ends }
    }

    /// A copy with a segment whose bytes were changed.
    fn copy(&self, change: impl FnOnce(&mut Vec<u8>)) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("log")).unwrap();
        let segment = segments(self.dir.path()).remove(0);
        let mut bytes = fs::read(&segment).unwrap();
        change(&mut bytes);
        fs::write(
            copy.path().join("log").join(segment.file_name().unwrap()),
            bytes,
        )
        .unwrap();
        copy
    }
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(dir.join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn quarantined(dir: &Path) -> Vec<Vec<u8>> {
    fs::read_dir(dir.join("quarantine"))
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

async fn ids_in(dir: &Path, spool: &Spool) -> Vec<String> {
    let warehouse = Arc::new(Warehouse::default());
    let running = Running::start(spool, dir, warehouse.clone(), quick());
    drained(spool).await;
    running.stop().await;
    warehouse.ids()
}

fn numbers(range: impl Iterator<Item = usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn acknowledged_events_are_there_after_reopening_whole_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let first = spool.append(vec![event("a"), event("b")]).await.unwrap();
    let second = spool.append(vec![event("c")]).await.unwrap();
    assert_eq!(
        (
            first.first_position,
            first.last_position,
            second.first_position
        ),
        (0, 1, 2)
    );
    drop(spool);
    let spool = open(dir.path());
    let status = spool.status();
    assert_eq!((spool.recovery().events, status.events), (3, 3));
    assert!(status.oldest.is_some());
    assert_eq!(
        spool.append(vec![event("d")]).await.unwrap().first_position,
        3
    );
    let warehouse = Arc::new(Warehouse::default());
    let running = Running::start(&spool, dir.path(), warehouse.clone(), quick());
    spool.flushed_past(3).await;
    running.stop().await;
    assert_eq!(warehouse.events(), ["a", "b", "c", "d"].map(event));
    let status = spool.status();
    assert_eq!((status.events, status.bytes, status.oldest), (0, 0, None));
}

#[tokio::test]
async fn a_last_frame_torn_at_any_byte_is_cut_and_appends_go_on() {
    let template = Template::make().await;
    let (start, end) = (template.ends[3], template.ends[4]);
    for cut in start + 1..end {
        let dir = template.copy(|bytes| bytes.truncate(cut as usize));
        let spool = open(dir.path());
        assert_eq!(
            (spool.recovery().events, spool.recovery().torn_bytes),
            (9, cut - start),
            "cut at {cut}"
        );
        // What ends before a whole frame could is no damage, be it shorter than a header.
        assert_eq!(spool.recovery().damage, [], "cut at {cut}");
        assert_eq!(segments(dir.path())[0].metadata().unwrap().len(), start);
        assert_eq!(
            spool
                .append(vec![event("next")])
                .await
                .unwrap()
                .first_position,
            9
        );
        drop(spool);
        let spool = open(dir.path());
        assert_eq!(
            (spool.recovery().events, spool.recovery().torn_bytes),
            (10, 0),
            "cut at {cut}"
        );
    }
}

#[tokio::test]
async fn a_torn_log_gives_every_acknowledged_event_to_the_sink() {
    let template = Template::make().await;
    // Garbage of the disk instead of a short file: the length is there, the bytes are not.
    let dir = template.copy(|bytes| bytes[template.ends[3] as usize + 40..].fill(0));
    let spool = open(dir.path());
    assert_eq!(ids_in(dir.path(), &spool).await, numbers(0..9));
    assert_eq!(spool.status().quarantined_ranges, 1);
}

#[test]
fn a_flipped_bit_in_the_middle_costs_one_frame_whose_bytes_are_kept() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let template = runtime.block_on(Template::make());
    let (start, end) = (template.ends[1], template.ends[2]);
    let cases = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(cases)
        .run(&(start..end, 0..8u32), |(at, bit)| {
            let mut damaged = Vec::new();
            let dir = template.copy(|bytes| {
                bytes[at as usize] ^= 1 << bit;
                damaged = bytes[start as usize..end as usize].to_vec();
            });
            let spool = open(dir.path());
            prop_assert_eq!(spool.recovery().damage.len(), 1);
            prop_assert_eq!(spool.recovery().events, 9);
            let ids = runtime.block_on(ids_in(dir.path(), &spool));
            prop_assert_eq!(ids, numbers((0..3).chain(6..12)));
            prop_assert_eq!(quarantined(dir.path()), vec![damaged]);
            prop_assert_eq!(spool.status().quarantined_ranges, 1);
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn damage_that_comes_while_running_is_passed_over_too() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    spool.append(vec![event(0)]).await.unwrap();
    let start = spool.status().disk_bytes as usize;
    spool.append(vec![event(1)]).await.unwrap();
    spool.append(vec![event(2)]).await.unwrap();
    let segment = segments(dir.path()).remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[start + 33] ^= 4;
    fs::write(&segment, bytes).unwrap();
    assert_eq!(ids_in(dir.path(), &spool).await, ["0", "2"]);
    let status = spool.status();
    assert_eq!(
        (status.events, status.bytes, status.quarantined_ranges),
        (0, 0, 1)
    );
}

#[tokio::test]
async fn a_full_spool_refuses_until_the_flusher_has_made_room() {
    let dir = tempfile::tempdir().unwrap();
    let retry_after = Duration::from_secs(7);
    let config = SpoolConfig {
        max_bytes: 1 << 20,
        segment_bytes: 64 << 10,
        retry_after,
    };
    let spool = Spool::open(dir.path(), config).unwrap();
    let big = |n: usize| {
        let mut big = event(n);
        big.string_props.insert("text".to_owned(), "x".repeat(8000));
        vec![big]
    };
    let mut stored = 0;
    let refusal = loop {
        match spool.append(big(stored)).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(refusal, AppendError::Full { retry_after: told } if told == retry_after),
        "{refusal:?}"
    );
    assert!(stored > 100, "{stored}");
    assert!(spool.status().disk_bytes <= 1 << 20);
    let huge = (0..40).flat_map(big).collect();
    assert!(matches!(
        spool.append(huge).await,
        Err(AppendError::TooLarge { .. })
    ));
    assert_eq!(ids_in(dir.path(), &spool).await, numbers(0..stored));
    // All but the segment that is written to are gone.
    assert_eq!(segments(dir.path()).len(), 1);
    spool.append(big(stored)).await.unwrap();
}

#[tokio::test]
async fn a_directory_is_used_by_one_spool_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let second = Spool::open(dir.path(), SpoolConfig::default());
    assert!(matches!(second, Err(SpoolError::Locked { .. })));
    assert!(
        second
            .err()
            .unwrap()
            .to_string()
            .contains("in use by another process")
    );
    drop(spool);
    open(dir.path());
}

#[tokio::test]
async fn a_log_of_another_version_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let foreign = dir
        .path()
        .join("log")
        .join("00000000000000000000-0000000000000001.v9.log");
    fs::write(&foreign, b"from the future").unwrap();
    assert!(matches!(
        Spool::open(dir.path(), SpoolConfig::default()),
        Err(SpoolError::Version { .. })
    ));
    assert_eq!(fs::read(foreign).unwrap(), b"from the future");
}

#[tokio::test]
async fn no_events_are_acknowledged_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    spool.append(Vec::new()).await.unwrap();
    assert_eq!((spool.status().events, spool.status().syncs), (0, 0));
}
