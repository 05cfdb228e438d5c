//! The same questions answered by slow plain Rust over the same events, by other means than the crate's: no boundaries
//! are computed, each event finds its own step, and every group is computed from its events.

mod measure;

use std::collections::{BTreeMap, BTreeSet};

use emban_contract::event::Event;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use measure::{meets_all, metric, strings, text};

/// What is asked, in the words of the document.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) kind: &'static str,
    pub(crate) chart: &'static str,
    pub(crate) query: Value,
    pub(crate) zone: &'static str,
    pub(crate) locale: &'static str,
    /// Unix milliseconds, half-open.
    pub(crate) range: (i64, i64),
    pub(crate) dimensions: BTreeMap<&'static str, Vec<&'static str>>,
    pub(crate) number_range: Option<(f64, f64)>,
}

type Key = Vec<Option<String>>;

impl Question {
    fn measure(&self, events: &[&Event], which: usize) -> Option<f64> {
        let (name, prop) = [
            ("metric", "numeric_prop"),
            ("second_metric", "second_numeric_prop"),
        ][which];
        metric(
            events,
            self.query[name].as_str().unwrap_or("count"),
            self.query[prop].as_str(),
            &self.query["numerator"],
        )
    }

    fn measures(&self) -> usize {
        1 + usize::from(self.query.get("second_metric").is_some())
    }

    fn groups(&self) -> Vec<&str> {
        match &self.query["group_by"] {
            Value::String(one) => vec![one],
            several => strings(several),
        }
    }

    fn limit(&self, default: usize) -> usize {
        self.query["limit"]
            .as_u64()
            .map_or(default, |limit| limit as usize)
    }

    fn compares(&self) -> bool {
        self.query.get("compare").is_some()
    }

    fn selected<'e>(&self, events: &'e [Event], tenant: &str, range: (i64, i64)) -> Vec<&'e Event> {
        let wanted = |event: &&Event| {
            event.tenant_id.as_str() == tenant
                && event.event_name == self.query["event_name"].as_str().unwrap()
                && (range.0..range.1).contains(&event.timestamp.0)
                && meets_all(event, &self.query["where"])
                && self
                    .dimensions
                    .iter()
                    .all(|(prop, values)| values.contains(&text(event, prop).unwrap_or("")))
                && self.number_range.is_none_or(|(min, max)| {
                    event
                        .numeric_props
                        .get("n")
                        .is_some_and(|n| *n >= min && *n <= max)
                })
        };
        events.iter().filter(wanted).collect()
    }

    /// The same place in the range compared with.
    fn back(&self, at: i64) -> i64 {
        if self.query["compare"] == "previous_year" {
            let zone = TimeZone::get(self.zone).unwrap();
            let local = Timestamp::from_millisecond(at).unwrap().to_zoned(zone);
            let year_before = local.checked_sub(1.year()).unwrap();
            year_before.timestamp().as_millisecond()
        } else {
            at - (self.range.1 - self.range.0)
        }
    }

    fn before(&self) -> (i64, i64) {
        let to = if self.query["compare"] == "previous_year" {
            self.back(self.range.1)
        } else {
            self.range.0
        };
        (self.back(self.range.0), to)
    }

    /// Events of the range compared with, each in the step of which the moved one holds it.
    fn compared_points(&self, before: &[&Event]) -> Value {
        let steps: Vec<i64> = self.steps().into_iter().collect();
        let ends = steps.iter().skip(1).copied().map(|at| self.back(at));
        let mut latest = i64::MIN;
        let mut starts: Vec<i64> = Vec::new();
        for at in &steps {
            latest = latest.max(self.back(*at));
            starts.push(latest);
        }
        let ends: Vec<i64> = ends.chain([i64::MAX]).collect();
        let point = |index: usize| {
            let inside = |event: &&&Event| {
                let at = event.timestamp.0;
                at >= starts[index] && at < ends[index].max(starts[index])
            };
            let events: Vec<&Event> = before.iter().filter(inside).copied().collect();
            json!([
                emban_contract::UnixMillis(steps[index]),
                self.measure(&events, 0)
            ])
        };
        (0..steps.len()).map(point).collect()
    }

    /// The answer's `data`; for a series, `points` by name and role.
    pub(crate) fn answer(&self, events: &[Event], tenant: &str) -> Value {
        let now = self.selected(events, tenant, self.range);
        let before = self.selected(events, tenant, self.before());
        match (self.kind, self.chart) {
            ("kpi", _) => self.kpi(&now, &before),
            ("timeseries", _) => self.series(&now, &before),
            (_, "pivot") => self.pivot(&now),
            ("breakdown" | "table", _) => self.table(&now, &before),
            ("heatmap", _) => self.heatmap(&now),
            other => panic!("{other:?}"),
        }
    }

    fn kpi(&self, now: &[&Event], before: &[&Event]) -> Value {
        let value = self.measure(now, 0);
        let previous = self.measure(before, 0).filter(|_| self.compares());
        json!({"value": value, "previous_value": previous, "delta_pct": delta(value, previous)})
    }

    fn ranked<'e>(
        &self,
        events: &[&'e Event],
        key: impl Fn(&Event) -> Key,
    ) -> Vec<(Key, Vec<&'e Event>)> {
        let mut groups: BTreeMap<Key, Vec<&Event>> = BTreeMap::new();
        for event in events {
            groups.entry(key(event)).or_default().push(event);
        }
        let mut ranked: Vec<_> = groups.into_iter().collect();
        let missing_last = |key: &Key| {
            key.iter()
                .map(|part| (part.is_none(), part.clone()))
                .collect::<Vec<_>>()
        };
        ranked.sort_by(|(a, of_a), (b, of_b)| {
            let (x, y) = (self.measure(of_a, 0), self.measure(of_b, 0));
            (x.is_none(), y)
                .partial_cmp(&(y.is_none(), x))
                .unwrap()
                .then_with(|| missing_last(a).cmp(&missing_last(b)))
        });
        ranked
    }

    fn table(&self, now: &[&Event], before: &[&Event]) -> Value {
        let groups = self.groups();
        let key = |event: &Event| {
            groups
                .iter()
                .map(|prop| text(event, prop).map(str::to_owned))
                .collect::<Key>()
        };
        let ranked = self.ranked(now, key);
        let row = |keys: &[Key], events: &[&Event], label: &Key| {
            let mut cells: Vec<Value> = label.iter().map(|part| json!(part)).collect();
            cells.extend((0..self.measures()).map(|which| json!(self.measure(events, which))));
            if self.compares() {
                let earlier: Vec<&Event> = before
                    .iter()
                    .filter(|event| keys.contains(&key(event)))
                    .copied()
                    .collect();
                let previous = self.measure(&earlier, 0);
                cells.extend([
                    json!(previous),
                    json!(delta(self.measure(events, 0), previous)),
                ]);
            }
            cells
        };
        let limit = self.limit(10);
        let rows: Vec<_> = ranked
            .iter()
            .take(limit)
            .map(|(one, of)| row(std::slice::from_ref(one), of, one))
            .collect();
        let mut answer = json!({ "rows": rows });
        if ranked.len() > limit {
            let keys: Vec<Key> = ranked[limit..].iter().map(|(key, _)| key.clone()).collect();
            let rest: Vec<&Event> = ranked[limit..]
                .iter()
                .flat_map(|(_, of)| of.clone())
                .collect();
            answer["other"] = json!(row(&keys, &rest, &vec![None; groups.len()]));
        }
        answer
    }

    /// Which step an instant belongs to, by its own calendar.
    fn step_of(&self, ms: i64) -> i64 {
        let zone = TimeZone::get(self.zone).unwrap();
        let local = Timestamp::from_millisecond(ms)
            .unwrap()
            .to_zoned(zone.clone());
        let date = local.date();
        let day = match self.query["granularity"].as_str().unwrap() {
            "minute" => return ms.div_euclid(60_000) * 60_000,
            "hour" => {
                // The last quarter of an hour at which the clock showed a full hour.
                let full = |at: &i64| {
                    let at = Timestamp::from_millisecond(*at).unwrap();
                    at.to_zoned(zone.clone()).minute() == 0
                };
                let quarter = ms.div_euclid(900_000);
                return (0..).map(|n| (quarter - n) * 900_000).find(full).unwrap();
            }
            "day" => date,
            "week" => {
                let mut date = date;
                let first = match self.locale {
                    "en-US" => Weekday::Sunday,
                    "ar-EG" => Weekday::Saturday,
                    _ => Weekday::Monday,
                };
                while date.weekday() != first {
                    date = date.yesterday().unwrap();
                }
                date
            }
            "month" => date.first_of_month(),
            "quarter" => jiff::civil::date(date.year(), (date.month() - 1) / 3 * 3 + 1, 1),
            other => panic!("{other}"),
        };
        day.to_zoned(zone).unwrap().timestamp().as_millisecond()
    }

    /// Starts of all steps of the range: every quarter of an hour (or minute) is asked for its own.
    fn steps(&self) -> BTreeSet<i64> {
        let stride = if self.query["granularity"] == "minute" {
            60_000
        } else {
            900_000
        };
        let inside = (0..)
            .map(|n| self.range.0 + n * stride)
            .take_while(|at| *at < self.range.1);
        inside
            .chain([self.range.1 - 1])
            .map(|at| self.step_of(at))
            .collect()
    }

    fn points<'e>(&self, events: impl Iterator<Item = (i64, &'e Event)>, which: usize) -> Value {
        let mut by_step: BTreeMap<i64, Vec<&Event>> = self
            .steps()
            .into_iter()
            .map(|step| (step, Vec::new()))
            .collect();
        for (at, event) in events {
            by_step
                .get_mut(&self.step_of(at))
                .expect("a step of the range")
                .push(event);
        }
        by_step
            .into_iter()
            .map(|(step, events)| {
                json!([
                    emban_contract::UnixMillis(step),
                    self.measure(&events, which)
                ])
            })
            .collect()
    }

    fn series(&self, now: &[&Event], before: &[&Event]) -> Value {
        let in_place = |events: &[&Event]| {
            events
                .iter()
                .map(|e| (e.timestamp.0, (*e).clone()))
                .collect::<Vec<_>>()
        };
        let points = |events: &[(i64, Event)], which| {
            self.points(events.iter().map(|(at, event)| (*at, event)), which)
        };
        let one = |name: &str, role: &str, points: Value| json!({"name": name, "role": role, "points": points});
        if let Some(prop) = self.groups().first() {
            let ranked = self.ranked(now, |event| vec![text(event, prop).map(str::to_owned)]);
            let limit = self.limit(12);
            let mut series: Vec<Value> = ranked
                .iter()
                .take(limit)
                .map(|(key, of)| {
                    one(
                        key[0].as_deref().unwrap_or(""),
                        "primary",
                        points(&in_place(of), 0),
                    )
                })
                .collect();
            let rest: Vec<&Event> = ranked
                .iter()
                .skip(limit)
                .flat_map(|(_, of)| of.clone())
                .collect();
            if ranked.len() > limit {
                series.push(one("other", "other", points(&in_place(&rest), 0)));
            }
            return json!(series);
        }
        let name = self.query["metric"].as_str().unwrap();
        let mut series = vec![one(name, "primary", points(&in_place(now), 0))];
        if self.compares() {
            series.push(one(name, "comparison", self.compared_points(before)));
        }
        if self.measures() == 2 {
            series.push(one(
                self.query["second_metric"].as_str().unwrap(),
                "secondary",
                points(&in_place(now), 1),
            ));
        }
        json!(series)
    }

    fn heatmap(&self, now: &[&Event]) -> Value {
        let zone = TimeZone::get(self.zone).unwrap();
        let mut cells: Vec<Vec<Vec<&Event>>> = vec![vec![Vec::new(); 24]; 7];
        for event in now {
            let local = Timestamp::from_millisecond(event.timestamp.0)
                .unwrap()
                .to_zoned(zone.clone());
            cells[local.weekday().to_monday_zero_offset() as usize][local.hour() as usize]
                .push(event);
        }
        let values: Vec<Vec<Option<f64>>> = cells
            .iter()
            .map(|row| row.iter().map(|events| self.measure(events, 0)).collect())
            .collect();
        json!({ "cells": values })
    }

    fn pivot(&self, now: &[&Event]) -> Value {
        let groups = self.groups();
        let axis = |prop: &str, limit: usize| {
            let ranked = self.ranked(now, |event| vec![text(event, prop).map(str::to_owned)]);
            let mut labels: Vec<(Value, Vec<Option<String>>)> = ranked
                .iter()
                .take(limit)
                .map(|(key, _)| (json!(key[0]), vec![key[0].clone()]))
                .collect();
            if ranked.len() > limit {
                labels.push((
                    json!("other"),
                    ranked[limit..]
                        .iter()
                        .map(|(key, _)| key[0].clone())
                        .collect(),
                ));
            }
            labels
        };
        let (rows, columns) = (axis(groups[0], self.limit(10)), axis(groups[1], 20));
        let cell = |row: &[Option<String>], column: &[Option<String>]| {
            let inside = |event: &&&Event| {
                row.contains(&text(event, groups[0]).map(str::to_owned))
                    && column.contains(&text(event, groups[1]).map(str::to_owned))
            };
            let events: Vec<&Event> = now.iter().filter(inside).copied().collect();
            if events.is_empty() && self.measure(&[], 0).is_none() {
                None
            } else {
                self.measure(&events, 0)
            }
        };
        let cells: Vec<Vec<Option<f64>>> = rows
            .iter()
            .map(|(_, row)| {
                columns
                    .iter()
                    .map(|(_, column)| cell(row, column))
                    .collect()
            })
            .collect();
        let label = |(label, _): &(Value, Vec<Option<String>>)| label.clone();
        let mut answer = json!({
            "rows": rows.iter().map(label).collect::<Vec<_>>(),
            "columns": columns.iter().map(label).collect::<Vec<_>>(),
            "cells": cells,
        });
        for (name, labels, limit) in [
            ("other_row", &rows, self.limit(10)),
            ("other_column", &columns, 20),
        ] {
            if labels.len() > limit {
                answer[name] = json!(true);
            }
        }
        answer
    }
}

fn delta(value: Option<f64>, previous: Option<f64>) -> Option<f64> {
    let (value, previous) = (value?, previous?);
    (previous != 0.0).then(|| (value - previous) / previous.abs() * 100.0)
}

/// How many users pass each step: every chain of events is tried.
pub(crate) fn funnel(events: &[Event], steps: &Value, window_ms: i64) -> Vec<f64> {
    let steps = steps.as_array().unwrap();
    let is_step = |event: &Event, step: usize| {
        event.event_name == steps[step]["event_name"].as_str().unwrap()
            && meets_all(event, &steps[step]["where"])
    };
    let mut by_user: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events.iter().filter(|event| !event.user_id.is_empty()) {
        by_user.entry(&event.user_id).or_default().push(event);
    }
    let mut passed = vec![0.0; steps.len()];
    for events in by_user.into_values() {
        let mut best = 0;
        for first in events.iter().filter(|event| is_step(event, 0)) {
            let end = first.timestamp.0 + window_ms;
            let (mut level, mut at) = (1, first.timestamp.0);
            // The earliest next event leaves the most room for the steps after it.
            while level < steps.len() {
                let next = events
                    .iter()
                    .filter(|e| e.timestamp.0 > at && e.timestamp.0 <= end && is_step(e, level));
                let Some(next) = next.min_by_key(|e| e.timestamp.0) else {
                    break;
                };
                (level, at) = (level + 1, next.timestamp.0);
            }
            best = best.max(level);
        }
        passed.iter_mut().take(best).for_each(|users| *users += 1.0);
    }
    passed
}
