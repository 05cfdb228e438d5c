//! Widgets that are answered by one pass over the same rows.

use serde_json::Value;

use crate::decode::Row;
use crate::plan::{Measure, Plan, Question};
use crate::sql::MEASURES;

/// One statement, and the widgets that it answers.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Measures everything that its members do.
    pub(crate) plan: Plan,
    pub(crate) members: Vec<Member>,
}

/// A widget of a scan.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its place in the request.
    pub(crate) index: usize,
    pub(crate) plan: Plan,
    /// Where its measures stand among the scan's.
    places: Vec<usize>,
}

/// Brings plans together that read the same rows in the same steps; each is in one scan, with its place in the request.
pub(crate) fn scans(plans: impl IntoIterator<Item = (usize, Plan)>) -> Vec<Scan> {
    let mut scans: Vec<Scan> = Vec::new();
    for (index, plan) in plans {
        let joined = scans
            .iter_mut()
            .find_map(|scan| Some((join(&scan.plan, &plan)?, scan)));
        match joined {
            Some((wider, scan)) => {
                let places = places(&wider, &plan);
                scan.plan = wider;
                scan.members.push(Member {
                    index,
                    plan,
                    places,
                });
            }
            None => scans.push(Scan {
                plan: plan.clone(),
                members: vec![Member {
                    index,
                    places: places(&plan, &plan),
                    plan,
                }],
            }),
        }
    }
    scans
}

/// The plan that answers both, if one statement does: the same figures for the same rows, only more of them.
fn join(one: &Plan, other: &Plan) -> Option<Plan> {
    if one == other {
        return Some(one.clone());
    }
    let mut joined = one.clone();
    joined.source.previous = either(&one.source.previous, &other.source.previous)?;
    let mut sources = [one.source.clone(), other.source.clone()];
    for source in &mut sources {
        source.previous = None;
    }
    let [a, b] = sources;
    if a != b {
        return None;
    }
    match (&mut joined.question, &other.question) {
        (Question::Scalar { measures }, Question::Scalar { measures: more }) => {
            add(measures, more)?;
        }
        (Question::Series(series), Question::Series(more))
            if series.group.is_none() && more.group.is_none() && series.buckets == more.buckets =>
        {
            series.previous_buckets = either(&series.previous_buckets, &more.previous_buckets)?;
            add(&mut series.measures, &more.measures)?;
        }
        _ => return None,
    }
    Some(joined)
}

/// The one that is there; `None` when both are and differ.
fn either<T: Clone + PartialEq>(one: &Option<T>, other: &Option<T>) -> Option<Option<T>> {
    match (one, other) {
        (Some(a), Some(b)) if a != b => None,
        (Some(found), _) | (None, Some(found)) => Some(Some(found.clone())),
        (None, None) => Some(None),
    }
}

fn add(measures: &mut Vec<Measure>, more: &[Measure]) -> Option<()> {
    for measure in more {
        if !measures.contains(measure) {
            measures.push(measure.clone());
        }
    }
    (measures.len() <= MEASURES).then_some(())
}

fn places(scan: &Plan, member: &Plan) -> Vec<usize> {
    let all = scan.question.measures();
    let place = |measure: &Measure| all.iter().position(|one| one == measure);
    member
        .question
        .measures()
        .iter()
        .filter_map(place)
        .collect()
}

impl Scan {
    /// The rows as if the member had asked alone; `None` if they are not what the scan asks for.
    pub(crate) fn rows_of<'r>(
        &self,
        member: &Member,
        rows: &'r [Row],
    ) -> Option<std::borrow::Cow<'r, [Row]>> {
        let all = self.plan.question.measures().len();
        let in_order = member.places.iter().copied().eq(0..all);
        let keys = match &self.plan.question {
            Question::Scalar { .. } => 1,
            Question::Series(series) if series.group.is_none() => 2,
            _ => return Some(rows.into()),
        };
        if in_order {
            return Some(rows.into());
        }
        let row = |row: &Row| {
            let mut own: Row = row.get(..keys)?.to_vec();
            for place in &member.places {
                own.push(row.get(keys + place)?.clone());
            }
            Some(own)
        };
        rows.iter()
            .map(row)
            .collect::<Option<Vec<Vec<Value>>>>()
            .map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use emban_contract::UnixMillis;
    use emban_contract::permissions::Permissions;
    use serde_json::{Value, json};

    use super::*;
    use crate::plan::View;

    fn scanned(widgets: &[(&str, &str, Value)]) -> Vec<Vec<usize>> {
        let widget = |(n, (kind, chart, query)): (usize, &(&str, &str, Value))| {
            let mut query = query.clone();
            query["event_name"] = json!("e");
            json!({"id": format!("w{n}"), "kind": kind, "chart": chart, "query": query,
                   "layout": {"x": 0, "y": n, "w": 12, "h": 1}})
        };
        let widgets: Vec<Value> = widgets.iter().enumerate().map(widget).collect();
        let document = serde_json::from_value(json!({"name": "d", "widgets": widgets})).unwrap();
        let view = View {
            document: &document,
            permissions: &Permissions::default(),
            now: UnixMillis(1_774_000_000_000),
        };
        let planned = view.widgets(&serde_json::from_value(json!({})).unwrap());
        let plans = planned.unwrap().into_iter().map(|one| one.plan.unwrap());
        let members = |scan: Scan| scan.members.iter().map(|member| member.index).collect();
        scans(plans.enumerate()).into_iter().map(members).collect()
    }

    fn kpi(query: Value) -> (&'static str, &'static str, Value) {
        ("kpi", "stat", query)
    }

    #[test]
    fn numbers_of_the_same_events_share_a_scan() {
        let sum = json!({"metric": "sum", "numeric_prop": "n", "compare": "previous_period"});
        let found = scanned(&[
            kpi(json!({})),
            kpi(sum),
            kpi(json!({"where": [{"op": "in", "prop": "p", "values": ["x"]}]})),
            kpi(json!({"metric": "p95", "numeric_prop": "n", "compare": "previous_year"})),
            kpi(json!({"period": "7d"})),
            kpi(json!({"metric": "count_unique"})),
        ]);
        assert_eq!(found, [vec![0, 1, 5], vec![2], vec![3], vec![4]]);
    }

    #[test]
    fn lines_of_the_same_steps_share_a_scan() {
        let line = |query: Value| ("timeseries", "line", query);
        let found = scanned(&[
            line(json!({"granularity": "day"})),
            line(json!({"granularity": "week"})),
            line(json!({"granularity": "day", "metric": "avg", "numeric_prop": "n"})),
            (
                "timeseries",
                "stacked_bar",
                json!({"granularity": "day", "group_by": "p"}),
            ),
            (
                "timeseries",
                "stacked_bar",
                json!({"granularity": "day", "group_by": "p"}),
            ),
        ]);
        assert_eq!(found, [vec![0, 2], vec![1], vec![3, 4]]);
    }

    #[test]
    fn a_scan_measures_no_more_than_a_statement_can() {
        let sum = |n: usize| kpi(json!({"metric": "sum", "numeric_prop": format!("n{n}")}));
        let many: Vec<_> = (0..MEASURES + 2).map(sum).collect();
        let sizes: Vec<usize> = scanned(&many).iter().map(Vec::len).collect();
        assert_eq!(sizes, [MEASURES, 2]);
    }
}
