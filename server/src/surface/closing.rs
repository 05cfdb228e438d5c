//! Closes the holes that hidden widgets leave in the grid: what stood beside one takes its room.
//!
//! Only the origin knows what is hidden, so it happens here: a gap of the design's own stays. Rows in which nothing is left
//! are closed where cards are placed.

use emban_contract::dashboard::Layout;

/// Widens or heightens what is shown over what is hidden. A hole that nothing fits stays.
pub(super) fn close(shown: &mut [Layout], hidden: Vec<Layout>) {
    let mut holes: Vec<Layout> = hidden
        .into_iter()
        .filter_map(|hole| trimmed(hole, shown))
        .collect();
    // A row of cards shares its width anew before holes of several rows are looked at.
    share(shown, &mut holes, Axis::Across);
    join(&mut holes);
    for axis in [Axis::Across, Axis::Down] {
        share(shown, &mut holes, axis);
        holes.retain(|hole| !grow(shown, hole, axis));
    }
}

/// A direction in the grid.
#[derive(Clone, Copy)]
enum Axis {
    Across,
    Down,
}

impl Axis {
    fn turned(self) -> Self {
        match self {
            Self::Across => Self::Down,
            Self::Down => Self::Across,
        }
    }

    /// Begin and end.
    fn span(self, layout: &Layout) -> (u32, u32) {
        match self {
            Self::Across => (layout.x, layout.x + layout.w),
            Self::Down => (layout.y, layout.y + layout.h),
        }
    }

    fn set(self, layout: &mut Layout, (begin, end): (u32, u32)) {
        let length = end.saturating_sub(begin);
        match self {
            Self::Across => (layout.x, layout.w) = (begin, length),
            Self::Down => (layout.y, layout.h) = (begin, length),
        }
    }

    /// Whether two stand in one row, or in one column, from edge to edge.
    fn aligns(self, one: &Layout, other: &Layout) -> bool {
        self.turned().span(one) == self.turned().span(other)
    }
}

/// A hole without the rows at its ends in which nothing is left; none if that is all of it.
fn trimmed(hole: Layout, shown: &[Layout]) -> Option<Layout> {
    let is_used = |row: &u32| {
        shown
            .iter()
            .any(|card| (card.y..card.y + card.h).contains(row))
    };
    let mut rows = (hole.y..hole.y + hole.h).filter(is_used);
    let first = rows.next()?;
    let end = rows.next_back().unwrap_or(first) + 1;
    Some(Layout {
        y: first,
        h: end - first,
        ..hole
    })
}

/// Shares the length of each unbroken run of equal cards with a hole among those that are left of it, each in proportion.
fn share(shown: &mut [Layout], holes: &mut Vec<Layout>, axis: Axis) {
    let mut rest = Vec::new();
    while let Some(hole) = holes.pop() {
        let run = run(shown, holes, &hole, axis);
        let is_inside = |card: &Layout| {
            let (begin, end) = axis.span(card);
            axis.aligns(card, &hole) && run.0 <= begin && end <= run.1
        };
        let mut cards: Vec<&mut Layout> = shown.iter_mut().filter(|card| is_inside(card)).collect();
        if cards.is_empty() {
            rest.push(hole);
            continue;
        }
        holes.retain(|other| !is_inside(other));
        cards.sort_by_key(|card| axis.span(card).0);
        spread(&mut cards, run, axis);
    }
    *holes = rest;
}

/// Where the run around a hole begins and ends.
fn run(shown: &[Layout], holes: &[Layout], hole: &Layout, axis: Axis) -> (u32, u32) {
    let (mut begin, mut end) = axis.span(hole);
    let row = || {
        shown
            .iter()
            .chain(holes)
            .filter(|card| axis.aligns(card, hole))
    };
    while let Some(before) = row().find(|card| axis.span(card).1 == begin) {
        begin = axis.span(before).0;
    }
    while let Some(after) = row().find(|card| axis.span(card).0 == end) {
        end = axis.span(after).1;
    }
    (begin, end)
}

fn spread(cards: &mut [&mut Layout], (begin, end): (u32, u32), axis: Axis) {
    let length = |card: &Layout| {
        let (begin, end) = axis.span(card);
        end - begin
    };
    let all: u32 = cards.iter().map(|card| length(card)).sum();
    let (mut before, mut from) = (0, begin);
    for card in cards {
        before += length(card);
        // Rounded from the begin, so that the last one ends with the run.
        let to = begin + ((end - begin) * before + all / 2) / all.max(1);
        axis.set(card, (from, to));
        from = to;
    }
}

/// Joins holes that make a larger one.
fn join(holes: &mut Vec<Layout>) {
    for axis in [Axis::Down, Axis::Across] {
        holes.sort_by_key(|hole| axis.span(hole).0);
        let mut joined: Vec<Layout> = Vec::new();
        for hole in holes.drain(..) {
            let (begin, end) = axis.span(&hole);
            let mut before = joined.iter_mut();
            match before.find(|b| axis.aligns(b, &hole) && axis.span(b).1 == begin) {
                Some(before) => axis.set(before, (axis.span(before).0, end)),
                None => joined.push(hole),
            }
        }
        *holes = joined;
    }
}

/// Grows the cards at one side of a hole over it, if they are just as wide together.
fn grow(shown: &mut [Layout], hole: &Layout, axis: Axis) -> bool {
    let (begin, end) = axis.span(hole);
    let side = axis.turned().span(hole);
    let mut sides: [(Vec<&mut Layout>, u32); 2] = Default::default();
    for card in shown {
        let (first, last) = axis.turned().span(card);
        let (from, to) = axis.span(card);
        let [before, after] = &mut sides;
        let (cards, length) = match () {
            () if to == begin => before,
            () if from == end => after,
            () => continue,
        };
        if side.0 <= first && last <= side.1 {
            *length += last - first;
            cards.push(card);
        }
    }
    let whole = sides
        .into_iter()
        .find(|(_, length)| *length == side.1 - side.0);
    let Some((cards, _)) = whole else {
        return false;
    };
    for card in cards {
        let (from, to) = axis.span(card);
        axis.set(card, (from.min(begin), to.max(end)));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at([x, y, w, h]: [u32; 4]) -> Layout {
        Layout { x, y, w, h }
    }

    fn check(shown: &[[u32; 4]], hidden: &[[u32; 4]], expect: &[[u32; 4]]) {
        let mut cards: Vec<Layout> = shown.iter().copied().map(at).collect();
        close(&mut cards, hidden.iter().copied().map(at).collect());
        let found: Vec<[u32; 4]> = cards.iter().map(|l| [l.x, l.y, l.w, l.h]).collect();
        assert_eq!(found, expect, "{shown:?} without {hidden:?}");
    }

    #[test]
    fn a_row_shares_the_room_of_what_is_hidden_in_it() {
        let rest = [[0, 0, 3, 2], [6, 0, 3, 2], [9, 0, 3, 2]];
        let wider = [[0, 0, 4, 2], [4, 0, 4, 2], [8, 0, 4, 2]];
        check(&rest, &[[3, 0, 3, 2]], &wider);
        check(&[[8, 0, 4, 4]], &[[0, 0, 8, 4]], &[[0, 0, 12, 4]]);
        check(
            &[[0, 0, 3, 2], [9, 0, 3, 2]],
            &[[3, 0, 3, 2], [6, 0, 3, 2]],
            &[[0, 0, 6, 2], [6, 0, 6, 2]],
        );
    }

    #[test]
    fn two_rows_share_theirs_each_by_itself() {
        check(
            &[[0, 0, 4, 2], [8, 0, 4, 2], [0, 2, 4, 2], [8, 2, 4, 2]],
            &[[4, 0, 4, 2], [4, 2, 4, 2]],
            &[[0, 0, 6, 2], [6, 0, 6, 2], [0, 2, 6, 2], [6, 2, 6, 2]],
        );
    }

    #[test]
    fn cards_beside_a_tall_one_take_its_room_and_it_takes_theirs() {
        let (tall, upper, lower) = ([0, 0, 6, 8], [6, 0, 6, 4], [6, 4, 6, 4]);
        check(&[upper, lower], &[tall], &[[0, 0, 12, 4], [0, 4, 12, 4]]);
        check(&[tall], &[upper, lower], &[[0, 0, 12, 8]]);
        check(&[tall, lower], &[upper], &[tall, [6, 0, 6, 8]]);
    }

    #[test]
    fn a_row_without_anything_is_left_to_be_closed_and_a_designed_gap_stays() {
        let (first, third) = ([0, 0, 12, 2], [0, 4, 12, 2]);
        check(&[first, third], &[[0, 2, 12, 2]], &[first, third]);
        check(&[[0, 0, 3, 2]], &[[6, 0, 3, 2]], &[[0, 0, 3, 2]]);
        check(&[[0, 0, 6, 2]], &[[6, 0, 6, 4]], &[[0, 0, 12, 2]]);
    }
}
