//! The events behind a number, as the body of a sheet at the side.

use emban_contract::embed::{Cell, Column};

use crate::Screen;
use crate::table::still;
use crate::table_model::of_rows;

impl Screen<'_> {
    /// Rows of events as a table.
    pub fn rows(&self, columns: &[Column], rows: &[Vec<Cell>]) -> String {
        let mut html = self.html();
        still(&mut html, &of_rows(columns, rows, self.reading(None)));
        html.finish()
    }
}
