//! Tiles in rows of twelve columns.

use emban_contract::WidgetId;
use emban_contract::dashboard::{Chart, Layout, Widget, WidgetKind, WidgetQuery};

/// Columns of the grid.
const COLUMNS: u32 = 12;

/// Rows from top to bottom.
#[derive(Default)]
pub(super) struct Grid {
    widgets: Vec<Widget>,
    next_row: u32,
}

impl Grid {
    /// Adds a row; its tiles are widened in proportion until they fill it. Nothing when there are none.
    pub(super) fn row(&mut self, height: u32, tiles: Vec<Widget>) {
        let wanted: u32 = tiles.iter().map(|tile| tile.layout.w).sum();
        let count = tiles.len();
        let mut x = 0;
        for (index, mut tile) in tiles.into_iter().enumerate() {
            let width = if index + 1 == count {
                COLUMNS - x
            } else {
                tile.layout.w * COLUMNS / wanted.max(1)
            };
            tile.layout = Layout {
                x,
                y: self.next_row,
                w: width,
                h: height,
            };
            x += width;
            self.widgets.push(tile);
        }
        if count > 0 {
            self.next_row += height;
        }
    }

    pub(super) fn widgets(self) -> Vec<Widget> {
        self.widgets
    }
}

/// A tile that has its width and no place yet.
pub(super) fn tile(
    id: &str,
    kind: WidgetKind,
    chart: Chart,
    title: &str,
    query: WidgetQuery,
    width: u32,
) -> Widget {
    Widget {
        id: widget_id(id),
        kind,
        chart,
        title: title.to_owned(),
        query: Some(query),
        layout: Layout {
            x: 0,
            y: 0,
            w: width,
            h: 1,
        },
        options: None,
    }
}

#[expect(
    clippy::expect_used,
    reason = "the ids of this module, which its tests try"
)]
fn widget_id(id: &str) -> WidgetId {
    WidgetId::new(id).expect("a widget id")
}
