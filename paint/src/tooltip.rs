//! What stands under the pointer, and what is said about it.

use emban_chart::{
    Format, HitBox, HitColumn, Hits, Locale, Rect, Scene, Slot, format_number, format_time,
    on_circle, turn_at,
};
use emban_contract::dashboard::Chart;
use emban_contract::embed::{SeriesRole, SurfaceWidget, TimeseriesData, WidgetData};

use crate::action::action;
use crate::change::{Compared, change_of};
use crate::figure_input::{format, second_format, step, zone};
use crate::wording::{measure_label, series_label};
use crate::words::Language;

/// What is shown beside a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Tip {
    /// The bucket or the category.
    pub title: String,
    /// One line a series or measure.
    pub lines: Vec<TipLine>,
    /// Where it stands, in CSS pixels of the scene.
    pub at: (f64, f64),
    /// The cross-hair: its x and where it begins and ends.
    pub crosshair: Option<(f64, f64, f64)>,
    /// Dots on the lines: x, y and the class of their colour.
    pub dots: Vec<(f64, f64, &'static str)>,
    /// Whether a click on the place does something.
    pub acts: bool,
}

/// One line of a tip.
#[derive(Debug, Clone, PartialEq)]
pub struct TipLine {
    /// Class of its colour; none for a line without a key.
    pub class: Option<&'static str>,
    /// The series.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Tip {
    /// The tip as a sentence, for a screen reader.
    pub fn spoken(&self) -> String {
        let mut text = self.title.clone();
        for line in &self.lines {
            if line.name.is_empty() {
                text.push_str(": ");
            } else {
                text.push_str(", ");
                text.push_str(&line.name);
                text.push(' ');
            }
            text.push_str(&line.value);
        }
        text
    }
}

/// Where an arrow key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStep {
    /// To the next place.
    Next,
    /// To the one before.
    Previous,
    /// To the first.
    First,
    /// To the last.
    Last,
}

impl KeyStep {
    /// The place after the step; the ends hold.
    pub fn from(self, at: Option<usize>, count: usize) -> Option<usize> {
        let last = count.checked_sub(1)?;
        Some(match (self, at) {
            (Self::First, _) | (Self::Next, None) => 0,
            (Self::Last, _) | (Self::Previous, None) => last,
            (Self::Next, Some(at)) => (at + 1).min(last),
            (Self::Previous, Some(at)) => at.saturating_sub(1),
        })
    }
}

/// How many places the pointer or the arrow keys can go to.
pub fn count(scene: &Scene) -> usize {
    match &scene.hits {
        Hits::None => 0,
        Hits::Columns(columns) => columns.len(),
        Hits::Boxes(boxes) => boxes.len(),
    }
}

/// The place under a position in CSS pixels of the scene.
pub fn hit_at(scene: &Scene, x: f64, y: f64) -> Option<usize> {
    match &scene.hits {
        Hits::None => None,
        Hits::Columns(columns) => columns
            .iter()
            .position(|column| (column.x0..column.x1).contains(&x)),
        Hits::Boxes(boxes) => boxes.iter().position(|item| contains(item, x, y)),
    }
}

fn contains(item: &HitBox, x: f64, y: f64) -> bool {
    let inside = |bounds: &Rect| {
        (bounds.left..=bounds.right).contains(&x) && (bounds.top..=bounds.bottom).contains(&y)
    };
    let Some(arc) = item.arc else {
        return inside(&item.bounds);
    };
    if arc.key.as_ref().is_some_and(inside) {
        return true;
    }
    let (dx, dy) = (x - arc.center.x, y - arc.center.y);
    let (radius, turn) = ((dx * dx + dy * dy).sqrt(), turn_at(dx, dy));
    (arc.radii.0..=arc.radii.1).contains(&radius) && (arc.turns.0..arc.turns.1).contains(&turn)
}

/// What is said about a place.
pub fn tip(
    scene: &Scene,
    index: usize,
    widget: &SurfaceWidget,
    data: &WidgetData,
    language: Language,
) -> Option<Tip> {
    let tip = match (&scene.hits, data) {
        (Hits::Columns(columns), WidgetData::Timeseries(data)) => {
            of_column(scene, columns.get(index)?, data, widget, language)
        }
        (Hits::Boxes(boxes), _) => of_box(scene, boxes.get(index)?, widget, language),
        (Hits::None | Hits::Columns(_), _) => return None,
    };
    let acts = action(scene, index, widget, data, language).is_some();
    Some(Tip { acts, ..tip })
}

fn of_column(
    scene: &Scene,
    column: &HitColumn,
    data: &TimeseriesData,
    widget: &SurfaceWidget,
    language: Language,
) -> Tip {
    let locale = language.locale;
    let format = full(&format(widget));
    let mut title = instant(data, column.t_ms, locale);
    if column.partial {
        title.push_str(" · ");
        title.push_str(
            if data.partial_from.is_some_and(|from| from.0 <= column.t_ms) {
                language.words.so_far
            } else {
                language.words.in_part
            },
        );
    }
    let slot = |series: usize| {
        scene
            .legend
            .iter()
            .find(|e| e.series == series)
            .map_or(Slot::series(series), |e| e.slot)
            .class()
    };
    let shown = || column.points.iter().filter(|point| point.value.is_some());
    let lines = shown()
        .filter_map(|point| {
            let series = data.series.get(point.series)?;
            let second = second_format();
            let format = match series.role {
                SeriesRole::Secondary => &second,
                SeriesRole::Primary | SeriesRole::Comparison | SeriesRole::Other => &format,
            };
            Some(TipLine {
                class: Some(slot(point.series)),
                name: series_label(series, widget, language.words),
                value: text(point.value, format, locale),
            })
        })
        .collect();
    let on_lines = matches!(widget.chart, Chart::Line | Chart::Area);
    let dots = shown()
        .filter(|_| on_lines)
        .filter_map(|p| p.y.map(|y| (column.x, y, slot(p.series))))
        .collect();
    let top = shown()
        .filter_map(|point| point.y)
        .fold(scene.plot.bottom, f64::min);
    Tip {
        title,
        lines,
        at: (column.x, top),
        crosshair: Some((column.x, scene.plot.top, scene.plot.bottom)),
        dots,
        acts: false,
    }
}

/// The bucket that begins at an instant.
pub(crate) fn instant(data: &TimeseriesData, at_ms: i64, locale: &Locale) -> String {
    let offset = zone(data).offset_at(at_ms);
    format_time(at_ms, step(data.granularity), offset, locale)
}

fn of_box(scene: &Scene, item: &HitBox, widget: &SurfaceWidget, language: Language) -> Tip {
    let (locale, words) = (language.locale, language.words);
    let format = full(&format(widget));
    let named = |name: &str, value: String| TipLine {
        class: None,
        name: name.to_owned(),
        value,
    };
    let mut lines = vec![TipLine {
        // A step of a ramp tells nothing apart.
        class: (!matches!(item.slot, Slot::Plain | Slot::Level(_))).then(|| item.slot.class()),
        name: String::new(),
        value: text(item.value, &format, locale),
    }];
    if widget.chart == Chart::Scatter {
        // A point has two measures, and the first is the one to the right.
        let measure = |at| measure_label(widget, at, words);
        lines = vec![
            named(&measure(0), text(item.previous, &format, locale)),
            named(&measure(1), text(item.value, &second_format(), locale)),
        ];
    } else if let Some(previous) = item.previous {
        lines.push(named(words.previous, text(Some(previous), &format, locale)));
        let percent = |value: f64| (value - previous) / previous.abs() * 100.0;
        let compared = Compared {
            value: item.value,
            previous: item.previous,
            percent: item.value.filter(|_| previous != 0.0).map(percent),
        };
        if let Some(change) = change_of(widget, compared, language) {
            lines.push(named(words.change, change.text));
        }
    }
    let at = match item.arc {
        Some(arc) => {
            let turn = (arc.turns.0 + arc.turns.1) / 2.0;
            let at = on_circle(arc.center, (arc.radii.0 + arc.radii.1) / 2.0, turn);
            (at.x, at.y)
        }
        None => (
            item.bounds.center().x.min(scene.size.width),
            item.bounds.top,
        ),
    };
    Tip {
        title: item.label.clone(),
        lines,
        at,
        crosshair: None,
        dots: Vec::new(),
        acts: false,
    }
}

/// A tip has room for all digits.
fn full(format: &Format) -> Format {
    Format {
        notation: emban_chart::Notation::Plain,
        ..format.clone()
    }
}

fn text(value: Option<f64>, format: &Format, locale: &Locale) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |value| format_number(value, format, locale),
    )
}

#[cfg(test)]
mod tests;
