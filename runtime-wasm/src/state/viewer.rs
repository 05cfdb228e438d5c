//! What the viewer changes.

use emban_contract::dashboard::Period;
use emban_contract::embed::Point;
use emban_contract::filters::NumericRange;
use emban_contract::{ProblemCode, WidgetId};
use emban_paint::choice::{date_range, day_at};
use emban_paint::{Choice, Fetch, Panel, Screen, Styles, file_name};

use super::{Caches, Dashboard, Effect, Sheet, Tile, ValueList};
use crate::protocol::Outbound;

/// Whether something was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Was {
    /// It was.
    Open,
    /// It was not.
    Closed,
}

impl Dashboard {
    /// Chooses a period.
    pub(crate) fn choose_period(&self, period: Period) {
        self.change(self.choice.get_untracked().with_period(period));
    }

    /// Chooses dates, written `YYYY-MM-DD` in the session's zone, and closes their panel; or says in it why not. There is
    /// nothing after today.
    pub(crate) fn choose_dates(&self, first: &str, last: &str) {
        let Some(surface) = self.surface.get_untracked() else {
            return;
        };
        let offset_at = |at| (self.offset_at)(&surface.timezone, at);
        let now = self.now.get_untracked();
        let today = day_at(now, offset_at(now));
        // Dates of the same length stand in the order of their letters.
        let last = last.min(today.as_str());
        match date_range(first, last, surface.filters.max_date_range_days, offset_at) {
            Ok(range) => {
                self.panel.set(None);
                self.change(self.choice.get_untracked().with_dates(range));
            }
            Err(why) => self.refused_dates.set(Some(why)),
        }
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

    /// Chooses a value of a dimension in place of any other.
    pub(crate) fn choose_value(&self, prop: &str, value: &str) {
        self.choose_values(prop, vec![value.to_owned()]);
    }

    /// Takes back all values of a dimension.
    pub(crate) fn clear_dimension(&self, prop: &str) {
        self.choose_values(prop, Vec::new());
    }

    fn choose_values(&self, prop: &str, values: Vec<String>) {
        self.change(self.choice.get_untracked().with_values(prop, values));
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
        self.refused_dates.set(None);
        self.file.set(Fetch::Ready);
        self.panel.set(Some(panel));
    }

    /// Asks for the figures of a widget as a file.
    pub(crate) fn save_figures(&self, widget: WidgetId) {
        self.file.set(Fetch::Loading);
        self.run(Effect::Save(widget));
    }

    /// What a file of a widget is called.
    pub(crate) fn file_name(&self, widget: &WidgetId, end: &str) -> String {
        let (language, offset_at) = (self.language.get_untracked(), self.offset_at);
        let now = self.now.get_untracked();
        let surface = self.surface.get_untracked();
        surface.map_or_else(String::new, |surface| {
            self.choice.with_untracked(|choice| {
                let screen = Screen {
                    surface: &surface,
                    choice,
                    language,
                    offset_at,
                    styles: Styles::Script,
                    svg: emban_paint::fixed,
                };
                file_name(&screen, widget, now, end)
            })
        })
    }

    /// Takes that a file was saved, or why it was not.
    pub(crate) fn saved(
        &self,
        widget: WidgetId,
        format: &'static str,
        outcome: Result<(), Option<ProblemCode>>,
    ) {
        match outcome {
            Ok(()) => {
                self.file.set(Fetch::Ready);
                self.panel.set(None);
                self.emit(Outbound::Export { widget, format });
            }
            Err(code) => {
                self.file.set(Fetch::Failed(code));
                self.emit_error(code, "the file could not be saved");
            }
        }
    }

    /// Closes what is open over the dashboard, and says whether anything was.
    pub(crate) fn close(&self) -> Was {
        if !self.is_covered() {
            return Was::Closed;
        }
        self.panel.set(None);
        self.sheet.set(None);
        Was::Open
    }

    /// Whether anything is open over the dashboard.
    pub(crate) fn is_covered(&self) -> bool {
        self.panel.with_untracked(Option::is_some) || self.sheet.with_untracked(Option::is_some)
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
        self.status.put(super::Status::Loading);
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
