//! Event listeners that end with their owner.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

/// Listens until it is dropped.
pub(super) struct Listener {
    target: EventTarget,
    kind: &'static str,
    heard: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Begins to listen.
    pub(super) fn new(
        target: &EventTarget,
        kind: &'static str,
        heard: impl FnMut(Event) + 'static,
    ) -> Option<Self> {
        let heard = Closure::<dyn FnMut(Event)>::new(heard);
        target
            .add_event_listener_with_callback(kind, heard.as_ref().unchecked_ref())
            .ok()?;
        Some(Self {
            target: target.clone(),
            kind,
            heard,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(
            self.target.remove_event_listener_with_callback(
                self.kind,
                self.heard.as_ref().unchecked_ref(),
            ),
        );
    }
}
