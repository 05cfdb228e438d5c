//! Elements and events, as the views need them.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, KeyboardEvent, PointerEvent, ResizeObserver};

use crate::tooltip::KeyStep;

/// Whether an event is of a key.
pub(crate) fn is_key(event: &KeyboardEvent, key: &str) -> bool {
    event.key() == key
}

/// The step that an arrow key asks for.
pub(crate) fn step_of(event: &KeyboardEvent) -> Option<KeyStep> {
    match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => Some(KeyStep::Next),
        "ArrowLeft" | "ArrowUp" => Some(KeyStep::Previous),
        "Home" => Some(KeyStep::First),
        "End" => Some(KeyStep::Last),
        _ => None,
    }
}

/// Position of a pointer in CSS pixels, from the top left corner of the element that listens.
pub(crate) fn position(event: &PointerEvent) -> (f64, f64) {
    let target = event
        .current_target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.map_or((-1.0, -1.0), |element| {
        let bounds = element.get_bounding_client_rect();
        (
            f64::from(event.client_x()) - bounds.left(),
            f64::from(event.client_y()) - bounds.top(),
        )
    })
}

/// A field that takes the focus when it appears.
pub(crate) fn focused() -> NodeRef<html::Input> {
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = node.get() {
            focus(&field);
        }
    });
    node
}

/// A button that takes the focus when it appears.
pub(crate) fn focused_button() -> NodeRef<html::Button> {
    let node = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        if let Some(button) = node.get() {
            focus(&button);
        }
    });
    node
}

fn focus(element: &HtmlElement) {
    // An element that cannot be focused is no reason to stop.
    drop(element.focus());
}

/// An element whose size is watched; `changed` gets width and height of its content in CSS pixels.
pub(crate) fn observed(changed: impl Fn(f64, f64) + Clone + 'static) -> NodeRef<html::Div> {
    let node = NodeRef::<html::Div>::new();
    let watched = StoredValue::new_local(None);
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            watched.set_value(SizeObserver::new(&element, changed.clone()));
        }
    });
    node
}

/// Watches an element's size until it is dropped.
pub(crate) struct SizeObserver {
    observer: ResizeObserver,
    _changed: Closure<dyn FnMut()>,
}

impl SizeObserver {
    /// Calls `changed` at once and whenever the element's size changes.
    pub(crate) fn new(element: &HtmlElement, changed: impl Fn(f64, f64) + 'static) -> Option<Self> {
        let measured = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            changed(
                f64::from(measured.client_width()),
                f64::from(measured.client_height()),
            )
        });
        let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _changed: changed,
        })
    }
}

impl Drop for SizeObserver {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
