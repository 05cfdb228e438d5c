//! The program: load the engine, say where it listens, serve until told to stop.

use std::fs::{File, TryLockError};
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use clap::Parser as _;
use emban_clickhouse_embedded::config::{self, Arguments};
use emban_clickhouse_embedded::engine::{Engine, EngineConfig};
use emban_clickhouse_embedded::ffi::Library;
use emban_clickhouse_embedded::server::{ServerState, router};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests may go on after SIGTERM.
const DRAIN_TIME: Duration = Duration::from_secs(20);
/// The same after the parent's end: nobody waits for the answers any more.
const ORPHAN_DRAIN_TIME: Duration = Duration::from_secs(1);
/// Held by the helper that uses a directory, or is about to.
const LOCK: &str = "emban-clickhouse.lock";
/// Pause between two looks at a directory that is in use.
const LOCK_POLL: Duration = Duration::from_millis(20);
/// The engine's planner recurses on the calling thread, and ClickHouse is built for stacks of this size.
const STACK_BYTES: usize = 8 << 20;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do if stderr is gone too.
            drop(writeln!(std::io::stderr(), "emban-clickhouse: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    arguments.check()?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    let secret = config::secret(|name| std::env::var(name).ok())?;
    // The lock is held until this process ends.
    let (data_dir, _lock) = prepare_data_dir(
        &arguments.data_dir,
        Duration::from_secs(arguments.wait_for_data_dir),
    )?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        // A few more than there are places: killing and stopping need threads too.
        .max_blocking_threads(arguments.places() + 8)
        .build()
        .context("the runtime did not start")?;
    let served = runtime.block_on(serve(&arguments, secret, data_dir));
    runtime.shutdown_timeout(Duration::from_secs(1));
    served
}

/// Makes the directory and waits until no other engine uses it: libchdb itself only says that it failed.
///
/// Helpers take a lock of their own first. ClickHouse takes its lock some time after it was begun, so that of two
/// helpers that wait for a third to end both would see the directory free, and one of them would fail.
fn prepare_data_dir(data_dir: &Path, wait: Duration) -> anyhow::Result<(PathBuf, File)> {
    std::fs::create_dir_all(data_dir)
        .with_context(|| format!("cannot make the directory {}", data_dir.display()))?;
    let data_dir = data_dir
        .canonicalize()
        .with_context(|| format!("cannot open {}", data_dir.display()))?;
    let lock = data_dir.join(LOCK);
    let lock = File::create(&lock).with_context(|| format!("cannot open {}", lock.display()))?;
    let deadline = Instant::now() + wait;
    while is_locked(&lock)? || is_in_use(&data_dir) {
        anyhow::ensure!(
            Instant::now() < deadline,
            "{} is in use by another ClickHouse engine",
            data_dir.display()
        );
        std::thread::sleep(LOCK_POLL);
    }
    Ok((data_dir, lock))
}

/// Whether another helper has the directory; else this one has it from now on.
fn is_locked(lock: &File) -> anyhow::Result<bool> {
    match lock.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error).context("the directory cannot be locked"),
    }
}

/// ClickHouse locks this file for as long as it runs.
fn is_in_use(data_dir: &Path) -> bool {
    File::open(data_dir.join("status"))
        .is_ok_and(|status| matches!(status.try_lock(), Err(TryLockError::WouldBlock)))
}

async fn serve(
    arguments: &Arguments,
    secret: SecretString,
    data_dir: PathBuf,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    let library = Library::load(&arguments.lib)?;
    let config = EngineConfig {
        data_dir: data_dir.clone(),
        max_server_memory: arguments.server_memory(|path| std::fs::read_to_string(path).ok()),
        places: arguments.places(),
    };
    let engine = Engine::start(library, config)
        .with_context(|| format!("the engine did not start on {}", data_dir.display()))?;
    let engine = Arc::new(engine);
    let (stop, stopped) = oneshot::channel();
    let mut stop_reason = tokio::spawn(wait_for_stop(arguments.exit_with_parent, stop));
    announce(address, &engine).context("stdout is closed")?;

    let app = router(ServerState {
        engine: Arc::clone(&engine),
        secret: Arc::new(secret),
    });
    // Answers are small: without this the kernel waits for more before it sends them.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        // A closed channel means that nothing can ask for a stop any more, which is reason enough to stop.
        stopped.await.ok();
    });
    let deadline = async {
        let drain_time = (&mut stop_reason).await.unwrap_or(ORPHAN_DRAIN_TIME);
        tokio::time::sleep(drain_time).await;
    };
    tokio::select! {
        served = async { server.await } => served.context("the server failed")?,
        () = deadline => tracing::warn!("requests were still running when the time to finish them was over"),
    }
    engine.stop().await;
    Ok(())
}

/// The one line on stdout, by which a supervisor knows that requests are answered, and where.
fn announce(address: SocketAddr, engine: &Engine) -> std::io::Result<()> {
    let line = serde_json::json!({
        "listening": address.to_string(),
        "engine": engine.version(),
        "pid": std::process::id(),
        "data_dir": engine.data_dir(),
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Waits for SIGTERM, SIGINT or the parent's end, passes it on, and returns how long requests may go on.
async fn wait_for_stop(exit_with_parent: bool, stop: oneshot::Sender<()>) -> Duration {
    let drain_time = tokio::select! {
        () = signalled() => DRAIN_TIME,
        () = parent_gone(), if exit_with_parent => ORPHAN_DRAIN_TIME,
    };
    tracing::info!("stopping");
    // The server may have failed already.
    stop.send(()).ok();
    drain_time
}

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::error!("signals cannot be received");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Resolves when stdin ends. A thread of its own, because a read of stdin cannot be given up.
async fn parent_gone() {
    let (sender, ended) = oneshot::channel();
    std::thread::spawn(move || {
        let mut ignored = [0_u8; 64];
        let mut stdin = std::io::stdin().lock();
        while !matches!(stdin.read(&mut ignored), Ok(0) | Err(_)) {}
        sender.send(()).ok();
    });
    ended.await.ok();
}
