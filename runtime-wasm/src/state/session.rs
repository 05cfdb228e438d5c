//! What the server and the host change.

use std::sync::Arc;

use emban_contract::dashboard::WidgetKind;
use emban_contract::embed::{RowsAnswer, Surface, ValuesAnswer};
use emban_contract::{ProblemCode, UnixMillis, WidgetId};
use emban_paint::choice::admitted;
use emban_paint::{Choice, Fetch, Freshness, ThemeChange};

use super::{Caches, Dashboard, Effect, Status, Tile, ValueList};
use crate::protocol::Outbound;
use crate::wire::{Answer, Answered};

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
        let asked = self.choice.get_untracked();
        let given = asked != Choice::default();
        let (kept, refused) = admitted(&surface, asked);
        // Before the first surface they are the host's, later what the viewer had under the former session.
        let at_first = self.surface.with_untracked(Option::is_none);
        let choice = if given && !(at_first && self.does_not_offer(&refused)) {
            kept
        } else {
            Choice::initial(&surface)
        };
        if !unchanged {
            self.tiles.update(|tiles| {
                let mut old = std::mem::take(tiles);
                for widget in surface
                    .widgets
                    .iter()
                    .filter(|w| w.kind != WidgetKind::Text)
                {
                    let at = old.iter().position(|(id, _)| *id == widget.id);
                    let tile = at.map_or(Tile::Loading, |at| old.swap_remove(at).1);
                    tiles.push((widget.id.clone(), tile));
                }
            });
            self.surface.set(Some(Arc::new(surface)));
        }
        if self.choice.with_untracked(|old| *old != choice) {
            self.choice.set(choice);
        }
        self.status.put(Status::Ready);
    }

    /// Takes the answer to a query that was asked under `asked`.
    pub(crate) fn apply_answer(&self, answer: Answer, asked: &Choice, now: UnixMillis) {
        let mut oldest: Option<UnixMillis> = None;
        self.tiles.update(|tiles| {
            for (id, result) in answer {
                let tile = match result {
                    Answered::Ok(data, freshness) => {
                        oldest = Some(oldest.map_or(freshness, |at| at.min(freshness)));
                        Tile::Ready(Arc::new(data))
                    }
                    Answered::Error(code) => Tile::Failed(Some(code)),
                };
                if let Some((_, old)) = tiles.iter_mut().find(|(found, _)| *found == id) {
                    *old = tile;
                }
            }
        });
        self.answered.set(Some(asked.clone()));
        self.busy.put(false);
        self.trouble.put(None);
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
        self.busy.put(false);
        let holds = self.answered.with_untracked(|a| {
            a.as_ref()
                .is_some_and(|a| self.choice.with_untracked(|c| a == c))
        });
        self.tiles.update(|tiles| {
            for (id, tile) in tiles.iter_mut() {
                let asked = widgets.is_none_or(|widgets| widgets.contains(id));
                if asked && !(holds && matches!(tile, Tile::Ready(_))) {
                    *tile = Tile::Failed(code);
                }
            }
        });
        self.trouble.put(holds.then_some(code));
        self.emit_error(code, message);
    }

    /// Takes the failure of the surface: there is nothing to show.
    pub(crate) fn fail(&self, code: Option<ProblemCode>, message: &str) {
        self.forget();
        self.surface.set(None);
        self.status.put(Status::Failed(code));
        self.emit_error(code, message);
    }

    /// Says that the session is over. Figures of a session that merely ran out stay; after a revocation nothing does.
    ///
    /// A token that never opened anything is no session that ended: that is an error, which the host has to mend.
    pub(crate) fn end(&self, code: ProblemCode) {
        self.busy.put(false);
        self.panel.set(None);
        self.sheet.set(None);
        let shown = self.answered.with_untracked(Option::is_some);
        if code == ProblemCode::Unauthorized && !shown {
            self.fail(Some(code), "the embed address holds no valid session");
            return;
        }
        if code == ProblemCode::SessionExpired && shown {
            self.status.put(Status::Expired);
        } else {
            self.forget();
            self.surface.set(None);
            self.status.put(Status::Failed(Some(code)));
        }
        self.emit(Outbound::SessionExpired);
    }

    /// Takes everything of the session's tenant off the screen. The layout stays, as skeletons.
    pub(crate) fn forget(&self) {
        self.tiles
            .update(|tiles| tiles.iter_mut().for_each(|(_, tile)| *tile = Tile::Loading));
        self.choice.set(
            self.surface
                .with_untracked(|s| s.as_deref().map(Choice::initial))
                .unwrap_or_default(),
        );
        // Cards begin anew: how they are sorted and which of their series are off was chosen for the figures that go.
        self.surface.update(|_| ());
        self.answered.set(None);
        self.freshness.set(None);
        self.trouble.put(None);
        self.busy.put(false);
        self.panel.set(None);
        self.sheet.set(None);
        self.values.set(ValueList::default());
        self.spoken.set(String::new());
    }

    /// As [`Self::forget`], for a session of another dashboard: its layout and titles go too.
    pub(crate) fn forget_dashboard(&self) {
        self.surface.set(None);
        self.tiles.update(Vec::clear);
        self.status.put(Status::Loading);
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

    /// Takes the filters of the host, unless the session may not filter by one of them: figures that are filtered by the
    /// others would be taken for those that were asked for.
    pub(crate) fn host_filters(&self, asked: Choice) {
        let Some(surface) = self.surface.get_untracked() else {
            // They are checked when the surface is here.
            self.choice.set(asked);
            return;
        };
        let (choice, refused) = admitted(&surface, asked);
        if self.does_not_offer(&refused) {
            return;
        }
        if self.choice.with_untracked(|old| *old != choice) {
            self.choice.set(choice);
            self.query(None, Caches::Allowed);
        }
    }

    /// Tells the host the names of what is refused; says whether there is anything.
    pub(crate) fn refuses(&self, code: ProblemCode, what: &str, names: &[String]) -> bool {
        let mut message = what.to_owned();
        for (at, name) in names.iter().enumerate() {
            message.push_str(if at > 0 { ", " } else { "" });
            message.push_str(name);
        }
        if !names.is_empty() {
            self.emit_error(Some(code), &message);
        }
        !names.is_empty()
    }

    fn does_not_offer(&self, names: &[String]) -> bool {
        let what = "filters: not offered by this session: ";
        self.refuses(ProblemCode::NotPermitted, what, names)
    }

    /// Takes light or dark, or the colours of the host in place of those it gave before.
    pub(crate) fn host_theme(&self, change: ThemeChange) {
        self.host_theme.update(|theme| {
            if change.scheme.is_none() || change.colors != Default::default() {
                theme.colors = change.colors;
            }
            theme.scheme = change.scheme.or(theme.scheme);
        });
    }

    /// Asks for fresh figures under the same session.
    pub(crate) fn reload(&self) {
        self.query(None, Caches::PassedOver);
    }

    /// Whether something on the screen is missing for want of a connection.
    pub(crate) fn is_offline(&self) -> bool {
        self.trouble.get_untracked() == Some(None)
            || self
                .tiles
                .with_untracked(|tiles| tiles.iter().any(|(_, tile)| *tile == Tile::Failed(None)))
    }

    /// Asks again, by way of caches: the figures may be old, but nobody asked for the newest.
    pub(crate) fn refresh(&self) {
        self.query(None, Caches::Allowed);
    }

    /// Asks again by itself: the screen does not say so until there is something new.
    pub(crate) fn refresh_quietly(&self) {
        if self.status.get_untracked() == Status::Ready && !self.busy.get_untracked() {
            self.run(Effect::Query {
                widgets: None,
                caches: Caches::Allowed,
            });
        }
    }

    pub(super) fn query(&self, widgets: Option<Vec<WidgetId>>, caches: Caches) {
        // Before the surface there is nothing to ask, and after the end of the session nobody to ask.
        if self.status.get_untracked() == Status::Ready {
            self.busy.put(true);
            self.run(Effect::Query { widgets, caches });
        }
    }

    pub(super) fn emit_error(&self, code: Option<ProblemCode>, message: &str) {
        let code = code.map_or("network", ProblemCode::as_str).to_owned();
        self.emit(Outbound::Error {
            code,
            message: message.to_owned(),
        });
    }
}
