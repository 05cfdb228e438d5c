//! Kill -9 at any moment: nothing acknowledged is lost, nothing is stored twice.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use emban_contract::event::Event;
use emban_spool::{Dedup, DedupConfig, Sink, SinkError, Spool, SpoolConfig};

use crate::{Running, drained, event, quick};

/// Set in the process to be killed, to the directory.
const DIR: &str = "EMBAN_SPOOL_TEST_KILLED_DIR";
/// The first number that it appends.
const FROM: &str = "EMBAN_SPOOL_TEST_KILLED_FROM";

const KILLS: u64 = 25;
const APPENDERS: u64 = 4;

/// A warehouse of one file a batch, named by its token: a second batch with a known token is dropped.
struct Files(PathBuf);

impl Sink for Files {
    async fn insert(&self, events: &[Event], token: &str) -> Result<(), SinkError> {
        let body: String = events
            .iter()
            .map(|event| format!("{}\n", event.event_id))
            .collect();
        let path = self.0.join(token);
        if let Ok(stored) = fs::read_to_string(&path) {
            if stored != body {
                fs::write(self.0.join(format!("differs-{token}")), body).unwrap();
            }
            return Ok(());
        }
        let draft = self.0.join(format!("draft-{token}"));
        fs::write(&draft, body).unwrap();
        fs::rename(draft, path).unwrap();
        Ok(())
    }
}

fn open(dir: &Path) -> (Spool, Running) {
    let config = SpoolConfig {
        segment_bytes: 16 << 10,
        ..SpoolConfig::default()
    };
    let spool = Spool::open(dir, config).unwrap();
    let dedup = Dedup::open(dir.join("dedup"), DedupConfig::default()).unwrap();
    let warehouse = dir.join("warehouse");
    fs::create_dir_all(&warehouse).unwrap();
    let running = Running::start_with(&spool, dedup, Files(warehouse), quick());
    (spool, running)
}

/// Not a test by itself: what is killed. Appends numbers and prints each once it is acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_to_be_killed() {
    let (Some(dir), Some(from)) = (std::env::var_os(DIR), std::env::var_os(FROM)) else {
        return;
    };
    let (spool, _running) = open(dir.as_ref());
    let next = Arc::new(AtomicU64::new(from.to_str().unwrap().parse().unwrap()));
    let mut appenders = tokio::task::JoinSet::new();
    for _ in 0..APPENDERS {
        appenders.spawn(append_numbers(spool.clone(), next.clone()));
    }
    // None ends but by an error.
    appenders.join_next().await.unwrap().unwrap();
}

async fn append_numbers(spool: Spool, next: Arc<AtomicU64>) {
    loop {
        let n = next.fetch_add(3, Ordering::Relaxed);
        // The last one of each append comes again in the next.
        spool.append((n..n + 4).map(event).collect()).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "acknowledged {n}").unwrap();
        out.flush().unwrap();
    }
}

fn start(dir: &Path, from: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::the_process_to_be_killed", "--nocapture"])
        .env(DIR, dir)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn killed_at_any_moment_every_acknowledged_event_is_stored_exactly_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    let mut from = 0;
    for round in 0..KILLS {
        let mut child = start(dir.path(), from);
        // The moment is a random number of acknowledgements after the start; none at all in every fifth round,
        // which hits the opening of the log.
        let moment = if round % 5 == 4 {
            0
        } else {
            getrandom::u32().unwrap() % 400
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut heard = 0;
        let mut hear = |line: String| {
            if let Some((_, n)) = line.split_once("acknowledged ") {
                let n: u64 = n.parse().unwrap();
                acknowledged.extend(n..n + 4);
                heard += 1;
            }
            heard
        };
        while wants_more(&mut lines, &mut hear, moment) {}
        child.kill().unwrap();
        // What it said before it died counts.
        for line in lines.map_while(Result::ok) {
            hear(line);
        }
        assert!(!child.wait().unwrap().success());
        assert!(heard >= moment, "round {round} ended by itself");
        // Overlaps what was sent before, acknowledged or not: clients repeat themselves.
        from = acknowledged.last().copied().unwrap_or(0).saturating_sub(40);
    }
    let (spool, running) = open(dir.path());
    drained(&spool).await;
    running.stop().await;
    let mut stored = BTreeSet::new();
    for entry in fs::read_dir(dir.path().join("warehouse")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(
            !name.starts_with("differs-"),
            "a batch changed under its token: {name}"
        );
        if name.starts_with("draft-") {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            assert!(
                stored.insert(line.parse::<u64>().unwrap()),
                "{line} is stored twice"
            );
        }
    }
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    assert!(
        acknowledged.len() > 1000,
        "only {} events were acknowledged",
        acknowledged.len()
    );
    assert_eq!(spool.status().quarantined_ranges, 0);
}

/// Reads one line. Returns whether to read another.
fn wants_more(
    lines: &mut impl Iterator<Item = std::io::Result<String>>,
    hear: &mut impl FnMut(String) -> u32,
    moment: u32,
) -> bool {
    moment > 0
        && lines
            .next()
            .is_some_and(|line| hear(line.unwrap()) < moment)
}
