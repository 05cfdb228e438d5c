//! All that a dashboard on the screen knows, as signals, and every way in which it changes.
//!
//! Nothing here touches the browser: what must happen outside leaves as an [`Effect`].

mod session;
mod viewer;

use std::sync::Arc;

use emban_contract::embed::{Cell, Column, DimensionValue, Point, Surface, WidgetData};
use emban_contract::{ProblemCode, UnixMillis, WidgetId};
use emban_paint::{Choice, Figures, Freshness, Language, Panel, ThemeChange};
use leptos::prelude::{LocalStorage, RwSignal, StoredValue, WithValue};

use crate::protocol::Outbound;

/// What a state asks of the world around it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// Ask for figures under the current filters.
    Query {
        /// Which widgets; all when not given.
        widgets: Option<Vec<WidgetId>>,
        /// Whether caches on the way may answer.
        caches: Caches,
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

/// Whether caches on the way may answer a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caches {
    /// They may.
    Allowed,
    /// They are passed over.
    PassedOver,
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

impl Tile {
    /// The same, to be drawn.
    pub(crate) fn figures(&self) -> Figures<'_> {
        match self {
            Self::Loading => Figures::Loading,
            Self::Ready(data) => Figures::Ready(data),
            Self::Failed(code) => Figures::Failed(*code),
        }
    }
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
    /// By widget, in the order of the surface.
    pub(crate) tiles: RwSignal<Vec<(WidgetId, Tile)>>,
    pub(crate) choice: RwSignal<Choice>,
    /// Whether figures are on their way while older ones are on the screen.
    pub(crate) busy: RwSignal<bool>,
    /// Why the last reload failed while the figures on the screen still hold.
    pub(crate) trouble: RwSignal<Option<Option<ProblemCode>>>,
    pub(crate) freshness: RwSignal<Option<Freshness>>,
    pub(crate) now: RwSignal<UnixMillis>,
    pub(crate) language: RwSignal<Language>,
    pub(crate) host_theme: RwSignal<ThemeChange>,
    pub(crate) panel: RwSignal<Option<Panel>>,
    pub(crate) values: RwSignal<ValueList>,
    pub(crate) sheet: RwSignal<Option<Sheet>>,
    /// What a screen reader is told.
    pub(crate) spoken: RwSignal<String>,
    /// The choice that the figures on the screen answer.
    answered: RwSignal<Option<Choice>>,
    pub(crate) offset_at: fn(&str, UnixMillis) -> i32,
    effects: StoredValue<Box<dyn Fn(Effect)>, LocalStorage>,
}

impl Dashboard {
    /// An empty dashboard. `offset_at` gives seconds east of UTC for an IANA zone and an instant.
    pub(crate) fn new(
        language: Language,
        offset_at: fn(&str, UnixMillis) -> i32,
        effects: Box<dyn Fn(Effect)>,
    ) -> Self {
        Self {
            status: RwSignal::new(Status::Loading),
            surface: RwSignal::new(None),
            tiles: RwSignal::new(Vec::new()),
            choice: RwSignal::new(Choice::default()),
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
            freshness: RwSignal::new(None),
            now: RwSignal::new(UnixMillis(0)),
            language: RwSignal::new(language),
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

    fn run(&self, effect: Effect) {
        self.effects.with_value(|effects| effects(effect));
    }

    fn emit(&self, message: Outbound) {
        self.run(Effect::Emit(message));
    }
}

#[cfg(test)]
mod tests;
