//! What stays with a group when a filter or another time puts the groups of a card into another order.

use emban_contract::dashboard::Chart;
use emban_contract::embed::{SeriesRole, SurfaceWidget, WidgetData};

use crate::card::CardState;
use crate::figure_input::text_of;

/// How many colours there are for groups.
const COLORS: usize = 12;

/// The groups that a card has shown.
#[derive(Debug, Default)]
pub struct Groups {
    /// By the colour that they have.
    colored: Vec<String>,
    /// In the order of the last figures.
    shown: Vec<String>,
    /// Those that are switched off, whether they are shown or not.
    off: Vec<String>,
    /// Whether all that are shown are switched off, and are drawn all the same.
    is_overruled: bool,
}

impl Groups {
    /// Brings what belongs to groups, their colours and whether they are switched off, onto new figures.
    pub fn follow(&mut self, widget: &SurfaceWidget, data: &WidgetData, state: &mut CardState) {
        let names = names(widget, data);
        // Where all were drawn all the same, one that is off now was switched off by the viewer.
        let is_chosen = !self.is_overruled || !state.hidden.is_empty();
        for (at, name) in self.shown.iter().enumerate() {
            match (position(&self.off, name), state.hidden.contains(&at)) {
                (None, true) => self.off.push(name.clone()),
                (Some(known), false) if is_chosen => drop(self.off.remove(known)),
                _ => {}
            }
        }
        if !names.is_empty() {
            state.hidden.clear();
            for (at, name) in names.iter().enumerate() {
                if position(&self.off, name).is_some() {
                    state.hidden.push(at);
                }
            }
            self.is_overruled = state.hidden.len() == names.len();
            if self.is_overruled {
                state.hidden.clear();
            }
        }
        state.colors.clear();
        let own: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|name| !name.ends_with(EARLIER))
            .take(COLORS)
            .collect();
        for name in &own {
            state.colors.push(self.color(name, &own));
        }
        self.shown = names;
    }

    /// The colour that a group had, or one that no other has, or that nobody needs any more.
    fn color(&mut self, name: &str, names: &[&str]) -> usize {
        if let Some(known) = position(&self.colored, name) {
            return known;
        }
        let gone = |old: &String| !names.contains(&old.as_str());
        let free = match self.colored.iter().position(gone) {
            Some(free) if self.colored.len() == COLORS => free,
            _ => {
                self.colored.push(String::new());
                self.colored.len() - 1
            }
        };
        if let Some(place) = self.colored.get_mut(free) {
            name.clone_into(place);
        }
        free
    }
}

/// What marks the name of an earlier time, which has no colour of its own.
const EARLIER: char = '\0';

/// The groups that have colours of their own, in the order of the figures; none where there are no such.
fn names(widget: &SurfaceWidget, data: &WidgetData) -> Vec<String> {
    let mut names = Vec::new();
    match data {
        WidgetData::Timeseries(data) if !widget.groups.is_empty() => {
            for series in &data.series {
                let mut name = series.name.clone();
                if series.role == SeriesRole::Comparison {
                    name.push(EARLIER);
                }
                names.push(name);
            }
        }
        WidgetData::Table(data) if matches!(widget.chart, Chart::Donut | Chart::Treemap) => {
            for row in &data.rows {
                names.push(row.first().and_then(text_of).unwrap_or_default());
            }
        }
        _ => {}
    }
    names
}

fn position(names: &[String], name: &str) -> Option<usize> {
    names.iter().position(|found| found == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widget() -> SurfaceWidget {
        serde_json::from_value(serde_json::json!({
            "id": "w", "kind": "timeseries", "chart": "line", "title": "Calls", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 },
            "groups": [{ "prop": "model" }]
        }))
        .unwrap()
    }

    /// Follows figures of groups, one by its role.
    fn follow(groups: &mut Groups, state: &mut CardState, names: &[(&str, &str)]) {
        let series: Vec<_> = names
            .iter()
            .map(|(name, role)| serde_json::json!({ "name": name, "role": role, "points": [] }))
            .collect();
        let data = serde_json::json!({ "series": series, "granularity": "day", "offsets": [],
            "from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z" });
        groups.follow(&widget(), &serde_json::from_value(data).unwrap(), state);
    }

    fn colors(groups: &mut Groups, names: &[&str]) -> Vec<usize> {
        let mut state = CardState::default();
        let series: Vec<_> = names.iter().map(|name| (*name, "primary")).collect();
        follow(groups, &mut state, &series);
        state.colors
    }

    #[test]
    fn a_group_keeps_its_colour_whatever_its_rank_is() {
        let mut groups = Groups::default();
        assert_eq!(colors(&mut groups, &["a", "b", "c"]), [0, 1, 2]);
        assert_eq!(colors(&mut groups, &["c"]), [2]);
        assert_eq!(colors(&mut groups, &["d", "b"]), [3, 1]);
        assert_eq!(colors(&mut groups, &["a", "b", "c", "d"]), [0, 1, 2, 3]);
    }

    #[test]
    fn colours_of_groups_that_are_gone_are_given_again_and_no_two_groups_share_one() {
        let mut groups = Groups::default();
        let names: Vec<String> = (0..30).map(|n| format!("g{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        colors(&mut groups, &names[..COLORS]);
        let mut apart = colors(&mut groups, &names[6..]);
        assert_eq!(apart[..6], [6, 7, 8, 9, 10, 11]);
        apart.sort_unstable();
        apart.dedup();
        assert_eq!(apart.len(), COLORS);
    }

    #[test]
    fn what_is_switched_off_stays_so_in_another_place() {
        let (mut groups, mut state) = (Groups::default(), CardState::default());
        let (now, before) = ("primary", "comparison");
        follow(
            &mut groups,
            &mut state,
            &[("a", now), ("a", before), ("b", now), ("c", now)],
        );
        assert_eq!(
            state.colors,
            [0, 1, 2],
            "an earlier time has no colour of its own"
        );
        state.hidden = vec![1, 2];
        follow(
            &mut groups,
            &mut state,
            &[("c", now), ("a", now), ("a", before), ("b", now)],
        );
        assert_eq!(
            (state.hidden.clone(), state.colors.clone()),
            (vec![2, 3], vec![2, 0, 1])
        );
        follow(&mut groups, &mut state, &[("c", now), ("b", now)]);
        assert_eq!(
            (state.hidden.clone(), state.colors.clone()),
            (vec![1], vec![2, 1])
        );
        follow(&mut groups, &mut state, &[("b", now)]);
        assert_eq!(
            (state.hidden.clone(), state.colors.clone()),
            (vec![], vec![1]),
            "one is always seen"
        );
        follow(&mut groups, &mut state, &[("b", now), ("c", now)]);
        assert_eq!(state.hidden, [0], "and is off again beside others");
        state.hidden.clear();
        follow(&mut groups, &mut state, &[("b", now), ("c", now)]);
        follow(&mut groups, &mut state, &[("c", now), ("b", now)]);
        assert_eq!(state.hidden, [] as [usize; 0], "until it is switched on");
    }

    #[test]
    fn where_all_are_off_and_drawn_all_the_same_one_can_be_switched_off() {
        let (mut groups, mut state) = (Groups::default(), CardState::default());
        let now = "primary";
        follow(
            &mut groups,
            &mut state,
            &[("a", now), ("b", now), ("c", now)],
        );
        state.hidden = vec![0, 1];
        follow(
            &mut groups,
            &mut state,
            &[("a", now), ("b", now), ("c", now)],
        );
        follow(&mut groups, &mut state, &[("a", now), ("b", now)]);
        assert_eq!(state.hidden, [] as [usize; 0]);
        state.hidden = vec![1];
        follow(&mut groups, &mut state, &[("a", now), ("b", now)]);
        assert_eq!(state.hidden, [1]);
    }

    #[test]
    fn measures_are_switched_off_by_their_place() {
        let (mut groups, mut state) = (Groups::default(), CardState::default());
        state.hidden = vec![1];
        let mut widget = widget();
        widget.groups.clear();
        let data = serde_json::json!({ "series": [{ "name": "count", "points": [] }, { "name": "sum", "points": [] }],
            "granularity": "day", "offsets": [], "from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z" });
        groups.follow(&widget, &serde_json::from_value(data).unwrap(), &mut state);
        assert_eq!((state.hidden, state.colors), (vec![1], vec![]));
    }
}
