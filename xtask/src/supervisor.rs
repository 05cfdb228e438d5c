//! Starts the tiers, waits until each is ready, and stops them all together.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::command::{tail, wait_within};

/// The engine's first start reads a library of 566 MB from a cold disk.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// More than the guard's own grace.
const STOP_LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(100);

/// What a tier prints when it serves.
#[derive(Debug, Deserialize)]
struct ReadyLine {
    listening: String,
}

/// One running program.
#[derive(Debug)]
struct Tier {
    name: &'static str,
    guard: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
}

/// The running programs, in the order of their start.
#[derive(Debug)]
pub(crate) struct Supervisor {
    tiers: Vec<Tier>,
    /// This program, where it stays while it runs.
    guard: PathBuf,
    logs: PathBuf,
    interrupted: Arc<AtomicBool>,
}

impl Supervisor {
    /// From now on SIGINT, SIGTERM and SIGHUP ask for an orderly stop.
    ///
    /// `guard` is this program: a build of the tests may take the original from its place.
    pub(crate) fn new(guard: PathBuf, logs: &Path) -> Result<Self> {
        std::fs::create_dir_all(logs)?;
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
        ] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(Self {
            tiers: Vec::new(),
            guard,
            logs: logs.to_path_buf(),
            interrupted,
        })
    }

    /// Starts a program and waits for its ready line; the result is the address on which it listens.
    pub(crate) fn start(&mut self, name: &'static str, command: &Command) -> Result<String> {
        let log = self.logs.join(format!("{name}.log"));
        let file = File::create(&log)?;
        let mut guard = guarded(&self.guard, command);
        guard
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file.try_clone()?);
        let mut guard = guard
            .spawn()
            .with_context(|| format!("the guard of {name} cannot be started"))?;
        let lifeline = guard.stdin.take();
        let stdout = guard
            .stdout
            .take()
            .context("the guard has no standard output")?;
        self.tiers.push(Tier {
            name,
            guard,
            lifeline,
            log,
        });
        self.wait_until_ready(&read_ready_line(stdout, file))
    }

    /// Whether a signal asked for the end.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Acquire)
    }

    /// Waits for a signal; a program that ends by itself is an error.
    pub(crate) fn wait(&mut self) -> Result<()> {
        while !self.is_interrupted() {
            self.ensure_running()?;
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Asks for an orderly end when standard input closes, for a parent that may die.
    pub(crate) fn stop_when_stdin_closes(&self) {
        let interrupted = Arc::clone(&self.interrupted);
        std::thread::spawn(move || {
            let _end = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            interrupted.store(true, Ordering::Release);
        });
    }

    fn wait_until_ready(&mut self, ready: &Receiver<String>) -> Result<String> {
        let deadline = Instant::now() + READY_LIMIT;
        loop {
            match ready.recv_timeout(POLL) {
                Ok(address) => return Ok(address),
                // The pipe may end a moment before the process does.
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL),
            }
            self.ensure_running()?;
            if self.is_interrupted() {
                bail!("interrupted");
            }
            if Instant::now() > deadline {
                let Some(tier) = self.tiers.last() else {
                    bail!("nothing was started")
                };
                bail!(
                    "{} was not ready within {} s; its log ends:\n{}",
                    tier.name,
                    READY_LIMIT.as_secs(),
                    tail(&tier.log)
                );
            }
        }
    }

    fn ensure_running(&mut self) -> Result<()> {
        for tier in &mut self.tiers {
            if let Some(status) = tier.guard.try_wait()? {
                bail!(
                    "{} ended ({status}); its log ends:\n{}",
                    tier.name,
                    tail(&tier.log)
                );
            }
        }
        Ok(())
    }
}

impl Drop for Supervisor {
    /// Stops the programs, the last started first.
    fn drop(&mut self) {
        while let Some(mut tier) = self.tiers.pop() {
            drop(tier.lifeline.take());
            if !matches!(wait_within(&mut tier.guard, STOP_LIMIT), Ok(Some(_))) {
                eprintln!("{} did not stop in time", tier.name);
            }
        }
    }
}

/// The same command under `xtask guard`, with the same environment and folder.
fn guarded(program: &Path, command: &Command) -> Command {
    let mut guard = Command::new(program);
    // A group of its own keeps the terminal's Ctrl-C from the guard: only xtask reacts to it.
    guard
        .args(["guard", "--"])
        .arg(command.get_program())
        .args(command.get_args())
        .process_group(0);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => guard.env(name, value),
            None => guard.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        guard.current_dir(folder);
    }
    guard
}

/// Copies standard output to the log; sends the address of the first ready line.
fn read_ready_line(stdout: ChildStdout, mut log: File) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { return };
            if let Ok(ready) = serde_json::from_str::<ReadyLine>(&line) {
                // Nobody listens after the first one.
                let _unheard = sender.send(ready.listening);
            }
            // A full disk must not stop the tier by a full pipe.
            let _lost = writeln!(log, "{line}");
        }
    });
    receiver
}
