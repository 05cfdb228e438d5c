//! The dashboard on the page: its parts follow the state.
//!
//! The markup is [`emban_paint`]'s, the same that the origin draws; here are only the reasons to draw it again. Reasons
//! are effects of Leptos over [`crate::state::Kept`] values.

mod act;
mod cards;
mod over;
mod pointer;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emban_contract::embed::Surface;
use emban_paint::{Choice, Language, Screen, Trouble, banner, chips, head, skeletons, whole};
use leptos::prelude::Effect;
use web_sys::Element;

use crate::rim::dom::Opener;
use crate::rim::listener::Listener;
use crate::rim::patch;
use crate::state::{Dashboard, Kept, Status};

use cards::Cards;

/// What holds the parts of a dashboard.
#[derive(Clone)]
pub(crate) struct Frame {
    /// The dashboard's element.
    pub(crate) root: Element,
    pub(crate) head: Element,
    pub(crate) over: Element,
    pub(crate) chips: Element,
    pub(crate) banner: Element,
    pub(crate) grid: Element,
    pub(crate) sheet: Element,
    pub(crate) spoken: Element,
}

/// What the handlers of the page's events share.
pub(crate) struct Hands {
    d: Rc<Dashboard>,
    frame: Frame,
    cards: RefCell<Cards>,
    /// The card and the place in its chart that is pointed at.
    cursor: Kept<Option<(usize, usize)>>,
    /// Where the viewer was before something opened over the dashboard, and shall be again.
    opener: Opener,
    /// Whether a click on a chart acts. A finger's first touch shows the tip, its second acts: there is no hovering
    /// before a touch.
    armed: Cell<bool>,
    /// Which field of the open panel is wanted, and whether to take it, once the values that are searched for are here.
    ahead: Cell<(usize, bool)>,
}

/// Runs something on the next tick, and again whenever a value that it read has changed; ends with the owner of the
/// reaction that it was made in.
///
/// One boxed type for all, since each kind of effect is code of its own.
pub(crate) fn react(run: impl FnMut() + 'static) {
    fn boxed(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_: Option<()>| run());
    }
    boxed(Box::new(run));
}

/// Draws the parts whenever what they show changes, and listens to the page as long as the result lives.
pub(crate) fn attach(d: &Rc<Dashboard>, frame: Frame) -> Option<Listener> {
    let hands = Rc::new(Hands {
        d: Rc::clone(d),
        frame,
        cards: RefCell::new(Cards::default()),
        cursor: Kept::new(None),
        opener: Opener::default(),
        armed: Cell::new(true),
        ahead: Cell::default(),
    });
    let h = Rc::clone(&hands);
    react(move || root(&h));
    let frame = &hands.frame;
    part(&frame.head, d, |d| screen(d, |screen| the_head(d, screen)));
    part(&frame.chips, d, |d| {
        screen(d, |screen| the_chips(d, screen))
    });
    part(&frame.banner, d, the_banner);
    let (d, spoken) = (Rc::clone(d), frame.spoken.clone());
    react(move || {
        d.spoken
            .with(|sentence| spoken.set_text_content(Some(sentence)))
    });
    over::keep(&hands);
    cards::keep(&hands);
    pointer::keep(&hands);
    act::listen(&hands)
}

fn root(hands: &Hands) {
    let (d, root) = (&hands.d, &hands.frame.root);
    let class = match (d.busy.get(), d.status.get() == Status::Expired) {
        (false, false) => "em-root",
        (true, false) => "em-root em-busy",
        (_, true) => "em-root em-expired",
    };
    root.set_class_name(class);
    let right_to_left = d.language.get().locale.right_to_left;
    for (name, value) in [
        ("dir", if right_to_left { "rtl" } else { "ltr" }),
        ("data-live", ""),
    ] {
        drop(root.set_attribute(name, value));
    }
}

fn the_head(d: &Dashboard, screen: &Screen<'_>) -> String {
    d.panel.with(|open| head(screen, open.as_ref()))
}

fn the_chips(d: &Dashboard, screen: &Screen<'_>) -> String {
    chips(
        screen,
        d.freshness.get().map(|f| f.age_seconds(d.now.get())),
    )
}

fn the_banner(d: &Dashboard) -> String {
    let trouble = match d.status.get() {
        Status::Expired => Some(Trouble::Ended),
        Status::Loading | Status::Ready | Status::Failed(_) => d.trouble.get().map(Trouble::Reload),
    };
    banner(d.language.get(), trouble)
}

/// Draws a part again when its markup changes.
fn part(element: &Element, d: &Rc<Dashboard>, markup: fn(&Dashboard) -> String) {
    let (element, d) = (element.clone(), Rc::clone(d));
    let mut last = None;
    react(move || {
        let now = markup(&d);
        if last.as_ref() != Some(&now) {
            patch::children(&element, &now);
            last = Some(now);
        }
    });
}

/// What is drawn from the surface, the choice and the language, which a reaction then follows; nothing before the
/// surface is here.
fn screen(d: &Dashboard, draw: impl FnOnce(&Screen<'_>) -> String) -> String {
    let Some(surface) = d.surface.get() else {
        return String::new();
    };
    let language = d.language.get();
    d.choice
        .with(|choice| draw(&screen_of(d, &surface, choice, language)))
}

fn screen_of<'a>(
    d: &Dashboard,
    surface: &'a Surface,
    choice: &'a Choice,
    language: Language,
) -> Screen<'a> {
    Screen {
        surface,
        choice,
        language,
        offset_at: d.offset_at,
        styles: patch::STYLES,
        svg: emban_paint::fixed,
    }
}

/// What stands in place of the cards, if anything.
fn instead(d: &Dashboard) -> Option<String> {
    match d.status.get() {
        Status::Loading => Some(skeletons(d.language.get())),
        Status::Failed(code) => Some(whole(d.language.get(), code)),
        Status::Ready | Status::Expired => None,
    }
}
