//! Rows on their way into a table.

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::api::{Api, RawInsert};
use super::result::text;
use super::{Connection, EngineError, QueryResult};

/// An open insert. Dropping it unfinished cancels it.
pub struct InsertStream<'c> {
    api: &'static Api,
    raw: NonNull<std::ffi::c_void>,
    finished: bool,
    /// The engine accepts no other statement on the connection meanwhile.
    _connection: PhantomData<&'c mut Connection>,
}

impl InsertStream<'_> {
    pub(super) fn from_raw(api: &'static Api, raw: RawInsert) -> Result<Self, EngineError> {
        let raw = NonNull::new(raw)
            .ok_or_else(|| EngineError("the engine gave no insert stream".to_owned()))?;
        let stream = Self {
            api,
            raw,
            finished: false,
            _connection: PhantomData,
        };
        match stream.error() {
            None => Ok(stream),
            Some(error) => Err(error),
        }
    }

    fn error(&self) -> Option<EngineError> {
        // SAFETY: `raw` is a live insert stream.
        let error = unsafe { (self.api.insert_error)(self.raw.as_ptr()) };
        text(error).map(EngineError)
    }

    /// Hands over the next bytes; they may end anywhere in a row. Blocks while the engine is busy.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        // SAFETY: `raw` is a live insert stream, and the engine copies `bytes` before it returns.
        let state = unsafe {
            (self.api.insert_append)(self.raw.as_ptr(), bytes.as_ptr().cast(), bytes.len())
        };
        match state {
            0 => Ok(()),
            _ => Err(self
                .error()
                .unwrap_or_else(|| EngineError("the engine refused the rows".to_owned()))),
        }
    }

    /// Commits the rows and gives the counters of what was written.
    pub fn finish(mut self) -> Result<QueryResult, EngineError> {
        self.finished = true;
        // SAFETY: `raw` is a live insert stream; it is finished once, because this takes `self`.
        let result = unsafe { (self.api.insert_done)(self.raw.as_ptr()) };
        QueryResult::from_raw(self.api, result)
    }
}

impl Drop for InsertStream<'_> {
    fn drop(&mut self) {
        if !self.finished {
            // SAFETY: `raw` is a live insert stream that was not finished.
            unsafe { (self.api.insert_cancel)(self.raw.as_ptr()) };
        }
        // SAFETY: `raw` is ours and is destroyed nowhere else; neither finishing nor cancelling frees it.
        unsafe { (self.api.insert_destroy)(self.raw.as_ptr()) };
    }
}
