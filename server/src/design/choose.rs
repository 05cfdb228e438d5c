//! Which properties are worth a place, and what is asked of them.

use std::cmp::Reverse;

use emban_contract::dashboard::{Metric, NumberFormat, WidgetOptions};
use emban_contract::discover::{SeenEvent, SeenNumericProp, SeenStringProp};

use super::words;

/// Values of a property beyond which no list of it is read.
const SPLIT_VALUES: u64 = 500;
/// Values that a stack of bars still shows apart.
const STACK_VALUES: u64 = 8;
/// Share of events, in percent, that a property must have to speak for them.
const COVERAGE_PERCENT: u64 = 5;
/// Measures at most.
const MEASURES: usize = 3;

/// A string property that splits the events into groups people know.
pub(super) struct Split<'a>(&'a SeenStringProp);

impl Split<'_> {
    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    pub(super) fn cardinality(&self) -> u64 {
        self.0.cardinality
    }

    pub(super) fn stacks(&self) -> bool {
        self.0.cardinality <= STACK_VALUES
    }
}

/// The splits of an event, the clearest first: those that most events have, then those of few values.
pub(super) fn splits(event: &SeenEvent) -> Vec<Split<'_>> {
    let mut found: Vec<&SeenStringProp> = event
        .string_props
        .iter()
        .filter(|prop| speaks_for(prop.count, event.count))
        .filter(|prop| (2..=SPLIT_VALUES).contains(&prop.cardinality))
        .filter(|prop| !names_individuals(prop))
        .collect();
    found.sort_by_key(|prop| {
        let tenths = prop.count * 10 / event.count.max(1);
        (Reverse(tenths), prop.cardinality, prop.name.clone())
    });
    found.into_iter().map(Split).collect()
}

/// Ids, addresses and the like: each value is one thing, and a list of things is no split.
fn names_individuals(prop: &SeenStringProp) -> bool {
    let individual = [
        "id",
        "ids",
        "uuid",
        "guid",
        "hash",
        "token",
        "email",
        "ip",
        "url",
        "uri",
        "key",
        "fingerprint",
        "message",
        "query",
        "text",
        "timestamp",
    ];
    let named = words::words(&prop.name)
        .last()
        .is_some_and(|last| individual.contains(&last.as_str()));
    // Nearly as many values as events, unless there are few of both.
    let nearly_unique = prop.cardinality > 20 && prop.cardinality * 2 > prop.count;
    (named && prop.cardinality > STACK_VALUES) || nearly_unique
}

fn speaks_for(count: u64, events: u64) -> bool {
    count.saturating_mul(100) >= events.saturating_mul(COVERAGE_PERCENT)
}

/// What kind of number a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nature {
    /// Adds up and matters most.
    Money,
    /// Adds up.
    Quantity,
    /// Does not add up: the middle and the tail matter.
    Duration,
    /// Does not add up: the middle matters.
    Level,
}

/// A numeric property that says something as a sum, a mean or a percentile.
pub(super) struct Measure<'a> {
    prop: &'a SeenNumericProp,
    nature: Nature,
}

impl Measure<'_> {
    pub(super) fn name(&self) -> &str {
        &self.prop.name
    }

    /// The metrics worth showing, the usual one first.
    pub(super) fn shown(&self) -> &'static [Metric] {
        match self.nature {
            Nature::Money | Nature::Quantity => &[Metric::Sum],
            Nature::Duration => &[Metric::Avg, Metric::P95],
            Nature::Level => &[Metric::Avg],
        }
    }

    pub(super) fn title(&self, metric: Metric) -> String {
        let (name, _) = words::measure(&self.prop.name);
        match metric {
            Metric::Avg => format!("Average {}", lower_first(&name)),
            Metric::P95 => format!("{name}, 95th percentile"),
            Metric::Sum
                if words::words(&self.prop.name)
                    .first()
                    .is_some_and(|w| w == "total") =>
            {
                name
            }
            Metric::Sum => format!("Total {}", lower_first(&name)),
            _ => name,
        }
    }

    pub(super) fn options(&self, metric: Metric) -> WidgetOptions {
        let (_, unit) = words::measure(&self.prop.name);
        let mut options = WidgetOptions {
            label: Some(self.title(metric)),
            lower_is_better: self.nature == Nature::Duration,
            ..WidgetOptions::default()
        };
        match unit {
            Some(currency @ ("USD" | "EUR" | "GBP")) => {
                options.format = Some(NumberFormat::Currency);
                options.currency = Some(currency.to_owned());
            }
            Some("s") => options.format = Some(NumberFormat::Duration),
            Some(unit) => {
                options.unit = Some(unit.to_owned());
                options.decimals = Some(0);
            }
            None if metric == Metric::Sum => options.format = Some(NumberFormat::Compact),
            None => options.decimals = Some(1),
        }
        options
    }
}

/// The measures of an event, those that matter most first.
pub(super) fn measures(event: &SeenEvent) -> Vec<Measure<'_>> {
    let mut found: Vec<Measure<'_>> = event
        .numeric_props
        .iter()
        .filter(|prop| speaks_for(prop.count, event.count) && prop.cardinality > 1)
        .filter_map(|prop| {
            let nature = nature(prop)?;
            Some(Measure { prop, nature })
        })
        .collect();
    found.sort_by_key(|measure| {
        let tenths = measure.prop.count * 10 / event.count.max(1);
        (measure.nature, Reverse(tenths), measure.prop.name.clone())
    });
    found.truncate(MEASURES);
    found
}

/// `None` for numbers that are names: codes, years, coordinates.
fn nature(prop: &SeenNumericProp) -> Option<Nature> {
    let words = words::words(&prop.name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let ends = |list: &[&str]| {
        words
            .last()
            .is_some_and(|word| list.contains(&word.as_str()))
    };
    if ends(&[
        "id",
        "code",
        "status",
        "year",
        "zip",
        "port",
        "lat",
        "lon",
        "lng",
        "version",
        "index",
        "timestamp",
    ]) || has(&["latitude", "longitude"])
    {
        return None;
    }
    if has(&["latency", "duration", "elapsed", "delay", "wait"])
        || ends(&[
            "ms",
            "millis",
            "milliseconds",
            "s",
            "sec",
            "secs",
            "seconds",
            "min",
            "mins",
            "minutes",
            "hours",
            "time",
        ])
    {
        return Some(Nature::Duration);
    }
    if has(&[
        "rate",
        "ratio",
        "share",
        "score",
        "rating",
        "pct",
        "percent",
        "percentage",
        "temperature",
        "age",
        "level",
        "load",
    ]) {
        return Some(Nature::Level);
    }
    if has(&[
        "revenue", "amount", "price", "cost", "fee", "mrr", "arr", "sales", "spend", "total",
        "usd", "eur", "gbp",
    ]) {
        return Some(Nature::Money);
    }
    // What can be negative is a level, not a quantity.
    Some(match prop.min {
        Some(min) if min >= 0.0 => Nature::Quantity,
        Some(_) | None => Nature::Level,
    })
}

/// `Latency` within a title; an acronym stays as it is.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_uppercase() => {
            [first.to_string().as_str(), chars.as_str()].concat()
        }
        (Some(first), _) => first.to_lowercase().chain(chars).collect(),
        (None, _) => String::new(),
    }
}
