//! Everything that touches the browser.

mod api;
pub(crate) mod dom;
mod emitter;
pub(crate) mod export;
mod file;
mod frame;
pub(crate) mod listener;
mod panic;
pub(crate) mod patch;
pub(crate) mod picture;
mod session;
mod task;
mod timer;
mod zone;
