//! The function pointers of libchdb, looked up by name once.

use std::ffi::{c_char, c_int, c_void};
use std::path::Path;

use super::LibraryError;

/// `chdb_connection`: what queries take.
pub(super) type RawConnection = *mut c_void;
/// `chdb_result *`.
pub(super) type RawResult = *mut c_void;
/// `chdb_insert_stream`.
pub(super) type RawInsert = *mut c_void;

/// `chdb_query_analysis_v1`: versioned by its own size.
#[repr(C)]
#[derive(Debug, Default)]
pub(super) struct RawAnalysis {
    pub(super) struct_size: u32,
    pub(super) statement_count: u32,
    pub(super) flags: u32,
    pub(super) query_class: u32,
}

type Query =
    unsafe extern "C" fn(RawConnection, *const c_char, usize, *const c_char, usize) -> RawResult;
type QueryWithParams<R> = unsafe extern "C" fn(
    RawConnection,
    *const c_char,
    usize,
    *const c_char,
    usize,
    *const *const c_char,
    *const usize,
    *const *const c_char,
    *const usize,
    usize,
) -> R;
type Classify = unsafe extern "C" fn(
    RawConnection,
    *const c_char,
    usize,
    *const c_char,
    usize,
    *mut RawAnalysis,
) -> c_int;
type Count = unsafe extern "C" fn(RawResult) -> u64;

macro_rules! api {
    ($($(#[$doc:meta])* $field:ident = $symbol:literal: $signature:ty;)*) => {
        /// Every function this program calls, with the signature that `chdb.h` declares.
        pub(super) struct Api { $($(#[$doc])* pub(super) $field: $signature,)* }

        fn look_up(library: &'static libloading::Library, path: &Path) -> Result<Api, LibraryError> {
            Ok(Api { $($field: {
                // SAFETY: the type is the one `chdb.h` declares for this name, and the library is never unloaded,
                // so the pointer stays valid for the rest of the process.
                let symbol = unsafe { library.get::<$signature>(concat!($symbol, "\0").as_bytes()) };
                *symbol.map_err(|_| LibraryError::MissingSymbol { path: path.to_owned(), symbol: $symbol })?
            },)* })
        }
    };
}

api! {
    set_signal_handlers_enabled = "chdb_set_signal_handlers_enabled": unsafe extern "C" fn(c_int);
    connect = "chdb_connect": unsafe extern "C" fn(c_int, *mut *mut c_char) -> *mut RawConnection;
    close = "chdb_close_conn": unsafe extern "C" fn(*mut RawConnection);
    classify = "chdb_classify_query_n": Classify;
    query = "chdb_query_n": Query;
    query_with_params = "chdb_query_with_params_n": QueryWithParams<RawResult>;
    insert_with_params = "chdb_stream_insert_with_params_n": QueryWithParams<RawInsert>;
    insert_append = "chdb_stream_append": unsafe extern "C" fn(RawInsert, *const c_void, usize) -> c_int;
    insert_done = "chdb_stream_done": unsafe extern "C" fn(RawInsert) -> RawResult;
    insert_cancel = "chdb_stream_cancel_insert": unsafe extern "C" fn(RawInsert);
    insert_error = "chdb_stream_insert_error": unsafe extern "C" fn(RawInsert) -> *const c_char;
    insert_destroy = "chdb_destroy_insert_stream": unsafe extern "C" fn(RawInsert);
    result_buffer = "chdb_result_buffer": unsafe extern "C" fn(RawResult) -> *mut c_char;
    result_length = "chdb_result_length": unsafe extern "C" fn(RawResult) -> usize;
    result_error = "chdb_result_error": unsafe extern "C" fn(RawResult) -> *const c_char;
    result_elapsed = "chdb_result_elapsed": unsafe extern "C" fn(RawResult) -> f64;
    result_rows = "chdb_result_rows_read": Count;
    result_bytes = "chdb_result_bytes_read": Count;
    result_storage_rows = "chdb_result_storage_rows_read": Count;
    result_storage_bytes = "chdb_result_storage_bytes_read": Count;
    result_rows_written = "chdb_result_rows_written": Count;
    result_bytes_written = "chdb_result_bytes_written": Count;
    result_destroy = "chdb_destroy_query_result": unsafe extern "C" fn(RawResult);
}

/// Loads the library, leaks it and looks up its functions.
pub(super) fn load(path: &Path) -> Result<&'static Api, LibraryError> {
    let refused = |reason: String| LibraryError::Load {
        path: path.to_owned(),
        reason,
    };
    // The loader would search the system's directories for a name without a slash.
    let path_on_disk = path
        .canonicalize()
        .map_err(|error| refused(error.to_string()))?;
    // SAFETY: loading runs the library's initialisers. The operator names the file, as they name this program.
    let library = unsafe { libloading::Library::new(&path_on_disk) }
        .map_err(|error| refused(error.to_string()))?;
    // The engine's threads run until the process ends: unloading the code under them would crash.
    let library = Box::leak(Box::new(library));
    Ok(Box::leak(Box::new(look_up(library, path)?)))
}
