//! Work that goes on while the page does other things.

use std::pin::Pin;

use wasm_bindgen_futures::spawn_local;

/// Runs something to its end. Boxed, since each type of future brings a task's code of its own.
pub(super) fn spawn(work: impl Future<Output = ()> + 'static) {
    let work: Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    spawn_local(work);
}
