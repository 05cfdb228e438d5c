//! A fault of ours stays inside the embed: it shows a card, tells the host, and the host's page goes on.

use std::cell::{Cell, RefCell};

use web_sys::HtmlElement;

type Reported = Box<dyn Fn()>;

thread_local! {
    static LIVE: RefCell<Vec<(u32, HtmlElement, Reported)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

const CARD: &str = "<div class=\"em-root\"><div class=\"em-whole\" role=\"alert\"><p class=\"em-notice-title\">Something went wrong</p>\
    <p class=\"em-notice-text\">Reload the page to see this dashboard again.</p></div></div>";

/// An embed that would show the card. All embeds of a page share one memory, so a fault ends them all.
pub(super) struct Guarded(u32);

impl Guarded {
    /// `report` tells the host.
    pub(super) fn new(root: HtmlElement, report: impl Fn() + 'static) -> Self {
        let id = NEXT.with(|next| next.replace(next.get().wrapping_add(1)));
        LIVE.with_borrow_mut(|live| live.push((id, root, Box::new(report))));
        Self(id)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        LIVE.with(|live| {
            if let Ok(mut live) = live.try_borrow_mut() {
                live.retain(|(id, ..)| *id != self.0);
            }
        });
    }
}

/// Shows the cards when anything panics. Can be called more than once.
pub(super) fn install() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&format!("emban: {info}").into());
        LIVE.with(|live| {
            let Ok(live) = live.try_borrow() else { return };
            for (_, root, report) in live.iter() {
                root.set_inner_html(CARD);
                report();
            }
        });
    }));
}
