//! The dashboard in the browser.
//!
//! Pure parts (what a message, an answer or a session's end is) know no browser; `state` holds them as signals and says
//! what must happen outside; `view` shows them with the markup of `emban-paint`; `rim` touches the browser.

mod embed_url;
mod host_origin;
mod json;
mod protocol;
mod refresh_clock;
mod rim;
mod session_clock;
mod state;
mod view;
mod wire;

pub use rim::export::{DashboardHandle, mount};
