//! Made-up data that looks like a product's: a weekly rhythm, growth and noise from a fixed seed.

use emban_chart::{
    Categories, Category, DurationUnit, Format, Grid, Locale, Role, ScatterPoint, Series, Step,
    TimeSeries, Zone, hour_by_weekday,
};

const DAY_MS: i64 = 86_400_000;
/// 2025-12-01 00:00 UTC, a Monday.
const BEGIN: i64 = 1_764_547_200_000;

/// Noise between -1 and 1 that is the same on every run.
fn noise(n: i64) -> f64 {
    let x = (n
        .wrapping_mul(2_862_933_555_777_941_757)
        .wrapping_add(3_037_000_493)
        >> 33) as u64
        % 10_000;
    x as f64 / 5_000.0 - 1.0
}

fn value(day: i64, seed: i64) -> f64 {
    let weekend = if (day % 7) >= 5 { 0.55 } else { 1.0 };
    let growth = 1.0 + day as f64 * 0.012;
    ((900.0 / (seed as f64 * 0.6 + 1.0))
        * weekend
        * growth
        * (1.0 + 0.16 * noise(day * 31 + seed * 977)))
    .round()
}

fn of(step: Step, series: Vec<Series>, partial: bool) -> TimeSeries {
    let last = series
        .iter()
        .flat_map(|series| series.points.iter().map(|point| point.0))
        .max();
    TimeSeries {
        series,
        step,
        partial_from: last.filter(|_| partial),
        partial_until: None,
        zone: Zone::utc(),
    }
}

fn named(name: &str, role: Role, points: Vec<(i64, Option<f64>)>) -> Series {
    Series {
        name: name.to_owned(),
        role,
        points,
    }
}

const MODELS: [&str; 8] = [
    "atlas-large",
    "atlas-fast",
    "boreas-medium",
    "embedding-v3",
    "vision-mini",
    "speech-1",
    "rerank-2",
    "draft",
];

pub(crate) fn days(count: i64, series: usize, compared: bool) -> TimeSeries {
    let points = |seed: i64| {
        (0..count)
            .map(|day| (BEGIN + day * DAY_MS, Some(value(day, seed))))
            .collect()
    };
    let mut all: Vec<Series> = MODELS
        .iter()
        .take(series)
        .zip(0..)
        .map(|(name, seed)| named(name, Role::Primary, points(seed)))
        .collect();
    if compared {
        let points = (0..count)
            .map(|day| (BEGIN + day * DAY_MS, Some(value(day, 9) * 4.6)))
            .collect();
        all.push(named("Previous period", Role::Comparison, points));
    }
    of(Step::Day, all, count > 1)
}

pub(crate) fn scaled(count: i64, factor: f64) -> TimeSeries {
    let points = (0..count)
        .map(|day| (BEGIN + day * DAY_MS, Some(value(day, 0) * factor)))
        .collect();
    of(
        Step::Day,
        vec![named("Value", Role::Primary, points)],
        false,
    )
}

pub(crate) fn hours(count: i64) -> TimeSeries {
    let at = |hour: i64| 180.0 + 90.0 * ((hour as f64 - 9.0) / 3.8).sin() + 40.0 * noise(hour * 7);
    let points = (0..count)
        .map(|hour| (BEGIN + hour * DAY_MS / 24 + DAY_MS / 3, Some(at(hour))))
        .collect();
    of(Step::Hour, vec![named("p95", Role::Primary, points)], true)
}

pub(crate) fn minutes(count: i64) -> TimeSeries {
    let at = |n: i64| {
        (n as f64 / 900.0).sin() * 300.0
            + 500.0
            + noise(n) * 60.0
            + if n == 9_000 { 900.0 } else { 0.0 }
    };
    let points = (0..count)
        .map(|n| (BEGIN + n * 60_000, Some(at(n))))
        .collect();
    of(
        Step::Minute,
        vec![named("Value", Role::Primary, points)],
        false,
    )
}

pub(crate) fn months(count: i64) -> TimeSeries {
    // 2024-11-01 and the lengths of the months after it.
    let lengths = [30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut begin = 1_730_419_200_000;
    let mut points = Vec::new();
    for (n, length) in (0..count).zip(lengths) {
        points.push((begin, Some(value(n * 8, 0))));
        begin += length * DAY_MS;
    }
    of(
        Step::Month,
        vec![named("Value", Role::Primary, points)],
        true,
    )
}

pub(crate) fn gaps() -> TimeSeries {
    let mut data = days(30, 1, false);
    for point in data
        .series
        .iter_mut()
        .flat_map(|series| series.points.iter_mut())
    {
        let day = (point.0 - BEGIN) / DAY_MS;
        if (8..12).contains(&day) || day == 19 || day == 21 {
            point.1 = None;
        }
    }
    data
}

pub(crate) fn changes() -> TimeSeries {
    let at = |day: i64| ((noise(day * 3 + 1) * 40.0) + 12.0).round();
    let points = (0..16)
        .map(|day| (BEGIN + day * DAY_MS, Some(at(day))))
        .collect();
    of(Step::Day, vec![named("Seats", Role::Primary, points)], true)
}

pub(crate) fn two_measures() -> TimeSeries {
    let mut data = days(21, 1, false);
    let spend = (0..21)
        .map(|day| (BEGIN + day * DAY_MS, Some(value(day, 1) * 0.021 + 4.0)))
        .collect();
    data.series.push(named("Spend", Role::Secondary, spend));
    data
}

fn category((label, value): (&&str, f64), compared: bool) -> Category {
    let previous = compared.then_some(value * (0.8 + value % 7.0 / 15.0));
    Category {
        label: (*label).to_owned(),
        value,
        previous,
    }
}

pub(crate) fn models(compared: bool) -> Categories {
    let values = [48_210.0, 31_450.0, 22_100.0, 15_020.0, 9_870.0, 4_310.0];
    let items = MODELS
        .iter()
        .zip(values)
        .map(|pair| category(pair, compared))
        .collect();
    Categories {
        items,
        other: Some(7_340.0),
        ..Categories::default()
    }
}

pub(crate) fn first(count: usize) -> Categories {
    let mut data = models(false);
    data.items.truncate(count);
    Categories {
        other: None,
        ..data
    }
}

pub(crate) fn mixed() -> Categories {
    let items = MODELS
        .iter()
        .zip([120.0, 64.0, 31.0, 0.0, -22.0, -75.0])
        .map(|pair| category(pair, false))
        .collect();
    Categories {
        items,
        ..Categories::default()
    }
}

pub(crate) fn long_labels() -> Categories {
    let labels = [
        "/api/v1/organizations/{id}/members/invitations",
        "東京都千代田区の顧客",
        "<script>alert(1)</script>",
        "",
        "Größenänderung & \"Zoom\"",
    ];
    let values = [1_250_000.0, 830_000.0, 240_000.0, 120_000.0, 4_000.0];
    Categories {
        items: labels
            .iter()
            .zip(values)
            .map(|pair| category(pair, false))
            .collect(),
        other: None,
        ..Categories::default()
    }
}

pub(crate) fn steps() -> Categories {
    let labels = ["Visited", "Signed up", "Created key", "First call"];
    let items = labels
        .iter()
        .zip([12_400.0, 5_310.0, 2_890.0, 1_120.0])
        .map(|pair| category(pair, false))
        .collect();
    Categories {
        items,
        ..Categories::default()
    }
}

pub(crate) fn week(locale: &Locale) -> Grid {
    let mut values = [[None; 24]; 7];
    for (day, row) in (0_i64..).zip(values.iter_mut()) {
        for (hour, cell) in (0_i64..).zip(row.iter_mut()) {
            let work =
                (-((hour as f64 - 14.0) / 4.5).powi(2)).exp() * if day < 5 { 100.0 } else { 28.0 };
            *cell = Some(
                (work + 6.0 * (noise(day * 24 + hour) + 0.6))
                    .max(0.0)
                    .round(),
            );
        }
    }
    hour_by_weekday(&values, locale)
}

pub(crate) fn cloud() -> Vec<ScatterPoint> {
    let point = |n: i64| ScatterPoint {
        label: format!("user_{n}"),
        x: 200.0 + 180.0 * noise(n * 5) + 3.0 * n as f64,
        y: (40.0 + 32.0 * noise(n * 5) + 20.0 * noise(n * 11)).abs(),
    };
    (0..60).map(point).collect()
}

pub(crate) fn milliseconds() -> Format {
    Format::duration(DurationUnit::Milliseconds)
}
