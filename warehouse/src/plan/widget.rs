//! From a widget of the document to its plan.

use emban_contract::dashboard::{
    Chart, Compare, FunnelStep, Granularity, Metric, Period, PeriodUnit, Widget, WidgetKind,
    WidgetQuery,
};
use emban_contract::limits;

use super::buckets::{floor, next};
use super::period::{Window, usual_granularity};
use super::view::Planner;
use super::{
    Buckets, Fed, Feed, Field, Funnel, Measure, Plan, PlanError, Predicate, Question, Series,
    Source, Span, Step, Table, filters, offsets,
};
use crate::property::PropertyPath;

/// The time in which a user must pass a funnel when the document does not say: seven days.
const USUAL_WINDOW: Period = Period {
    count: 7,
    unit: PeriodUnit::Day,
};

/// Plans a widget that the session sees.
///
/// `viewer` is the time that the viewer chose, `chosen` the session's and the viewer's filters.
/// Errors: `Invalid` for a widget that asks nothing or that an unchecked document left incomplete.
pub(crate) fn plan(
    planner: &Planner<'_>,
    widget: &Widget,
    viewer: Window,
    chosen: &[Predicate],
) -> Result<Plan, PlanError> {
    let query = asking(widget)?;
    let window = match query.period {
        Some(period) => planner.window(period)?,
        None => viewer,
    };
    let mut source = Source {
        feed: Feed::Events,
        event_names: event_names(widget, query),
        filters: chosen
            .iter()
            .cloned()
            .chain(filters::fixed(&query.where_))
            .collect(),
        current: planner.readable(window.span),
        previous: previous(planner, query, &window),
    };
    let question = match (widget.kind, widget.chart) {
        (WidgetKind::Text, _) => return Err(nothing_asked()),
        (WidgetKind::Kpi, _) if query.metric == Metric::Conversion => {
            Question::Conversion(funnel(query)?)
        }
        (_, Chart::Funnel) => Question::Funnel(funnel(query)?),
        (WidgetKind::Kpi, _) => Question::Scalar {
            measures: vec![first_measure(query)?],
        },
        (WidgetKind::Heatmap, _) => {
            source.previous = None;
            Question::Heatmap {
                measure: first_measure(query)?,
                offsets: offsets(source.current, &planner.zone),
            }
        }
        (_, Chart::Pivot) => {
            source.previous = None;
            Question::Pivot {
                groups: pivot_groups(query)?,
                measure: first_measure(query)?,
                limits: [row_limit(query), limits::PIVOT_COLUMNS],
            }
        }
        (WidgetKind::Breakdown | WidgetKind::Table, _) => Question::Table(table(query)?),
        (WidgetKind::Timeseries, _) => {
            Question::Series(series(planner, query, &window, &mut source)?)
        }
    };
    Ok(Plan { source, question })
}

/// What a widget asks; a text asks nothing.
pub(crate) fn asking(widget: &Widget) -> Result<&WidgetQuery, PlanError> {
    widget
        .query
        .as_ref()
        .filter(|_| widget.kind != WidgetKind::Text)
        .ok_or_else(nothing_asked)
}

fn nothing_asked() -> PlanError {
    PlanError::invalid("/widgets", "names a widget that shows no figures")
}

fn incomplete(message: &'static str) -> PlanError {
    PlanError::invalid("/widgets", message)
}

/// The events that a widget counts: its own, or those of its steps.
pub(crate) fn event_names(widget: &Widget, query: &WidgetQuery) -> Vec<String> {
    if widget.chart != Chart::Funnel && query.metric != Metric::Conversion {
        return vec![query.event_name.clone()];
    }
    let mut names: Vec<String> = query
        .steps
        .iter()
        .map(|step| step.event_name.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The range compared with, as far as the range shown has run, to the end of the hour; none when the session may not read
/// all of it, since part of it would mislead, or when nothing has run yet.
fn previous(planner: &Planner<'_>, query: &WidgetQuery, window: &Window) -> Option<Span> {
    let (compare, zone) = (query.compare?, &planner.zone);
    let before = window.before(compare, zone);
    let hour_ends = next(
        floor(planner.view.now.0, Granularity::Hour, zone),
        Granularity::Hour,
        zone,
    );
    let run = Span {
        from: before.from,
        to: before.to.min(window.back(compare, hour_ends, zone)),
    };
    (run.from < run.to && planner.readable(run) == run).then_some(run)
}

fn first_measure(query: &WidgetQuery) -> Result<Measure, PlanError> {
    let measure = measure(query.metric, query.numeric_prop.as_deref())?;
    Ok(Measure {
        numerator: filters::fixed(&query.numerator),
        ..measure
    })
}

/// The measure and, if there is one, the second.
fn measures(query: &WidgetQuery) -> Result<Vec<Measure>, PlanError> {
    let mut measures = vec![first_measure(query)?];
    if let Some(metric) = query.second_metric {
        measures.push(measure(metric, query.second_numeric_prop.as_deref())?);
    }
    Ok(measures)
}

fn measure(metric: Metric, prop: Option<&str>) -> Result<Measure, PlanError> {
    if metric == Metric::Conversion {
        return Err(incomplete("conversion is one number: only a kpi shows it"));
    }
    if metric.needs_numeric_prop() && prop.is_none() {
        return Err(incomplete("the metric needs a numeric property"));
    }
    Ok(Measure {
        metric,
        path: prop.map(PropertyPath::of),
        numerator: Vec::new(),
        fed: Fed::Events,
    })
}

fn groups(query: &WidgetQuery) -> Vec<(String, Field)> {
    let props = query.group_by.iter().flat_map(|group| group.props());
    props.map(|prop| (prop.clone(), Field::of(prop))).collect()
}

fn row_limit(query: &WidgetQuery) -> u32 {
    query
        .limit
        .unwrap_or(limits::DEFAULT_ROWS)
        .clamp(1, limits::MAX_ROWS)
}

fn table(query: &WidgetQuery) -> Result<Table, PlanError> {
    let groups = groups(query);
    if !(1..=4).contains(&groups.len()) {
        return Err(incomplete(
            "the widget needs one to four properties to group by",
        ));
    }
    Ok(Table {
        groups,
        measures: measures(query)?,
        limit: row_limit(query),
    })
}

fn pivot_groups(query: &WidgetQuery) -> Result<[Field; 2], PlanError> {
    let fields: Vec<Field> = groups(query).into_iter().map(|(_, field)| field).collect();
    fields
        .try_into()
        .map_err(|_| incomplete("a pivot needs two properties to group by"))
}

fn funnel(query: &WidgetQuery) -> Result<Funnel, PlanError> {
    if !(2..=12).contains(&query.steps.len()) {
        return Err(incomplete("a funnel needs 2 to 12 steps"));
    }
    let step = |step: &FunnelStep| Step {
        event_name: step.event_name.clone(),
        label: step
            .label
            .clone()
            .unwrap_or_else(|| step.event_name.clone()),
        filters: filters::fixed(&step.where_),
    };
    Ok(Funnel {
        steps: query.steps.iter().map(step).collect(),
        window_ms: window_ms(query.window.unwrap_or(USUAL_WINDOW)),
    })
}

/// Length of a funnel's window. A month counts 31 days here and a year 366: a window has no dates to count from.
fn window_ms(period: Period) -> u64 {
    const HOUR_MS: u64 = 3_600_000;
    match period.unit {
        PeriodUnit::Hour => u64::from(period.count) * HOUR_MS,
        PeriodUnit::Day | PeriodUnit::Week | PeriodUnit::Month | PeriodUnit::Year => {
            u64::from(period.max_days()) * 24 * HOUR_MS
        }
    }
}

fn series(
    planner: &Planner<'_>,
    query: &WidgetQuery,
    window: &Window,
    source: &mut Source,
) -> Result<Series, PlanError> {
    let granularity = match query.granularity {
        None | Some(Granularity::Auto) => usual_granularity(window.span),
        Some(granularity) => granularity,
    };
    let zone = &planner.zone;
    let running = floor(planner.view.now.0, granularity, zone);
    let running_ends = next(running, granularity, zone);
    if source.current.from < running_ends {
        // Steps after the one that runs hold nothing yet: a line that falls to 0 there would be a lie. What they would be
        // compared with has no step either.
        let earlier = query
            .compare
            .map(|compare| window.back(compare, running_ends, zone));
        shorten(source, running_ends, earlier);
    }
    let buckets = Buckets::over(source.current, granularity, zone, limits::SERIES_POINTS)
        .map_err(|points| PlanError::TooManyPoints { points })?;
    let group = groups(query)
        .into_iter()
        .next()
        .map(|(_, field)| (field, series_limit(query)));
    if group.is_some() {
        source.previous = None;
    }
    let back = |compare: Compare| buckets.moved(|bound| window.back(compare, bound, zone));
    let previous_buckets = source.previous.and(query.compare).map(back);
    let shown = Span {
        from: buckets.first(),
        to: buckets.end(),
    };
    let is_running = running < shown.to && shown.from < running_ends;
    let begins = buckets.bounds().get(1).copied();
    let ends = buckets.starts().last().copied();
    Ok(Series {
        measures: measures(query)?,
        group,
        totals: false,
        granularity,
        partial_from: is_running.then_some(running.max(shown.from)),
        cut_until: begins.filter(|_| shown.from < source.current.from),
        cut_from: ends.filter(|_| source.current.to < shown.to && !is_running),
        offsets: offsets(shown, zone),
        buckets,
        previous_buckets,
    })
}

/// Ends the time shown at an instant, and the time compared with at the instant that belongs to it.
fn shorten(source: &mut Source, to: i64, earlier: Option<i64>) {
    if source.current.to <= to {
        return;
    }
    source.current.to = to;
    if let (Some(previous), Some(earlier)) = (&mut source.previous, earlier) {
        previous.to = previous.to.min(earlier).max(previous.from);
    }
}

fn series_limit(query: &WidgetQuery) -> u32 {
    query
        .limit
        .unwrap_or(limits::SERIES_PER_WIDGET)
        .clamp(1, limits::SERIES_PER_WIDGET)
}
