//! What the server and the host change.

use std::sync::Arc;

use emban_contract::dashboard::WidgetKind;
use emban_contract::embed::{QueryAnswer, RowsAnswer, Surface, ValuesAnswer, WidgetResult};
use emban_contract::filters::ViewerFilters;
use emban_contract::{ProblemCode, UnixMillis, WidgetId};
use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};

use super::{Dashboard, Effect, Fetch, Status, Tile, ValueList};
use crate::freshness::Freshness;
use crate::protocol::Outbound;
use crate::selection;
use crate::theme::ThemeChange;

impl Dashboard {
    /// Takes the surface of a session. An equal one leaves the cards as they stand.
    pub(crate) fn apply_surface(&self, surface: Surface) {
        // Its remaining seconds differ on every answer and are nothing the views show.
        let surface = Surface {
            expires_in: 0,
            ..surface
        };
        let unchanged = self
            .surface
            .with_untracked(|old| old.as_deref() == Some(&surface));
        let (filters, _) = if self
            .filters
            .with_untracked(|f| *f == ViewerFilters::default())
        {
            (selection::initial(&surface), Vec::new())
        } else {
            selection::admitted(&surface, self.filters.get_untracked())
        };
        if !unchanged {
            self.tiles.update(|tiles| {
                tiles.retain(|id, _| surface.widgets.iter().any(|w| w.id == *id));
                for widget in surface
                    .widgets
                    .iter()
                    .filter(|w| w.kind != WidgetKind::Text)
                {
                    tiles.entry(widget.id.clone()).or_insert(Tile::Loading);
                }
            });
            self.surface.set(Some(Arc::new(surface)));
        }
        if self.filters.with_untracked(|old| *old != filters) {
            self.filters.set(filters);
        }
        self.status.set(Status::Ready);
    }

    /// Takes the answer to a query that was asked under `asked`.
    pub(crate) fn apply_answer(&self, answer: QueryAnswer, asked: &ViewerFilters, now: UnixMillis) {
        let mut oldest: Option<UnixMillis> = None;
        self.tiles.update(|tiles| {
            for (id, result) in answer.results {
                let tile = match result {
                    WidgetResult::Ok { data, freshness } => {
                        oldest = Some(oldest.map_or(freshness, |at| at.min(freshness)));
                        Tile::Ready(Arc::new(data))
                    }
                    WidgetResult::Error { code, .. } => Tile::Failed(Some(code)),
                };
                tiles.insert(id, tile);
            }
        });
        self.answered.set(Some(asked.clone()));
        self.busy.set(false);
        self.trouble.set(None);
        self.now.set(now);
        if let Some(read_at) = oldest {
            self.freshness.set(Some(Freshness {
                read_at,
                arrived_at: now,
            }));
            self.emit(Outbound::Data { freshness: read_at });
        }
    }

    /// Takes the failure of a query. Figures that still answer the viewer's filters stay.
    pub(crate) fn fail_query(
        &self,
        widgets: Option<&[WidgetId]>,
        code: Option<ProblemCode>,
        message: &str,
    ) {
        self.busy.set(false);
        let holds = self.answered.with_untracked(|a| {
            a.as_ref()
                .is_some_and(|a| self.filters.with_untracked(|f| a == f))
        });
        self.tiles.update(|tiles| {
            for (id, tile) in tiles.iter_mut() {
                let asked = widgets.is_none_or(|widgets| widgets.contains(id));
                if asked && !(holds && matches!(tile, Tile::Ready(_))) {
                    *tile = Tile::Failed(code);
                }
            }
        });
        self.trouble.set(holds.then_some(code));
        self.emit_error(code, message);
    }

    /// Takes the failure of the surface: there is nothing to show.
    pub(crate) fn fail(&self, code: Option<ProblemCode>, message: &str) {
        self.forget();
        self.surface.set(None);
        self.status.set(Status::Failed(code));
        self.emit_error(code, message);
    }

    /// Says that the session is over. Figures of a session that merely ran out stay; after a revocation nothing does.
    pub(crate) fn end(&self, code: ProblemCode) {
        self.busy.set(false);
        self.panel.set(None);
        self.sheet.set(None);
        let shown = self.answered.with_untracked(Option::is_some);
        if code == ProblemCode::SessionExpired && shown {
            self.status.set(Status::Expired);
        } else {
            self.forget();
            self.surface.set(None);
            self.status.set(Status::Failed(Some(code)));
        }
        self.emit(Outbound::SessionExpired);
    }

    /// Takes everything of the session's tenant off the screen. The layout stays, as skeletons.
    pub(crate) fn forget(&self) {
        self.tiles
            .update(|tiles| tiles.values_mut().for_each(|tile| *tile = Tile::Loading));
        self.filters.set(
            self.surface
                .with_untracked(|s| s.as_deref().map(selection::initial))
                .unwrap_or_default(),
        );
        self.answered.set(None);
        self.freshness.set(None);
        self.trouble.set(None);
        self.busy.set(false);
        self.panel.set(None);
        self.sheet.set(None);
        self.values.set(ValueList::default());
        self.spoken.set(String::new());
    }

    /// As [`Self::forget`], for a session of another dashboard: its layout and titles go too.
    pub(crate) fn forget_dashboard(&self) {
        self.surface.set(None);
        self.tiles.update(std::collections::BTreeMap::clear);
        self.status.set(Status::Loading);
        self.forget();
    }

    /// Takes the values of a dimension, unless the viewer has moved on.
    pub(crate) fn apply_values(
        &self,
        asked: &ValueList,
        answer: Result<ValuesAnswer, Option<ProblemCode>>,
    ) {
        self.values.update(|list| {
            if list.dimension == asked.dimension && list.search == asked.search {
                match answer {
                    Ok(answer) => (list.values, list.fetch) = (answer.values, Fetch::Ready),
                    Err(code) => list.fetch = Fetch::Failed(code),
                }
            }
        });
    }

    /// Takes a page of rows, unless the viewer has moved on.
    pub(crate) fn apply_rows(
        &self,
        asked: &super::Sheet,
        answer: Result<RowsAnswer, Option<ProblemCode>>,
    ) {
        self.sheet.update(|sheet| {
            let Some(sheet) = sheet else { return };
            if sheet.widget != asked.widget
                || sheet.point != asked.point
                || sheet.next_cursor != asked.next_cursor
            {
                return;
            }
            match answer {
                Ok(answer) => {
                    sheet.columns = answer.columns;
                    sheet.rows.extend(answer.rows);
                    sheet.next_cursor = answer.next_cursor;
                    sheet.fetch = Fetch::Ready;
                }
                Err(code) => sheet.fetch = Fetch::Failed(code),
            }
        });
    }

    /// Takes the filters of the host; what the session may not filter by is left out and reported.
    pub(crate) fn host_filters(&self, asked: ViewerFilters) {
        let Some(surface) = self.surface.get_untracked() else {
            // They are checked when the surface is here.
            self.filters.set(asked);
            return;
        };
        let (filters, refused) = selection::admitted(&surface, asked);
        if !refused.is_empty() {
            self.emit(Outbound::Error {
                code: ProblemCode::NotPermitted.as_str().to_owned(),
                message: format!(
                    "setFilters: not offered by this session: {}",
                    refused.join(", ")
                ),
            });
        }
        if self.filters.with_untracked(|old| *old != filters) {
            self.filters.set(filters);
            self.query(None, false);
        }
    }

    /// Takes the colours of the host; what it does not name stays.
    pub(crate) fn host_theme(&self, change: ThemeChange) {
        self.host_theme.update(|theme| {
            theme.scheme = change.scheme.or(theme.scheme);
            let own = std::mem::take(&mut theme.colors);
            let new = change.colors;
            theme.colors = emban_contract::dashboard::Theme {
                primary_color: new.primary_color.or(own.primary_color),
                background_color: new.background_color.or(own.background_color),
                card_background: new.card_background.or(own.card_background),
                card_border: new.card_border.or(own.card_border),
                text_color: new.text_color.or(own.text_color),
                muted_color: new.muted_color.or(own.muted_color),
            };
        });
    }

    /// Asks for fresh figures under the same session.
    pub(crate) fn reload(&self) {
        self.query(None, true);
    }

    /// Whether something on the screen is missing for want of a connection.
    pub(crate) fn is_offline(&self) -> bool {
        self.trouble.get_untracked() == Some(None)
            || self
                .tiles
                .with_untracked(|tiles| tiles.values().any(|tile| *tile == Tile::Failed(None)))
    }

    /// Asks again, by way of caches: the figures may be old, but nobody asked for the newest.
    pub(crate) fn refresh(&self) {
        self.query(None, false);
    }

    pub(super) fn query(&self, widgets: Option<Vec<WidgetId>>, reload: bool) {
        // Before the surface there is nothing to ask, and after the end of the session nobody to ask.
        if self.status.get_untracked() == Status::Ready {
            self.busy.set(true);
            self.run(Effect::Query { widgets, reload });
        }
    }

    fn emit_error(&self, code: Option<ProblemCode>, message: &str) {
        let code = code.map_or("network", ProblemCode::as_str).to_owned();
        self.emit(Outbound::Error {
            code,
            message: message.to_owned(),
        });
    }
}
