//! libchdb's C interface behind safe types: the only module of the crate with `unsafe`.
//!
//! Source: `programs/local/chdb.h` of chdb-io/chdb-core at 26.7, which the pinned npm package was built from.
#![expect(
    unsafe_code,
    reason = "libchdb is a C library that is loaded while the program runs"
)]

mod api;
mod connection;
mod insert;
mod result;

use std::ffi::c_char;
use std::path::{Path, PathBuf};

pub use connection::{Connection, StatementClass, StatementReport};
pub use insert::InsertStream;
pub use result::QueryResult;

/// Why libchdb could not be loaded or gave no connection.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The file is absent or the loader refused it.
    #[error("cannot load {path}: {reason}")]
    Load {
        /// The path that was given.
        path: PathBuf,
        /// The loader's own words.
        reason: String,
    },
    /// The file is a shared library, but not the libchdb this program is written for.
    #[error(
        "{path} is not a libchdb this program can use: it has no `{symbol}` (wanted: 26.7.3-stable.1 of @chdb/lib-linux-x64-gnu)"
    )]
    MissingSymbol {
        /// The path that was given.
        path: PathBuf,
        /// The function that is not exported.
        symbol: &'static str,
    },
    /// `chdb_connect` returned null, which is all it says when it fails.
    #[error("libchdb gave no connection; its reason, if any, is on stderr above")]
    NoConnection,
    /// An argument for the engine contains a NUL byte.
    #[error("an engine argument contains a NUL byte")]
    NulInArgument,
}

/// The engine's own error text, such as `Code: 60. DB::Exception: …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(pub String);

/// A loaded libchdb. Copies are free; the library stays loaded until the process ends.
#[derive(Clone, Copy)]
pub struct Library {
    api: &'static api::Api,
}

impl Library {
    /// Loads the shared library and turns its signal handlers off.
    ///
    /// Errors: [`LibraryError::Load`] or [`LibraryError::MissingSymbol`].
    /// Cost: 40 ms with a warm file cache, about 600 ms with a cold one (measured).
    pub fn load(path: &Path) -> Result<Self, LibraryError> {
        let api = api::load(path)?;
        // SAFETY: the function takes an int by value and may be called at any time before a connect.
        unsafe { (api.set_signal_handlers_enabled)(0) };
        Ok(Self { api })
    }

    /// Opens a connection; the first one of the process boots the engine with its server arguments.
    ///
    /// `arguments` are `--name=value` texts. The engine ignores names it does not know without a word, so limits
    /// and `readonly` belong into a `SET` statement, never here.
    /// Errors: [`LibraryError::NoConnection`], [`LibraryError::NulInArgument`].
    pub fn connect(self, arguments: &[String]) -> Result<Connection, LibraryError> {
        Connection::open(self.api, arguments)
    }
}

/// Named values for `{name:Type}` placeholders, in the escaped form of ClickHouse's HTTP interface.
pub type Parameter = (String, Vec<u8>);

/// The parallel arrays that every `*_with_params_n` function takes; borrows the parameters.
struct ParameterArrays<'a> {
    names: Vec<*const c_char>,
    name_lengths: Vec<usize>,
    values: Vec<*const c_char>,
    value_lengths: Vec<usize>,
    _borrowed: std::marker::PhantomData<&'a [Parameter]>,
}

impl<'a> ParameterArrays<'a> {
    fn new(parameters: &'a [Parameter]) -> Self {
        Self {
            names: parameters
                .iter()
                .map(|(name, _)| name.as_ptr().cast())
                .collect(),
            name_lengths: parameters.iter().map(|(name, _)| name.len()).collect(),
            values: parameters
                .iter()
                .map(|(_, value)| value.as_ptr().cast())
                .collect(),
            value_lengths: parameters.iter().map(|(_, value)| value.len()).collect(),
            _borrowed: std::marker::PhantomData,
        }
    }
}
