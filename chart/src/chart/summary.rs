//! Sentences that say what a chart shows.

use crate::aligned::{Aligned, AlignedSeries, extent};
use crate::data::{Canvas, Role, TimeSeries};
use crate::decimal::push_u64;
use crate::format::{format_number, format_time};
use crate::strings::{ChartName, fill};

/// At most this many series are told one by one.
const SERIES_TOLD: usize = 4;

/// The summary of a chart over time.
pub(super) fn of_series(
    name: ChartName,
    data: &TimeSeries,
    aligned: &Aligned<'_>,
    canvas: &Canvas<'_>,
) -> String {
    let mut told = aligned
        .series
        .iter()
        .filter(|series| series.role != Role::Comparison);
    let Some((first, (min, max))) = told
        .next()
        .and_then(|series| Some((series, range(series)?)))
    else {
        return canvas.chart(name).to_owned();
    };
    let peak = first
        .values
        .iter()
        .position(|value| *value == Some(max))
        .and_then(|at| aligned.times.get(at));
    let when = peak.map_or(String::new(), |&t_ms| {
        format_time(t_ms, data.step, data.zone.offset_at(t_ms), canvas.locale)
    });
    let mut out = fill(
        canvas.strings.series_summary,
        &[
            ("chart", canvas.chart(name)),
            ("n", &count(aligned.times.len())),
            ("min", &format_number(min, canvas.format, canvas.locale)),
            ("max", &format_number(max, canvas.format, canvas.locale)),
            ("when", &when),
        ],
    );
    for series in told
        .take(SERIES_TOLD)
        .filter(|series| series.role == Role::Primary)
    {
        if let Some((min, max)) = range(series) {
            out.push(' ');
            out.push_str(&fill(
                canvas.strings.further_series,
                &[
                    ("name", series.name),
                    ("min", &format_number(min, canvas.format, canvas.locale)),
                    ("max", &format_number(max, canvas.format, canvas.locale)),
                ],
            ));
        }
    }
    out
}

/// The summary of a breakdown; `largest` is the label and value that stand out.
pub(super) fn of_categories(
    name: ChartName,
    n: usize,
    largest: Option<(&str, f64)>,
    canvas: &Canvas<'_>,
) -> String {
    let Some((label, value)) = largest else {
        return canvas.chart(name).to_owned();
    };
    fill(
        canvas.strings.category_summary,
        &[
            ("chart", canvas.chart(name)),
            ("n", &count(n)),
            ("label", canvas.named(label)),
            ("value", &format_number(value, canvas.format, canvas.locale)),
        ],
    )
}

/// A count in digits.
pub(super) fn count(n: usize) -> String {
    let mut out = String::new();
    push_u64(&mut out, n as u64);
    out
}

fn range(series: &AlignedSeries<'_>) -> Option<(f64, f64)> {
    extent(series.values.iter().copied().flatten())
}
