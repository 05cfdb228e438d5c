//! Runs statements on the engine: a fresh session for each, at most so many at a time.

mod job;
mod running;
mod session;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::exception::Exception;
use crate::ffi::{Connection, EngineError, Library, LibraryError};

pub use job::{Answer, Job, Rows, Summary};
use running::{KillOnDrop, Running};
use session::{SessionFactory, TAG_PREFIX};

/// How long a request waits for one of the places before it is refused.
const PLACE_WAIT: Duration = Duration::from_secs(10);
/// How long `stop` waits for queries that were told to end.
const STOP_WAIT: Duration = Duration::from_secs(3);
/// Marks of the primary key kept in memory. The default of 5 GiB is for a server that has the machine to itself.
const MARK_CACHE_BYTES: u64 = 128 << 20;

/// What the engine is started with.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Absolute path of the tables.
    pub data_dir: PathBuf,
    /// Memory for all queries together, in bytes.
    pub max_server_memory: Option<u64>,
    /// Statements at the same time.
    pub places: usize,
}

/// The running engine of this process.
pub struct Engine {
    sessions: SessionFactory,
    /// Kills queries, and keeps the engine alive while no other session is open. `None` once stopped.
    control: Mutex<Option<Connection>>,
    places: Arc<Semaphore>,
    place_count: usize,
    version: String,
    data_dir: PathBuf,
}

impl Engine {
    /// Boots the engine: about 80 ms for a directory in use, 160 ms for a new one (measured).
    ///
    /// Errors: [`LibraryError::NoConnection`] if the directory cannot be used.
    pub fn start(library: Library, config: EngineConfig) -> Result<Self, LibraryError> {
        let path = format!("--path={}", config.data_dir.display());
        let mut boot = vec![
            path.clone(),
            format!("--mark_cache_size={MARK_CACHE_BYTES}"),
        ];
        boot.extend(
            config
                .max_server_memory
                .map(|bytes| format!("--max_server_memory_usage={bytes}")),
        );
        let mut control = library.connect(&boot)?;
        let version = control
            .query("SELECT version()", "TSVRaw", &[])
            .map_err(|_| LibraryError::NoConnection)?;
        let version = String::from_utf8_lossy(version.as_ref()).trim().to_owned();
        Ok(Self {
            sessions: SessionFactory::new(library, path, config.places),
            control: Mutex::new(Some(control)),
            places: Arc::new(Semaphore::new(config.places)),
            place_count: config.places,
            version,
            data_dir: config.data_dir,
        })
    }

    /// The engine's version, such as `26.7.2.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where the tables are.
    pub fn data_dir(&self) -> &std::path::Path {
        &self.data_dir
    }

    /// Runs a statement that is whole in itself.
    ///
    /// If the future is dropped, a statement that only reads is killed; one that writes runs to its end.
    pub async fn run(self: &Arc<Self>, job: Job) -> Result<Answer, Exception> {
        self.dispatch(job, None).await
    }

    /// Runs an INSERT whose rows come through `rows`; without a final [`Rows::End`] nothing more is written.
    pub async fn insert(
        self: &Arc<Self>,
        job: Job,
        rows: mpsc::Receiver<Rows>,
    ) -> Result<Answer, Exception> {
        self.dispatch(job, Some(rows)).await
    }

    async fn dispatch(
        self: &Arc<Self>,
        job: Job,
        rows: Option<mpsc::Receiver<Rows>>,
    ) -> Result<Answer, Exception> {
        let place = tokio::time::timeout(PLACE_WAIT, Arc::clone(&self.places).acquire_owned());
        let place = place
            .await
            .map_err(|_| Exception::too_many_queries(self.place_count))?;
        let place = place.map_err(|_| Exception::aborted())?;
        let running = Arc::new(Running::default());
        let guard = KillOnDrop::new(Arc::clone(self), Arc::clone(&running));
        let (sender, answer) = oneshot::channel();
        let engine = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let mut session = engine.sessions.take(&job.database);
            let outcome = match &mut session {
                Ok(session) => job.run(session, &running, rows),
                Err(error) => Err(error.clone()),
            };
            running.finish();
            // The client is answered first; closing this session and opening the next one is off its way.
            drop(sender.send(outcome));
            drop(session);
            engine.sessions.restock(&job.database);
            drop(place);
        });
        let answer = answer.await;
        drop(guard);
        answer.unwrap_or_else(|_| Err(Exception::aborted()))
    }

    fn control(&self) -> MutexGuard<'_, Option<Connection>> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the queries to end whose session's tag matches the pattern; does not wait for them.
    fn kill(&self, tag_pattern: &str) -> Result<(), EngineError> {
        match self.control().as_mut() {
            None => Ok(()),
            Some(control) => {
                let kill =
                    format!("KILL QUERY WHERE Settings['log_comment'] LIKE '{tag_pattern}' ASYNC");
                control.query(&kill, "Null", &[]).map(|_| ())
            }
        }
    }

    /// Ends what still runs and closes every connection, after which the engine has let go of its directory.
    pub async fn stop(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        let all = u32::try_from(self.place_count).unwrap_or(u32::MAX);
        if self.places.try_acquire_many(all).is_err() {
            let killed =
                tokio::task::spawn_blocking(move || engine.kill(&format!("{TAG_PREFIX}%"))).await;
            if !matches!(killed, Ok(Ok(()))) {
                tracing::warn!("running queries could not be told to end");
            }
            if tokio::time::timeout(STOP_WAIT, self.places.acquire_many(all))
                .await
                .is_err()
            {
                tracing::warn!("queries still run; the process ends without waiting for them");
                return;
            }
        }
        self.places.close();
        self.sessions.close();
        drop(self.control().take());
    }
}
