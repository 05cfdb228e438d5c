//! The embed as a document in a frame.

use std::cell::RefCell;
use std::rc::Weak;

use js_sys::{JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessageEvent;

use super::dom::is_color;
use super::emitter::Emitter;
use super::listener::Listener;
use super::session::Session;
use crate::host_origin::HostOrigin;
use crate::json::Json;
use crate::protocol::parse;

/// The way to the window above, if there is one.
pub(super) fn emitter() -> Emitter {
    let Some(window) = web_sys::window() else {
        return Emitter::Nobody;
    };
    let Some(parent) = window
        .parent()
        .ok()
        .flatten()
        .filter(|parent| *parent != window)
    else {
        return Emitter::Nobody;
    };
    let referrer = window
        .document()
        .map(|document| document.referrer())
        .unwrap_or_default();
    Emitter::Frame {
        parent,
        host: RefCell::new(HostOrigin::new(nearest_ancestor(&window), &referrer)),
    }
}

/// Chromium and Safari tell the parent's origin; Firefox does not.
fn nearest_ancestor(window: &web_sys::Window) -> Option<String> {
    let origins = Reflect::get(&window.location(), &"ancestorOrigins".into()).ok()?;
    Reflect::get_u32(&origins, 0).ok()?.as_string()
}

/// Listens to the window above.
pub(super) fn listen(session: Weak<Session>) -> Option<Listener> {
    let window = web_sys::window()?;
    let parent: JsValue = window.parent().ok()??.into();
    Listener::new(&window, &["message"], move |event| {
        let Some(session) = session.upgrade() else {
            return;
        };
        let Ok(message) = event.dyn_into::<MessageEvent>() else {
            return;
        };
        // The window is compared before anything else: a frame beside ours may know the protocol too.
        if !message
            .source()
            .is_some_and(|source| JsValue::from(source) == parent)
        {
            return;
        }
        let text = JSON::stringify(&message.data())
            .ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default();
        session.receive(
            &message.origin(),
            parse(&Json::parse(&text).unwrap_or_default(), is_color),
        );
    })
}
