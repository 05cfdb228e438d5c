//! How a figure has changed: by how much, and whether that is good.

use emban_chart::{Format, Locale, fill_template, format_number};
use emban_contract::dashboard::{Metric, NumberFormat, WidgetOptions};
use emban_contract::embed::{KpiData, SurfaceWidget};

use crate::html::Html;
use crate::words::{Language, Words};

/// From here on a change is written in compact form: nobody counts its digits.
const LONG_CHANGE_PERCENT: f64 = 1e5;

/// Whether a change is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Better than before.
    Good,
    /// Worse than before.
    Bad,
    /// No visible change, or nothing to judge.
    Neutral,
}

impl Tone {
    /// The word for those who do not see the colour.
    pub(crate) fn push_spoken(self, html: &mut Html, words: &Words) {
        let word = match self {
            Self::Good => words.better,
            Self::Bad => words.worse,
            Self::Neutral => return,
        };
        html.raw("<span class=\"em-sr\"> ")
            .text(word)
            .raw("</span>");
    }
}

/// A figure beside the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Compared {
    /// In the time shown.
    pub(crate) value: Option<f64>,
    /// In the time before.
    pub(crate) previous: Option<f64>,
    /// From one to the other, in percent.
    pub(crate) percent: Option<f64>,
}

impl From<&KpiData> for Compared {
    fn from(data: &KpiData) -> Self {
        Self {
            value: data.value,
            previous: data.previous_value,
            percent: data.delta_pct,
        }
    }
}

/// A change, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// In percent, or in percentage points.
    pub(crate) amount: f64,
    /// With its sign.
    pub(crate) text: String,
    /// Whether it is good.
    pub(crate) tone: Tone,
}

/// The change of a widget's first measure: of a share in percentage points, since a percentage of a percentage is taken for
/// points; of anything else in percent.
pub(crate) fn change_of(
    widget: &SurfaceWidget,
    compared: Compared,
    language: Language,
) -> Option<Change> {
    let options = widget.options.as_ref();
    let points = compared.value.zip(compared.previous);
    let crosses = points.is_some_and(|(value, previous)| value * previous < 0.0);
    let points = points.filter(|_| is_share(widget));
    let (amount, text) = match (points, compared.percent) {
        (Some((value, previous)), _) => {
            let points = (value - previous) * 100.0;
            let number = signed(points, Format::plain(), language.locale);
            (
                points,
                fill_template(language.words.points, &[("n", &number)]),
            )
        }
        // From the other side of zero a percentage says nothing.
        (None, Some(percent)) if !crosses => (percent, in_percent(percent, language.locale)),
        (None, _) => return None,
    };
    Some(Change {
        amount,
        text,
        tone: tone(amount, options),
    })
}

/// Whether a widget's first measure is a part of a whole, from 0 to 1.
fn is_share(widget: &SurfaceWidget) -> bool {
    let format = widget.options.as_ref().and_then(|options| options.format);
    let metric = widget.measures.first().map(|measured| measured.metric);
    format == Some(NumberFormat::Percent)
        || matches!(metric, Some(Metric::Ratio | Metric::Conversion))
}

/// A change in percent with its sign: `+12.4%`.
fn in_percent(percent: f64, locale: &Locale) -> String {
    let format = Format {
        decimals: digits(percent),
        ..Format::percent()
    };
    let format = if percent.abs() < LONG_CHANGE_PERCENT {
        format
    } else {
        format.compacted()
    };
    with_plus(percent, format_number(percent / 100.0, &format, locale))
}

fn signed(number: f64, format: Format, locale: &Locale) -> String {
    let format = Format {
        decimals: digits(number),
        ..format
    };
    with_plus(number, format_number(number, &format, locale))
}

/// The same digits on all cards, so that they can be compared at a glance.
fn digits(amount: f64) -> Option<u8> {
    Some(u8::from(amount != 0.0 && amount.abs() < 100.0))
}

fn with_plus(number: f64, text: String) -> String {
    if number > 0.0 {
        ["+", &text].concat()
    } else {
        text
    }
}

/// Judges a change; what rounds to 0.0 is none.
fn tone(amount: f64, options: Option<&WidgetOptions>) -> Tone {
    let lower_is_better = options.is_some_and(|o| o.lower_is_better);
    if amount.abs() < 0.05 {
        Tone::Neutral
    } else if (amount > 0.0) == lower_is_better {
        Tone::Bad
    } else {
        Tone::Good
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn widget(more: Value) -> SurfaceWidget {
        let mut widget = json!({ "id": "w", "kind": "kpi", "chart": "stat", "title": "Calls", "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } });
        let more = more.as_object().unwrap().clone();
        widget.as_object_mut().unwrap().extend(more);
        serde_json::from_value(widget).unwrap()
    }

    fn said(more: Value, compared: (f64, f64, Option<f64>), tag: &str) -> String {
        let (value, previous, percent) = compared;
        let compared = Compared {
            value: Some(value),
            previous: Some(previous),
            percent,
        };
        let change = change_of(&widget(more), compared, Language::from_tag(tag));
        change.map_or_else(String::new, |change| change.text.replace('\u{a0}', " "))
    }

    #[test]
    fn less_can_be_better() {
        let lower = |options: &str| -> WidgetOptions { serde_json::from_str(options).unwrap() };
        assert_eq!(tone(12.0, None), Tone::Good);
        assert_eq!(tone(-12.0, None), Tone::Bad);
        let options = lower(r#"{"lower_is_better":true}"#);
        assert_eq!(tone(12.0, Some(&options)), Tone::Bad);
        assert_eq!(tone(-12.0, Some(&options)), Tone::Good);
        assert_eq!(tone(0.01, None), Tone::Neutral);
    }

    #[test]
    fn a_change_has_a_sign() {
        let en = Locale::from_tag("en");
        assert_eq!(
            [12.44, -3.0, 0.0, 1250.0].map(|p| in_percent(p, en)),
            ["+12.4%", "−3.0%", "0%", "+1,250%"]
        );
        assert_eq!(
            in_percent(3.2e15, en),
            "+3,200T%",
            "nobody counts sixteen digits"
        );
    }

    #[test]
    fn a_change_across_zero_has_no_percentage() {
        assert_eq!(said(json!({}), (-1.8, 1.6, Some(-212.5)), "en"), "");
        assert_eq!(said(json!({}), (-1.8, -1.6, Some(-12.5)), "en"), "−12.5%");
    }

    #[test]
    fn a_share_changes_by_points_in_every_language() {
        let share = json!({ "options": { "format": "percent" } });
        let rise = (0.231, 0.21, Some(10.0));
        for (tag, expect) in [
            ("en", "+2.1 pp"),
            ("de", "+2,1 Pp."),
            ("fr", "+2,1 pt"),
            ("es", "+2,1 p. p."),
            ("pt-BR", "+2,1 p.p."),
            ("ja", "+2.1ポイント"),
            ("zh", "+2.1个百分点"),
            ("ar-EG", "+٢٫١ نقطة مئوية"),
        ] {
            assert_eq!(said(share.clone(), rise, tag), expect);
        }
        let ratio = json!({ "measures": [{ "metric": "ratio" }] });
        assert_eq!(
            said(ratio.clone(), (0.0142, 0.02, Some(-29.0)), "en"),
            "−0.6 pp"
        );
        assert_eq!(
            said(ratio, (0.3, 0.0, None), "en"),
            "+30.0 pp",
            "from nothing, too"
        );
        assert_eq!(said(json!({}), (110.0, 100.0, Some(10.0)), "en"), "+10.0%");
        assert_eq!(said(json!({}), (110.0, 0.0, None), "en"), "");
    }
}
