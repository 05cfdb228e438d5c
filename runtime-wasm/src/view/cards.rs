//! The cards: drawn when their figures, their size or what their viewer did with them changes.

use std::rc::Rc;
use std::sync::Arc;

use emban_chart::Scene;
use emban_contract::WidgetId;
use emban_contract::embed::{Surface, SurfaceWidget, WidgetData};
use emban_paint::{CardState, Drawn, Figures, Groups, card};
use web_sys::Element;

use super::{Hands, instead, react, screen_of};
use crate::rim::dom::{PlotObserver, measured};
use crate::rim::patch;
use crate::state::{Kept, Tile};

/// The cards of the surface on the screen, in reading order.
#[derive(Default)]
pub(super) struct Cards {
    surface: Option<Arc<Surface>>,
    states: Vec<Rc<Kept<CardState>>>,
    scenes: Vec<Option<Rc<Scene>>>,
    series: Vec<usize>,
}

/// A card as the handlers of events see it.
pub(super) struct Seen {
    pub(super) widget: SurfaceWidget,
    pub(super) state: Rc<Kept<CardState>>,
    pub(super) scene: Option<Rc<Scene>>,
    /// How many series its legend names.
    pub(super) series: usize,
}

impl Cards {
    fn keep(&mut self, at: usize, scene: Option<Scene>, series: usize) {
        if let (Some(kept), Some(all)) = (self.scenes.get_mut(at), self.series.get_mut(at)) {
            (*kept, *all) = (scene.map(Rc::new), series);
        }
    }

    pub(super) fn seen(&self, at: usize) -> Option<Seen> {
        Some(Seen {
            widget: self.surface.as_ref()?.widgets.get(at)?.clone(),
            state: Rc::clone(self.states.get(at)?),
            scene: self.scenes.get(at)?.clone(),
            series: self.series.get(at).copied().unwrap_or_default(),
        })
    }
}

impl Hands {
    /// The figures of a widget, if they are here.
    pub(super) fn figures(&self, widget: &WidgetId) -> Option<Arc<WidgetData>> {
        self.d
            .tiles
            .with_untracked(|tiles| match tiles.iter().find(|(id, _)| id == widget) {
                Some((_, Tile::Ready(data))) => Some(Arc::clone(data)),
                Some((_, Tile::Loading | Tile::Failed(_))) | None => None,
            })
    }
}

/// Keeps the grid as the state is.
pub(super) fn keep(hands: &Rc<Hands>) {
    let hands = Rc::clone(hands);
    react(move || {
        let (d, grid) = (&hands.d, &hands.frame.grid);
        // The reactions of the former cards ended with the run before this one.
        hands.cards.replace(Cards::default());
        // Followed here and not by each card: a card's reaction ends with this run, but a value that never changes would
        // hold on to all that ever followed it.
        d.language.with(|_| ());
        if let Some(markup) = instead(d) {
            patch::children(grid, &markup);
            return;
        }
        let Some(surface) = d.surface.get() else {
            return;
        };
        if !stands(grid, &surface) {
            patch::children(grid, &waiting(&hands, &surface));
        }
        begin(&hands, &surface);
    });
}

/// All cards before their figures.
fn waiting(hands: &Hands, surface: &Surface) -> String {
    let (d, state) = (&hands.d, CardState::default());
    d.choice.with_untracked(|choice| {
        let screen = screen_of(d, surface, choice, d.language.get_untracked());
        screen
            .placed()
            .map(|(widget, place)| card(&screen, widget, place, Figures::Loading, &state).markup)
            .collect()
    })
}

/// Whether the grid holds the cards of a surface, as it does when the origin drew them.
fn stands(grid: &Element, surface: &Surface) -> bool {
    let children = grid.children();
    let count = surface.widgets.len();
    children.length() as usize == count
        && (0..).zip(&surface.widgets).all(|(at, widget)| {
            children
                .item(at)
                .and_then(|card| card.get_attribute("data-w"))
                .as_deref()
                == Some(widget.id.as_str())
        })
}

fn begin(hands: &Rc<Hands>, surface: &Arc<Surface>) {
    let count = surface.widgets.len();
    let states: Vec<_> = (0..count)
        .map(|at| {
            // What the origin drew has its size already, so that the first chart of ours is the last one.
            let size = plot(&hands.frame.grid, at).as_ref().and_then(measured);
            Rc::new(Kept::new(CardState {
                size,
                ..CardState::default()
            }))
        })
        .collect();
    hands.cards.replace(Cards {
        surface: Some(Arc::clone(surface)),
        states: states.clone(),
        scenes: vec![None; count],
        series: vec![0; count],
    });
    let (grid, fitted) = (hands.frame.grid.clone(), states.clone());
    let observer = Rc::new(PlotObserver::new(move || {
        for (at, state) in fitted.iter().enumerate() {
            fit(&grid, at, state);
        }
    }));
    for (at, state) in states.into_iter().enumerate() {
        let (hands, surface, observer) =
            (Rc::clone(hands), Arc::clone(surface), Rc::clone(&observer));
        let (mut last, mut groups) = (String::new(), Groups::default());
        react(move || {
            let Some(drawn) = draw(&hands, &surface, at, &state, &mut groups) else {
                return;
            };
            hands.cards.borrow_mut().keep(at, drawn.scene, drawn.series);
            if last != drawn.markup
                && let Some(section) = hands.frame.grid.children().item(at as u32)
            {
                patch::whole(&section, &drawn.markup);
                hands.unpoint(at);
                last = drawn.markup;
            }
            if let (Some(observer), Some(plot)) = (observer.as_ref(), plot(&hands.frame.grid, at)) {
                observer.watch(&plot);
            }
            fit(&hands.frame.grid, at, &state);
        });
    }
}

fn draw(
    hands: &Hands,
    surface: &Surface,
    at: usize,
    kept: &Kept<CardState>,
    groups: &mut Groups,
) -> Option<Drawn> {
    let d = &hands.d;
    let mut state = kept.get();
    let language = d.language.get_untracked();
    d.choice.with(|choice| {
        let screen = screen_of(d, surface, choice, language);
        let (widget, place) = screen.placed().nth(at)?;
        d.tiles.with(|tiles| {
            let tile = tiles.iter().find(|(id, _)| *id == widget.id);
            let figures = tile.map_or(Figures::Loading, |(_, tile)| tile.figures());
            if let Figures::Ready(data) = figures {
                groups.follow(widget, data, &mut state);
            }
            let drawn = card(&screen, widget, place, figures, &state);
            if kept.with_untracked(|old| old.hidden != state.hidden) {
                kept.set(state);
            }
            Some(drawn)
        })
    })
}

fn plot(grid: &Element, at: usize) -> Option<Element> {
    grid.children()
        .item(at as u32)?
        .query_selector(".em-plot")
        .ok()
        .flatten()
}

/// Draws a chart anew when its room is another one.
fn fit(grid: &Element, at: usize, state: &Kept<CardState>) {
    let size = plot(grid, at).as_ref().and_then(measured);
    // A card that is not displayed has no size; its chart waits for one.
    if size.is_some() && state.with_untracked(|state| state.size != size) {
        state.update(|state| state.size = size);
    }
}
