//! What the viewer changes.

use emban_contract::WidgetId;
use emban_contract::dashboard::Period;
use emban_contract::embed::Point;
use emban_contract::filters::{DateRange, NumericRange};
use emban_paint::{Choice, Panel};
use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};

use super::{Caches, Dashboard, Effect, Fetch, Sheet, Tile, ValueList};
use crate::protocol::Outbound;

impl Dashboard {
    /// Chooses a period.
    pub(crate) fn choose_period(&self, period: Period) {
        self.change(self.choice.get_untracked().with_period(period));
    }

    /// Chooses dates and closes their panel.
    pub(crate) fn choose_dates(&self, range: DateRange) {
        self.panel.set(None);
        self.change(self.choice.get_untracked().with_dates(range));
    }

    /// Chooses a value of a dimension, or takes the choice back.
    pub(crate) fn toggle_value(&self, prop: &str, value: &str) {
        let Some(surface) = self.surface.get_untracked() else {
            return;
        };
        if let Some(dimension) = surface.filters.dimensions.iter().find(|d| d.prop == prop) {
            self.change(self.choice.get_untracked().with_toggled(dimension, value));
        }
    }

    /// Takes back all values of a dimension.
    pub(crate) fn clear_dimension(&self, prop: &str) {
        self.change(self.choice.get_untracked().with_values(prop, Vec::new()));
    }

    /// Chooses bounds of a numeric property; none clears them.
    pub(crate) fn choose_range(&self, prop: &str, range: NumericRange) {
        self.panel.set(None);
        self.change(self.choice.get_untracked().with_range(prop, range));
    }

    /// Takes back everything but the time.
    pub(crate) fn reset(&self) {
        self.change(self.choice.get_untracked().reset());
    }

    /// Opens a panel, or closes it if it is open.
    pub(crate) fn toggle_panel(&self, panel: Panel) {
        if self
            .panel
            .with_untracked(|open| open.as_ref() == Some(&panel))
        {
            self.panel.set(None);
            return;
        }
        if let Panel::Dimension(prop) = &panel {
            self.values.set(ValueList {
                dimension: prop.clone(),
                ..ValueList::default()
            });
            self.run(Effect::Values);
        }
        self.panel.set(Some(panel));
    }

    /// Searches among the values of the open dimension.
    pub(crate) fn search_values(&self, search: String) {
        self.values.update(|list| {
            list.search = search;
            list.fetch = Fetch::Loading;
        });
        self.run(Effect::Values);
    }

    /// Asks again for one widget that failed.
    pub(crate) fn retry(&self, widget: WidgetId) {
        self.tiles.update(|tiles| {
            if let Some((_, tile)) = tiles.iter_mut().find(|(id, _)| *id == widget) {
                *tile = Tile::Loading;
            }
        });
        self.query(Some(vec![widget]), Caches::Allowed);
    }

    /// Begins again after the whole dashboard failed.
    pub(crate) fn restart(&self) {
        self.status.set(super::Status::Loading);
        self.run(Effect::Restart);
    }

    /// Opens the rows behind a widget or one of its points.
    pub(crate) fn drill(&self, widget: WidgetId, point: Option<Point>, title: String) {
        self.panel.set(None);
        self.emit(Outbound::Drill {
            widget: widget.clone(),
            point: point.clone(),
        });
        self.sheet.set(Some(Sheet {
            widget,
            point,
            title,
            columns: Vec::new(),
            rows: Vec::new(),
            next_cursor: None,
            fetch: Fetch::Loading,
        }));
        self.run(Effect::Rows);
    }

    /// Asks for the next page of rows, or again for one that failed.
    pub(crate) fn more_rows(&self) {
        self.sheet.update(|sheet| {
            if let Some(sheet) = sheet {
                sheet.fetch = Fetch::Loading;
            }
        });
        self.run(Effect::Rows);
    }

    fn change(&self, choice: Choice) {
        let old = self.choice.get_untracked();
        if old == choice {
            return;
        }
        self.choice.set(choice.clone());
        if old.moves_time(&choice) {
            self.emit(Outbound::PeriodChange(choice.clone()));
        }
        self.emit(Outbound::Filter(choice));
        self.query(None, Caches::Allowed);
    }
}
