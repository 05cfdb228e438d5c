//! What the page's events do: one listener of each kind for the whole dashboard.

use std::cell::Cell;
use std::rc::Rc;

use emban_contract::dashboard::Period;
use emban_contract::embed::{Cell as Figure, WidgetData};
use emban_contract::filters::NumericRange;
use emban_paint::{First, NUMBERS, Panel, Shown, next_sort, row_action};
use leptos::prelude::*;
use web_sys::{Element, Event};

use super::pointer::Pointed;
use super::{Hands, close};
use crate::rim::dom::{self, Listeners, Opener, Was};

/// Listens for as long as the result lives.
pub(super) fn listen(hands: &Hands, opener: Opener) -> Listeners {
    let mut listeners = Listeners::new(&hands.frame.root);
    let is_open = {
        let d = hands.d;
        move || d.panel.with_untracked(Option::is_some) || d.sheet.with_untracked(Option::is_some)
    };
    // A finger's first touch shows the tip, its second acts: there is no hovering before a touch.
    let armed = Rc::new(Cell::new(true));
    let (h, arm) = (hands.clone(), Rc::clone(&armed));
    listeners.on("pointerdown", move |event| {
        if !is_open() {
            opener.set(event);
        }
        if let Some((at, position)) = h.over_chart(event) {
            let pointed = h.point(at, position);
            arm.set(dom::is_mouse(event) || pointed == Pointed::Again);
        }
    });
    let h = hands.clone();
    listeners.on("pointermove", move |event| match h.over_chart(event) {
        Some((at, position)) if dom::is_mouse(event) => {
            h.point(at, position);
        }
        Some(_) => {}
        None => h.leave(),
    });
    let h = hands.clone();
    listeners.on("pointerleave", move |event| {
        if dom::is_mouse(event) {
            h.leave();
        }
    });
    let h = hands.clone();
    listeners.on("focusout", move |_| h.leave());
    listeners.on("focusin", move |event| {
        if !is_open() {
            opener.set(event);
        }
    });
    let h = hands.clone();
    listeners.on("click", move |event| {
        if h.over_chart(event).is_some() {
            if armed.replace(true) {
                h.click();
            }
        } else if let Some(element) = dom::closest(event, "[data-a]") {
            h.act(&element);
        }
    });
    let h = hands.clone();
    listeners.on("keydown", move |event| h.key(event, opener));
    listeners
}

impl Hands {
    /// The card under an event, by position.
    fn card_of(&self, element: &Element) -> Option<usize> {
        let card = element.closest("[data-w]").ok().flatten()?;
        let cards = self.frame.grid.children();
        (0..cards.length())
            .find(|at| cards.item(*at).as_ref() == Some(&card))
            .map(|at| at as usize)
    }

    /// The chart under an event, and the position in it.
    fn over_chart(&self, event: &Event) -> Option<(usize, (f64, f64))> {
        let layer = dom::closest(event, ".em-hits")?;
        Some((self.card_of(&layer)?, dom::position(event, &layer)))
    }

    fn key(&self, event: &Event, opener: Opener) {
        if dom::is_key(event, "Escape") {
            if close(self.d) == Was::Open {
                opener.focus();
            }
            self.leave();
            return;
        }
        let Some((at, _)) = self.over_chart(event) else {
            return;
        };
        match dom::step_of(event) {
            Some(step) => {
                event.prevent_default();
                self.step(at, step);
            }
            None if dom::is_key(event, "Enter") => self.click(),
            None => {}
        }
    }

    /// Does what an element says.
    fn act(&self, element: &Element) {
        let d = self.d;
        let read = |name: &str| element.get_attribute(name).unwrap_or_default();
        let (verb, value, prop) = (read("data-a"), read("data-v"), read("data-p"));
        match verb.as_str() {
            "period" => {
                if let Ok(period) = Period::parse(&value) {
                    d.choose_period(period);
                }
            }
            "dates" => d.toggle_panel(Panel::Dates),
            "filter" => d.toggle_panel(Panel::Dimension(value)),
            "range" => d.toggle_panel(Panel::Range(value)),
            "unfilter" => d.toggle_value(&prop, &value),
            "unrange" => d.choose_range(
                &prop,
                NumericRange {
                    min: None,
                    max: None,
                },
            ),
            "reset" => d.reset(),
            "refresh" => d.reload(),
            "restart" => d.restart(),
            of_card => {
                if let Some(at) = self.card_of(element) {
                    self.act_on_card(at, of_card, &value, &prop);
                }
            }
        }
    }

    fn act_on_card(&self, at: usize, verb: &str, value: &str, prop: &str) {
        let Some(seen) = self.seen(at) else { return };
        let number = value.parse::<usize>().ok();
        match (verb, number) {
            ("retry", _) => self.d.retry(seen.widget.id),
            ("rows", _) => self.drill(seen.widget.id, None, seen.widget.title),
            ("table", _) => seen.state.update(|state| {
                state.shown = match state.shown {
                    Shown::Chart => Shown::Table,
                    Shown::Table => Shown::Chart,
                };
            }),
            ("key", Some(series)) => seen
                .state
                .update(|state| state.toggle_series(series, seen.series)),
            ("sort", Some(column)) => {
                let first = if prop == NUMBERS {
                    First::Largest
                } else {
                    First::Smallest
                };
                seen.state
                    .update(|state| state.sort = next_sort(state.sort, column, first));
            }
            ("row", Some(row)) => self.act_on_row(seen.widget.id.clone(), &seen.widget, row),
            _ => {}
        }
    }

    fn act_on_row(
        &self,
        id: emban_contract::WidgetId,
        widget: &emban_contract::embed::SurfaceWidget,
        row: usize,
    ) {
        let Some(data) = self.figures(&id) else {
            return;
        };
        let WidgetData::Table(table) = &*data else {
            return;
        };
        let cell = table.rows.get(row).and_then(|row| row.first());
        let value = match cell {
            Some(Figure::Text(text)) => Some(text.clone()),
            Some(Figure::Number(_) | Figure::Null) | None => None,
        };
        let words = self.d.language.get_untracked().words;
        let label = emban_paint::value_label(value.as_deref(), widget.options.as_ref(), words);
        if let Some(act) = row_action(widget, value, &label) {
            self.follow(id, act);
        }
    }
}
