//! Elements and events, as the views need them.

use std::cell::RefCell;

use emban_paint::KeyStep;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    DomRect, Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent, MouseEvent,
    PointerEvent, ResizeObserver, css,
};

/// Whether the browser draws a text as a colour.
pub(crate) fn is_color(text: &str) -> bool {
    emban_paint::is_color(text) && css::supports_with_value("color", text).unwrap_or_default()
}

/// The key of an event; empty for what is of no key.
pub(crate) fn key(event: &Event) -> String {
    event
        .dyn_ref::<KeyboardEvent>()
        .map(KeyboardEvent::key)
        .unwrap_or_default()
}

/// The step that an arrow key asks for.
pub(crate) fn step_of(key: &str) -> Option<KeyStep> {
    match key {
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

/// Whether a click is the second of a double click, or a later one of more.
pub(crate) fn is_second(event: &Event) -> bool {
    event
        .dyn_ref::<MouseEvent>()
        .is_some_and(|event| event.detail() > 1)
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

/// Least distance of a panel from the sides of the dashboard, in CSS pixels: where its cards end.
const PANEL_MARGIN: f64 = 20.0;
/// Distance of a panel from its button, in CSS pixels; a switch has a rim of its own.
const PANEL_GAP: f64 = 8.0;

/// Where the viewer was before something opened over the dashboard, and shall be again.
#[derive(Default)]
pub(crate) struct Opener(RefCell<Option<Element>>);

impl Opener {
    /// The viewer is where an event happened.
    pub(crate) fn set(&self, event: &Event) {
        // A click on an icon is one on its button.
        self.0.replace(closest(event, "button, a, [tabindex]"));
    }

    /// Its box, and that of the dashboard.
    fn boxes(&self) -> Option<(DomRect, DomRect, Element)> {
        let element = self.0.borrow().clone()?;
        let root = element.closest(".em-root").ok()??;
        Some((
            element.get_bounding_client_rect(),
            root.get_bounding_client_rect(),
            root,
        ))
    }

    /// How far the place is below the top of the dashboard, in CSS pixels, if that is what tells where the viewer looks.
    ///
    /// It is where the window is as high as the dashboard, as in a frame that follows its content: such a window never
    /// scrolls, so nothing in it can stick to the part that is seen. Elsewhere none.
    pub(crate) fn depth(&self) -> Option<f64> {
        let (own, root, _) = self.boxes()?;
        let window = web_sys::window()?.inner_height().ok()?.as_f64()?;
        (root.height() <= window + 1.0).then(|| own.top() - root.top())
    }

    /// Where a panel of a width stands, from the top and the left of the dashboard in CSS pixels: below the place, and
    /// not beyond the sides.
    pub(crate) fn place(&self, width: f64) -> (f64, f64) {
        let Some((own, root, element)) = self.boxes() else {
            return (0.0, PANEL_MARGIN);
        };
        let left = if element.get_attribute("dir").as_deref() == Some("rtl") {
            own.right() - width
        } else {
            own.left()
        };
        let last = (root.width() - width - PANEL_MARGIN).max(PANEL_MARGIN);
        (
            own.bottom() - root.top() + PANEL_GAP,
            (left - root.left()).min(last).max(PANEL_MARGIN),
        )
    }

    /// Puts the focus back.
    pub(crate) fn focus(&self) {
        // Taken out first: an element that takes the focus says so, and is the place then.
        let element = self.0.borrow().clone();
        if let Some(element) = element {
            focus(&element);
        }
    }
}

/// Puts the focus into an element.
pub(crate) fn focus(element: &Element) {
    // An element that cannot be focused is no reason to stop.
    drop(element.dyn_ref::<HtmlElement>().map(HtmlElement::focus));
}

/// Whether the focus is in an element.
pub(crate) fn has_focus(element: &Element) -> bool {
    matches!(element.query_selector(":focus"), Ok(Some(_)))
}

/// The fields of a panel, in their order.
pub(crate) fn fields(panel: &Element) -> Vec<HtmlInputElement> {
    let Ok(fields) = panel.query_selector_all("input") else {
        return Vec::new();
    };
    (0..fields.length())
        .filter_map(|at| fields.item(at)?.dyn_into().ok())
        .collect()
}

/// Keeps the first of two dates from passing the second.
pub(crate) fn keep_order(form: &Element) {
    if let [first, last] = fields(form).as_slice()
        && first.type_() == "date"
    {
        let bound = if last.value().is_empty() {
            last.max()
        } else {
            last.value()
        };
        first.set_max(&bound);
        last.set_min(&first.value());
    }
}

/// What is typed into the fields of a panel, in their order.
pub(crate) fn typed(panel: &Element) -> Vec<String> {
    fields(panel).iter().map(HtmlInputElement::value).collect()
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
