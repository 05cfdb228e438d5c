//! The dashboard on the page: its parts follow the state.
//!
//! The markup is [`emban_paint`]'s, the same that the origin draws; here are only the reasons to draw it again. What a
//! first paint never holds, panels and the sheet, are views of Leptos.

mod act;
mod cards;
mod dates;
mod icon;
mod pointer;
mod sheet;
mod values;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use emban_contract::UnixMillis;
use emban_contract::embed::Surface;
use emban_paint::{
    Choice, Head, Language, Panel, Screen, Trouble, banner, chips, head, skeletons, whole,
};
use leptos::prelude::*;
use web_sys::Element;

use crate::rim::dom::{self, Listeners, Opener};
use crate::rim::patch;
use crate::state::{Dashboard, Status};

use cards::Cards;

/// What holds the parts of a dashboard.
#[derive(Clone)]
pub(crate) struct Frame {
    /// The dashboard's element.
    pub(crate) root: Element,
    pub(crate) head: Element,
    pub(crate) chips: Element,
    pub(crate) banner: Element,
    pub(crate) grid: Element,
    pub(crate) spoken: Element,
}

/// What the handlers of the page's events share.
#[derive(Clone)]
pub(crate) struct Hands {
    d: Dashboard,
    frame: Frame,
    cards: Rc<RefCell<Cards>>,
    /// The card and the place in its chart that is pointed at.
    cursor: RwSignal<Option<(usize, usize)>>,
}

/// Draws the parts whenever what they show changes, and listens to the page. The result keeps both alive.
pub(crate) fn attach(d: Dashboard, frame: Frame, opener: Opener) -> Listeners {
    let hands = Hands {
        d,
        frame: frame.clone(),
        cards: Rc::new(RefCell::new(Cards::default())),
        cursor: RwSignal::new(None),
    };
    let root = frame.root.clone();
    Effect::new(move |_| {
        let (busy, expired) = (d.busy.get(), d.status.get() == Status::Expired);
        let class = match (busy, expired) {
            (false, false) => "em-root",
            (true, false) => "em-root em-busy",
            (_, true) => "em-root em-expired",
        };
        root.set_class_name(class);
        let right_to_left = d.language.get().locale.right_to_left;
        drop(root.set_attribute("dir", if right_to_left { "rtl" } else { "ltr" }));
        drop(root.set_attribute("data-live", ""));
    });
    part(frame.head, move || {
        let (open, age_seconds) = (
            d.panel.get(),
            d.freshness.get().map(|f| f.age_seconds(d.now.get())),
        );
        let draw = |screen: &Screen<'_>| {
            head(
                screen,
                &Head {
                    open: open.as_ref(),
                    age_seconds,
                },
            )
        };
        screen(d, draw).unwrap_or_default()
    });
    part(frame.chips, move || screen(d, chips).unwrap_or_default());
    part(frame.banner, move || {
        let trouble = match d.status.get() {
            Status::Expired => Some(Trouble::Ended),
            Status::Loading | Status::Ready | Status::Failed(_) => {
                d.trouble.get().map(Trouble::Reload)
            }
        };
        banner(d.language.get(), trouble)
    });
    let spoken = frame.spoken;
    Effect::new(move |_| spoken.set_text_content(Some(&d.spoken.get())));
    cards::keep(&hands);
    pointer::keep(&hands);
    act::listen(&hands, opener)
}

/// Draws a part again when its markup changes.
fn part(element: Element, markup: impl Fn() -> String + 'static) {
    draw(element, Box::new(markup));
}

fn draw(element: Element, markup: Box<dyn Fn() -> String>) {
    Effect::new(move |last: Option<String>| {
        let now = markup();
        if last.as_ref() != Some(&now) {
            patch::children(&element, &now);
        }
        now
    });
}

/// What everything is drawn from, if the surface is here. Whoever calls this in an effect follows the surface, the
/// choice and the language.
fn screen<T>(d: Dashboard, draw: impl FnOnce(&Screen<'_>) -> T) -> Option<T> {
    let surface = d.surface.get()?;
    Some(on_screen(
        d,
        &surface,
        &d.choice.get(),
        d.language.get(),
        draw,
    ))
}

fn on_screen<T>(
    d: Dashboard,
    surface: &Surface,
    choice: &Choice,
    language: Language,
    draw: impl FnOnce(&Screen<'_>) -> T,
) -> T {
    draw(&Screen {
        surface,
        choice,
        language,
        offset_at: d.offset_at,
        styles: patch::STYLES,
    })
}

/// What stands in place of the cards, if anything.
fn instead(d: Dashboard) -> Option<String> {
    match d.status.get() {
        Status::Loading => Some(skeletons(d.language.get())),
        Status::Failed(code) => Some(whole(d.language.get(), code)),
        Status::Ready | Status::Expired => None,
    }
}

/// What is open over the dashboard.
pub(crate) fn over(d: Dashboard, opener: Opener) -> AnyView {
    view! {
        {move || d.panel.get().map(|panel| {
            view! {
                <div class="em-backdrop" aria-hidden="true" on:click=move |_| d.panel.set(None)></div>
                {content(d, opener, panel)}
            }
        })}
        {move || d.sheet.with(Option::is_some).then(|| sheet::sheet(d, opener))}
    }
    .into_any()
}

fn content(d: Dashboard, opener: Opener, panel: Panel) -> AnyView {
    let Some(surface) = d.surface.get_untracked() else {
        return ().into_any();
    };
    let place = opener.place();
    match panel {
        Panel::Dates => dates::panel(d, place, surface.filters.max_date_range_days),
        Panel::Range(prop) => values::range_panel(d, place, &prop),
        Panel::Dimension(prop) => match surface
            .filters
            .dimensions
            .iter()
            .find(|dimension| dimension.prop == prop)
        {
            Some(dimension) => values::panel(d, place, dimension),
            None => ().into_any(),
        },
    }
}

/// The session's zone, as panels want it.
pub(crate) fn offset_at(d: Dashboard, at: UnixMillis) -> i32 {
    d.surface
        .get_untracked()
        .map_or(0, |surface: Arc<Surface>| {
            (d.offset_at)(&surface.timezone, at)
        })
}

/// Closes what is open, and says whether anything was.
fn close(d: Dashboard) -> dom::Was {
    let was = d.panel.with_untracked(Option::is_some) || d.sheet.with_untracked(Option::is_some);
    d.panel.set(None);
    d.sheet.set(None);
    if was {
        dom::Was::Open
    } else {
        dom::Was::Closed
    }
}
