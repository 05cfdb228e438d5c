//! The items of a breakdown, fit for drawing.

use crate::data::{Canvas, Categories, Parts, drawable};
use crate::scene::Slot;

/// One item that can be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// Position in the input; none for what is summed up.
    pub(crate) index: Option<usize>,
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) previous: Option<f64>,
    pub(crate) slot: Slot,
}

/// All items in their order, then the rest; each in the first series' colour, the rest in a neutral one.
pub(crate) fn items(data: &Categories, canvas: &Canvas<'_>) -> Vec<Item> {
    let listed = data.items.iter().enumerate().map(|(index, item)| Item {
        index: Some(index),
        label: canvas.named(&item.label).to_owned(),
        value: drawable(item.value).unwrap_or(0.0),
        previous: item.previous.and_then(drawable),
        slot: Slot::Series(0),
    });
    listed.chain(rest(data.other, canvas)).collect()
}

/// Items with a share in a whole: only positive ones, each in its own colour, at most `most` and a rest, if they add up.
pub(crate) fn shares(data: &Categories, most: usize, canvas: &Canvas<'_>) -> Vec<Item> {
    let mut kept: Vec<Item> = items(data, canvas)
        .into_iter()
        .filter(|item| item.value > 0.0)
        .collect();
    let listed = kept.iter().filter(|item| item.index.is_some()).count();
    if listed > most && data.parts == Parts::OfWhole {
        let folded = kept.split_off(most.saturating_sub(1));
        let sum = folded.iter().map(|item| item.value).sum();
        kept.extend(rest(Some(sum), canvas));
    }
    for (position, item) in kept
        .iter_mut()
        .enumerate()
        .filter(|(_, item)| item.index.is_some())
    {
        item.slot = Slot::series(position);
    }
    kept
}

fn rest(value: Option<f64>, canvas: &Canvas<'_>) -> Option<Item> {
    let value = value.and_then(drawable).filter(|value| *value != 0.0)?;
    Some(Item {
        index: None,
        label: canvas.strings.other.to_owned(),
        value,
        previous: None,
        slot: Slot::Other,
    })
}

/// The largest item that has a name of its own.
pub(crate) fn largest(items: &[Item]) -> Option<(&str, f64)> {
    let named = items.iter().filter(|item| item.index.is_some());
    named
        .max_by(|a, b| a.value.total_cmp(&b.value))
        .map(|item| (item.label.as_str(), item.value))
}
