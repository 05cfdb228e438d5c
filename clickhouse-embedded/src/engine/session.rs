//! Sessions of the engine, opened ahead of the requests that will use them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::exception::Exception;
use crate::ffi::{Connection, Library};

/// Every session's `log_comment` begins with this; the rest is its number.
pub(super) const TAG_PREFIX: &str = "emban-session-";
/// The database that a session is in when it opens.
const DEFAULT_DATABASE: &str = "default";

/// One connection, used for one request: settings cannot be taken back safely once `readonly` is set.
pub(super) struct Session {
    pub(super) connection: Connection,
    /// The session's `log_comment`, by which its query is found in `system.processes`.
    pub(super) tag: String,
    database: String,
}

/// Opens sessions and keeps spare ones.
///
/// A spare session is opened after a request was answered, in the database of that request, so that the next one
/// pays neither for the connect (0.3 ms) nor for the `USE` (0.25 ms).
pub(super) struct SessionFactory {
    library: Library,
    path_argument: String,
    /// `None` once closed.
    spares: Mutex<Option<Vec<Session>>>,
    most_spares: usize,
    next_tag: AtomicU64,
}

impl SessionFactory {
    pub(super) fn new(library: Library, path_argument: String, most_spares: usize) -> Self {
        Self {
            library,
            path_argument,
            spares: Mutex::new(Some(Vec::new())),
            most_spares,
            next_tag: AtomicU64::new(0),
        }
    }

    fn spares(&self) -> MutexGuard<'_, Option<Vec<Session>>> {
        self.spares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session that no request has used, in `database`.
    pub(super) fn take(&self, database: &str) -> Result<Session, Exception> {
        match self.take_spare(database) {
            Some(session) if session.database == database => Ok(session),
            Some(session) => session.enter(database),
            None => self.open()?.enter(database),
        }
    }

    fn take_spare(&self, database: &str) -> Option<Session> {
        let mut spares = self.spares();
        let spares = spares.as_mut()?;
        match spares.iter().position(|spare| spare.database == database) {
            Some(fitting) => Some(spares.swap_remove(fitting)),
            None => spares.pop(),
        }
    }

    fn open(&self) -> Result<Session, Exception> {
        let tag = format!(
            "{TAG_PREFIX}{:016x}",
            self.next_tag.fetch_add(1, Ordering::Relaxed)
        );
        let arguments = [
            self.path_argument.clone(),
            // The engine's default lets any expression stand as a query; a server does not.
            "--implicit_select=0".to_owned(),
            format!("--log_comment={tag}"),
        ];
        match self.library.connect(&arguments) {
            Ok(connection) => Ok(Session {
                connection,
                tag,
                database: DEFAULT_DATABASE.to_owned(),
            }),
            Err(error) => {
                tracing::error!(%error, "no connection to the engine");
                Err(Exception::no_connection())
            }
        }
    }

    /// Opens one spare session in `database`, unless there are enough.
    pub(super) fn restock(&self, database: &str) {
        if self
            .spares()
            .as_ref()
            .is_none_or(|spares| spares.len() >= self.most_spares)
        {
            return;
        }
        // A database that was dropped meanwhile is the next request's error, not this one's.
        let Ok(session) = self.open().and_then(|session| session.enter(database)) else {
            return;
        };
        if let Some(spares) = self.spares().as_mut() {
            spares.push(session);
        }
    }

    /// Closes the spare sessions and keeps none from now on.
    pub(super) fn close(&self) {
        drop(self.spares().take());
    }
}

impl Session {
    fn enter(mut self, database: &str) -> Result<Self, Exception> {
        if self.database != database {
            let quoted = database.replace('\\', "\\\\").replace('`', "\\`");
            self.connection
                .query(&format!("USE `{quoted}`"), "Null", &[])?;
            database.clone_into(&mut self.database);
        }
        Ok(self)
    }
}
