//! One finished query's bytes and counters.

use std::ffi::{CStr, c_char};
use std::ptr::NonNull;
use std::time::Duration;

use super::EngineError;
use super::api::{Api, RawResult};

/// What a query gave; owns the engine's buffer and lends it as bytes.
///
/// It outlives the connection it came from (the buffer belongs to the result alone).
pub struct QueryResult {
    api: &'static Api,
    raw: NonNull<std::ffi::c_void>,
}

// SAFETY: the result is a heap object without thread affinity; it is only read after it was made, and it is freed
// once, by the one owner that drops it.
unsafe impl Send for QueryResult {}

impl QueryResult {
    /// Takes ownership of a result that libchdb handed out, or gives the error it carries.
    pub(super) fn from_raw(api: &'static Api, raw: RawResult) -> Result<Self, EngineError> {
        let raw =
            NonNull::new(raw).ok_or_else(|| EngineError("the engine gave no result".to_owned()))?;
        let result = Self { api, raw };
        // SAFETY: `raw` is a live result, and it is ours until `drop`.
        let error = unsafe { (api.result_error)(result.raw.as_ptr()) };
        match text(error) {
            None => Ok(result),
            Some(error) => Err(EngineError(error)),
        }
    }

    /// Rows of the result.
    pub fn rows(&self) -> u64 {
        self.count(self.api.result_rows)
    }

    /// Bytes of the result in the engine's own memory format.
    pub fn bytes(&self) -> u64 {
        self.count(self.api.result_bytes)
    }

    /// Rows that were read from tables and table functions.
    pub fn rows_read(&self) -> u64 {
        self.count(self.api.result_storage_rows)
    }

    /// Bytes that were read from tables and table functions, uncompressed.
    pub fn bytes_read(&self) -> u64 {
        self.count(self.api.result_storage_bytes)
    }

    /// Rows written, those of cascaded materialized views included.
    pub fn rows_written(&self) -> u64 {
        self.count(self.api.result_rows_written)
    }

    /// Bytes written, those of cascaded materialized views included.
    pub fn bytes_written(&self) -> u64 {
        self.count(self.api.result_bytes_written)
    }

    /// The engine's own time for the query.
    pub fn elapsed(&self) -> Duration {
        // SAFETY: `raw` is a live result.
        let seconds = unsafe { (self.api.result_elapsed)(self.raw.as_ptr()) };
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }

    fn count(&self, counter: unsafe extern "C" fn(RawResult) -> u64) -> u64 {
        // SAFETY: `raw` is a live result, and every counter only reads it.
        unsafe { counter(self.raw.as_ptr()) }
    }
}

impl AsRef<[u8]> for QueryResult {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `raw` is a live result.
        let length = unsafe { (self.api.result_length)(self.raw.as_ptr()) };
        // SAFETY: `raw` is a live result.
        let buffer = unsafe { (self.api.result_buffer)(self.raw.as_ptr()) };
        if buffer.is_null() || length == 0 {
            return &[];
        }
        // SAFETY: the engine says that `length` bytes stand at `buffer`; they do not change and live as long as the
        // result, which the returned slice borrows.
        unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), length) }
    }
}

impl Drop for QueryResult {
    fn drop(&mut self) {
        // SAFETY: `raw` is ours and is destroyed nowhere else.
        unsafe { (self.api.result_destroy)(self.raw.as_ptr()) };
    }
}

/// Copies a C text that the engine owns; `None` for a null pointer.
pub(super) fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the engine's error texts are NUL-terminated and live as long as the handle they came from, which the
    // caller holds during this call.
    let text = unsafe { CStr::from_ptr(pointer) };
    Some(text.to_string_lossy().into_owned())
}
