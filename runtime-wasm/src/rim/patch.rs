//! Puts markup into the page by changing only what differs, so that focus, scrolling and what the origin drew stay.

use emban_paint::Styles;
use wasm_bindgen::JsCast;
use web_sys::{Document, DomParser, Element, HtmlElement, HtmlInputElement, Node, SupportedType};

use crate::rim::dom;

/// How markup for these functions writes positions and sizes.
pub(crate) const STYLES: Styles = Styles::Script;

/// Makes the children of an element those of a markup.
pub(crate) fn children(element: &Element, markup: &str) {
    if let Some(wanted) = parsed(markup) {
        keeping_focus(element, || align(element, &wanted));
    }
}

/// Makes an element that of a markup, which holds one element.
pub(crate) fn whole(element: &Element, markup: &str) {
    if let Some(wanted) = parsed(markup).and_then(|body| body.first_element_child()) {
        keeping_focus(element, || follow(element, &wanted));
    }
}

/// Changes an element. When what had the focus goes, its figure or the first button that stays takes it: on the page's body
/// a viewer without a pointer would have lost the place.
fn keeping_focus(element: &Element, change: impl FnOnce()) {
    let held = dom::has_focus(element);
    change();
    if !held || dom::has_focus(element) {
        return;
    }
    let first = |selector| element.query_selector(selector).ok().flatten();
    if let Some(next) = first("[tabindex=\"0\"]").or_else(|| first("button")) {
        dom::focus(&next);
    }
}

/// A markup as the body of a document of its own, in which nothing runs and nothing loads.
fn parsed(markup: &str) -> Option<Element> {
    let document: Document = DomParser::new()
        .ok()?
        .parse_from_string(markup, SupportedType::TextHtml)
        .ok()?;
    let body = document.body()?;
    let styled = body.query_selector_all("[data-s]").ok()?;
    for at in 0..styled.length() {
        if let Some(element) = styled
            .item(at)
            .and_then(|node| node.dyn_into::<HtmlElement>().ok())
        {
            // Set by a script, which the policy of a host's page cannot forbid as it can a `style` attribute.
            element
                .style()
                .set_css_text(&element.get_attribute("data-s").unwrap_or_default());
            drop(element.remove_attribute("data-s"));
        }
    }
    Some(body.into())
}

/// Changes an element into a wanted one of the same name.
fn follow(element: &Element, wanted: &Element) {
    for name in element
        .get_attribute_names()
        .iter()
        .filter_map(|name| name.as_string())
    {
        if !wanted.has_attribute(&name) {
            drop(element.remove_attribute(&name));
        }
    }
    for name in wanted
        .get_attribute_names()
        .iter()
        .filter_map(|name| name.as_string())
    {
        let value = wanted.get_attribute(&name).unwrap_or_default();
        if element.get_attribute(&name).as_deref() == Some(value.as_str()) {
            continue;
        }
        match element.dyn_ref::<HtmlElement>().filter(|_| name == "style") {
            Some(element) => element.style().set_css_text(&value),
            None => drop(element.set_attribute(&name, &value)),
        }
    }
    if let Some(field) = element.dyn_ref::<HtmlInputElement>() {
        // A box that was clicked once follows its attribute no more.
        field.set_checked(wanted.has_attribute("checked"));
    }
    align(element, wanted);
}

fn align(element: &Element, wanted: &Element) {
    let mut old = element.first_child();
    let mut new = wanted.first_child();
    while let Some(node) = new {
        // Read now: a node that moves into the page leaves its siblings.
        new = node.next_sibling();
        let Some(present) = old else {
            drop(element.append_child(&node));
            old = None;
            continue;
        };
        old = present.next_sibling();
        if present.is_equal_node(Some(&node)) {
            continue;
        }
        match same_element(&present, &node) {
            Some((present, node)) => follow(&present, &node),
            None => drop(element.replace_child(&node, &present)),
        }
    }
    while let Some(surplus) = old {
        old = surplus.next_sibling();
        drop(element.remove_child(&surplus));
    }
}

/// Two elements that are the same thing in two states. A chart that differs is another one: its parts have no names.
fn same_element(present: &Node, node: &Node) -> Option<(Element, Element)> {
    let (present, node) = (
        present.dyn_ref::<HtmlElement>()?,
        node.dyn_ref::<HtmlElement>()?,
    );
    let same = present.local_name() == node.local_name()
        && ["data-w", "data-a", "data-v", "data-p"]
            .iter()
            .all(|name| present.get_attribute(name) == node.get_attribute(name));
    same.then(|| (present.clone().into(), node.clone().into()))
}
