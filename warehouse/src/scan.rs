//! Widgets that are answered by one pass over the same rows.

use std::borrow::Cow;

use emban_contract::dashboard::Metric;
use serde_json::Value;

use crate::decode::Row;
use crate::plan::{Feed, Measure, Plan, Question, Span};
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

/// Brings plans together that read the same rows; each is in one scan, with its place in the request. Numbers are looked at
/// last: they join the line of the same time, if there is one, whose steps together are that time. The scans that are
/// likely to take longest come first, so that none of them is left alone at the end.
pub(crate) fn scans(plans: impl IntoIterator<Item = (usize, Plan)>) -> Vec<Scan> {
    let mut scans: Vec<Scan> = Vec::new();
    let is_number = |(_, plan): &(usize, Plan)| matches!(plan.question, Question::Scalar { .. });
    let (numbers, others): (Vec<_>, Vec<_>) = plans.into_iter().partition(is_number);
    for (index, plan) in others.into_iter().chain(numbers) {
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
    scans.sort_by_key(|scan| std::cmp::Reverse(weight(&scan.plan)));
    scans
}

/// What a plan reads: 2 events, 1 sets of users, 0 a few rows of figures.
fn weight(plan: &Plan) -> u8 {
    match plan.source.feed {
        Feed::Events => 2,
        Feed::Rollup(_) if counts_users(&plan.question) => 1,
        Feed::Rollup(_) => 0,
    }
}

/// The plan that answers both, if one statement does: the same figures for the same rows, only more of them.
fn join(one: &Plan, other: &Plan) -> Option<Plan> {
    if one == other {
        return Some(one.clone());
    }
    let mut joined = one.clone();
    joined.source.previous = previous(one, other)?;
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
        // A line is not made to read more for the sake of a number.
        (Question::Series(series), Question::Scalar { measures })
            if series.group.is_none() && joined.source.previous == one.source.previous =>
        {
            series.totals = true;
            add(&mut series.measures, measures)?;
        }
        _ => return None,
    }
    Some(joined)
}

/// The time that both compare with, or the one of them that compares; `None` when they cannot share.
fn previous(one: &Plan, other: &Plan) -> Option<Option<Span>> {
    let both = either(&one.source.previous, &other.source.previous)?;
    // Sets of users are most of what a statement reads: those of a time that nobody asks for cost more than a statement
    // of their own.
    let is_heavier = |plan: &Plan| plan.source.previous != both && counts_users(&plan.question);
    (!is_heavier(one) && !is_heavier(other)).then_some(both)
}

fn counts_users(question: &Question) -> bool {
    let mut measures = question.measures().iter();
    measures.any(|measure| measure.metric == Metric::CountUnique)
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
    pub(crate) fn rows_of<'r>(&self, member: &Member, rows: &'r [Row]) -> Option<Cow<'r, [Row]>> {
        let (keys, totals) = match &self.plan.question {
            Question::Scalar { .. } => (1, false),
            Question::Series(series) if series.group.is_none() => (2, series.totals),
            _ => return Some(rows.into()),
        };
        let all = self.plan.question.measures().len();
        if !totals && member.places.iter().copied().eq(0..all) {
            return Some(rows.into());
        }
        // A number has no step among its keys.
        let own_keys = match &member.plan.question {
            Question::Scalar { .. } => 1,
            _ => 2,
        };
        let is_own =
            |row: &&Row| !totals || row.get(1).is_some_and(Value::is_null) == (own_keys == 1);
        let row = |row: &Row| {
            let mut own: Row = row.get(..own_keys)?.to_vec();
            for place in &member.places {
                own.push(row.get(keys + place)?.clone());
            }
            Some(own)
        };
        let own = rows.iter().filter(is_own).map(row);
        own.collect::<Option<Vec<Row>>>().map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use emban_contract::UnixMillis;
    use emban_contract::permissions::Permissions;
    use serde_json::{Value, json};

    use std::sync::Arc;

    use super::*;
    use crate::plan::View;
    use crate::rollup::Ready;

    fn scanned(widgets: &[(&str, &str, Value)]) -> Vec<Vec<usize>> {
        let members = |scan: &Scan| scan.members.iter().map(|member| member.index).collect();
        plans(widgets).iter().map(members).collect()
    }

    fn plans(widgets: &[(&str, &str, Value)]) -> Vec<Scan> {
        scans(planned(widgets).into_iter().enumerate())
    }

    fn planned(widgets: &[(&str, &str, Value)]) -> Vec<Plan> {
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
        plans.collect()
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
            kpi(json!({"metric": "avg", "numeric_prop": "n"})),
        ]);
        assert_eq!(found, [vec![0, 1, 5], vec![2], vec![3], vec![4]]);
    }

    #[test]
    fn users_are_not_counted_in_a_time_that_nobody_compares_with() {
        let users = || json!({"metric": "count_unique"});
        let compared = json!({"compare": "previous_period"});
        let both = json!({"metric": "count_unique", "compare": "previous_period"});
        for (query, expect) in [(users(), vec![vec![0], vec![1]]), (both, vec![vec![0, 1]])] {
            let found = scanned(&[kpi(compared.clone()), kpi(query.clone())]);
            assert_eq!(found, expect);
            let found = scanned(&[kpi(query), kpi(compared.clone())]);
            assert_eq!(found, expect);
        }
        assert_eq!(scanned(&[kpi(json!({})), kpi(users())]), [vec![0, 1]]);
    }

    #[test]
    fn a_number_is_read_from_the_line_of_its_time() {
        let line = |query: Value| ("timeseries", "line", query);
        let by_day = || line(json!({"granularity": "day"}));
        let joins = |number: Value, line| scanned(&[kpi(number), line]) == [vec![1, 0]];
        assert!(joins(json!({"metric": "count_unique"}), by_day()));
        let both = json!({"granularity": "day", "compare": "previous_period"});
        assert!(joins(
            json!({"compare": "previous_period"}),
            line(both.clone())
        ));
        assert!(joins(json!({}), line(both)));
        // It would read more, another time, or the rows of each group.
        assert!(!joins(json!({"compare": "previous_period"}), by_day()));
        assert!(!joins(json!({"period": "7d"}), by_day()));
        let grouped = json!({"granularity": "day", "group_by": "p"});
        assert!(!joins(json!({}), line(grouped)));
    }

    #[test]
    fn what_reads_most_comes_first() {
        let ready = Arc::new(Ready {
            id: 1,
            shape: serde_json::from_value(
                json!({"event_name": "e", "dimensions": [], "numbers": [],
                "users": {"hashes": true, "approx": false}}),
            )
            .unwrap(),
            rows: 1,
        });
        let rollup = || Feed::Rollup(ready.clone());
        let feeds = [rollup(), rollup(), Feed::Events];
        let widgets = [
            ("breakdown", "list", json!({"group_by": "p"})),
            ("timeseries", "line", json!({"metric": "count_unique"})),
            kpi(json!({"metric": "p95", "numeric_prop": "n"})),
        ];
        let fed = planned(&widgets)
            .into_iter()
            .zip(feeds)
            .map(|(mut plan, feed)| {
                plan.source.feed = feed;
                plan
            });
        let order: Vec<usize> = scans(fed.enumerate())
            .iter()
            .map(|scan| scan.members[0].index)
            .collect();
        assert_eq!(order, [2, 1, 0]);
    }

    #[test]
    fn each_member_of_a_line_with_totals_has_its_own_rows() {
        let widgets = [
            kpi(json!({"metric": "count_unique"})),
            ("timeseries", "line", json!({"granularity": "day"})),
        ];
        let [scan] = plans(&widgets).try_into().unwrap();
        let rows: Vec<Row> = [
            json!([1, 0, 5, 2]),
            json!([1, 3, 7, 4]),
            json!([1, null, 12, 5]),
        ]
        .into_iter()
        .map(|row| serde_json::from_value(row).unwrap())
        .collect();
        let own = |place: usize| json!(scan.rows_of(&scan.members[place], &rows).unwrap());
        assert_eq!(own(0), json!([[1, 0, 5], [1, 3, 7]]));
        assert_eq!(own(1), json!([[1, 5]]));
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
