//! One session of the engine.

use std::ffi::{CString, c_char, c_int};
use std::ptr::NonNull;

use super::api::{Api, RawAnalysis, RawConnection};
use super::{EngineError, InsertStream, LibraryError, Parameter, ParameterArrays, QueryResult};

/// What a statement does to state that outlives it, as the engine's own parser sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementClass {
    /// SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS, CHECK.
    ReadOnly,
    /// INSERT and DDL inside databases.
    Mutating,
    /// Functions, users, named collections: outside every database.
    MutatingGlobal,
    /// SET, USE, SYSTEM, KILL, BACKUP, INTO OUTFILE, INSERT INTO FUNCTION.
    Control,
    /// Did not parse.
    Unknown,
}

/// What the engine's parser says about a text, without running it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementReport {
    /// Statements in the text; 0 if it does not parse.
    pub count: u32,
    /// The most restricted class among them.
    pub class: StatementClass,
}

/// A session of the engine. Runs one statement at a time; several sessions run in parallel.
pub struct Connection {
    api: &'static Api,
    outer: NonNull<RawConnection>,
}

// SAFETY: the engine runs each query on whatever thread calls it; a connection has no thread affinity, and `&mut self`
// on every method keeps two threads from using one at the same time.
unsafe impl Send for Connection {}

impl Connection {
    pub(super) fn open(api: &'static Api, arguments: &[String]) -> Result<Self, LibraryError> {
        let texts: Vec<CString> = std::iter::once("clickhouse")
            .chain(arguments.iter().map(String::as_str))
            .map(CString::new)
            .collect::<Result<_, _>>()
            .map_err(|_| LibraryError::NulInArgument)?;
        let mut argv: Vec<*mut c_char> =
            texts.iter().map(|text| text.as_ptr().cast_mut()).collect();
        let argc = c_int::try_from(argv.len()).map_err(|_| LibraryError::NoConnection)?;
        // SAFETY: `argv` holds `argc` NUL-terminated texts that outlive the call; the engine copies what it keeps.
        let outer = unsafe { (api.connect)(argc, argv.as_mut_ptr()) };
        let outer = NonNull::new(outer).ok_or(LibraryError::NoConnection)?;
        // SAFETY: a connect that does not give null points at the connection's own slot.
        let inner = unsafe { outer.read() };
        if inner.is_null() {
            return Err(LibraryError::NoConnection);
        }
        Ok(Self { api, outer })
    }

    fn raw(&self) -> RawConnection {
        // SAFETY: the slot is valid from a successful connect until `drop` closes it.
        unsafe { self.outer.read() }
    }

    /// Counts and classifies the statements of a text with the engine's parser; runs nothing. About 25 µs.
    pub fn classify(&mut self, sql: &str) -> Result<StatementReport, EngineError> {
        let mut report = RawAnalysis {
            struct_size: u32::try_from(size_of::<RawAnalysis>()).unwrap_or_default(),
            query_class: 4,
            ..RawAnalysis::default()
        };
        // SAFETY: `sql` is read for its length only, no target database is passed, and `report` is the struct whose
        // size it states.
        let state = unsafe {
            (self.api.classify)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                std::ptr::null(),
                0,
                &raw mut report,
            )
        };
        if state != 0 {
            return Err(EngineError(
                "the engine could not analyse the statement".to_owned(),
            ));
        }
        let class = match report.query_class {
            0 => StatementClass::ReadOnly,
            1 => StatementClass::Mutating,
            2 => StatementClass::MutatingGlobal,
            3 => StatementClass::Control,
            _ => StatementClass::Unknown,
        };
        Ok(StatementReport {
            count: report.statement_count,
            class,
        })
    }

    /// Runs one statement and waits for its whole result in `format`.
    ///
    /// Never pass an INSERT that carries binary rows in its text: the engine skips bytes that look like white space
    /// and reports success. [`Self::insert`] is the way for rows.
    pub fn query(
        &mut self,
        sql: &str,
        format: &str,
        parameters: &[Parameter],
    ) -> Result<QueryResult, EngineError> {
        let (sql_at, format_at) = (sql.as_ptr().cast(), format.as_ptr().cast());
        let raw = if parameters.is_empty() {
            // SAFETY: both texts are read for the lengths given and outlive the call.
            unsafe { (self.api.query)(self.raw(), sql_at, sql.len(), format_at, format.len()) }
        } else {
            let arrays = ParameterArrays::new(parameters);
            // SAFETY: both texts are read for the lengths given; the four arrays have `parameters.len()` entries,
            // and they and what they point at outlive the call.
            unsafe {
                (self.api.query_with_params)(
                    self.raw(),
                    sql_at,
                    sql.len(),
                    format_at,
                    format.len(),
                    arrays.names.as_ptr(),
                    arrays.name_lengths.as_ptr(),
                    arrays.values.as_ptr(),
                    arrays.value_lengths.as_ptr(),
                    parameters.len(),
                )
            }
        };
        QueryResult::from_raw(self.api, raw)
    }

    /// Opens an insert: `sql` is the INSERT without its FORMAT clause, rows follow in `format`.
    pub fn insert(
        &mut self,
        sql: &str,
        format: &str,
        parameters: &[Parameter],
    ) -> Result<InsertStream<'_>, EngineError> {
        let arrays = ParameterArrays::new(parameters);
        // SAFETY: both texts are read for the lengths given; the four arrays have `parameters.len()` entries, and
        // they and what they point at outlive the call, at whose end the engine has captured them.
        let raw = unsafe {
            (self.api.insert_with_params)(
                self.raw(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                arrays.names.as_ptr(),
                arrays.name_lengths.as_ptr(),
                arrays.values.as_ptr(),
                arrays.value_lengths.as_ptr(),
                parameters.len(),
            )
        };
        InsertStream::from_raw(self.api, raw)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: `outer` came from a successful connect and is closed nowhere else; insert streams borrow the
        // connection, so none is open any more.
        unsafe { (self.api.close)(self.outer.as_ptr()) };
    }
}
