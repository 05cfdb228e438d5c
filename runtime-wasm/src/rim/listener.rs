//! Event listeners that end with their owner.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

/// Listens until it is dropped.
pub(crate) struct Listener {
    target: EventTarget,
    kinds: &'static [&'static str],
    // Not `FnMut`: what it does may make another event, such as one of the focus, before it has returned.
    heard: Closure<dyn Fn(Event)>,
}

impl Listener {
    /// Begins to listen to some kinds of events.
    pub(crate) fn new(
        target: &EventTarget,
        kinds: &'static [&'static str],
        heard: impl Fn(Event) + 'static,
    ) -> Option<Self> {
        let listener = Self {
            target: target.clone(),
            kinds,
            heard: Closure::<dyn Fn(Event)>::new(heard),
        };
        let call = listener.heard.as_ref().unchecked_ref();
        for kind in kinds {
            target.add_event_listener_with_callback(kind, call).ok()?;
        }
        Some(listener)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let call = self.heard.as_ref().unchecked_ref();
        for kind in self.kinds {
            drop(self.target.remove_event_listener_with_callback(kind, call));
        }
    }
}
