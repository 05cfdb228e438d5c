//! What the key charts look like, as SVG text.

use emban_chart::{
    Canvas, Categories, Category, EN, ENGLISH, Format, Grid, Role, Series, Size, Step, TimeSeries,
    Zone, area, bar, donut, heatmap, horizontal_bar, line, render_svg, sparkline, stacked_bar,
};

/// 2025-03-03 00:00 UTC, a Monday.
const BEGIN: i64 = 1_740_960_000_000;
const DAY_MS: i64 = 86_400_000;

fn canvas<'a>(format: &'a Format, width: f64, height: f64) -> Canvas<'a> {
    Canvas {
        size: Size::new(width, height),
        title: "Requests",
        format,
        locale: &EN,
        strings: &ENGLISH,
    }
}

fn days(values: &[Option<f64>]) -> Vec<(i64, Option<f64>)> {
    values
        .iter()
        .zip(0..)
        .map(|(value, day)| (BEGIN + day * DAY_MS, *value))
        .collect()
}

fn week(series: &[(&str, Role, [Option<f64>; 7])]) -> TimeSeries {
    let series = series
        .iter()
        .map(|(name, role, values)| Series {
            name: (*name).to_owned(),
            role: *role,
            points: days(values),
        })
        .collect();
    TimeSeries {
        series,
        step: Step::Day,
        partial_from: Some(BEGIN + 6 * DAY_MS),
        partial_until: None,
        zone: Zone::utc(),
    }
}

const CALLS: [Option<f64>; 7] = [
    Some(12.0),
    Some(30.0),
    None,
    Some(24.0),
    Some(41.0),
    Some(8.0),
    Some(5.0),
];
const ERRORS: [Option<f64>; 7] = [
    Some(2.0),
    Some(0.0),
    Some(1.0),
    Some(4.0),
    Some(3.0),
    Some(2.0),
    Some(1.0),
];

/// One element a line, so that a change is a line in a diff.
fn lines(svg: &str) -> String {
    svg.replace("><", ">\n<")
}

fn models() -> Categories {
    let item = |label: &str, value, previous| Category {
        label: label.to_owned(),
        value,
        previous,
    };
    Categories {
        items: vec![
            item("large", 1500.0, Some(1200.0)),
            item("<b>small</b>", 500.0, None),
        ],
        other: Some(40.0),
        ..Categories::default()
    }
}

#[test]
fn a_line_breaks_at_a_gap_and_is_dashed_where_the_bucket_still_runs() {
    let data = week(&[
        ("calls", Role::Primary, CALLS),
        ("before", Role::Comparison, ERRORS),
    ]);
    insta::assert_snapshot!(lines(&render_svg(&line(&data, &canvas(&Format::plain(), 320.0, 160.0)))), @r##"
    <svg class="eb-chart" role="img" direction="ltr" viewBox="0 0 320 160" width="320" height="160" aria-label="Requests: Line chart, 7 points, from 5 to 41, highest on Mar 7, 2025.">
    <path class="eb-grid" d="M24.4 94.7h291.6M24.4 51.3h291.6M24.4 8h291.6"/>
    <path class="eb-base" d="M24.4 138h291.6"/>
    <path class="eb-line eb-cmp" d="M24.4 133.7l48.6 4.3 48.6-2.2 48.6-6.5 48.6 2.2 48.6 2.2 48.6 2.1"/>
    <path class="eb-line eb-s0" d="M24.4 112l48.6-39M170.2 86l48.6-36.8 48.6 71.5"/>
    <path class="eb-line eb-part eb-s0" d="M267.4 120.7l48.6 6.5"/>
    <g class="eb-tick" text-anchor="end">
    <text x="14.4" y="142">0</text>
    <text x="14.4" y="98.7">20</text>
    <text x="14.4" y="55.3">40</text>
    <text x="14.4" y="12">60</text>
    </g>
    <g class="eb-tick" text-anchor="middle">
    <text x="24.4" y="155">Mar 3</text>
    <text x="121.6" y="155">Mar 5</text>
    <text x="218.8" y="155">Mar 7</text>
    <text x="304.6" y="155">Mar 9</text>
    </g>
    </svg>
    "##);
}

#[test]
fn an_area_lies_under_its_line() {
    let data = week(&[("calls", Role::Primary, CALLS)]);
    insta::assert_snapshot!(lines(&render_svg(&area(&data, &canvas(&Format::currency("USD"), 320.0, 160.0)))), @r##"
    <svg class="eb-chart" role="img" direction="ltr" viewBox="0 0 320 160" width="320" height="160" aria-label="Requests: Area chart, 7 points, from $5.00 to $41.00, highest on Mar 7, 2025.">
    <path class="eb-grid" d="M31.6 94.7h284.4M31.6 51.3h284.4M31.6 8h284.4"/>
    <path class="eb-base" d="M31.6 138h284.4"/>
    <path class="eb-area eb-s0" d="M31.6 138v-26l47.4-39v65zM173.8 138v-52l47.4-36.8 47.4 71.5v17.3zM268.6 138v-17.3l47.4 6.5v10.8z"/>
    <path class="eb-line eb-s0" d="M31.6 112l47.4-39M173.8 86l47.4-36.8 47.4 71.5"/>
    <path class="eb-line eb-part eb-s0" d="M268.6 120.7l47.4 6.5"/>
    <g class="eb-tick" text-anchor="end">
    <text x="21.6" y="142">$0</text>
    <text x="21.6" y="98.7">$20</text>
    <text x="21.6" y="55.3">$40</text>
    <text x="21.6" y="12">$60</text>
    </g>
    <g class="eb-tick" text-anchor="middle">
    <text x="31.6" y="155">Mar 3</text>
    <text x="126.4" y="155">Mar 5</text>
    <text x="221.2" y="155">Mar 7</text>
    <text x="304.6" y="155">Mar 9</text>
    </g>
    </svg>
    "##);
}

#[test]
fn a_bar_of_the_running_bucket_is_hatched() {
    let data = week(&[("calls", Role::Primary, CALLS)]);
    insta::assert_snapshot!(lines(&render_svg(&bar(&data, &canvas(&Format::plain(), 320.0, 160.0)))), @r##"
    <svg class="eb-chart" role="img" direction="ltr" viewBox="0 0 320 160" width="320" height="160" aria-label="Requests: Bar chart, 7 points, from 5 to 41, highest on Mar 7, 2025.">
    <path class="eb-grid" d="M24.4 94.7h295.6M24.4 51.3h295.6M24.4 8h295.6"/>
    <path class="eb-base" d="M24.4 138h295.6"/>
    <path class="eb-bar eb-s0" d="M31.2 138v-23a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v23zM73.4 138v-62a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v62zM157.8 138v-49a3 3 0 0 1 3-3h22.8a3 3 0 0 1 3 3v49zM200.1 138v-85.8a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v85.8zM242.3 138v-14.3a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v14.3z"/>
    <path class="eb-bar eb-part eb-s0" d="M284.5 138v-7.8a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v7.8z"/>
    <path class="eb-hatch eb-s0" d="M285.5 132.2l4-4M285.7 137l8.8-8.8M290.7 137l8.8-8.8M295.7 137l8.8-8.8M300.7 137l8.8-8.8M305.7 137l6.5-6.5M310.7 137l1.5-1.5"/>
    <g class="eb-tick" text-anchor="end">
    <text x="14.4" y="142">0</text>
    <text x="14.4" y="98.7">20</text>
    <text x="14.4" y="55.3">40</text>
    <text x="14.4" y="12">60</text>
    </g>
    <g class="eb-tick" text-anchor="middle">
    <text x="45.5" y="155">Mar 3</text>
    <text x="130" y="155">Mar 5</text>
    <text x="214.4" y="155">Mar 7</text>
    <text x="298.9" y="155">Mar 9</text>
    </g>
    </svg>
    "##);
}

#[test]
fn stacked_bars_are_round_only_at_their_end() {
    let data = week(&[
        ("ok", Role::Primary, CALLS),
        ("errors", Role::Primary, ERRORS),
    ]);
    insta::assert_snapshot!(lines(&render_svg(&stacked_bar(&data, &canvas(&Format::plain(), 320.0, 160.0)))), @r##"
    <svg class="eb-chart" role="img" direction="ltr" viewBox="0 0 320 160" width="320" height="160" aria-label="Requests: Stacked bar chart, 7 points, from 5 to 41, highest on Mar 7, 2025. errors from 0 to 4.">
    <path class="eb-grid" d="M24.4 94.7h295.6M24.4 51.3h295.6M24.4 8h295.6"/>
    <path class="eb-base" d="M24.4 138h295.6"/>
    <path class="eb-bar eb-s0" d="M31.2 138v-26h28.7v26zM73.4 138v-62a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v62zM157.8 138v-52h28.8v52zM200.1 138v-88.8h28.7v88.8zM242.3 138v-17.3h28.7v17.3z"/>
    <path class="eb-bar eb-part eb-s0" d="M284.5 138v-10.8h28.7v10.8z"/>
    <path class="eb-bar eb-s1" d="M31.2 111v-.3a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v.3zM115.6 138a2.2 2.2 0 0 1 2.2-2.2h24.4a2.2 2.2 0 0 1 2.1 2.2zM157.8 85v-4.7a3 3 0 0 1 3-3h22.8a3 3 0 0 1 3 3v4.7zM200.1 48.2v-2.5a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v2.5zM242.3 119.7v-.4a3 3 0 0 1 3-3h22.7a3 3 0 0 1 3 3v.4z"/>
    <path class="eb-bar eb-part eb-s1" d="M284.5 127.2a2.2 2.2 0 0 1 2.2-2.2h24.4a2.2 2.2 0 0 1 2.1 2.2z"/>
    <g class="eb-tick" text-anchor="end">
    <text x="14.4" y="142">0</text>
    <text x="14.4" y="98.7">20</text>
    <text x="14.4" y="55.3">40</text>
    <text x="14.4" y="12">60</text>
    </g>
    <g class="eb-tick" text-anchor="middle">
    <text x="45.5" y="155">Mar 3</text>
    <text x="130" y="155">Mar 5</text>
    <text x="214.4" y="155">Mar 7</text>
    <text x="298.9" y="155">Mar 9</text>
    </g>
    </svg>
    "##);
}

#[test]
fn a_sparkline_ends_in_a_dot() {
    let data = week(&[("calls", Role::Primary, CALLS)]);
    insta::assert_snapshot!(lines(&render_svg(&sparkline(&data, &canvas(&Format::plain(), 120.0, 32.0)))), @r##"
    <svg class="eb-chart" role="img" direction="ltr" viewBox="0 0 120 32" width="120" height="32" aria-label="Requests: Trend, 7 points, from 5 to 41, highest on Mar 7, 2025.">
    <path class="eb-area eb-s0" d="M4 32v-8.7l18.7-12v20.7zM60 32v-16.7l18.7-11.3 18.6 22v6zM97.3 32v-6l18.7 2v4z"/>
    <path class="eb-line eb-s0" d="M4 23.3l18.7-12M60 15.3l18.7-11.3 18.6 22"/>
    <path class="eb-line eb-part eb-s0" d="M97.3 26l18.7 2"/>
    <circle class="eb-dot eb-s0" cx="116" cy="28" r="2.5"/>
    </svg>
    "##);
}

#[test]
fn horizontal_bars_carry_label_value_and_compared_value() {
    insta::assert_snapshot!(lines(&render_svg(&horizontal_bar(&models(), &canvas(&Format::plain(), 320.0, 90.0)))), @r##"
    <svg class="eb-chart" role="img" direction="ltr" viewBox="0 0 320 90" width="320" height="90" aria-label="Requests: Bar chart, 3 items, largest large with 1,500.">
    <path class="eb-bar eb-s0" d="M94.8 24v-18h177a3 3 0 0 1 3 3v12a3 3 0 0 1 -3 3zM94.8 54v-18h57a3 3 0 0 1 3 3v12a3 3 0 0 1 -3 3z"/>
    <path class="eb-bar eb-oth" d="M94.8 84v-18h1.8a3 3 0 0 1 3 3v12a3 3 0 0 1 -3 3z"/>
    <path class="eb-mark eb-cmp" d="M238.8 4v22"/>
    <g class="eb-label">
    <text x="0" y="19.2">large</text>
    <text x="0" y="49.2">&lt;b&gt;small&lt;/b&gt;</text>
    <text x="0" y="79.2">Other</text>
    </g>
    <g class="eb-value" text-anchor="end">
    <text x="320" y="19.2">1,500</text>
    <text x="320" y="49.2">500</text>
    <text x="320" y="79.2">40</text>
    </g>
    </svg>
    "##);
}

#[test]
fn a_donut_carries_its_sum_and_its_key() {
    insta::assert_snapshot!(lines(&render_svg(&donut(&models(), &canvas(&Format::plain(), 320.0, 140.0)))), @r##"
    <svg class="eb-chart" role="img" direction="ltr" viewBox="0 0 320 140" width="320" height="140" aria-label="Requests: Donut chart, 3 items, largest large with 1,500.">
    <path class="eb-bar eb-s0" d="M71 2a68 68 0 0 1 61.4 41 68 68 0 0 1 -12.1 72.8 68 68 0 0 1 -71.4 18.8 68 68 0 0 1 -46.5-57.3l20.3-2.2a47.6 47.6 0 0 0 32.5 40.1 47.6 47.6 0 0 0 50-13.1 47.6 47.6 0 0 0 8.5-51 47.6 47.6 0 0 0 -43-28.7z"/>
    <path class="eb-bar eb-s1" d="M2.2 75.3a68 68 0 0 1 58.5-72.7l2.8 20.3a47.6 47.6 0 0 0 -41 50.8z"/>
    <path class="eb-bar eb-oth" d="M62.6 2.4a68 68 0 0 1 6.4-.4l.3 20.4a47.6 47.6 0 0 0 -4.5 .3z"/>
    <g class="eb-hero" text-anchor="middle">
    <text x="70" y="73">2K</text>
    </g>
    <g class="eb-tick" text-anchor="middle">
    <text x="70" y="90">Total</text>
    </g>
    <circle class="eb-bar eb-s0" cx="168" cy="46" r="4"/>
    <circle class="eb-bar eb-s1" cx="168" cy="70" r="4"/>
    <circle class="eb-bar eb-oth" cx="168" cy="94" r="4"/>
    <g class="eb-label">
    <text x="180" y="50.2">large</text>
    <text x="180" y="74.2">&lt;b&gt;small…</text>
    <text x="180" y="98.2">Other</text>
    </g>
    <g class="eb-value" text-anchor="end">
    <text x="283.6" y="50.2">1.5K</text>
    <text x="283.6" y="74.2">500</text>
    <text x="283.6" y="98.2">40</text>
    </g>
    <g class="eb-tick" text-anchor="end">
    <text x="320" y="50.2">74%</text>
    <text x="320" y="74.2">25%</text>
    <text x="320" y="98.2">2%</text>
    </g>
    </svg>
    "##);
}

#[test]
fn a_heatmap_has_one_path_for_each_colour() {
    let data = Grid {
        rows: vec!["Mon".to_owned(), "Tue".to_owned()],
        columns: vec!["AM".to_owned(), "PM".to_owned()],
        values: vec![Some(0.0), Some(3.0), None, Some(12.0)],
    };
    insta::assert_snapshot!(lines(&render_svg(&heatmap(&data, &canvas(&Format::plain(), 160.0, 80.0)))), @r##"
    <svg class="eb-chart" role="img" direction="ltr" viewBox="0 0 160 80" width="160" height="80" aria-label="Requests: Heatmap, 3 cells, highest at Tue PM with 12.">
    <path class="eb-cell eb-h0" d="M35 26.5v-23a2 2 0 0 1 2-2h56.3a2 2 0 0 1 2 2v23a2 2 0 0 1 -2 2h-56.3a2 2 0 0 1 -2-2zM35 56.5v-23a2 2 0 0 1 2-2h56.3a2 2 0 0 1 2 2v23a2 2 0 0 1 -2 2h-56.3a2 2 0 0 1 -2-2z"/>
    <path class="eb-cell eb-h2" d="M98.3 26.5v-23a2 2 0 0 1 2-2h56.2a2 2 0 0 1 2 2v23a2 2 0 0 1 -2 2h-56.2a2 2 0 0 1 -2-2z"/>
    <path class="eb-cell eb-h6" d="M98.3 56.5v-23a2 2 0 0 1 2-2h56.2a2 2 0 0 1 2 2v23a2 2 0 0 1 -2 2h-56.2a2 2 0 0 1 -2-2z"/>
    <g class="eb-tick" text-anchor="end">
    <text x="23.5" y="19">Mon</text>
    <text x="23.5" y="49">Tue</text>
    </g>
    <g class="eb-tick" text-anchor="middle">
    <text x="65.2" y="75">AM</text>
    <text x="128.4" y="75">PM</text>
    </g>
    </svg>
    "##);
}
