//! Batches on several connections, each tried until it is taken or refused.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use emban_contract::limits;
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use ureq::Agent;
use ureq::http::StatusCode;

use super::source::Source;

/// Bytes of a batch, below what a request may have.
const BATCH_BYTES: usize = limits::EVENTS_BODY_BYTES / 2;
/// Waits between two tries of a batch.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// Places of a refused batch that are shown: a wrong mapping is wrong in every line.
const PLACES: usize = 10;
/// How long one request may take: an fsync on a busy disk, not more.
const REQUEST_TIME: Duration = Duration::from_secs(60);

/// Exit status of a program that an interruption ended (128 + SIGINT).
const INTERRUPTED: i32 = 130;

/// Where to, and how.
pub(super) struct Sender {
    pub(super) url: String,
    pub(super) key: SecretString,
    pub(super) connections: usize,
    pub(super) skip_invalid: bool,
    pub(super) patience: Duration,
    /// Of the file, for messages.
    pub(super) name: String,
}

/// What became of a file.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sent {
    pub(super) accepted: u64,
    pub(super) rejected: u64,
}

/// Events of one request.
#[derive(Default)]
struct Batch {
    body: Vec<u8>,
    /// The line of each event.
    lines: Vec<u64>,
}

/// What the threads share.
struct Shared<'a> {
    sender: &'a Sender,
    agent: Agent,
    batches: Mutex<Receiver<Batch>>,
    bar: &'a ProgressBar,
    stop: Arc<AtomicBool>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sent: Sent,
    /// First lines of the batches that are read and not taken yet.
    open: BTreeSet<u64>,
    failure: Option<anyhow::Error>,
}

/// The answer to a batch that was taken.
#[derive(Deserialize)]
struct Accepted {
    accepted: u64,
    #[serde(default)]
    rejected: Vec<Rejected>,
}

#[derive(Deserialize)]
struct Rejected {
    index: usize,
    path: String,
    message: String,
}

/// The answer to one that was not.
#[derive(Deserialize, Default)]
struct Refused {
    #[serde(default)]
    error: String,
    #[serde(default)]
    details: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    path: String,
    message: String,
}

/// What to do with a batch after a try.
enum Outcome {
    Taken(Accepted),
    Later(Duration, String),
    Never(anyhow::Error),
}

impl Sender {
    /// Sends everything from a line on.
    ///
    /// Errors: a line that is not an event, an origin that refuses or does not answer; the message ends with the line to go
    /// on from. What was taken before stays taken.
    pub(super) fn send(self, mut source: Source, from_line: u64) -> anyhow::Result<Sent> {
        let bar = bar(&source);
        let (batches, waiting) = sync_channel(self.connections);
        let config = Agent::config_builder()
            .timeout_global(Some(REQUEST_TIME))
            .http_status_as_error(false)
            .build();
        let shared = Shared {
            sender: &self,
            agent: config.into(),
            batches: Mutex::new(waiting),
            bar: &bar,
            stop: stop_on_interrupt()?,
            state: Mutex::default(),
        };
        let read = std::thread::scope(|scope| {
            for _ in 0..self.connections {
                scope.spawn(|| shared.work());
            }
            shared.read(&mut source, from_line, batches)
        });
        bar.finish_and_clear();
        let state = shared
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let go_on = state.open.first().copied();
        let failure = state.failure.map_or(read, Err);
        match (failure, go_on) {
            (Ok(()), _) => Ok(state.sent),
            (Err(error), Some(line)) => Err(error.context(format!(
                "{}: all before line {line} was taken; go on with --from-line {line}",
                self.name
            ))),
            (Err(error), None) => Err(error.context(format!(
                "{}: {} events were taken",
                self.name, state.sent.accepted
            ))),
        }
    }
}

/// Becomes true when the program is interrupted, so that it can say what was taken. A second interruption ends it.
fn stop_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let interrupted = Arc::clone(&stop);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupted.store(true, Ordering::Relaxed);
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(INTERRUPTED);
            }
        });
    });
    Ok(stop)
}

impl Shared<'_> {
    /// Reads the file into batches until the end, or until a thread has given up.
    fn read(
        &self,
        source: &mut Source,
        from_line: u64,
        batches: SyncSender<Batch>,
    ) -> anyhow::Result<()> {
        let mut batch = Batch::default();
        while let Some(line) = source.next()? {
            if line.number < from_line {
                continue;
            }
            if self.stop.load(Ordering::Relaxed) {
                self.with(|state| state.open.insert(line.number));
                bail!("interrupted");
            }
            match line.event {
                Ok(event) => {
                    if batch.lines.len() == limits::EVENTS_PER_REQUEST
                        || batch.body.len() + event.len() > BATCH_BYTES
                    {
                        self.hand_over(&mut batch, &batches);
                        self.bar.set_position(source.position());
                    }
                    if batch.lines.is_empty() {
                        self.with(|state| state.open.insert(line.number));
                    }
                    batch.body.extend_from_slice(&event);
                    batch.body.push(b'\n');
                    batch.lines.push(line.number);
                }
                Err(message) if self.sender.skip_invalid => self.report(line.number, "", &message),
                Err(message) => {
                    // What was read before is sound and is sent still.
                    self.hand_over(&mut batch, &batches);
                    self.with(|state| state.open.insert(line.number));
                    bail!("{}:{}: {message}", self.sender.name, line.number);
                }
            }
        }
        self.hand_over(&mut batch, &batches);
        if self.stop.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        Ok(())
    }

    fn hand_over(&self, batch: &mut Batch, batches: &SyncSender<Batch>) {
        if !batch.lines.is_empty() {
            // Nobody takes it once every thread has given up, and then there is a failure to tell.
            drop(batches.send(std::mem::take(batch)));
        }
    }

    /// Sends batches until there are no more.
    fn work(&self) {
        loop {
            let next = self
                .batches
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            let Ok(batch) = next else { return };
            if self.stop.load(Ordering::Relaxed) {
                // Received and left: who reads the file must not be kept waiting.
                continue;
            }
            match self.insist(&batch) {
                Ok(accepted) => self.take_note(&batch, accepted),
                Err(error) => {
                    // First the reason: another thread that sees the end must not put its own word in this place.
                    self.with(|state| {
                        state.failure.get_or_insert(error);
                    });
                    self.stop.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    fn take_note(&self, batch: &Batch, accepted: Accepted) {
        for rejected in &accepted.rejected {
            let line = batch.lines.get(rejected.index).copied().unwrap_or(0);
            self.report(line, &rejected.path, &rejected.message);
        }
        let sent = self.with(|state| {
            state.sent.accepted += accepted.accepted;
            if let Some(first) = batch.lines.first() {
                state.open.remove(first);
            }
            state.sent
        });
        self.bar.set_message(format!("{} events", sent.accepted));
    }

    /// Tries a batch until it is taken, is refused for good, or the patience is at its end.
    fn insist(&self, batch: &Batch) -> anyhow::Result<Accepted> {
        let (started, mut pause) = (Instant::now(), PAUSE_MIN);
        loop {
            if self.stop.load(Ordering::Relaxed) {
                bail!("interrupted");
            }
            match self.attempt(batch)? {
                Outcome::Taken(accepted) => return Ok(accepted),
                Outcome::Never(error) => return Err(error),
                Outcome::Later(asked, why) => {
                    let wait = asked.max(pause);
                    if started.elapsed() + wait > self.sender.patience {
                        bail!("{}: {why}", self.sender.url);
                    }
                    std::thread::sleep(wait);
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    fn attempt(&self, batch: &Batch) -> anyhow::Result<Outcome> {
        let key = format!("Bearer {}", self.sender.key.expose_secret());
        let mut request = self
            .agent
            .post(&self.sender.url)
            .header("authorization", key)
            .header("content-type", "application/x-ndjson")
            .header("content-encoding", "zstd");
        if self.sender.skip_invalid {
            request = request.query("partial", "true");
        }
        let body = zstd::encode_all(batch.body.as_slice(), 1).context("cannot compress")?;
        let mut response = match request.send(body.as_slice()) {
            Ok(response) => response,
            Err(error) => return Ok(Outcome::Later(Duration::ZERO, error.to_string())),
        };
        let status = response.status();
        let asked = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map_or(Duration::ZERO, Duration::from_secs);
        let text = match response.body_mut().read_to_string() {
            Ok(text) => text,
            Err(error) => return Ok(Outcome::Later(asked, error.to_string())),
        };
        Ok(match status {
            StatusCode::OK => {
                Outcome::Taken(serde_json::from_str(&text).context("the answer cannot be read")?)
            }
            StatusCode::TOO_MANY_REQUESTS => Outcome::Later(asked, "too many requests".to_owned()),
            _ if status.is_server_error() => {
                Outcome::Later(asked, format!("answers {status}: {text}"))
            }
            _ => Outcome::Never(self.refusal(batch, status, &text)),
        })
    }

    /// What is wrong, by file and line where the origin has named events.
    fn refusal(&self, batch: &Batch, status: StatusCode, text: &str) -> anyhow::Error {
        let refused: Refused = serde_json::from_str(text).unwrap_or_default();
        let places: Vec<String> = refused
            .details
            .iter()
            .take(PLACES)
            .filter_map(|place| {
                let (index, path) = split(&place.path)?;
                let line = batch.lines.get(index)?;
                Some(format!(
                    "{}:{line}: {path} {}",
                    self.sender.name, place.message
                ))
            })
            .collect();
        if places.is_empty() {
            anyhow::anyhow!("{} answers {status}: {}", self.sender.url, refused.error)
        } else {
            let more = match refused.details.len().saturating_sub(PLACES) {
                0 => String::new(),
                more => format!("\nand {more} more places"),
            };
            anyhow::anyhow!("{}\n{}{more}", refused.error, places.join("\n"))
        }
    }

    fn report(&self, line: u64, path: &str, message: &str) {
        self.with(|state| state.sent.rejected += 1);
        self.bar.suspend(|| {
            // A terminal that went away is no reason to stop.
            drop(writeln!(
                std::io::stderr(),
                "{}:{line}: {path} {message}",
                self.sender.name
            ));
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `/events/3/tenant_id` as the index and the rest.
fn split(pointer: &str) -> Option<(usize, &str)> {
    let rest = pointer.strip_prefix("/events/")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (index, path) = rest.split_at(end);
    Some((index.parse().ok()?, path))
}

fn bar(source: &Source) -> ProgressBar {
    let (bar, template) = match source.size() {
        Some(size) => (
            ProgressBar::new(size),
            "{bar:30} {percent}% of {total_bytes}, {msg}, {elapsed} gone, {eta} to go",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {bytes}, {msg}, {elapsed} gone",
        ),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_of_a_pointer_is_found() {
        assert_eq!(
            split("/events/12/string_props/a"),
            Some((12, "/string_props/a"))
        );
        assert_eq!(split("/events/0"), Some((0, "")));
        assert_eq!(split("/events"), None);
    }
}
