//! All that a dashboard on the screen knows, as values that reactions follow, and every way in which it changes.
//!
//! Nothing here touches the browser: what must happen outside leaves as an [`Effect`].

mod kept;
mod session;
mod viewer;

use std::rc::Rc;
use std::sync::Arc;

use emban_contract::embed::{Cell, Column, DimensionValue, Point, Surface, WidgetData};
use emban_contract::{ProblemCode, UnixMillis, WidgetId};
use emban_paint::choice::DatesError;
use emban_paint::{Choice, Fetch, Figures, Freshness, Language, Panel, ThemeChange};

pub(crate) use kept::Kept;
pub(crate) use viewer::Was;

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
    /// Ask for the figures of a widget as a file, and save it.
    Save(WidgetId),
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

/// One dashboard on the screen.
pub(crate) struct Dashboard {
    pub(crate) status: Kept<Status>,
    pub(crate) surface: Kept<Option<Arc<Surface>>>,
    /// By widget, in the order of the surface.
    pub(crate) tiles: Kept<Vec<(WidgetId, Tile)>>,
    pub(crate) choice: Kept<Choice>,
    /// Whether figures are on their way while older ones are on the screen.
    pub(crate) busy: Kept<bool>,
    /// Why the last reload failed while the figures on the screen still hold.
    pub(crate) trouble: Kept<Option<Option<ProblemCode>>>,
    pub(crate) freshness: Kept<Option<Freshness>>,
    pub(crate) now: Kept<UnixMillis>,
    pub(crate) language: Kept<Language>,
    pub(crate) host_theme: Kept<ThemeChange>,
    pub(crate) panel: Kept<Option<Panel>>,
    /// Why the dates in the open panel were not taken.
    pub(crate) refused_dates: Kept<Option<DatesError>>,
    pub(crate) values: Kept<ValueList>,
    /// Whether the file that the open panel asked for is here.
    pub(crate) file: Kept<Fetch>,
    pub(crate) sheet: Kept<Option<Sheet>>,
    /// What a screen reader is told.
    pub(crate) spoken: Kept<String>,
    /// The choice that the figures on the screen answer.
    answered: Kept<Option<Choice>>,
    pub(crate) offset_at: fn(&str, UnixMillis) -> i32,
    effects: Box<dyn Fn(Effect)>,
}

impl Dashboard {
    /// An empty dashboard. `offset_at` gives seconds east of UTC for an IANA zone and an instant.
    pub(crate) fn new(
        language: Language,
        offset_at: fn(&str, UnixMillis) -> i32,
        effects: Box<dyn Fn(Effect)>,
    ) -> Rc<Self> {
        Rc::new(Self {
            status: Kept::new(Status::Loading),
            surface: Kept::new(None),
            tiles: Kept::new(Vec::new()),
            choice: Kept::new(Choice::default()),
            busy: Kept::new(false),
            trouble: Kept::new(None),
            freshness: Kept::new(None),
            now: Kept::new(UnixMillis(0)),
            language: Kept::new(language),
            host_theme: Kept::new(ThemeChange::default()),
            panel: Kept::new(None),
            refused_dates: Kept::new(None),
            file: Kept::new(Fetch::Ready),
            values: Kept::new(ValueList::default()),
            sheet: Kept::new(None),
            spoken: Kept::new(String::new()),
            answered: Kept::new(None),
            offset_at,
            effects,
        })
    }

    fn run(&self, effect: Effect) {
        (self.effects)(effect);
    }

    fn emit(&self, message: Outbound) {
        self.run(Effect::Emit(message));
    }
}

#[cfg(test)]
mod tests;
