//! SQL text and its parameters.
//!
//! The text can only grow by string literals of this crate: [`Sql::push`] takes `&'static str`. Whatever comes from outside
//! is a server-side parameter, and the text holds its name and type only.

mod funnel;
mod grid;
mod measure;
pub(crate) mod rollup;
mod rows;
mod scalar;
mod series;
mod source;
mod table;
mod values;

pub(crate) use funnel::funnel;
pub(crate) use grid::{heatmap, pivot};
pub(crate) use measure::MEASURES;
pub(crate) use rows::rows;
pub(crate) use scalar::scalar;
pub(crate) use series::series;
pub(crate) use table::table;
pub(crate) use values::values;

use std::fmt;

use clickhouse::query::Query;

use crate::property::PropertyPath;

/// A value that travels beside the SQL text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Param {
    /// `String`.
    Text(String),
    /// `Array(String)`.
    Texts(Vec<String>),
    /// `Int64`.
    Int(i64),
    /// `Array(Int64)`.
    Ints(Vec<i64>),
    /// `UInt64`.
    UInt(u64),
    /// `Identifier`: a path that needs no escaping.
    Path(PropertyPath),
    /// `Identifier`: a table of our own.
    Table(String),
}

impl Param {
    fn type_(&self) -> &'static str {
        match self {
            Self::Text(_) => ":String}",
            Self::Texts(_) => ":Array(String)}",
            Self::Int(_) => ":Int64}",
            Self::Ints(_) => ":Array(Int64)}",
            Self::UInt(_) => ":UInt64}",
            Self::Path(_) | Self::Table(_) => ":Identifier}",
        }
    }
}

/// A statement that reads. Holds no tenant: that parameter is added where the statement is run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sql {
    text: String,
    params: Vec<(String, Param)>,
}

impl Sql {
    /// Adds text of this crate.
    pub(crate) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a place for a value, `{p3:String}`; a value that is already there keeps its name.
    pub(crate) fn param(&mut self, value: Param) -> &mut Self {
        let known = self.params.iter().position(|(_, other)| *other == value);
        let index = known.unwrap_or(self.params.len());
        let name = ["p", &index.to_string()].concat();
        for part in ["{", &name, value.type_()] {
            self.text.push_str(part);
        }
        if known.is_none() {
            self.params.push((name, value));
        }
        self
    }

    /// Adds `items` with `separator` between them.
    pub(crate) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        separator: &'static str,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.push(separator);
            }
            write(self, item);
        }
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Puts the values beside a query made of the text.
    pub(crate) fn bind(&self, query: Query) -> Query {
        let each = self.params.iter();
        each.fold(query, |query, (name, value)| match value {
            Param::Text(text) => query.param(name, text),
            Param::Texts(texts) => query.param(name, texts),
            Param::Int(number) => query.param(name, number),
            Param::Ints(numbers) => query.param(name, numbers),
            Param::UInt(number) => query.param(name, number),
            Param::Path(path) => query.param(name, path.as_str()),
            Param::Table(table) => query.param(name, table),
        })
    }
}

/// The text, then the values, one a line: for logs at debug level and for tests.
impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        for (name, value) in &self.params {
            write!(f, "\n-- {name} = ")?;
            match value {
                Param::Text(text) => write!(f, "{text:?}")?,
                Param::Texts(texts) => write!(f, "{texts:?}")?,
                Param::Int(number) => write!(f, "{number}")?,
                Param::Ints(numbers) => write!(f, "{numbers:?}")?,
                Param::UInt(number) => write!(f, "{number}")?,
                Param::Path(path) => f.write_str(path.as_str())?,
                Param::Table(name) => f.write_str(name)?,
            }
        }
        Ok(())
    }
}

/// Column names by place; four groups are the most that a widget has.
pub(crate) const GROUPS: [&str; 4] = ["g0", "g1", "g2", "g3"];
