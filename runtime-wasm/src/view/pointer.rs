//! Pointing at charts, with a pointer or the arrow keys.

use std::rc::Rc;

use emban_paint::{Action, KeyStep, action, count, hit_at, tip, tip_markup};
use web_sys::Element;

use super::cards::Seen;
use super::{Hands, react};
use crate::rim::patch;

/// Shows the tip of the place that is pointed at.
pub(super) fn keep(hands: &Rc<Hands>) {
    let hands = Rc::clone(hands);
    let mut last: Option<usize> = None;
    react(move || {
        let cursor = hands.cursor.get();
        let now = cursor.map(|(at, _)| at);
        if let Some(layer) = last
            .filter(|former| now != Some(*former))
            .and_then(|former| hands.layer(former))
        {
            patch::children(&layer, "");
        }
        if let Some(at) = now
            && let (Some(layer), Some((markup, _))) = (hands.layer(at), hands.said())
        {
            patch::children(&layer, &markup);
        }
        last = now;
    });
}

impl Hands {
    pub(super) fn seen(&self, at: usize) -> Option<Seen> {
        self.cards.borrow().seen(at)
    }

    fn layer(&self, at: usize) -> Option<Element> {
        self.frame
            .grid
            .children()
            .item(at as u32)?
            .query_selector(".em-hits")
            .ok()
            .flatten()
    }

    /// The tip at the cursor, as markup and as a sentence.
    pub(super) fn said(&self) -> Option<(String, String)> {
        let (at, place) = self.cursor.get_untracked()?;
        let seen = self.seen(at)?;
        let (scene, data) = (seen.scene?, self.figures(&seen.widget.id)?);
        let tip = tip(
            &scene,
            place,
            &seen.widget,
            &data,
            self.d.language.get_untracked(),
        )?;
        Some((tip_markup(&tip, scene.size.width), tip.spoken()))
    }

    /// Points at a position of a chart, in CSS pixels from its corner; says whether it was pointed at before.
    pub(super) fn point(&self, at: usize, (x, y): (f64, f64)) -> Pointed {
        let scene = self.seen(at).and_then(|seen| seen.scene);
        let found = scene
            .and_then(|scene| hit_at(&scene, x, y))
            .map(|place| (at, place));
        if self.cursor.get_untracked() == found {
            return Pointed::Again;
        }
        self.cursor.set(found);
        Pointed::Anew
    }

    /// Points nowhere.
    pub(super) fn leave(&self) {
        if self.cursor.get_untracked().is_some() {
            self.cursor.set(None);
        }
    }

    /// Points nowhere if a card was pointed at: it was drawn anew, and its tip went with it.
    pub(super) fn unpoint(&self, card: usize) {
        if self
            .cursor
            .get_untracked()
            .is_some_and(|(at, _)| at == card)
        {
            self.cursor.set(None);
        }
    }

    pub(super) fn step(&self, at: usize, step: KeyStep) {
        let places = self
            .seen(at)
            .and_then(|seen| seen.scene)
            .map_or(0, |scene| count(&scene));
        let here = self
            .cursor
            .get_untracked()
            .filter(|(card, _)| *card == at)
            .map(|(_, place)| place);
        self.cursor
            .set(step.from(here, places).map(|place| (at, place)));
        self.d.spoken.set(
            self.said()
                .map(|(_, sentence)| sentence)
                .unwrap_or_default(),
        );
    }

    /// Does what a click on the place at the cursor does.
    pub(super) fn click(&self) {
        let act = self.cursor.get_untracked().and_then(|(at, place)| {
            let seen = self.seen(at)?;
            let (scene, data) = (seen.scene?, self.figures(&seen.widget.id)?);
            let act = action(
                &scene,
                place,
                &seen.widget,
                &data,
                self.d.language.get_untracked(),
            )?;
            Some((seen.widget.id, act))
        });
        if let Some((widget, act)) = act {
            self.follow(widget, act);
        }
    }

    pub(super) fn follow(&self, widget: emban_contract::WidgetId, act: Action) {
        match act {
            Action::Filter { prop, value } => self.d.toggle_value(&prop, &value),
            Action::Drill { point, title } => self.d.drill(widget, Some(point), title),
        }
    }
}

/// Whether a place was pointed at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pointed {
    /// It was.
    Again,
    /// It was not.
    Anew,
}
