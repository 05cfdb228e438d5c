//! A write that fails half-way, for real: a process whose files may not grow beyond a limit.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use emban_spool::AppendError;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use crate::{event, open};

/// Set in the process that has the limit, to the spool's directory.
const DIR: &str = "EMBAN_SPOOL_TEST_LIMITED_DIR";

#[tokio::test]
async fn an_append_that_does_not_fit_the_disk_fails_and_later_ones_work_when_there_is_space() {
    let dir = tempfile::tempdir().unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "disk_full::the_process_with_the_limit",
            "--nocapture",
        ])
        .env(DIR, dir.path())
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success(),
        "{output}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    let stored = output
        .lines()
        .find_map(|line| line.split_once("stored "))
        .unwrap()
        .1
        .trim()
        .parse::<u64>()
        .unwrap();
    let spool = open(dir.path());
    assert_eq!(
        (spool.recovery().events, spool.recovery().torn_bytes),
        (stored, 0)
    );
    assert_eq!(spool.recovery().damage, []);
}

#[tokio::test]
async fn the_process_with_the_limit() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    // Beyond the limit a write is cut short and then fails, once the signal is not deadly.
    signal_hook::flag::register(Signal::XFSZ.as_raw(), Arc::new(AtomicBool::new(false))).unwrap();
    let spool = open(dir.as_ref());
    let whole = getrlimit(Resource::Fsize);
    setrlimit(
        Resource::Fsize,
        Rlimit {
            current: Some(100_000),
            maximum: whole.maximum,
        },
    )
    .unwrap();
    let request = |n: u64| (0..10).map(|k| event(n * 10 + k)).collect::<Vec<_>>();
    let mut stored = 0;
    let error = loop {
        match spool.append(request(stored)).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(&error, AppendError::Disk(source) if source.kind() == std::io::ErrorKind::FileTooLarge),
        "{error:?}"
    );
    assert!(stored > 20);
    setrlimit(Resource::Fsize, whole).unwrap();
    for _ in 0..3 {
        spool.append(request(stored)).await.unwrap();
        stored += 1;
    }
    println!("stored {}", stored * 10);
}
