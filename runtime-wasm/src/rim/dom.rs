//! Elements and events, as the views need them.

use emban_paint::KeyStep;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, Event, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent, ResizeObserver,
};

use super::listener::Listener;

/// Whether an event is of a key.
pub(crate) fn is_key(event: &Event, key: &str) -> bool {
    event
        .dyn_ref::<KeyboardEvent>()
        .is_some_and(|event| event.key() == key)
}

/// The step that an arrow key asks for.
pub(crate) fn step_of(event: &Event) -> Option<KeyStep> {
    match event.dyn_ref::<KeyboardEvent>()?.key().as_str() {
        "ArrowRight" | "ArrowDown" => Some(KeyStep::Next),
        "ArrowLeft" | "ArrowUp" => Some(KeyStep::Previous),
        "Home" => Some(KeyStep::First),
        "End" => Some(KeyStep::Last),
        _ => None,
    }
}

/// Whether an event is of a mouse, or of something else that can hover.
pub(crate) fn is_mouse(event: &Event) -> bool {
    event
        .dyn_ref::<PointerEvent>()
        .is_none_or(|event| event.pointer_type() != "touch")
}

/// The nearest element of an event that matches a selector.
pub(crate) fn closest(event: &Event, selector: &str) -> Option<Element> {
    event
        .target()?
        .dyn_into::<Element>()
        .ok()?
        .closest(selector)
        .ok()
        .flatten()
}

/// Position of a pointer in CSS pixels, from the top left corner of an element; outside for anything else.
pub(crate) fn position(event: &Event, element: &Element) -> (f64, f64) {
    let bounds = element.get_bounding_client_rect();
    event.dyn_ref::<MouseEvent>().map_or((-1.0, -1.0), |event| {
        (
            f64::from(event.client_x()) - bounds.left(),
            f64::from(event.client_y()) - bounds.top(),
        )
    })
}

/// Width and height of an element in CSS pixels; none if it is not displayed.
pub(crate) fn measured(element: &Element) -> Option<(f64, f64)> {
    let (width, height) = (
        f64::from(element.client_width()),
        f64::from(element.client_height()),
    );
    (width > 0.0 && height > 0.0).then_some((width, height))
}

/// Whether something was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Was {
    /// It was.
    Open,
    /// It was not.
    Closed,
}

/// Listeners on one element, which end with this.
pub(crate) struct Listeners {
    element: Element,
    all: Vec<Listener>,
}

impl Listeners {
    /// None yet.
    pub(crate) fn new(element: &Element) -> Self {
        Self {
            element: element.clone(),
            all: Vec::new(),
        }
    }

    /// Listens to a kind of event on the element and within it.
    pub(crate) fn on(&mut self, kind: &'static str, heard: impl Fn(&Event) + 'static) {
        self.all
            .extend(Listener::new(&self.element, kind, move |event| {
                heard(&event)
            }));
    }
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
/// Distance of a panel from its button, in CSS pixels.
const PANEL_GAP: f64 = 6.0;

/// A panel that moves sideways, when it appears, as far as it stands out of the dashboard.
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
        let by = (right - own.right()).min(0.0) + (left - own.left()).max(0.0);
        // A panel that cannot be moved is still a panel.
        drop(HtmlElement::style(&panel).set_property("translate", &px(by)));
    });
    node
}

/// `12px`
pub(crate) fn px(length: f64) -> String {
    [&(length.round() as i64).to_string(), "px"].concat()
}

/// Where a panel stands: below its button.
#[derive(Clone)]
pub(crate) struct PanelPlace {
    /// Distance from the top of the dashboard, as CSS writes it.
    pub(crate) top: String,
    /// Distance from its left side, as CSS writes it.
    pub(crate) left: String,
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
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        // A click on an icon is one on its button.
        let button =
            target.and_then(|target| target.closest("button, a, [tabindex]").ok().flatten());
        self.0
            .set_value(button.and_then(|button| button.dyn_into().ok()));
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

    /// Where a panel of the place stands.
    pub(crate) fn place(self) -> PanelPlace {
        let place = self.0.get_value().and_then(|element| {
            let button = element
                .closest("[data-a]")
                .ok()
                .flatten()?
                .get_bounding_client_rect();
            let root = element
                .closest(".em-root")
                .ok()
                .flatten()?
                .get_bounding_client_rect();
            Some((
                button.bottom() - root.top() + PANEL_GAP,
                button.left() - root.left(),
            ))
        });
        let (top, left) = place.unwrap_or_default();
        PanelPlace {
            top: px(top),
            left: px(left),
        }
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

/// Watches the room of charts until it is dropped.
pub(crate) struct PlotObserver {
    observer: ResizeObserver,
    _changed: Closure<dyn FnMut()>,
}

impl PlotObserver {
    /// Calls `changed` when the size of any watched element changes.
    pub(crate) fn new(changed: impl FnMut() + 'static) -> Option<Self> {
        let changed = Closure::<dyn FnMut()>::new(changed);
        let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok()?;
        Some(Self {
            observer,
            _changed: changed,
        })
    }

    /// Watches an element; one that is watched already goes on being watched.
    pub(crate) fn watch(&self, element: &Element) {
        self.observer.observe(element);
    }
}

impl Drop for PlotObserver {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
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
