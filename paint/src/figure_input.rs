//! A widget's figures as a chart wants them, and the scene that comes of it.

use emban_chart::{
    Canvas, Categories, Category, Format, Grid, LegendEntry, Locale, OffsetChange, Parts, Role,
    ScatterPoint, Scene, Series, Slot, Step, Target, TimeSeries, Zone, hour_by_weekday,
    push_number,
};
use emban_contract::dashboard::{Chart, Granularity, WidgetOptions};
use emban_contract::embed::{
    Cell, GridData, KpiData, SeriesRole, SurfaceWidget, TableData, TimeseriesData, WidgetData,
};

use crate::wording::{measure_label, number_format, series_label, value_label};
use crate::words::Words;

/// Draws a widget's figures. `hidden` holds positions of series that the viewer has switched off.
///
/// Missing: `None` where the chart and the shape of the data do not go together; a table is shown instead.
pub(crate) fn scene(
    widget: &SurfaceWidget,
    data: &WidgetData,
    hidden: &[usize],
    canvas: &Canvas<'_>,
    words: &Words,
) -> Option<Scene> {
    match data {
        WidgetData::Timeseries(data) => of_series(widget, data, hidden, canvas, words),
        WidgetData::Table(data) => of_table(widget, data, canvas, words),
        WidgetData::Grid(data) if widget.chart == Chart::Heatmap => {
            Some(emban_chart::heatmap(&heat(data, canvas.locale), canvas))
        }
        WidgetData::Kpi(data) => of_kpi(widget, data, canvas),
        WidgetData::Grid(_) => None,
    }
}

fn of_series(
    widget: &SurfaceWidget,
    data: &TimeseriesData,
    hidden: &[usize],
    canvas: &Canvas<'_>,
    words: &Words,
) -> Option<Scene> {
    let series = time_series(widget, data, hidden, words);
    let mut scene = match widget.chart {
        Chart::Line => emban_chart::line(&series, canvas),
        Chart::Area => emban_chart::area(&series, canvas),
        Chart::Bar => emban_chart::bar(&series, canvas),
        Chart::StackedBar => emban_chart::stacked_bar(&series, canvas),
        Chart::DualAxis => emban_chart::dual_axis(&series, &second_format(), canvas),
        Chart::Waterfall => emban_chart::waterfall(&series, canvas),
        _ => return None,
    };
    // A group that is left alone is still one of several: its name and its colour are to be seen.
    if let ([only], false) = (series.series.as_slice(), widget.groups.is_empty()) {
        scene.legend = vec![LegendEntry {
            series: 0,
            name: only.name.clone(),
            slot: Slot::series(0),
        }];
    }
    Some(scene)
}

fn of_table(
    widget: &SurfaceWidget,
    data: &TableData,
    canvas: &Canvas<'_>,
    words: &Words,
) -> Option<Scene> {
    let draw = match widget.chart {
        Chart::HorizontalBar => emban_chart::horizontal_bar,
        Chart::Donut => emban_chart::donut,
        Chart::Bar => emban_chart::category_bar,
        Chart::Funnel => emban_chart::funnel,
        Chart::Treemap => emban_chart::treemap,
        Chart::Radar => emban_chart::radar,
        Chart::Scatter => {
            let points = scatter_points(data, widget.options.as_ref(), words);
            let [below, left] = [0, 1].map(|at| measure_label(widget, at, words));
            let names = [below.as_str(), left.as_str()];
            let canvas_of_second = second_canvas(canvas);
            return Some(emban_chart::scatter(
                &points,
                names,
                canvas.format,
                &canvas_of_second,
            ));
        }
        _ => return None,
    };
    Some(draw(&categories(data, widget, words), canvas))
}

fn of_kpi(widget: &SurfaceWidget, data: &KpiData, canvas: &Canvas<'_>) -> Option<Scene> {
    let target = Target {
        value: data.value?,
        target: widget.options.as_ref()?.target?,
    };
    match widget.chart {
        Chart::Progress => Some(emban_chart::progress(target, canvas)),
        Chart::Gauge => Some(emban_chart::gauge(target, canvas)),
        _ => None,
    }
}

/// The options describe the first measure; the second has a plain format.
pub(crate) fn second_format() -> Format {
    Format::plain()
}

/// A scatter plot writes its second measure on the left.
fn second_canvas<'a>(canvas: &Canvas<'a>) -> Canvas<'a> {
    static PLAIN: Format = Format {
        unit: emban_chart::Unit::Number,
        notation: emban_chart::Notation::Plain,
        decimals: None,
    };
    Canvas {
        format: &PLAIN,
        ..*canvas
    }
}

/// The step of a granularity; `auto` never comes back from the server.
pub(crate) fn step(granularity: Granularity) -> Step {
    match granularity {
        Granularity::Minute => Step::Minute,
        Granularity::Hour => Step::Hour,
        Granularity::Auto | Granularity::Day => Step::Day,
        Granularity::Week => Step::Week,
        Granularity::Month => Step::Month,
        Granularity::Quarter => Step::Quarter,
    }
}

/// The session's zone over the range of a series.
pub(crate) fn zone(data: &TimeseriesData) -> Zone {
    Zone::new(
        data.offsets
            .iter()
            .map(|(from, seconds)| OffsetChange {
                from_ms: from.0,
                offset_seconds: *seconds,
            })
            .collect(),
    )
}

/// Series for a chart. A hidden one keeps its place, and with it the colours of the others, but has no values.
pub(crate) fn time_series(
    widget: &SurfaceWidget,
    data: &TimeseriesData,
    hidden: &[usize],
    words: &Words,
) -> TimeSeries {
    let series = data
        .series
        .iter()
        .enumerate()
        .map(|(index, series)| Series {
            name: series_label(series, widget, words),
            role: match series.role {
                SeriesRole::Primary | SeriesRole::Other => Role::Primary,
                SeriesRole::Secondary => Role::Secondary,
                SeriesRole::Comparison => Role::Comparison,
            },
            points: series
                .points
                .iter()
                .map(|(at, value)| (at.0, value.filter(|_| !hidden.contains(&index))))
                .collect(),
        })
        .collect();
    TimeSeries {
        series,
        step: step(data.granularity),
        partial_from: data.partial_from.or(data.cut_from).map(|at| at.0),
        partial_until: data.cut_until.map(|at| at.0),
        zone: zone(data),
    }
}

/// A number of a row, by the key of its column.
pub(crate) fn number(data: &TableData, row: &[Cell], key: &str) -> Option<f64> {
    let at = data.columns.iter().position(|column| column.key == key)?;
    match row.get(at)? {
        Cell::Number(number) => Some(*number),
        Cell::Text(_) | Cell::Null => None,
    }
}

/// The value of the grouping that a row stands for; null is the missing property.
fn group(row: &[Cell]) -> Option<String> {
    text_of(row.first()?)
}

/// A cell as a value of a property.
pub(crate) fn text_of(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.clone()),
        Cell::Number(number) => {
            let mut text = String::new();
            push_number(&mut text, *number);
            Some(text)
        }
        Cell::Null => None,
    }
}

/// Items of a breakdown, in the server's order.
pub(crate) fn categories(data: &TableData, widget: &SurfaceWidget, words: &Words) -> Categories {
    let options = widget.options.as_ref();
    let items = data
        .rows
        .iter()
        .map(|row| Category {
            label: value_label(group(row).as_deref(), options, words),
            value: number(data, row, "value").unwrap_or(0.0),
            previous: number(data, row, "previous_value"),
        })
        .collect();
    Categories {
        items,
        other: data
            .other
            .as_ref()
            .and_then(|row| number(data, row, "value")),
        parts: match widget.measures.first() {
            Some(measured) if !measured.metric.adds_up() => Parts::Apart,
            _ => Parts::OfWhole,
        },
    }
}

fn scatter_points(
    data: &TableData,
    options: Option<&WidgetOptions>,
    words: &Words,
) -> Vec<ScatterPoint> {
    data.rows
        .iter()
        .map(|row| ScatterPoint {
            label: value_label(group(row).as_deref(), options, words),
            x: number(data, row, "value").unwrap_or(f64::NAN),
            y: number(data, row, "second_value").unwrap_or(f64::NAN),
        })
        .collect()
}

/// Hours by weekdays, in the order and with the names of the viewer's locale.
pub(crate) fn heat(data: &GridData, locale: &Locale) -> Grid {
    let mut values = [[None; 24]; 7];
    for (row, cells) in data.rows.iter().zip(&data.cells) {
        let day = row
            .as_deref()
            .and_then(|r| r.parse::<usize>().ok())
            .and_then(|day| values.get_mut(day.wrapping_sub(1)));
        let Some(day) = day else { continue };
        for (column, value) in data.columns.iter().zip(cells) {
            let hour = column
                .as_deref()
                .and_then(|c| c.parse::<usize>().ok())
                .and_then(|hour| day.get_mut(hour));
            if let Some(hour) = hour {
                *hour = *value;
            }
        }
    }
    hour_by_weekday(&values, locale)
}

/// Whether there is nothing to show.
pub fn is_empty(data: &WidgetData) -> bool {
    match data {
        WidgetData::Kpi(data) => data.value.is_none(),
        // Also an earlier time that had something is worth to be seen.
        WidgetData::Timeseries(data) => !data
            .series
            .iter()
            .flat_map(|series| &series.points)
            .any(|(_, value)| value.is_some_and(|v| v != 0.0)),
        WidgetData::Table(data) => data.rows.is_empty(),
        // Counts come for every cell, with zeros where nothing happened.
        WidgetData::Grid(data) => !data
            .cells
            .iter()
            .flatten()
            .any(|cell| cell.is_some_and(|v| v != 0.0)),
    }
}

/// The number format of a widget.
pub(crate) fn format(widget: &SurfaceWidget) -> Format {
    number_format(widget.options.as_ref())
}

#[cfg(test)]
mod tests {
    use emban_chart::{Locale, Size};

    use super::*;
    use crate::words::ENGLISH;

    fn widget(kind: &str, chart: &str) -> SurfaceWidget {
        serde_json::from_value(serde_json::json!({
            "id": "w", "kind": kind, "chart": chart, "title": "Calls", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 }
        }))
        .unwrap()
    }

    fn draw(widget: &SurfaceWidget, data: &str, hidden: &[usize]) -> Option<Scene> {
        let format = format(widget);
        let canvas = Canvas {
            size: Size::new(600.0, 260.0),
            title: &widget.title,
            format: &format,
            locale: Locale::from_tag("en"),
            strings: ENGLISH.chart,
        };
        scene(
            widget,
            &serde_json::from_str(data).unwrap(),
            hidden,
            &canvas,
            &ENGLISH,
        )
    }

    const SERIES: &str = r#"{"series":[{"name":"count","points":[["2026-03-01T00:00:00Z",12],["2026-03-02T00:00:00Z",null]]},
        {"name":"p95","role":"secondary","points":[["2026-03-01T00:00:00Z",5],["2026-03-02T00:00:00Z",6]]}],
        "granularity":"day","from":"2026-03-01T00:00:00Z","to":"2026-03-03T00:00:00Z","offsets":[["2026-03-01T00:00:00Z",0]]}"#;
    const TABLE: &str = r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"},{"key":"second_value","type":"number"}],
        "rows":[["m-1",3,1],[null,1,2]],"other":[null,7,9]}"#;

    #[test]
    fn every_chart_of_a_time_series_is_drawn() {
        for chart in [
            "line",
            "area",
            "bar",
            "stacked_bar",
            "dual_axis",
            "waterfall",
        ] {
            let scene = draw(&widget("timeseries", chart), SERIES, &[])
                .unwrap_or_else(|| panic!("{chart} is not drawn"));
            assert!(!scene.empty, "{chart}");
        }
    }

    #[test]
    fn every_chart_of_a_breakdown_is_drawn_but_the_list() {
        for chart in [
            "horizontal_bar",
            "donut",
            "bar",
            "funnel",
            "treemap",
            "radar",
            "scatter",
        ] {
            assert!(
                draw(&widget("breakdown", chart), TABLE, &[]).is_some_and(|s| !s.marks.is_empty()),
                "{chart}"
            );
        }
        assert!(draw(&widget("breakdown", "list"), TABLE, &[]).is_none());
    }

    #[test]
    fn a_hidden_series_keeps_its_place_but_not_its_values() {
        let data: TimeseriesData = serde_json::from_str(SERIES).unwrap();
        let series = time_series(&widget("timeseries", "line"), &data, &[0], &ENGLISH);
        assert_eq!(series.series.len(), 2);
        assert!(series.series[0].points.iter().all(|(_, v)| v.is_none()));
        assert_eq!(series.series[1].points[1].1, Some(6.0));
    }

    #[test]
    fn rows_become_items_with_a_rest() {
        let table: TableData = serde_json::from_str(TABLE).unwrap();
        let items = categories(&table, &widget("breakdown", "list"), &ENGLISH);
        assert_eq!(
            items
                .items
                .iter()
                .map(|i| i.label.as_str())
                .collect::<Vec<_>>(),
            ["m-1", "(none)"]
        );
        assert_eq!(items.other, Some(7.0));
    }

    #[test]
    fn a_ring_of_averages_shows_no_sum() {
        let ring = |metric: &str| {
            let mut widget = widget("breakdown", "donut");
            let metric = emban_contract::dashboard::Metric::named(metric).unwrap();
            let prop = None;
            widget.measures = vec![emban_contract::embed::Measured { metric, prop }];
            let scene = draw(&widget, TABLE, &[]).unwrap();
            scene.texts().any(|(text, _)| text == "Total")
        };
        assert!(ring("count") && ring("sum"));
        for metric in [
            "avg",
            "p95",
            "min",
            "max",
            "count_unique",
            "count_unique_approx",
            "ratio",
        ] {
            assert!(!ring(metric), "{metric}");
        }
    }

    #[test]
    fn nothing_measured_is_empty() {
        let empty = |json: &str| is_empty(&serde_json::from_str(json).unwrap());
        assert!(empty(r#"{"value":null}"#));
        assert!(!empty(r#"{"value":0}"#));
        assert!(empty(r#"{"columns":[],"rows":[]}"#));
        assert!(empty(r#"{"rows":["1"],"columns":["0"],"cells":[[null]]}"#));
        assert!(!empty(SERIES));
        let calm = |before: u32| {
            format!(
                r#"{{"series":[{{"name":"count","points":[["2026-03-01T00:00:00Z",0]]}},
                {{"name":"count","role":"comparison","points":[["2026-03-01T00:00:00Z",{before}]]}}],
                "granularity":"day","from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z","offsets":[]}}"#
            )
        };
        assert!(empty(&calm(0)));
        assert!(!empty(&calm(5)), "what has ended is to be seen");
    }
}
