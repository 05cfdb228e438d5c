//! A dashboard as HTML text.
//!
//! Pure functions from what a session may see, what was answered and what the viewer has done to markup. The origin
//! draws the document with them, so that a first paint needs no script; the browser draws every later state with the
//! same ones. Nothing here knows a document, a clock or a server.
//!
//! What can be clicked carries `data-a` (what to do) and `data-v` (with what); a card carries `data-w`, its widget.

mod action;
mod card;
mod change;
pub mod choice;
mod figure;
mod figure_input;
mod file_name;
mod freshness;
mod grid_layout;
mod groups;
mod head;
mod html;
mod icon;
mod letters;
mod list;
mod markdown;
mod notice;
mod page;
mod panel;
mod sheet;
mod stat;
mod table;
mod table_model;
mod theme;
mod tooltip;
mod wording;
mod words;

use emban_chart::Scene;
use emban_contract::dashboard::Chart;
use emban_contract::embed::{Surface, WidgetData};
use emban_contract::{ProblemCode, UnixMillis};

pub use action::{Action, action, cell_action};
pub use card::{CardState, Drawn, Shown, card};
pub use choice::Choice;
pub use figure::{fixed, fluid, tip_markup};
pub use figure_input::is_empty;
pub use file_name::file_name;
pub use freshness::Freshness;
pub use grid_layout::Place;
pub use groups::Groups;
pub use head::{Panel, chips, head};
pub use html::Styles;
pub use notice::{Trouble, banner, whole};
pub use page::{Page, page, shell, skeletons};
pub use panel::{Fetch, Offer, OpenPanel, panel};
pub use sheet::{Rows, sheet};
pub use table::NUMBERS;
pub use table_model::{First, Sort, next_sort};
pub use theme::{Scheme, ThemeChange, is_color, tokens, variables};
pub use tooltip::{KeyStep, Tip, count, hit_at, tip};
pub use wording::{column_label, dimension_label, measure_label, series_label};
pub use words::{ENGLISH, Language, Notice, Words};

/// What all parts of a dashboard are drawn from.
#[derive(Clone, Copy)]
pub struct Screen<'a> {
    /// What the session may see.
    pub surface: &'a Surface,
    /// What the viewer has chosen.
    pub choice: &'a Choice,
    /// How it speaks.
    pub language: Language,
    /// Seconds east of UTC in an IANA zone at an instant.
    pub offset_at: fn(&str, UnixMillis) -> i32,
    /// How positions and sizes are written.
    pub styles: Styles,
    /// Writes a chart at the end of a text: [`fluid`] before its room is known, [`fixed`] later.
    pub svg: fn(&mut String, &Scene, Chart),
}

impl Screen<'_> {
    fn html(&self) -> html::Html {
        html::Html::new(self.styles)
    }

    /// Seconds east of UTC in the session's zone.
    pub fn offset_at(&self, at: UnixMillis) -> i32 {
        (self.offset_at)(&self.surface.timezone, at)
    }
}

/// What became of a widget's figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figures<'a> {
    /// Asked for, not yet here.
    Loading,
    /// Here.
    Ready(&'a WidgetData),
    /// They did not come; without a code there was no connection.
    Failed(Option<ProblemCode>),
}
