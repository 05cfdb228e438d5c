//! Whether a rollup answers a plan, and which.

use std::sync::Arc;

use emban_contract::dashboard::Metric;

use super::wanted::adds_up;
use super::{Bucket, Catalog, Ready, Shape};
use crate::plan::{Fed, Feed, Field, Measure, Plan, Predicate, Question, Source};

/// Why a widget is answered from events. `Display` is a sentence for the company's own people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhyEvents {
    /// Users are followed through steps.
    #[error(
        "a funnel follows each user from event to event, which figures of many events do not tell"
    )]
    Steps,
    /// A percentile is made of every single value.
    #[error("a percentile is exact only if it is made of every value")]
    Percentile,
    /// More than one event, or none.
    #[error("it counts several events, and a rollup holds one")]
    SeveralEvents,
    /// A time that begins or ends, or a step, that is not on a quarter of an hour.
    #[error("its time or its steps do not begin and end on quarters of an hour")]
    NotAligned,
    /// A filter by a number.
    #[error("it filters by a number, and rollups hold figures of numbers, not their values")]
    NumberFilter,
    /// Users as a dimension.
    #[error(
        "it groups or filters by user_id, by which a rollup would be about as large as the events"
    )]
    Users,
    /// The rollup that would do is not ready.
    #[error("its rollup is still being filled")]
    Building,
    /// The rollup that would do is not worth it.
    #[error("a rollup of these dimensions would have nearly as many rows as there are events")]
    NotWorthwhile,
    /// None has all that is needed.
    #[error("no rollup of the event holds {needs}")]
    NotHeld {
        /// Dimensions and numbers that are needed together.
        needs: String,
    },
}

/// What a plan needs a rollup to hold.
struct Needs<'p> {
    fields: Vec<&'p Field>,
    measures: &'p [Measure],
    /// The buckets that every step and every end of its time is made of.
    coarsest: Bucket,
}

/// The same plan on the smallest rollup that answers it exactly, but for the order in which fractions are added.
///
/// Errors: [`WhyEvents`] says why the plan reads events.
pub(crate) fn route(plan: &Plan, catalog: &Catalog) -> Result<Plan, WhyEvents> {
    let needs = needs(plan)?;
    let [event_name] = plan.source.event_names.as_slice() else {
        return Err(WhyEvents::SeveralEvents);
    };
    let holds = |shape: &Shape| shape.event_name == *event_name && needs.are_held_by(shape);
    let found = catalog.ready.iter().find(|ready| holds(&ready.shape));
    match found {
        Some(ready) => Ok(plan.fed_by(ready)),
        None if catalog.building.iter().any(holds) => Err(WhyEvents::Building),
        None if catalog.declined.iter().any(holds) => Err(WhyEvents::NotWorthwhile),
        None => Err(WhyEvents::NotHeld {
            needs: needs.names(),
        }),
    }
}

fn needs(plan: &Plan) -> Result<Needs<'_>, WhyEvents> {
    if matches!(plan.question, Question::Funnel(_) | Question::Conversion(_)) {
        return Err(WhyEvents::Steps);
    }
    let measures = plan.question.measures();
    if !measures.iter().all(|measure| adds_up(measure.metric)) {
        return Err(WhyEvents::Percentile);
    }
    let conditions = measures.iter().flat_map(|measure| &measure.numerator);
    let mut fields = plan.question.fields();
    for predicate in plan.source.filters.iter().chain(conditions) {
        match predicate {
            Predicate::In { field, .. }
            | Predicate::NotIn { field, .. }
            | Predicate::Is { field, .. } => fields.push(field),
            Predicate::Between { .. } => return Err(WhyEvents::NumberFilter),
            Predicate::WallClock { .. } => return Err(WhyEvents::NotAligned),
        }
    }
    if fields.contains(&&Field::UserId) {
        return Err(WhyEvents::Users);
    }
    Ok(Needs {
        fields,
        measures,
        coarsest: coarsest(plan).ok_or(WhyEvents::NotAligned)?,
    })
}

fn coarsest(plan: &Plan) -> Option<Bucket> {
    let fits = |bucket: &Bucket| {
        let is_whole = |at: i64| at % bucket.ms() == 0;
        // A heatmap tells hours apart, which no instant of its plan says.
        let tells_hours =
            *bucket != Bucket::Day || !matches!(plan.question, Question::Heatmap { .. });
        tells_hours && instants(&plan.source, &plan.question).all(is_whole)
    };
    Bucket::ALL.into_iter().rev().find(fits)
}

/// Every instant at which an event may fall on one side or the other.
fn instants<'p>(source: &'p Source, question: &'p Question) -> impl Iterator<Item = i64> {
    let spans = [Some(source.current), source.previous]
        .into_iter()
        .flatten();
    let steps = match question {
        Question::Series(series) => [Some(&series.buckets), series.previous_buckets.as_ref()],
        _ => [None, None],
    };
    let offsets = match question {
        Question::Heatmap { offsets, .. } => offsets.as_slice(),
        _ => &[],
    };
    let shifts = offsets
        .iter()
        .flat_map(|(at, seconds)| [*at, i64::from(*seconds) * 1000]);
    spans
        .flat_map(|span| [span.from, span.to])
        .chain(
            steps
                .into_iter()
                .flatten()
                .flat_map(|steps| steps.bounds().iter().copied()),
        )
        .chain(shifts)
}

impl Needs<'_> {
    fn are_held_by(&self, shape: &Shape) -> bool {
        let dimension = |field: &&Field| match field {
            Field::UserId => false,
            Field::Property(path) => shape.dimension(path).is_some(),
        };
        let measure = |measure: &Measure| match measure.metric {
            Metric::CountUnique => shape.users.exact,
            Metric::CountUniqueApprox => shape.users.approx,
            metric if metric.needs_numeric_prop() => measure
                .path
                .as_ref()
                .is_some_and(|path| shape.number(path).is_some()),
            _ => true,
        };
        shape.bucket <= self.coarsest
            && self.fields.iter().all(dimension)
            && self.measures.iter().all(measure)
    }

    fn names(&self) -> String {
        let mut names: Vec<String> = self.fields.iter().map(|field| field.name()).collect();
        for measure in self.measures {
            match (&measure.path, measure.metric) {
                (Some(path), metric) if metric.needs_numeric_prop() => names.push(path.name()),
                (_, Metric::CountUnique | Metric::CountUniqueApprox) => {
                    names.push("its users".to_owned());
                }
                _ => {}
            }
        }
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            "its count".to_owned()
        } else {
            names.join(", ")
        }
    }
}

impl Plan {
    fn fed_by(&self, ready: &Arc<Ready>) -> Self {
        let mut plan = self.clone();
        plan.source.feed = Feed::Rollup(ready.clone());
        for measure in plan.question.measures_mut() {
            measure.fed = Fed::Parts;
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use emban_contract::UnixMillis;
    use emban_contract::permissions::Permissions;
    use serde_json::{Value, json};

    use super::*;
    use crate::plan::View;
    use crate::rollup::Users;

    fn plan(kind: &str, chart: &str, mut query: Value, zone: &str) -> Plan {
        query["event_name"] = json!("e");
        let document = serde_json::from_value(json!({"name": "d", "widgets": [
            {"id": "w", "kind": kind, "chart": chart, "query": query, "layout": {"x": 0, "y": 0, "w": 12, "h": 1}},
        ]}))
        .unwrap();
        let granted = json!({"timezone": zone, "locked_filters": {"plan": "pro"}});
        let permissions: Permissions = serde_json::from_value(granted).unwrap();
        let view = View {
            document: &document,
            permissions: &permissions,
            now: UnixMillis(1_774_000_000_000),
        };
        let planned = view.widgets(&serde_json::from_value(json!({})).unwrap());
        planned.unwrap().remove(0).plan.unwrap()
    }

    fn ready(id: u64, dimensions: &[&str], rows: u64) -> Ready {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Ready {
            id,
            rows,
            shape: Shape {
                event_name: "e".to_owned(),
                dimensions: names(dimensions),
                numbers: names(&["m", "n"]),
                users: Users {
                    exact: true,
                    approx: true,
                },
                bucket: Bucket::Quarter,
            },
        }
    }

    fn catalog() -> Catalog {
        let all = [
            ready(1, &["a.b", "model", "plan"], 900),
            ready(2, &["plan"], 90),
            ready(3, &["model", "plan"], 300),
        ];
        Catalog::new(all.into(), Vec::new())
    }

    #[test]
    fn the_smallest_that_holds_everything_is_read() {
        let id = |query: Value| match route(&plan("kpi", "stat", query, "UTC"), &catalog()) {
            Ok(plan) => match plan.source.feed {
                Feed::Rollup(ready) => ready.id,
                Feed::Events => 0,
            },
            Err(_) => 0,
        };
        let filter =
            |prop: &str| json!({"where": [{"op": "not_in", "prop": prop, "values": ["x"]}]});
        assert_eq!(id(json!({})), 2);
        assert_eq!(id(filter("model")), 3);
        assert_eq!(id(filter("a.b")), 1);
        assert_eq!(id(filter("other")), 0);
        assert_eq!(id(json!({"metric": "max", "numeric_prop": "n"})), 2);
        assert_eq!(id(json!({"metric": "max", "numeric_prop": "x"})), 0);
    }

    #[test]
    fn buckets_are_as_long_as_the_steps_in_the_sessions_zone_allow() {
        let of = |bucket, rows| {
            let finest = ready(rows, &["model", "plan"], rows);
            Ready {
                shape: finest.shape.of(bucket),
                ..finest
            }
        };
        let all = [
            of(Bucket::Quarter, 900),
            of(Bucket::Hour, 300),
            of(Bucket::Day, 20),
        ];
        let catalog = Catalog::new(all.into(), Vec::new());
        let bucket = |kind: &str, chart: &str, query: Value, zone: &str| match route(
            &plan(kind, chart, query, zone),
            &catalog,
        )
        .unwrap()
        .source
        .feed
        {
            Feed::Rollup(ready) => ready.shape.bucket,
            Feed::Events => panic!("a rollup answers it"),
        };
        let total = |zone| bucket("kpi", "stat", json!({}), zone);
        assert_eq!(total("UTC"), Bucket::Day);
        assert_eq!(total("Europe/Berlin"), Bucket::Hour);
        assert_eq!(total("Asia/Kathmandu"), Bucket::Quarter);
        let line = |granularity: &str| {
            let query = json!({"granularity": granularity, "period": "7d"});
            bucket("timeseries", "line", query, "UTC")
        };
        assert_eq!(line("week"), Bucket::Day);
        assert_eq!(line("day"), Bucket::Day);
        assert_eq!(line("hour"), Bucket::Hour);
        let hours = |zone| bucket("heatmap", "heatmap", json!({}), zone);
        assert_eq!(hours("UTC"), Bucket::Hour);
        assert_eq!(hours("Europe/Berlin"), Bucket::Hour);
        assert_eq!(hours("Asia/Kolkata"), Bucket::Quarter);
    }

    #[test]
    fn every_read_of_a_rollup_begins_with_the_tenant() {
        let by = |props: Value| json!({"group_by": props, "compare": "previous_period"});
        let ratio = json!({"metric": "ratio", "numerator": [{"op": "in", "prop": "model", "values": ["x"]}]});
        let second = json!({"metric": "avg", "numeric_prop": "m", "second_metric": "min", "second_numeric_prop": "n"});
        for (kind, chart, query) in [
            ("kpi", "stat", ratio),
            ("timeseries", "dual_axis", second),
            ("timeseries", "stacked_bar", by(json!("model"))),
            ("breakdown", "list", by(json!("a.b"))),
            ("table", "table", by(json!(["model", "a.b"]))),
            ("table", "pivot", by(json!(["model", "a.b"]))),
            ("heatmap", "heatmap", json!({"metric": "count_unique"})),
        ] {
            let routed = route(&plan(kind, chart, query, "Asia/Kathmandu"), &catalog()).unwrap();
            let statement = routed.to_string();
            let reads = statement.matches("FROM rollups").count();
            let scoped = statement
                .matches("\nFROM rollups\nWHERE tenant_id = {scope_tenant:String} AND rollup_id = ")
                .count();
            assert!(reads > 0 && reads == scoped, "{statement}");
            assert!(!statement.contains("FROM events"), "{statement}");
            // The locked filter is in each of them, too.
            assert!(statement.matches(" IN {").count() >= reads, "{statement}");
        }
    }

    #[test]
    fn a_statement_on_a_rollup_merges_what_the_quarters_hold() {
        let query = json!({"metric": "avg", "numeric_prop": "n", "group_by": "model", "compare": "previous_period", "limit": 2});
        let routed = route(&plan("breakdown", "list", query, "UTC"), &catalog()).unwrap();
        insta::assert_snapshot!(routed, @r#"
        SELECT rank > {p0:UInt64} AS other, if(other, NULL, g0) AS k0, sumKahanMerge(a00) / nullIf(sumIfMerge(a01), 0), sumKahanMerge(b00) / nullIf(sumIfMerge(b01), 0)
        FROM (
        SELECT g0, a00, a01, b00, b01, row_number() OVER (ORDER BY isNull(v), v DESC, isNull(g0), g0) AS rank
        FROM (
        SELECT g0, sumKahanMergeStateIf(x0, era = 1) AS a00, sumIfState(y0, era = 1) AS a01, sumKahanMergeStateIf(x0, era = 0) AS b00, sumIfState(y0, era = 0) AS b01, finalizeAggregation(a00) / nullIf(finalizeAggregation(a01), 0) AS v
        FROM (
        SELECT 1 AS era, if(bitTest(absent, 0), NULL, d0) AS g0, events AS c, count1 AS y0, sum1 AS x0, min1 AS l0, max1 AS h0
        FROM rollups
        WHERE tenant_id = {scope_tenant:String} AND rollup_id = {p1:UInt64} AND timestamp >= fromUnixTimestamp64Milli({p2:Int64}) AND timestamp < fromUnixTimestamp64Milli({p3:Int64}) AND d1 IN {p4:Array(String)}
        UNION ALL
        SELECT 0 AS era, if(bitTest(absent, 0), NULL, d0) AS g0, events AS c, count1 AS y0, sum1 AS x0, min1 AS l0, max1 AS h0
        FROM rollups
        WHERE tenant_id = {scope_tenant:String} AND rollup_id = {p1:UInt64} AND timestamp >= fromUnixTimestamp64Milli({p5:Int64}) AND timestamp < fromUnixTimestamp64Milli({p6:Int64}) AND d1 IN {p4:Array(String)}
        )
        GROUP BY g0
        HAVING countIf(era = 1) > 0
        )
        )
        GROUP BY other, k0
        ORDER BY min(rank)
        -- p0 = 2
        -- p1 = 3
        -- p2 = 1771459200000
        -- p3 = 1774051200000
        -- p4 = ["pro"]
        -- p5 = 1768867200000
        -- p6 = 1771408800000
        "#);
    }

    #[test]
    fn a_zone_whose_clock_stands_between_quarters_reads_events() {
        // Before 1972 only, and no event is that old: the rule is held all the same.
        let mut plan = plan("kpi", "stat", json!({}), "UTC");
        plan.source.current.from += 1;
        assert_eq!(route(&plan, &catalog()), Err(WhyEvents::NotAligned));
    }
}
