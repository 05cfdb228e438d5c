//! What opens over the dashboard: the panel of a button, and the sheet of rows.

use std::rc::Rc;

use emban_paint::{Offer, OpenPanel, Panel, Rows, panel, sheet};
use web_sys::Element;

use super::{Hands, react, screen};
use crate::rim::dom;
use crate::rim::patch;
use crate::rim::picture;
use crate::state::Dashboard;

/// Keeps panel and sheet as the state is, and the focus where the viewer works.
pub(super) fn keep(hands: &Rc<Hands>) {
    let h = Rc::clone(hands);
    let (mut shown, mut place) = (None, (0.0, 0.0));
    react(move || {
        let open = h.d.panel.get();
        if let Some(panel) = open.as_ref().filter(|_| shown != open) {
            place = h.opener.place(panel.width());
        }
        let changed = shown != open;
        if changed {
            // Nothing that was typed into one panel stays in the next.
            patch::children(&h.frame.over, "");
            h.ahead.take();
        }
        if let Some(open) = &open {
            patch::children(&h.frame.over, &the_panel(&h, open, place));
        }
        shown = open;
        if changed {
            h.settle(&h.frame.over);
        } else if h.ahead.get().0 > 0 {
            h.catch_up();
        }
    });
    let h = Rc::clone(hands);
    let (mut shown, mut depth) = (false, None);
    react(move || {
        let open = h.d.sheet.with(Option::is_some);
        if open && !shown {
            depth = h.opener.depth();
        }
        let markup = if open {
            the_sheet(&h.d, depth)
        } else {
            String::new()
        };
        patch::children(&h.frame.sheet, &markup);
        if std::mem::replace(&mut shown, open) != open {
            h.cover(open);
            h.settle(&h.frame.sheet);
        }
    });
}

impl Hands {
    /// Puts the focus into what has just opened, or back where it was before.
    pub(super) fn settle(&self, part: &Element) {
        match part.query_selector("[data-f]").ok().flatten() {
            Some(first) => dom::focus(&first),
            None if !self.d.is_covered() => self.opener.focus(),
            None => {}
        }
    }

    /// Under the sheet nothing can be reached, by a key no more than by a pointer.
    fn cover(&self, covered: bool) {
        let frame = &self.frame;
        for part in [&frame.head, &frame.chips, &frame.banner, &frame.grid] {
            drop(part.toggle_attribute_with_force("inert", covered));
        }
    }
}

fn the_panel(hands: &Hands, open: &Panel, place: (f64, f64)) -> String {
    let d = &hands.d;
    let (refused, file) = (d.refused_dates.get(), d.file.get());
    let has_picture = match open {
        Panel::Save(widget) => hands
            .card_with(widget)
            .is_some_and(|card| picture::is_drawn(&card)),
        Panel::Dates | Panel::Dimension(_) | Panel::Range(_) => false,
    };
    d.values.with(|list| {
        let offer = Offer {
            search: &list.search,
            values: &list.values,
            fetch: list.fetch,
        };
        let open = OpenPanel {
            panel: open,
            place,
            offer,
            refused,
            now: d.now.get_untracked(),
            file,
            has_picture,
        };
        screen(d, |screen| panel(screen, &open))
    })
}

fn the_sheet(d: &Dashboard, depth: Option<f64>) -> String {
    d.sheet.with(|open| {
        let Some(open) = open else {
            return String::new();
        };
        let rows = Rows {
            title: &open.title,
            columns: &open.columns,
            rows: &open.rows,
            fetch: open.fetch,
            more: open.next_cursor.is_some(),
            depth,
        };
        screen(d, |screen| sheet(screen, &rows))
    })
}
