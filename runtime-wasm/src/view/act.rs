//! What the page's events do: one listener for the whole dashboard.

use std::rc::Rc;

use emban_contract::dashboard::Period;
use emban_contract::filters::NumericRange;
use emban_contract::{ProblemCode, WidgetId};
use emban_paint::{Fetch, First, NUMBERS, Panel, Shown, cell_action, next_sort};
use web_sys::{Element, Event, HtmlInputElement};

use super::Hands;
use super::pointer::Pointed;
use crate::json::Json;
use crate::rim::dom;
use crate::rim::listener::Listener;
use crate::rim::picture::{self, Kind};
use crate::state::Was;

const KINDS: &[&str] = &[
    "pointerdown",
    "pointermove",
    "pointerleave",
    "focusin",
    "focusout",
    "click",
    "input",
    "keydown",
];

/// What a double click does once.
const ONCE: &str = "[data-a=row], [data-a=rows], [data-a=close]";

/// Listens for as long as the result lives.
pub(super) fn listen(hands: &Rc<Hands>) -> Option<Listener> {
    let h = Rc::clone(hands);
    Listener::new(&hands.frame.root, KINDS, move |event| h.heard(&event))
}

impl Hands {
    fn heard(&self, event: &Event) {
        match event.type_().as_str() {
            "pointerdown" => {
                self.opens(event);
                if let Some((at, position)) = self.over_chart(event) {
                    let pointed = self.point(at, position);
                    self.armed
                        .set(dom::is_mouse(event) || pointed == Pointed::Again);
                }
            }
            "pointermove" => match self.over_chart(event) {
                Some((at, position)) if dom::is_mouse(event) => {
                    self.point(at, position);
                }
                Some(_) => {}
                None => self.leave(),
            },
            "pointerleave" if !dom::is_mouse(event) => {}
            "pointerleave" => self.leave(),
            "focusout" => {
                // Pressing the pointer takes the focus from elsewhere, and must not take the place that is pressed.
                let pointed = self.cursor.get_untracked().map(|(at, _)| at);
                if self.over_chart(event).map(|(at, _)| at) == pointed {
                    self.leave();
                }
            }
            "focusin" => self.arrives(event),
            // The second of a double click would take back what the first did, or close what it opened.
            "click" if dom::is_second(event) && dom::closest(event, ONCE).is_some() => {}
            "click" => {
                if self.over_chart(event).is_some() {
                    // A finger's first touch did nothing yet.
                    let again = dom::is_mouse(event) && dom::is_second(event);
                    if self.armed.replace(true) && !again {
                        self.click();
                    }
                } else if let Some(element) = dom::closest(event, "[data-a]") {
                    self.act(&element);
                }
            }
            "input" => {
                if let Some(field) = dom::closest(event, ".em-search") {
                    self.ahead.take();
                    let text = dom::typed(&field).pop().unwrap_or_default();
                    self.d.search_values(text);
                } else if let Some(form) = dom::closest(event, ".em-form") {
                    dom::keep_order(&form);
                }
            }
            _ => self.key(event),
        }
    }

    /// What happens now may open something.
    fn opens(&self, event: &Event) {
        if !self.d.is_covered() {
            self.opener.set(event);
        }
    }

    /// The focus has moved. It stays in what is open: past its last field comes its first.
    fn arrives(&self, event: &Event) {
        if self.d.is_covered() && dom::closest(event, ".em-pop, .em-sheet").is_none() {
            self.settle(&self.frame.over);
        }
        self.opens(event);
    }

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

    fn key(&self, event: &Event) {
        let key = dom::key(event);
        if key == "Escape" {
            if self.d.close() == Was::Closed {
                self.leave();
            }
            return;
        }
        if let Some(form) = dom::closest(event, ".em-form").filter(|_| key == "Enter") {
            // The button has its own click by the same key.
            if let (None, Ok(Some(button))) = (
                dom::closest(event, "button"),
                form.query_selector("[data-a]"),
            ) {
                // The same key would press what has the focus by then, and open the panel again.
                event.prevent_default();
                self.act(&button);
            }
            return;
        }
        if dom::closest(event, ".em-pop:has(.em-search)").is_some() {
            self.walk(event, &key);
            return;
        }
        let Some((at, _)) = self.over_chart(event) else {
            return;
        };
        match dom::step_of(&key) {
            Some(step) => {
                event.prevent_default();
                self.step(at, step);
            }
            None if key == "Enter" => {
                // The same key would press the button that has the focus by then.
                event.prevent_default();
                self.click();
            }
            None => {}
        }
    }

    /// Arrow keys go from the search field through its values and back, Enter takes the value they are at, and letters go on
    /// with the search.
    fn walk(&self, event: &Event, key: &str) {
        let fields = dom::fields(&self.frame.over);
        let is_target = |field: &HtmlInputElement| event.target().as_ref() == Some(field.as_ref());
        let Some(at) = fields.iter().position(is_target) else {
            return;
        };
        // Among values of which one is chosen an arrow chooses, as browsers have it.
        let chooses = fields.get(at).is_some_and(|field| field.type_() == "radio");
        let (to, takes) = match key {
            "ArrowDown" => (at + self.ahead.get().0 + 1, chooses),
            "ArrowUp" => (at.saturating_sub(1), chooses),
            "Enter" => (at + self.ahead.get().0, true),
            " " => return,
            _ => {
                if key.len() == 1 {
                    self.go(&fields, 0, false);
                }
                return;
            }
        };
        event.prevent_default();
        self.ahead.set((to, takes));
        if at > 0 {
            self.go(&fields, to, takes);
        } else {
            self.catch_up();
        }
    }

    /// Does what the viewer's keys asked for, unless values are on their way: nobody waits for them before the next key.
    pub(super) fn catch_up(&self) {
        if self.d.values.with_untracked(|list| list.fetch) != Fetch::Loading {
            let (to, takes) = self.ahead.get();
            self.go(&dom::fields(&self.frame.over), to, takes);
        }
    }

    fn go(&self, fields: &[HtmlInputElement], to: usize, takes: bool) {
        self.ahead.take();
        let to = to.min(fields.len().saturating_sub(1));
        if let Some(field) = fields.get(to) {
            dom::focus(field);
            if takes && to > 0 {
                self.act(field);
            }
        }
    }

    /// Does what an element says.
    fn act(&self, element: &Element) {
        let d = &self.d;
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
            "close" => drop(d.close()),
            "between" | "bound" => self.apply(element, &value),
            "clear" => d.clear_dimension(&value),
            "more" => d.more_rows(),
            "csv" => {
                if let Ok(widget) = WidgetId::new(value) {
                    d.save_figures(widget);
                }
            }
            "png" => self.save_picture(&value, Kind::Png),
            "svg" => self.save_picture(&value, Kind::Svg),
            "choose" => d.choose_value(&prop, &value),
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

    /// Takes what is typed into the two fields of a panel: bounds of a property, or dates when it is not named.
    fn apply(&self, button: &Element, prop: &str) {
        let form = button.closest(".em-form").ok().flatten();
        let typed = form.as_ref().map(dom::typed).unwrap_or_default();
        let [first, last] = typed.as_slice() else {
            return;
        };
        let number = |text: &str| Json::parse(text).as_ref().and_then(Json::number);
        if prop.is_empty() {
            self.d.choose_dates(first, last);
        } else {
            let range = NumericRange {
                min: number(first),
                max: number(last),
            };
            self.d.choose_range(prop, range);
        }
    }

    /// The card of a widget.
    pub(super) fn card_with(&self, widget: &str) -> Option<Element> {
        let cards = self.frame.grid.children();
        (0..cards.length())
            .filter_map(|at| cards.item(at))
            .find(|card| card.get_attribute("data-w").as_deref() == Some(widget))
    }

    /// Saves the chart of a widget as it is on the screen.
    fn save_picture(&self, widget: &str, kind: Kind) {
        let (Some(card), Ok(id)) = (self.card_with(widget), WidgetId::new(widget)) else {
            return;
        };
        let d = Rc::clone(&self.d);
        let name = d.file_name(&id, kind.as_str());
        picture::save(&card, kind, name, move |saved| {
            d.saved(id, kind.as_str(), saved.ok_or(Some(ProblemCode::Internal)));
        });
    }

    fn act_on_card(&self, at: usize, verb: &str, value: &str, prop: &str) {
        let Some(seen) = self.seen(at) else { return };
        let number = value.parse::<usize>().ok();
        match (verb, number) {
            ("retry", _) => self.d.retry(seen.widget.id),
            ("save", _) => {
                let widget = seen.widget.id.as_str().to_owned();
                self.d.toggle_panel(Panel::Save(widget));
            }
            ("rows", _) => self.d.drill(seen.widget.id, None, seen.widget.title),
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
            ("row", Some(row)) => {
                // A list has no columns.
                let column = prop.parse().unwrap_or_default();
                let words = self.d.language.get_untracked().words;
                let act = self
                    .figures(&seen.widget.id)
                    .and_then(|data| cell_action(&seen.widget, &data, (row, column), words));
                if let Some(act) = act {
                    self.follow(seen.widget.id, act);
                }
            }
            _ => {}
        }
    }
}
