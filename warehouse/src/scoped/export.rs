//! Figures of a widget for a file: all groups, row by row as the engine sends them.

use clickhouse::query::BytesCursor;
use emban_contract::embed::{Cell, Column, WidgetData};
use futures_util::Stream;
use futures_util::stream::{self, TryStreamExt as _};
use serde_json::Value;

use super::{ScopedWarehouse, statement};
use crate::decode;
use crate::error::QueryError;
use crate::plan::{Measure, Plan, Question, Table};
use crate::sql::Sql;

/// Groups of a file at most, more than a spreadsheet opens with ease; the rest is its last row.
const FILE_ROWS: u32 = 1_000_000;

/// Rows and columns of a pivot's file at most, since it is held in memory; the rest is its last row and its last column.
const FILE_PIVOT: [u32; 2] = [4000, 100];

/// Bytes of an answer that is not held in memory: one GiB.
const FILE_BYTES: u64 = 1 << 30;

/// What a file is made of.
pub enum Export<S> {
    /// Groups, row by row.
    Rows {
        /// One a cell.
        columns: Vec<Column>,
        /// The cells of each row, the largest first. An error ends them.
        rows: S,
    },
    /// Figures that are few by their nature.
    Whole(WidgetData),
}

impl ScopedWarehouse {
    /// Reads the figures of a plan without the widget's bound on groups. Returns when the engine has begun to answer.
    pub async fn export(
        &self,
        plan: &Plan,
    ) -> Result<Export<impl Stream<Item = Result<Vec<Cell>, QueryError>> + Send + use<>>, QueryError>
    {
        let table = match &plan.question {
            Question::Table(table) => table,
            Question::Pivot {
                groups, measure, ..
            } => {
                let question = Question::Pivot {
                    groups: groups.clone(),
                    measure: measure.clone(),
                    limits: FILE_PIVOT,
                };
                let data = self.pivot(plan, question, measure).await?;
                return Ok(Export::Whole(data));
            }
            Question::Scalar { .. }
            | Question::Conversion(_)
            | Question::Funnel(_)
            | Question::Series(_)
            | Question::Heatmap { .. } => return self.figures(plan).await.map(Export::Whole),
        };
        let table = Table {
            limit: FILE_ROWS,
            ..table.clone()
        };
        let whole = Plan {
            source: plan.source.clone(),
            question: Question::Table(table.clone()),
        };
        let compares = plan.source.previous.is_some();
        let lines = self.lines(&statement(&whole)).await?;
        let columns = decode::table_columns(&table, compares);
        let rows = stream::try_unfold(lines, |mut lines| async move {
            Ok(lines.next().await?.map(|row| (row, lines)))
        })
        .and_then(move |row: Vec<Value>| {
            let cells = decode::table_cells(&table, &row, compares);
            std::future::ready(cells.ok_or(QueryError::Unreadable(None)))
        });
        Ok(Export::Rows { columns, rows })
    }

    /// Reads a pivot of more cells than an answer on the screen may have.
    async fn pivot(
        &self,
        plan: &Plan,
        question: Question,
        measure: &Measure,
    ) -> Result<WidgetData, QueryError> {
        let source = plan.source.clone();
        let mut lines = self.lines(&statement(&Plan { source, question })).await?;
        let mut pivot = decode::Pivot::default();
        while let Some(row) = lines.next().await? {
            let taken = pivot.take(measure, &row);
            taken.ok_or(QueryError::Unreadable(None))?;
        }
        Ok(WidgetData::Grid(pivot.finish(measure)))
    }

    /// Asks a statement whose answer is read line by line. What the engine refuses, it refuses before the first one: that
    /// is still an answer of its own.
    pub(super) async fn lines(&self, sql: &Sql) -> Result<Lines, QueryError> {
        let cursor = self
            .confined(self.query(sql))
            .with_setting("max_result_rows", (FILE_ROWS + 1).to_string())
            .with_setting("max_result_bytes", FILE_BYTES.to_string())
            .with_setting("output_format_json_quote_64bit_integers", "0")
            .with_setting("output_format_json_quote_denormals", "1")
            .fetch_bytes("JSONCompactEachRow")?;
        let mut lines = Lines {
            cursor,
            pending: Vec::new(),
            read: 0,
            is_over: false,
        };
        lines.fill().await?;
        Ok(lines)
    }
}

/// The engine's answer, line by line.
pub(super) struct Lines {
    cursor: BytesCursor,
    pending: Vec<u8>,
    /// How much of `pending` was handed on.
    read: usize,
    is_over: bool,
}

impl Lines {
    /// Reads until there is a whole line, or no more. Returns its length.
    async fn fill(&mut self) -> Result<usize, QueryError> {
        loop {
            let waiting = self.pending.get(self.read..).unwrap_or_default();
            let line = waiting.iter().position(|byte| *byte == b'\n');
            if let Some(end) = line {
                return Ok(end);
            }
            if self.is_over {
                return Ok(waiting.len());
            }
            match self.cursor.next().await? {
                Some(bytes) => {
                    self.pending.drain(..self.read);
                    self.read = 0;
                    self.pending.extend_from_slice(&bytes);
                }
                None => self.is_over = true,
            }
        }
    }

    pub(super) async fn next(&mut self) -> Result<Option<Vec<Value>>, QueryError> {
        let length = self.fill().await?;
        let end = self.read + length;
        let line = self.pending.get(self.read..end).unwrap_or_default();
        if line.is_empty() {
            return Ok(None);
        }
        let row = serde_json::from_slice(line);
        self.read = (end + 1).min(self.pending.len());
        row.map(Some)
            .map_err(|error| QueryError::Unreadable(Some(error)))
    }
}
