//! The dashboard in the browser.
//!
//! Pure parts (what a filter, a message, a table or a tip is) know no browser; `state` holds them as signals and
//! says what must happen outside; `view` shows them; `rim` is the only part that touches the browser.

mod embed_url;
mod figure_input;
mod freshness;
mod grid_layout;
mod host_origin;
mod markdown;
mod protocol;
mod rim;
mod selection;
mod session_clock;
mod state;
mod table_model;
mod texts;
mod theme;
mod tooltip;
mod view;
mod wording;

pub use rim::export::{DashboardHandle, mount};
