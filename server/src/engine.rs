//! Runs the embedded ClickHouse helper: starts it, checks who answers, starts it again when it ends.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::watch;

/// What is started.
#[derive(Clone)]
pub struct EngineConfig {
    /// The program `emban-clickhouse`.
    pub helper: PathBuf,
    /// `libchdb.so`.
    pub library: PathBuf,
    /// Where the tables live; one engine a directory.
    pub data_dir: PathBuf,
}

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The program cannot be started at all.
    #[error("{} cannot be started: {source}", helper.display())]
    Spawn {
        /// Which program.
        helper: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It ended before it was ready; its own words are in the log.
    #[error("the embedded ClickHouse ended before it was ready (see its message above)")]
    Ended,
    /// It did not say that it is ready in time.
    #[error("the embedded ClickHouse was not ready within {} s", START_TIME.as_secs())]
    Slow,
    /// It answered something else than its ready line.
    #[error("the embedded ClickHouse said something unexpected at its start: {0}")]
    Unexpected(String),
}

/// How long a start may take: loading 566 MB from a cold disk, and the tables.
const START_TIME: Duration = Duration::from_secs(60);
/// How long the engine of an origin that was killed may take to leave the directory, in seconds.
const PREDECESSOR_SECONDS: &str = "20";
/// Pauses between attempts to start it again.
const RESTART_PAUSE: Duration = Duration::from_millis(500);

/// A running engine. Ends with the value.
pub struct Engine {
    /// `http://127.0.0.1:PORT`. The port stays the same when the engine is started again.
    pub url: String,
    /// Sent with every request.
    pub secret: Arc<SecretString>,
    stop: watch::Sender<bool>,
    watcher: tokio::task::JoinHandle<()>,
}

/// A helper at work.
struct Helper {
    child: Child,
    /// The helper ends when this closes, so a killed origin leaves no orphan.
    /// Apart from `child`, since waiting for a child closes the input that it still holds.
    lifeline: Option<ChildStdin>,
}

#[derive(Deserialize)]
struct Ready {
    listening: String,
}

impl Engine {
    /// Starts the helper and waits until it is ready.
    pub async fn start(config: EngineConfig, secret: SecretString) -> Result<Self, EngineError> {
        let secret = Arc::new(secret);
        let (helper, address) = spawn(&config, &secret, "127.0.0.1:0").await?;
        let (stop, stopped) = watch::channel(false);
        let watcher = tokio::spawn(watch_over(
            helper,
            config,
            secret.clone(),
            address.clone(),
            stopped,
        ));
        Ok(Self {
            url: format!("http://{address}"),
            secret,
            stop,
            watcher,
        })
    }

    /// Ends the helper and waits for it.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if self.watcher.await.is_err() {
            tracing::warn!("the watcher of the embedded ClickHouse ended early");
        }
    }
}

async fn spawn(
    config: &EngineConfig,
    secret: &SecretString,
    listen: &str,
) -> Result<(Helper, String), EngineError> {
    let mut child = Command::new(&config.helper)
        .arg("--lib")
        .arg(&config.library)
        .arg("--data-dir")
        .arg(&config.data_dir)
        .args(["--listen", listen, "--exit-with-parent"])
        .args(["--wait-for-data-dir", PREDECESSOR_SECONDS])
        .env_clear()
        .env("EMBAN_CLICKHOUSE_SECRET", secret.expose_secret())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| EngineError::Spawn {
            helper: config.helper.clone(),
            source,
        })?;
    let stdout = child.stdout.take().ok_or(EngineError::Ended)?;
    let mut line = String::new();
    match tokio::time::timeout(START_TIME, BufReader::new(stdout).read_line(&mut line)).await {
        Err(_) => return Err(EngineError::Slow),
        Ok(Err(_) | Ok(0)) => return Err(EngineError::Ended),
        Ok(Ok(_)) => {}
    }
    let ready: Ready =
        serde_json::from_str(&line).map_err(|_| EngineError::Unexpected(line.trim().to_owned()))?;
    let lifeline = child.stdin.take();
    Ok((Helper { child, lifeline }, ready.listening))
}

async fn watch_over(
    mut helper: Helper,
    config: EngineConfig,
    secret: Arc<SecretString>,
    address: String,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            status = helper.child.wait() => tracing::error!(?status, "the embedded ClickHouse ended; starting it again"),
            _ = stopped.changed() => return end(helper).await,
        }
        helper = loop {
            match spawn(&config, &secret, &address).await {
                Ok((helper, _)) => break helper,
                Err(error) => tracing::error!(%error, "the embedded ClickHouse did not start"),
            }
            tokio::select! {
                () = tokio::time::sleep(RESTART_PAUSE) => {}
                _ = stopped.changed() => return,
            }
        };
        tracing::info!("the embedded ClickHouse is back");
    }
}

/// Closing its input asks the helper to finish; it is killed when it takes too long.
async fn end(mut helper: Helper) {
    drop(helper.lifeline.take());
    if tokio::time::timeout(Duration::from_secs(20), helper.child.wait())
        .await
        .is_err()
        && let Err(error) = helper.child.kill().await
    {
        tracing::warn!(%error, "the embedded ClickHouse could not be ended");
    }
}
