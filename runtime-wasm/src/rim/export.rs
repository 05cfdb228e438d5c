//! What scripts call: `mount`, and the handle that it gives.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emban_paint::{Language, shell, variables};
use js_sys::{Function, JSON, Reflect};
use leptos::mount::mount_to;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement, Node};

use super::dom::{SizeObserver, is_color};
use super::emitter::Emitter;
use super::listener::Listener;
use super::panic::{Guarded, install};
use super::session::Session;
use super::{frame, zone};
use crate::embed_url::EmbedUrl;
use crate::json::Json;
use crate::protocol::{Outbound, filters, theme};
use crate::state::Dashboard;
use crate::view;

/// Puts a dashboard into an element or a shadow root.
///
/// `options` is an object whose members may all be left out:
/// `embedUrl` (text), `boot` (JSON text of surface and answer), `frame` (true in a document of our own, where messages go
/// to the window above), `onEvent(type, payloadJson)`, `getSession` (async, gives an embed address), `theme` (`"dark"` or
/// the public tokens), `filters`, `locale` (BCP 47 tag), `themeRoot` (the element that carries colours).
/// Errors: a text, if `root` is not an element or a shadow root.
#[wasm_bindgen]
pub fn mount(root: &JsValue, options: &JsValue) -> Result<DashboardHandle, JsValue> {
    install();
    let document = web_sys::window()
        .and_then(|window| window.document())
        .ok_or("there is no document")?;
    let root: &Node = root.dyn_ref().ok_or("root is not an element")?;
    let container = container(&document, root)?;
    let is_frame = read(options, "frame").is_truthy();
    let emitter = match function(options, "onEvent") {
        Some(call) => Emitter::Callback(call),
        None if is_frame => frame::emitter(),
        None => Emitter::Nobody,
    };
    let credentials = text(options, "embedUrl")
        .as_deref()
        .and_then(EmbedUrl::parse);
    let session = Session::new(emitter, credentials, function(options, "getSession"));
    let theme_root = read(options, "themeRoot")
        .dyn_into::<HtmlElement>()
        .unwrap_or_else(|_| container.clone());
    let mounted = show(&container, &session, options, theme_root)?;
    let height = watch_height(&container, &session);
    let listeners = listen(&document, &session, is_frame);
    let told = Rc::downgrade(&session);
    let guard = Guarded::new(container.clone(), move || {
        if let Some(session) = told.upgrade() {
            session.emit(&Outbound::Error {
                code: "internal".to_owned(),
                message: "the embed failed".to_owned(),
            });
        }
    });
    session.start(text(options, "boot").as_deref());
    Ok(keep(Live {
        container,
        session,
        _mounted: mounted,
        _height: height,
        _listeners: listeners,
        _guard: guard,
    }))
}

thread_local! {
    /// The dashboards of the page. A script may drop its handle, and the collector then frees it: the dashboard stays.
    static LIVE: RefCell<Vec<(u32, Live)>> = const { RefCell::new(Vec::new()) };
}

fn keep(live: Live) -> DashboardHandle {
    LIVE.with_borrow_mut(|all| {
        let id = all.last().map_or(0, |(last, _)| last.wrapping_add(1));
        all.push((id, live));
        DashboardHandle {
            id: Cell::new(Some(id)),
        }
    })
}

/// What the origin drew, if it drew anything; else an empty element.
fn container(document: &Document, root: &Node) -> Result<HtmlElement, JsValue> {
    let drawn = root
        .dyn_ref::<Element>()
        .and_then(|root| root.query_selector(":scope > [data-em]").ok().flatten());
    if let Some(drawn) = drawn {
        return Ok(drawn.dyn_into()?);
    }
    let container: HtmlElement = document.create_element("div")?.dyn_into()?;
    root.append_child(&container)?;
    Ok(container)
}

/// The parts of the dashboard in its container.
fn frame_in(container: &HtmlElement, language: Language) -> Option<view::Frame> {
    if container.first_element_child().is_none() {
        container.set_inner_html(&shell(language));
    }
    let part = |name: &str| {
        let selector = ["[data-r=", name, "]"].concat();
        container.query_selector(&selector).ok().flatten()
    };
    Some(view::Frame {
        root: container.first_element_child()?,
        head: part("head")?,
        over: part("over")?,
        chips: part("chips")?,
        banner: part("banner")?,
        grid: part("grid")?,
        sheet: part("sheet")?,
        spoken: part("spoken")?,
    })
}

fn show(
    container: &HtmlElement,
    session: &Rc<Session>,
    options: &JsValue,
    theme_root: HtmlElement,
) -> Result<Box<dyn Any>, JsValue> {
    let locale = text(options, "locale")
        .or_else(|| web_sys::window().and_then(|window| window.navigator().language()));
    let colors = theme(&json(&read(options, "theme")), is_color);
    let asked = json(&read(options, "filters"));
    let session = Rc::clone(session);
    let language = Language::from_tag(&locale.unwrap_or_default());
    let frame = frame_in(container, language).ok_or("the drawn dashboard is not whole")?;
    let listener = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&listener);
    // The owner of all reactions is that of a view without elements: the markup is text.
    let mounted = mount_to(container.clone(), move || {
        let follower = Rc::downgrade(&session);
        let effects = move |effect| {
            if let Some(session) = follower.upgrade() {
                session.follow(effect);
            }
        };
        let dashboard = Dashboard::new(language, zone::offset_at, Box::new(effects));
        session.attach(&dashboard);
        session.set_theme(colors);
        if asked != Json::Null {
            session.set_filters(filters(&asked));
        }
        let coloured = Rc::clone(&dashboard);
        view::react(move || colour(&theme_root, &coloured));
        listener.replace(view::attach(&dashboard, frame));
    });
    Ok(Box::new((kept, mounted)))
}

/// Puts light or dark and the colours on the element that carries them.
fn colour(root: &HtmlElement, dashboard: &Dashboard) {
    let host = dashboard.host_theme.get();
    let set = match host.scheme {
        Some(scheme) => root.set_attribute("data-eb-theme", scheme.as_str()),
        None => Ok(()),
    };
    let own = dashboard
        .surface
        .with(|surface| surface.as_ref().and_then(|surface| surface.theme.clone()));
    let style = root.style();
    for (name, value) in variables(own.as_ref(), &host.colors) {
        let changed = match value {
            Some(value) => style.set_property(name, &value),
            None => style.remove_property(name).map(drop),
        };
        drop(changed);
    }
    drop(set);
}

/// Tells the host how high the content is. The height depends on the width alone, so this cannot go in circles.
fn watch_height(container: &HtmlElement, session: &Rc<Session>) -> Option<SizeObserver> {
    let told = Rc::downgrade(session);
    let last = std::cell::Cell::new(0);
    SizeObserver::new(container, move |_, height| {
        let height = height.ceil() as u32;
        if height > 0
            && last.replace(height) != height
            && let Some(session) = told.upgrade()
        {
            session.emit(&Outbound::Resize { height });
        }
    })
}

fn listen(document: &Document, session: &Rc<Session>, is_frame: bool) -> Vec<Listener> {
    let seen = Rc::downgrade(session);
    let page = document.clone();
    let visibility = Listener::new(document, &["visibilitychange"], move |_| {
        if let Some(session) = seen.upgrade() {
            session.visibility(page.hidden());
        }
    });
    if document.hidden() {
        session.visibility(true);
    }
    let back = Rc::downgrade(session);
    let online = web_sys::window().and_then(|window| {
        Listener::new(&window, &["online"], move |_| {
            if let Some(session) = back.upgrade() {
                session.back_online();
            }
        })
    });
    let messages = if is_frame {
        frame::listen(Rc::downgrade(session))
    } else {
        None
    };
    [visibility, online, messages]
        .into_iter()
        .flatten()
        .collect()
}

fn read(options: &JsValue, key: &str) -> JsValue {
    Reflect::get(options, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(options: &JsValue, key: &str) -> Option<String> {
    read(options, key)
        .as_string()
        .filter(|text| !text.is_empty())
}

fn function(options: &JsValue, key: &str) -> Option<Function> {
    read(options, key).dyn_into().ok()
}

/// A plain value of a script; null for what cannot be written as JSON.
fn json(value: &JsValue) -> Json {
    let text = JSON::stringify(value)
        .ok()
        .and_then(|text| text.as_string());
    text.and_then(|text| Json::parse(&text)).unwrap_or_default()
}

struct Live {
    container: HtmlElement,
    session: Rc<Session>,
    // Dropped in this order: nothing is watched that is gone.
    _height: Option<SizeObserver>,
    _listeners: Vec<Listener>,
    _mounted: Box<dyn Any>,
    _guard: Guarded,
}

/// A dashboard on a page. After `destroy` every method does nothing.
#[wasm_bindgen]
pub struct DashboardHandle {
    id: Cell<Option<u32>>,
}

impl DashboardHandle {
    fn session(&self) -> Option<Rc<Session>> {
        let id = self.id.get()?;
        LIVE.with_borrow(|all| {
            let live = all.iter().find(|(found, _)| *found == id);
            live.map(|(_, live)| Rc::clone(&live.session))
        })
    }
}

#[wasm_bindgen]
impl DashboardHandle {
    /// Replaces the viewer's filters; takes the object of the browser protocol.
    #[wasm_bindgen(js_name = setFilters)]
    pub fn set_filters(&self, asked: &JsValue) {
        if let Some(session) = self.session() {
            session.set_filters(filters(&json(asked)));
        }
    }

    /// Changes colours; takes `"dark"`, `"light"`, `"auto"` or an object of the public tokens.
    #[wasm_bindgen(js_name = setTheme)]
    pub fn set_theme(&self, asked: &JsValue) {
        if let Some(session) = self.session() {
            session.set_theme(theme(&json(asked), is_color));
        }
    }

    /// Fetches fresh data under the same session.
    pub fn reload(&self) {
        if let Some(session) = self.session() {
            session.reload();
        }
    }

    /// Swaps the session for the one that an address opens.
    #[wasm_bindgen(js_name = setEmbedUrl)]
    pub fn set_embed_url(&self, url: &str) {
        if let Some(session) = self.session() {
            session.swap_text(url);
        }
    }

    /// Takes the dashboard off the page.
    pub fn destroy(&self) {
        // Taken out first: what is torn down may call back here.
        let live = self.id.take().and_then(|id| {
            LIVE.with_borrow_mut(|all| {
                let at = all.iter().position(|(found, _)| *found == id)?;
                Some(all.remove(at))
            })
        });
        if let Some((_, live)) = live {
            live.session.destroy();
            live.container.remove();
        }
    }
}
