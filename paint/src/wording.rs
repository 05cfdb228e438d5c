//! How the figures of a widget read: number formats, labels of values, of series and of columns.

use emban_chart::{Format, Locale, Notation, Unit, fill_template, format_number};
use emban_contract::dashboard::{Metric, NumberFormat, WidgetKind, WidgetOptions};
use emban_contract::embed::{Measured, SeriesData, SeriesRole, Surface, SurfaceWidget};

use crate::words::{Words, humanised};

/// From here on a headline number is written in compact form, since all its digits would not fit a card.
const HEADLINE_COMPACT_FROM: f64 = 1e7;

/// The number format that a widget's options ask for.
pub(crate) fn number_format(options: Option<&WidgetOptions>) -> Format {
    let Some(options) = options else {
        return Format::plain();
    };
    let base = match options.format {
        None | Some(NumberFormat::Plain) => Format::plain(),
        Some(NumberFormat::Compact) => Format::compact(),
        Some(NumberFormat::Percent) => Format::percent(),
        Some(NumberFormat::Currency) => {
            Format::currency(options.currency.as_deref().unwrap_or("USD"))
        }
        Some(NumberFormat::Duration) => Format::duration(emban_chart::DurationUnit::Seconds),
    };
    let unit = match (&base.unit, &options.unit) {
        (Unit::Number, Some(unit)) if !unit.is_empty() => Unit::Suffix(unit.clone()),
        _ => base.unit.clone(),
    };
    Format {
        unit,
        decimals: options.decimals,
        ..base
    }
}

/// A headline number: as asked, but never so long that it is cut.
pub(crate) fn headline(value: Option<f64>, format: &Format, locale: &Locale) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    let long = value.abs() >= HEADLINE_COMPACT_FROM
        && format.notation == Notation::Plain
        && format.decimals.is_none();
    if long {
        format_number(value, &format.compacted(), locale)
    } else {
        format_number(value, format, locale)
    }
}

/// A value of a grouping, as people read it.
pub(crate) fn value_label(
    value: Option<&str>,
    options: Option<&WidgetOptions>,
    words: &Words,
) -> String {
    let raw = value.unwrap_or_default();
    match options.and_then(|o| o.value_labels.get(raw)) {
        Some(label) => label.to_owned(),
        None if raw.trim().is_empty() => words.none.to_owned(),
        None => raw.to_owned(),
    }
}

/// A value of a dimension, as the widgets that group by it call it.
pub(crate) fn dimension_value_label(
    prop: &str,
    value: Option<&str>,
    surface: &Surface,
    words: &Words,
) -> String {
    let raw = value.unwrap_or_default();
    let known = surface
        .widgets
        .iter()
        .filter(|widget| widget.groups.iter().any(|grouped| grouped.prop == prop))
        .filter_map(|widget| widget.options.as_ref())
        .find(|options| options.value_labels.get(raw).is_some());
    value_label(value, known, words)
}

/// The name of the widget's first or second measure: as its options say, else by what it measures. The only line of a trend
/// is what the title says.
pub fn measure_label(widget: &SurfaceWidget, at: usize, words: &Words) -> String {
    let options = widget.options.as_ref();
    let label = options.and_then(|o| if at == 0 { &o.label } else { &o.second_label }.as_ref());
    let is_trend = matches!(widget.kind, WidgetKind::Kpi | WidgetKind::Timeseries);
    let measures = widget.measures.as_slice();
    match (label, measures.get(at)) {
        (Some(label), _) => label.clone(),
        (None, Some(measured)) if measures.len() > 1 || !is_trend => {
            measured_label(measured, words)
        }
        _ if at > 0 || widget.title.is_empty() => words.value.to_owned(),
        _ => widget.title.clone(),
    }
}

fn measured_label(measured: &Measured, words: &Words) -> String {
    let [count, users, sum, avg, min, max, median, ratio, conversion] = words.measures;
    let form = match measured.metric {
        Metric::Count => count,
        Metric::CountUnique | Metric::CountUniqueApprox => users,
        Metric::Sum => sum,
        Metric::Avg => avg,
        Metric::Min => min,
        Metric::Max => max,
        Metric::P50 => median,
        Metric::P90 => "P90 {name}",
        Metric::P95 => "P95 {name}",
        Metric::P99 => "P99 {name}",
        Metric::Ratio => ratio,
        Metric::Conversion => conversion,
    };
    let prop = measured.prop.as_deref().unwrap_or_default();
    fill_template(form, &[("name", prop)])
}

/// The name of a series in legend, tooltip and table.
pub fn series_label(series: &SeriesData, widget: &SurfaceWidget, words: &Words) -> String {
    let options = widget.options.as_ref();
    match series.role {
        SeriesRole::Comparison => words.earlier_period.to_owned(),
        SeriesRole::Other => words.other.to_owned(),
        SeriesRole::Secondary => measure_label(widget, 1, words),
        SeriesRole::Primary if Metric::named(&series.name).is_some() => {
            measure_label(widget, 0, words)
        }
        SeriesRole::Primary => value_label(Some(&series.name), options, words),
    }
}

/// The heading of a column.
pub fn column_label(
    key: &str,
    surface: &Surface,
    widget: Option<&SurfaceWidget>,
    words: &Words,
) -> String {
    match (key, widget) {
        ("value", Some(widget)) => measure_label(widget, 0, words),
        ("second_value", Some(widget)) => measure_label(widget, 1, words),
        ("previous_value", _) => words.previous.to_owned(),
        ("delta_pct", _) => words.change.to_owned(),
        (prop, _) => dimension_label(prop, surface),
    }
}

/// The label of a dimension.
pub fn dimension_label(prop: &str, surface: &Surface) -> String {
    let known = surface
        .filters
        .dimensions
        .iter()
        .find(|d| d.prop == prop)
        .and_then(|d| d.label.clone());
    let range = || {
        surface
            .filters
            .numeric_ranges
            .iter()
            .find(|r| r.prop == prop)
            .and_then(|r| r.label.clone())
    };
    known.or_else(range).unwrap_or_else(|| humanised(prop))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(json: &str) -> Option<WidgetOptions> {
        Some(serde_json::from_str(json).unwrap())
    }

    fn check(json: &str, value: f64, expect: &str) {
        let text = headline(
            Some(value),
            &number_format(options(json).as_ref()),
            Locale::from_tag("en-US"),
        );
        assert_eq!(text.replace('\u{a0}', " "), expect);
    }

    #[test]
    fn options_decide_how_a_number_reads() {
        check("{}", 1_234_567.0, "1,234,567");
        check("{}", 123_456_789.0, "123M");
        check(r#"{"decimals":0}"#, 123_456_789.4, "123,456,789");
        check(r#"{"format":"percent"}"#, 0.256, "25.6%");
        check(r#"{"format":"currency","currency":"EUR"}"#, 12.5, "€12.50");
        check(r#"{"format":"duration"}"#, 200.0, "3 min 20 s");
        check(r#"{"unit":"ms"}"#, 230.0, "230 ms");
        assert_eq!(
            headline(None, &Format::plain(), Locale::from_tag("en")),
            "–"
        );
    }

    #[test]
    fn a_missing_property_has_a_name_and_values_their_labels() {
        let words = &crate::words::ENGLISH;
        let labels = options(r#"{"value_labels":{"m-1":"Small"}}"#);
        assert_eq!(value_label(Some("m-1"), labels.as_ref(), words), "Small");
        assert_eq!(value_label(None, labels.as_ref(), words), words.none);
        assert_eq!(value_label(Some("m-2"), None, words), "m-2");
    }

    fn widget(more: serde_json::Value) -> SurfaceWidget {
        let mut widget = serde_json::json!({ "id": "w", "kind": "table", "chart": "table", "title": "Calls",
            "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } });
        let more = more.as_object().unwrap().clone();
        widget.as_object_mut().unwrap().extend(more);
        serde_json::from_value(widget).unwrap()
    }

    fn called(more: serde_json::Value, at: usize, tag: &str) -> String {
        measure_label(&widget(more), at, crate::Language::from_tag(tag).words)
    }

    #[test]
    fn a_measure_is_called_by_its_label_or_by_what_it_measures() {
        let json = |text: &str| -> serde_json::Value { serde_json::from_str(text).unwrap() };
        let two = r#""measures":[{"metric":"count"},{"metric":"avg","prop":"latency_ms"}]"#;
        for (more, at, tag, expect) in [
            (format!("{{{two}}}"), 0, "en", "Count"),
            (format!("{{{two}}}"), 1, "en", "Average latency_ms"),
            (format!("{{{two}}}"), 1, "de", "Durchschnitt latency_ms"),
            (format!("{{{two}}}"), 1, "ja", "latency_msの平均"),
            (
                format!(r#"{{{two},"kind":"timeseries"}}"#),
                0,
                "en",
                "Count",
            ),
            (
                format!(r#"{{{two},"options":{{"second_label":"Wait"}}}}"#),
                1,
                "en",
                "Wait",
            ),
            (
                r#"{"measures":[{"metric":"p95","prop":"ms"}]}"#.to_owned(),
                0,
                "fr",
                "P95 ms",
            ),
            (
                r#"{"measures":[{"metric":"sum","prop":"ms"}],"kind":"timeseries"}"#.to_owned(),
                0,
                "en",
                "Calls",
            ),
            ("{}".to_owned(), 0, "en", "Calls"),
            ("{}".to_owned(), 1, "en", "Value"),
        ] {
            assert_eq!(called(json(&more), at, tag), expect, "{more}");
        }
    }
}
