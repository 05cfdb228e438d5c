//! Everything that touches the browser.

mod api;
pub(crate) mod dom;
mod emitter;
pub(crate) mod export;
mod frame;
mod listener;
mod panic;
pub(crate) mod patch;
mod session;
mod timer;
mod zone;
