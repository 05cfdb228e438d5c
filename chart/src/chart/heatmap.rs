//! A table of values as coloured cells.

use super::{no_data, summary};
use crate::calendar::WallTime;
use crate::data::{Canvas, Grid, drawable};
use crate::format::format_number;
use crate::locale::Locale;
use crate::scene::{
    Anchor, HitBox, Hits, Path, Point, Rect, RoundEnd, Scene, Shape, Slot, TextStyle,
};
use crate::strings::{ChartName, fill};
use crate::text::fit_text;

/// Steps of the colour ramp above zero.
const STEPS: u8 = 6;

/// Puts values by weekday (from Monday) and hour into the order of the locale's week.
pub fn hour_by_weekday(values: &[[Option<f64>; 24]; 7], locale: &Locale) -> Grid {
    let mut grid = Grid::default();
    for offset in 0..7 {
        let day = (offset + locale.first_weekday as usize) % 7;
        grid.rows
            .extend(locale.weekdays.get(day).map(|name| (*name).to_owned()));
        grid.values.extend(values.get(day).into_iter().flatten());
    }
    grid.columns = (0..24)
        .map(|hour| {
            locale.time(WallTime {
                days: 0,
                minute: hour * 60,
            })
        })
        .collect();
    grid
}

/// Draws a cell for each value; the darker, the larger.
pub fn heatmap(data: &Grid, canvas: &Canvas<'_>) -> Scene {
    let (rows, columns) = (data.rows.len(), data.columns.len());
    let values: Vec<Option<f64>> = data
        .values
        .iter()
        .take(rows * columns)
        .map(|v| v.and_then(drawable))
        .collect();
    let Some(ramp) = Ramp::new(&values) else {
        return no_data(canvas);
    };
    let mut scene = canvas.scene();
    let layout = CellLayout::new(data, canvas);
    scene.plot = layout.plot;
    let mut levels: Vec<Path> = (0..=STEPS).map(|_| Path::default()).collect();
    let mut boxes = Vec::with_capacity(values.len());
    let mut peak: Option<(usize, f64)> = None;
    for position in 0..rows * columns {
        let value = values.get(position).copied().flatten();
        let (row, column) = (position / columns, position % columns);
        let cell = layout.cell(row, column);
        let level = value.map_or(0, |value| ramp.level(value));
        if let Some(path) = levels.get_mut(usize::from(level)) {
            path.bar(cell.inset(layout.gap / 2.0), RoundEnd::All, 2.0);
        }
        if value.is_some_and(|value| peak.is_none_or(|(_, most)| value > most)) {
            peak = value.map(|value| (position, value));
        }
        boxes.push(HitBox {
            index: Some(position),
            label: [label(&data.rows, row), " ", label(&data.columns, column)].concat(),
            value,
            previous: None,
            bounds: cell,
            arc: None,
            slot: Slot::Level(level),
        });
    }
    for (level, path) in (0..).zip(levels) {
        scene.path(Shape::Cell, Slot::Level(level), path);
    }
    layout.label(&mut scene, data);
    layout.draw_key(&mut scene, canvas);
    if let Some((position, value)) = peak {
        scene.summary = tell(
            data,
            position,
            value,
            values.iter().flatten().count(),
            canvas,
        );
    }
    scene.hits = Hits::Boxes(boxes);
    scene
}

/// Maps values to colours in equal steps from zero, or from the lowest value if that is negative.
struct Ramp {
    low: f64,
    high: f64,
}

impl Ramp {
    fn new(values: &[Option<f64>]) -> Option<Self> {
        let (low, high) = crate::aligned::extent(values.iter().copied().flatten())?;
        Some(Self {
            low: low.min(0.0),
            high,
        })
    }

    fn level(&self, value: f64) -> u8 {
        let span = self.high - self.low;
        if span <= 0.0 || value <= self.low {
            return 0;
        }
        (((value - self.low) / span * f64::from(STEPS)).ceil() as u8).clamp(1, STEPS)
    }
}

struct CellLayout {
    plot: Rect,
    rows: usize,
    columns: usize,
    gap: f64,
    /// Base line of the key; none without room.
    key: Option<f64>,
    labelled: bool,
}

impl CellLayout {
    fn new(data: &Grid, canvas: &Canvas<'_>) -> Self {
        let (width, height) = (canvas.size.width, canvas.size.height);
        let widest = data
            .rows
            .iter()
            .map(|row| TextStyle::Tick.width(row))
            .fold(0.0, f64::max);
        let labelled =
            height / data.rows.len().max(1) as f64 >= 13.0 + 22.0 / data.rows.len().max(1) as f64;
        let gutter = if labelled {
            (widest + 10.0).min(width * 0.3)
        } else {
            0.0
        };
        let key = height >= 150.0 && width >= 200.0;
        let bottom = height - if labelled { 20.0 } else { 0.0 } - if key { 20.0 } else { 0.0 };
        let plot = Rect::new(gutter, 0.0, width, bottom);
        let smallest = (plot.width() / data.columns.len().max(1) as f64)
            .min(plot.height() / data.rows.len().max(1) as f64);
        let gap = if smallest >= 10.0 {
            3.0
        } else if smallest >= 5.0 {
            1.0
        } else {
            0.0
        };
        let key = key.then_some(height - 4.0);
        Self {
            plot,
            rows: data.rows.len(),
            columns: data.columns.len(),
            gap,
            key,
            labelled,
        }
    }

    fn cell(&self, row: usize, column: usize) -> Rect {
        let width = self.plot.width() / self.columns.max(1) as f64;
        let height = self.plot.height() / self.rows.max(1) as f64;
        let (left, top) = (
            self.plot.left + column as f64 * width,
            self.plot.top + row as f64 * height,
        );
        Rect::new(left, top, left + width, top + height)
    }

    fn label(&self, scene: &mut Scene, data: &Grid) {
        if !self.labelled {
            return;
        }
        for (row, text) in data.rows.iter().enumerate() {
            let at = Point::new(self.plot.left - 10.0, self.cell(row, 0).center().y + 4.0);
            scene.text(
                TextStyle::Tick,
                Anchor::End,
                at,
                fit_text(text, self.plot.left - 10.0, 11.0),
            );
        }
        let widest = data
            .columns
            .iter()
            .map(|text| TextStyle::Tick.width(text))
            .fold(0.0, f64::max)
            .min(80.0);
        let cell = self.plot.width() / self.columns.max(1) as f64;
        let least = ((widest + 10.0) / cell).ceil().max(1.0) as usize;
        // Hours read best at 0, 6, 12 and 18.
        let every = [1, 2, 3, 4, 6, 12]
            .into_iter()
            .find(|every| *every >= least)
            .unwrap_or(least);
        for (column, text) in data.columns.iter().enumerate().step_by(every) {
            let cell = self.cell(0, column);
            let text = fit_text(
                text,
                (cell.width() * every as f64 - 6.0).min(self.plot.right - cell.left),
                11.0,
            );
            let width = TextStyle::Tick.width(&text);
            let middle = cell
                .center()
                .x
                .max(cell.left + width / 2.0)
                .min(self.plot.right - width / 2.0);
            // A label wider than its cell begins at the cell's left edge.
            scene.text(
                TextStyle::Tick,
                Anchor::Middle,
                Point::new(middle, self.plot.bottom + 15.0),
                text,
            );
        }
    }

    /// Draws the ramp between the words for its ends.
    fn draw_key(&self, scene: &mut Scene, canvas: &Canvas<'_>) {
        let Some(base) = self.key else { return };
        let (less, most) = (canvas.strings.less, canvas.strings.most);
        let swatches = f64::from(STEPS + 1) * 14.0;
        let right = canvas.size.width - TextStyle::Tick.width(most) - 6.0;
        if right - swatches - 6.0 - TextStyle::Tick.width(less) < 0.0 {
            return;
        }
        for level in 0..=STEPS {
            let left = right - swatches + f64::from(level) * 14.0;
            let mut path = Path::default();
            path.bar(
                Rect::new(left, base - 9.0, left + 11.0, base + 2.0),
                RoundEnd::All,
                2.0,
            );
            scene.path(Shape::Cell, Slot::Level(level), path);
        }
        scene.text(
            TextStyle::Tick,
            Anchor::End,
            Point::new(right - swatches - 6.0, base),
            less.to_owned(),
        );
        scene.text(
            TextStyle::Tick,
            Anchor::End,
            Point::new(canvas.size.width, base),
            most.to_owned(),
        );
    }
}

fn label(labels: &[String], index: usize) -> &str {
    labels.get(index).map_or("", String::as_str)
}

fn tell(data: &Grid, position: usize, value: f64, n: usize, canvas: &Canvas<'_>) -> String {
    let columns = data.columns.len().max(1);
    fill(
        canvas.strings.grid_summary,
        &[
            ("chart", canvas.chart(ChartName::Heatmap)),
            ("n", &summary::count(n)),
            ("row", label(&data.rows, position / columns)),
            ("column", label(&data.columns, position % columns)),
            ("value", &format_number(value, canvas.format, canvas.locale)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{DE, EN};

    #[test]
    fn the_week_begins_as_the_locale_has_it() {
        let mut values = [[None; 24]; 7];
        values[6][23] = Some(9.0);
        let english = hour_by_weekday(&values, &EN);
        assert_eq!(
            (english.rows[0].as_str(), english.values[23]),
            ("Sun", Some(9.0))
        );
        let german = hour_by_weekday(&values, &DE);
        assert_eq!(
            (german.rows[6].as_str(), german.values[6 * 24 + 23]),
            ("So", Some(9.0))
        );
    }

    #[test]
    fn nothing_has_no_colour_and_the_most_has_the_last() {
        let ramp = Ramp {
            low: 0.0,
            high: 60.0,
        };
        assert_eq!(
            [0.0, 0.5, 10.0, 10.1, 60.0].map(|value| ramp.level(value)),
            [0, 1, 1, 2, 6]
        );
        assert_eq!(
            Ramp {
                low: 0.0,
                high: 0.0
            }
            .level(0.0),
            0
        );
    }
}
