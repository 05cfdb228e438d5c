//! From figures to the text of a drawing.

use emban_chart::{
    Canvas, EN, ENGLISH, Format, Grid, Role, Scene, Series, Size, Step, TimeSeries, Zone, heatmap,
    line, render_svg,
};

use crate::Subject;

/// 2025-03-03 00:00 UTC.
const BEGIN: i64 = 1_740_960_000_000;
const DAY_MS: i64 = 86_400_000;
const DAYS: i64 = 90;

fn draw(format: &Format, scene: impl Fn(&Canvas<'_>) -> Scene) -> String {
    render_svg(&scene(&Canvas {
        size: Size::new(640.0, 280.0),
        title: "Requests",
        format,
        locale: &EN,
        strings: &ENGLISH,
    }))
}

/// Values that swing by the week.
fn series(name: &str, height: f64) -> Series {
    let value = |day: i64| Some(height + 10.0 * (day * 5 % 7) as f64);
    Series {
        name: name.to_owned(),
        role: Role::default(),
        points: (0..DAYS)
            .map(|day| (BEGIN + day * DAY_MS, value(day)))
            .collect(),
    }
}

pub(crate) fn subjects() -> Vec<Subject> {
    let lines = TimeSeries {
        series: vec![series("a", 40.0), series("b", 90.0), series("c", 130.0)],
        step: Step::Day,
        partial_from: Some(BEGIN + (DAYS - 1) * DAY_MS),
        partial_until: None,
        zone: Zone::utc(),
    };
    let grid = Grid {
        rows: (0..7).map(|day| format!("day {day}")).collect(),
        columns: (0..24).map(|hour| format!("{hour}")).collect(),
        values: (0..7 * 24)
            .map(|cell| Some(f64::from(cell * 5 % 37)))
            .collect(),
    };
    let format = Format::compact();
    let other = format.clone();
    let is_svg = |svg: &String| svg.starts_with("<svg") && svg.len() > 2000;
    vec![
        Subject::new(
            "chart: three lines of 90 days, as SVG",
            move || draw(&format, |canvas| line(&lines, canvas)),
            is_svg,
        ),
        Subject::new(
            "chart: heatmap of a week, as SVG",
            move || draw(&other, |canvas| heatmap(&grid, canvas)),
            is_svg,
        ),
    ]
}
