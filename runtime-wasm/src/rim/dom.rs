//! Elements and events, as the views need them.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent, ResizeObserver};

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

/// Least distance of a panel from the sides of the dashboard, in CSS pixels.
const PANEL_MARGIN: f64 = 8.0;

/// A panel that moves sideways, when it appears, as far as it stands out of the dashboard.
///
/// It hangs on its button, and where that stands depends on how the head's lines break.
pub(crate) fn kept_inside() -> NodeRef<html::Div> {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(panel) = node.get() else { return };
        let Ok(Some(root)) = panel.closest(".em-root") else {
            return;
        };
        let (own, all) = (
            panel.get_bounding_client_rect(),
            root.get_bounding_client_rect(),
        );
        let (left, right) = (all.left() + PANEL_MARGIN, all.right() - PANEL_MARGIN);
        let by = (left - own.left()).max(0.0) + (right - own.right()).min(0.0);
        // A panel that cannot be moved is still a panel.
        drop(HtmlElement::style(&panel).set_property("translate", &format!("{by:.0}px")));
    });
    node
}

/// Where the viewer was before something opened over the dashboard, and shall be again.
#[derive(Clone, Copy)]
pub(crate) struct Opener(StoredValue<Option<HtmlElement>, LocalStorage>);

impl Opener {
    /// Nowhere yet.
    pub(crate) fn new() -> Self {
        Self(StoredValue::new_local(None))
    }

    /// The viewer is where an event happened.
    pub(crate) fn set(self, event: &Event) {
        let target = event.target().and_then(|target| target.dyn_into().ok());
        self.0.set_value(target);
    }

    /// How far the place is below the top of the dashboard, in CSS pixels, if that is what tells where the viewer looks.
    ///
    /// It is where the window is as high as the dashboard, as in a frame that follows its content: such a window never
    /// scrolls, so nothing in it can stick to the part that is seen. Elsewhere none.
    pub(crate) fn depth(self) -> Option<f64> {
        let element = self.0.get_value()?;
        let root = element
            .closest(".em-root")
            .ok()??
            .get_bounding_client_rect();
        let window = web_sys::window()?.inner_height().ok()?.as_f64()?;
        let top = element.get_bounding_client_rect().top();
        (root.height() <= window + 1.0).then(|| top - root.top())
    }

    /// Puts the focus back.
    pub(crate) fn focus(self) {
        if let Some(element) = self.0.get_value() {
            focus(&element);
        }
    }
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
