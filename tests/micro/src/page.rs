//! From a surface and its figures to the page that is shown first.

use emban_contract::UnixMillis;
use emban_contract::dashboard::{Granularity, WidgetKind};
use emban_contract::embed::{KpiData, SeriesData, SeriesRole, TimeseriesData, WidgetData};
use emban_paint::{Choice, Figures, Language, Page, Screen, Styles, page};
use emban_server::surface::surface;
use serde_json::json;

use crate::Subject;
use crate::plan::document;
use crate::sessions::{NOW, session};

const DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;

fn series(name: &str) -> SeriesData {
    let from = NOW.0 - DAYS * DAY_MS;
    let point = |day: i64| {
        (
            UnixMillis(from + day * DAY_MS),
            Some((day * 5 % 7 + 3) as f64),
        )
    };
    SeriesData {
        name: name.to_owned(),
        role: SeriesRole::default(),
        points: (0..DAYS).map(point).collect(),
    }
}

/// Thirteen widgets: five numbers and three time series with their figures, five that are still loading.
pub(crate) fn subject() -> Subject {
    let surface = surface(&document(), 1, &session(json!({})), NOW);
    let choice = Choice::initial(&surface);
    let number = WidgetData::Kpi(KpiData {
        value: Some(48_213.0),
        previous_value: Some(41_002.0),
        delta_pct: Some(17.6),
    });
    let lines = WidgetData::Timeseries(TimeseriesData {
        series: ["large", "medium", "small"].map(series).into(),
        granularity: Granularity::Day,
        from: UnixMillis(NOW.0 - DAYS * DAY_MS),
        to: NOW,
        partial_from: None,
        cut_until: None,
        cut_from: None,
        offsets: vec![(UnixMillis(NOW.0 - DAYS * DAY_MS), 0)],
    });
    let draw = move || {
        let first = Page {
            screen: Screen {
                surface: &surface,
                choice: &choice,
                language: Language::from_tag("en"),
                offset_at: |_, _| 0,
                styles: Styles::Attribute,
                svg: emban_paint::fluid,
            },
            age_seconds: Some(4),
        };
        page(&first, |widget| match widget.kind {
            WidgetKind::Kpi => Figures::Ready(&number),
            WidgetKind::Timeseries => Figures::Ready(&lines),
            _ => Figures::Loading,
        })
    };
    Subject::new(
        "paint: page of 13 widgets, three with three lines",
        draw,
        |html| html.matches("<svg class=\"eb-chart").count() == 3 && html.contains("48"),
    )
}
