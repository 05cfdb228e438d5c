//! Where the cards stand: on twelve columns as designed, on two by rule.

use emban_chart::order;
use emban_contract::dashboard::Layout;

/// A card's place in CSS grid lines and spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First column line, from 1.
    pub column: u32,
    /// Columns.
    pub width: u32,
    /// First row line, from 1.
    pub row: u32,
    /// Rows of 72 CSS pixels.
    pub height: u32,
    /// Columns of two, where there is room for two.
    pub of_two: u32,
}

/// Places cards, in reading order.
///
/// Rows that no card covers are closed, since hidden widgets leave them; on two columns a card that would stand
/// alone in its row takes the whole row.
pub(crate) fn places(layouts: &[Layout]) -> Vec<Place> {
    let spans = spans_of_two(layouts);
    layouts
        .iter()
        .zip(spans)
        .map(|(layout, of_two)| Place {
            column: layout.x.min(11) + 1,
            width: layout.w.clamp(1, 12 - layout.x.min(11)),
            row: layout.y - empty_rows_above(layouts, layout.y) + 1,
            height: layout.h.clamp(1, 40),
            of_two,
        })
        .collect()
}

fn empty_rows_above(layouts: &[Layout], y: u32) -> u32 {
    let covered: Vec<(u32, u32)> = layouts
        .iter()
        .filter(|l| l.y < y)
        .map(|l| (l.y, l.y.saturating_add(l.h.max(1)).min(y)))
        .collect();
    let mut reached = 0;
    let mut empty = 0;
    let downwards = order(covered.len(), &|a, b| covered.get(a).cmp(&covered.get(b)));
    for (top, bottom) in downwards.into_iter().filter_map(|at| covered.get(at)) {
        empty += top.saturating_sub(reached);
        reached = reached.max(*bottom);
    }
    empty + y.saturating_sub(reached)
}

fn spans_of_two(layouts: &[Layout]) -> Vec<u32> {
    let mut spans: Vec<u32> = layouts
        .iter()
        .map(|layout| if layout.w >= 8 { 2 } else { 1 })
        .collect();
    let mut open: Option<usize> = None;
    for at in 0..=spans.len() {
        match (spans.get(at).copied(), open) {
            (Some(1), None) => open = Some(at),
            (Some(1), Some(_)) => open = None,
            (_, Some(alone)) => {
                if let Some(span) = spans.get_mut(alone) {
                    *span = 2;
                }
                open = None;
            }
            (_, None) => {}
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: u32, y: u32, w: u32, h: u32) -> Layout {
        Layout { x, y, w, h }
    }

    #[test]
    fn rows_of_hidden_widgets_are_closed() {
        let rows: Vec<u32> = places(&[at(0, 2, 3, 2), at(3, 2, 3, 2), at(0, 7, 12, 4)])
            .iter()
            .map(|p| p.row)
            .collect();
        assert_eq!(rows, [1, 1, 3]);
    }

    #[test]
    fn a_tall_card_keeps_the_rows_beside_it() {
        let rows: Vec<u32> = places(&[at(0, 0, 6, 8), at(6, 0, 6, 2), at(6, 4, 6, 4)])
            .iter()
            .map(|p| p.row)
            .collect();
        assert_eq!(rows, [1, 1, 5]);
    }

    #[test]
    fn on_two_columns_no_card_stands_alone_in_half_a_row() {
        let spans: Vec<u32> = places(&[
            at(0, 0, 4, 2),
            at(4, 0, 4, 2),
            at(8, 0, 4, 2),
            at(0, 2, 12, 4),
            at(0, 6, 6, 4),
        ])
        .iter()
        .map(|p| p.of_two)
        .collect();
        assert_eq!(spans, [1, 1, 2, 2, 2]);
    }

    #[test]
    fn a_layout_beyond_the_grid_is_cut_to_it() {
        let place = places(&[at(40, 0, 40, 900)])[0];
        assert_eq!((place.column, place.width, place.height), (12, 1, 40));
    }
}
