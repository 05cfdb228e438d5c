//! One request's statement, from the engine's verdict on its text to its answer.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::running::Running;
use super::session::Session;
use crate::compressed::BlockDecoder;
use crate::exception::Exception;
use crate::ffi::{Parameter, QueryResult, StatementClass};
use crate::settings::Settings;
use crate::statement::{Shape, shape};

/// The output format of ClickHouse's HTTP interface if nobody names one.
const DEFAULT_FORMAT: &str = "TabSeparated";

/// A statement and what it runs with.
#[derive(Debug, Default)]
pub struct Job {
    /// One statement. Rows are not part of it.
    pub sql: String,
    /// Output format of a statement that names none.
    pub default_format: Option<String>,
    /// The database that unqualified names are in.
    pub database: String,
    /// Applied before the statement runs.
    pub settings: Settings,
    /// Values for `{name:Type}`.
    pub parameters: Vec<Parameter>,
    /// The rows are of ClickHouse's compressed blocks.
    pub compressed_rows: bool,
}

/// A part of an insert's body.
#[derive(Debug)]
pub enum Rows {
    /// The next bytes.
    Piece(Bytes),
    /// The body was whole. Without it the insert is cancelled.
    End,
}

/// What a statement gave.
#[derive(Debug)]
pub struct Answer {
    /// The result in `format`; the engine's own buffer, not a copy.
    pub body: Bytes,
    /// The format that `body` is in.
    pub format: String,
    /// For `X-ClickHouse-Summary`.
    pub summary: Summary,
}

/// Counters of one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Rows read from tables.
    pub read_rows: u64,
    /// Bytes read from tables, uncompressed.
    pub read_bytes: u64,
    /// Rows written, materialized views included.
    pub written_rows: u64,
    /// Bytes written, materialized views included.
    pub written_bytes: u64,
    /// Rows of the result.
    pub result_rows: u64,
    /// Bytes of the result in memory.
    pub result_bytes: u64,
    /// The engine's own time.
    pub elapsed: Duration,
}

impl Job {
    /// Runs the statement; blocks the thread.
    pub(super) fn run(
        &self,
        session: &mut Session,
        running: &Running,
        rows: Option<mpsc::Receiver<Rows>>,
    ) -> Result<Answer, Exception> {
        let class = self.verdict(session)?;
        if let Some(set) = self.settings.statement() {
            session.connection.query(&set, "Null", &[])?;
        }
        let begun = match class {
            StatementClass::ReadOnly => running.begin_reading(&session.tag),
            _ => running.begin_writing(),
        };
        if !begun {
            return Err(Exception::aborted());
        }
        match (shape(&self.sql), rows) {
            (Shape::InsertRows(insert), Some(rows)) => {
                self.insert(session, insert.head, insert.format, rows)
            }
            (Shape::Other { format }, None) => {
                let default = self.default_format.as_deref().unwrap_or(DEFAULT_FORMAT);
                let result = session
                    .connection
                    .query(&self.sql, default, &self.parameters)?;
                Ok(Answer::new(result, format.unwrap_or(default)))
            }
            (Shape::InsertFile, _) => Err(Exception::not_supported(
                "INSERT FROM INFILE would read the host's files.",
            )),
            // `engine.insert` is for an INSERT with a FORMAT, `engine.run` for all others.
            (Shape::InsertRows(_), None) | (Shape::Other { .. }, Some(_)) => {
                Err(Exception::bad_request(
                    "Rows need an INSERT with a FORMAT clause, and that needs rows.",
                ))
            }
        }
    }

    /// Asks the engine's parser what the text is, and refuses what a request must not do.
    fn verdict(&self, session: &mut Session) -> Result<StatementClass, Exception> {
        let report = session.connection.classify(&self.sql)?;
        match report.count {
            0 => return Err(self.syntax_error(session)),
            1 => {}
            _ => return Err(Exception::several_statements()),
        }
        if self.settings.is_read_only() {
            if report.class != StatementClass::ReadOnly {
                return Err(Exception::read_only());
            }
            self.refuse_settings_clauses(session)?;
        }
        if report.class == StatementClass::Control && !is_administration(&self.sql) {
            return Err(Exception::not_supported(
                "SET, USE, transactions, temporary tables, INTO OUTFILE and INSERT INTO FUNCTION are not served: \
                 settings and the database are parameters of a request.",
            ));
        }
        Ok(report.class)
    }

    /// Refuses SETTINGS clauses at any depth.
    ///
    /// The engine itself checks `readonly` for the clause of the outermost (and last) SELECT only: one in a subquery,
    /// a CTE or the first arm of a UNION took `additional_table_filters` away (seen with 26.7.2.1).
    fn refuse_settings_clauses(&self, session: &mut Session) -> Result<(), Exception> {
        // The keyword can be written in no other way, and few statements pay for the second parse.
        if !self.sql.to_ascii_lowercase().contains("settings") {
            return Ok(());
        }
        // The statement is known to be one, and EXPLAIN AST runs nothing of it.
        let tree = session.connection.query(
            &format!("EXPLAIN AST {}", self.sql),
            "TSVRaw",
            &self.parameters,
        )?;
        let has_clause = tree
            .as_ref()
            .split(|byte| *byte == b'\n')
            .any(|line| line.trim_ascii() == b"Set");
        if has_clause {
            Err(Exception::read_only_settings())
        } else {
            Ok(())
        }
    }

    /// The parser's own words on a text that it does not accept. The text is a value here, so nothing of it runs.
    fn syntax_error(&self, session: &mut Session) -> Exception {
        let text = self
            .sql
            .replace('\\', "\\\\")
            .replace('\t', "\\t")
            .replace('\n', "\\n");
        let parameters = [("text".to_owned(), text.into_bytes())];
        match session
            .connection
            .query("SELECT formatQuery({text:String})", "Null", &parameters)
        {
            Err(error) => error.into(),
            Ok(_) => Exception::syntax_error(),
        }
    }

    fn insert(
        &self,
        session: &mut Session,
        head: &str,
        format: &str,
        mut rows: mpsc::Receiver<Rows>,
    ) -> Result<Answer, Exception> {
        let mut decoder = self.compressed_rows.then(BlockDecoder::default);
        let mut stream = session.connection.insert(head, format, &self.parameters)?;
        loop {
            match (rows.blocking_recv(), &mut decoder) {
                (Some(Rows::Piece(piece)), None) => stream.append(&piece)?,
                (Some(Rows::Piece(piece)), Some(decoder)) => {
                    for block in decoder.push(&piece)? {
                        stream.append(&block)?;
                    }
                }
                (Some(Rows::End), decoder) => {
                    decoder.as_ref().map_or(Ok(()), BlockDecoder::finish)?;
                    return Ok(Answer::new(stream.finish()?, format));
                }
                (None, _) => return Err(Exception::aborted()),
            }
        }
    }
}

/// Statements that outlive their session and belong to whoever holds the secret.
fn is_administration(sql: &str) -> bool {
    let first = crate::statement::first_word(sql).unwrap_or_default();
    [
        "ALTER", "ATTACH", "BACKUP", "DETACH", "KILL", "RESTORE", "SYSTEM",
    ]
    .iter()
    .any(|word| first.eq_ignore_ascii_case(word))
}

impl Answer {
    fn new(result: QueryResult, format: &str) -> Self {
        let summary = Summary {
            read_rows: result.rows_read(),
            read_bytes: result.bytes_read(),
            written_rows: result.rows_written(),
            written_bytes: result.bytes_written(),
            result_rows: result.rows(),
            result_bytes: result.bytes(),
            elapsed: result.elapsed(),
        };
        Self {
            body: Bytes::from_owner(result),
            format: format.to_owned(),
            summary,
        }
    }
}

impl Summary {
    /// The JSON of `X-ClickHouse-Summary`, in which every number is a string.
    pub fn header(&self) -> String {
        let Self {
            read_rows,
            read_bytes,
            written_rows,
            written_bytes,
            result_rows,
            result_bytes,
            elapsed,
        } = self;
        let elapsed_ns = elapsed.as_nanos();
        format!(
            "{{\"read_rows\":\"{read_rows}\",\"read_bytes\":\"{read_bytes}\",\"written_rows\":\"{written_rows}\",\
             \"written_bytes\":\"{written_bytes}\",\"result_rows\":\"{result_rows}\",\
             \"result_bytes\":\"{result_bytes}\",\"elapsed_ns\":\"{elapsed_ns}\"}}"
        )
    }
}
