//! All that a dashboard on the screen knows, as signals, and every way in which it changes.
//!
//! Nothing here touches the browser: what must happen outside leaves as an [`Effect`].

mod session;
mod viewer;

use std::collections::BTreeMap;
use std::sync::Arc;

use emban_chart::Locale;
use emban_contract::embed::{Cell, Column, DimensionValue, Point, Surface, WidgetData};
use emban_contract::filters::ViewerFilters;
use emban_contract::{ProblemCode, UnixMillis, WidgetId};
use leptos::prelude::{GetUntracked, LocalStorage, RwSignal, StoredValue, WithValue};

use crate::freshness::Freshness;
use crate::protocol::Outbound;
use crate::table_model::Reading;
use crate::theme::ThemeChange;

/// What a state asks of the world around it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// Ask for figures under the current filters.
    Query {
        /// Which widgets; all when not given.
        widgets: Option<Vec<WidgetId>>,
        /// Whether caches on the way are passed over.
        reload: bool,
    },
    /// Ask for the values of the dimension in [`Dashboard::values`].
    Values,
    /// Ask for the next page of the rows in [`Dashboard::sheet`].
    Rows,
    /// Begin again: surface and figures.
    Restart,
    /// Tell the host.
    Emit(Outbound),
}

/// What became of a widget's figures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tile {
    /// Asked for, not yet here.
    Loading,
    /// Here.
    Ready(Arc<WidgetData>),
    /// They did not come; without a code there was no connection.
    Failed(Option<ProblemCode>),
}

/// The dashboard as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// The surface is on its way.
    Loading,
    /// The surface is here.
    Ready,
    /// The session is over; what is on the screen stays, but nothing can be asked any more.
    Expired,
    /// Nothing can be shown; without a code there was no connection.
    Failed(Option<ProblemCode>),
}

/// What is open over the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Panel {
    /// Dates of the viewer's own.
    Dates,
    /// Values of a dimension.
    Dimension(String),
    /// Bounds of a numeric property.
    Range(String),
}

/// Something that is fetched while the viewer looks on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fetch {
    /// On its way.
    #[default]
    Loading,
    /// Here.
    Ready,
    /// It did not come.
    Failed(Option<ProblemCode>),
}

/// The values offered for a dimension.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ValueList {
    /// Which dimension.
    pub(crate) dimension: String,
    /// What the viewer typed.
    pub(crate) search: String,
    /// The values, the most frequent first.
    pub(crate) values: Vec<DimensionValue>,
    /// Whether they are here.
    pub(crate) fetch: Fetch,
}

/// The events behind a number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// Which widget.
    pub(crate) widget: WidgetId,
    /// Which point of it.
    pub(crate) point: Option<Point>,
    /// What the viewer looks behind.
    pub(crate) title: String,
    /// The columns.
    pub(crate) columns: Vec<Column>,
    /// The rows so far.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// Asks for the next page.
    pub(crate) next_cursor: Option<String>,
    /// Whether the page asked for is here.
    pub(crate) fetch: Fetch,
}

/// One dashboard on the screen. A handle: copies share their content.
#[derive(Clone, Copy)]
pub(crate) struct Dashboard {
    pub(crate) status: RwSignal<Status>,
    pub(crate) surface: RwSignal<Option<Arc<Surface>>>,
    pub(crate) tiles: RwSignal<BTreeMap<WidgetId, Tile>>,
    pub(crate) filters: RwSignal<ViewerFilters>,
    /// Whether figures are on their way while older ones are on the screen.
    pub(crate) busy: RwSignal<bool>,
    /// Why the last reload failed while the figures on the screen still hold.
    pub(crate) trouble: RwSignal<Option<Option<ProblemCode>>>,
    pub(crate) freshness: RwSignal<Option<Freshness>>,
    pub(crate) now: RwSignal<UnixMillis>,
    pub(crate) locale: RwSignal<&'static Locale>,
    pub(crate) host_theme: RwSignal<ThemeChange>,
    pub(crate) panel: RwSignal<Option<Panel>>,
    pub(crate) values: RwSignal<ValueList>,
    pub(crate) sheet: RwSignal<Option<Sheet>>,
    /// What a screen reader is told.
    pub(crate) spoken: RwSignal<String>,
    /// The filters that the figures on the screen answer.
    answered: RwSignal<Option<ViewerFilters>>,
    offset_at: fn(&str, UnixMillis) -> i32,
    effects: StoredValue<Box<dyn Fn(Effect)>, LocalStorage>,
}

impl Dashboard {
    /// An empty dashboard. `offset_at` gives seconds east of UTC for an IANA zone and an instant.
    pub(crate) fn new(
        locale: &'static Locale,
        offset_at: fn(&str, UnixMillis) -> i32,
        effects: Box<dyn Fn(Effect)>,
    ) -> Self {
        Self {
            status: RwSignal::new(Status::Loading),
            surface: RwSignal::new(None),
            tiles: RwSignal::new(BTreeMap::new()),
            filters: RwSignal::new(ViewerFilters::default()),
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
            freshness: RwSignal::new(None),
            now: RwSignal::new(UnixMillis(0)),
            locale: RwSignal::new(locale),
            host_theme: RwSignal::new(ThemeChange::default()),
            panel: RwSignal::new(None),
            values: RwSignal::new(ValueList::default()),
            sheet: RwSignal::new(None),
            spoken: RwSignal::new(String::new()),
            answered: RwSignal::new(None),
            offset_at,
            effects: StoredValue::new_local(effects),
        }
    }

    /// Seconds east of UTC in the session's zone.
    pub(crate) fn offset_at(&self, at: UnixMillis) -> i32 {
        self.surface
            .get_untracked()
            .map_or(0, |surface| (self.offset_at)(&surface.timezone, at))
    }

    /// What turns figures into text.
    pub(crate) fn reading<'a>(
        &self,
        surface: &'a Surface,
        widget: Option<&'a emban_contract::embed::SurfaceWidget>,
    ) -> Reading<'a> {
        Reading {
            surface,
            widget,
            locale: self.locale.get_untracked(),
            offset_at: self.offset_at,
        }
    }

    fn run(&self, effect: Effect) {
        self.effects.with_value(|effects| effects(effect));
    }

    fn emit(&self, message: Outbound) {
        self.run(Effect::Emit(message));
    }
}

#[cfg(test)]
mod tests;
