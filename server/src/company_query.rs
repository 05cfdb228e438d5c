//! `GET /v1/query`: the query model of a widget, in the parameters of a URL.
//!
//! Pure. The parameters become a document with one widget, which is checked by the same rules as a published one and
//! planned by the same planner.

use emban_contract::dashboard::{
    Chart, DashboardDocument, DashboardFilters, Layout, Widget, WidgetKind, WidgetQuery, validate,
};
use emban_contract::embed::QueryRequest;
use emban_contract::filters::{DateRange, ViewerFilters};
use emban_contract::permissions::Permissions;
use emban_contract::{Detail, TenantId, WidgetId, json};
use serde_json::{Map, Value};

use crate::extract::params::Params;
use crate::problem::Problem;

/// The one widget's id.
const ID: &str = "query";
/// Where its query stands in the document.
const QUERY: &str = "/widgets/0/query/";

/// Members of the query that are texts.
const TEXTS: [&str; 9] = [
    "event_name",
    "metric",
    "numeric_prop",
    "period",
    "granularity",
    "compare",
    "second_metric",
    "second_numeric_prop",
    "window",
];
/// Members that are lists, written as JSON.
const LISTS: [&str; 3] = ["where", "numerator", "steps"];

/// What a company's backend asks.
#[derive(Debug)]
pub(crate) struct CompanyQuery {
    pub(crate) tenant: TenantId,
    pub(crate) document: DashboardDocument,
    pub(crate) permissions: Permissions,
    pub(crate) request: QueryRequest,
}

impl CompanyQuery {
    /// Reads the parameters. Errors: 422 with every problem, each under the parameter's name.
    pub(crate) fn read(mut params: Params) -> Result<Self, Problem> {
        let tenant: Option<TenantId> = params.required("tenant_id");
        let permissions = permissions(&mut params);
        let filters = dates(&mut params);
        let (kind, chart) = (params.text("kind"), params.text("chart"));
        let members = members(&mut params);
        let mut details = params.problems();
        let document = document(kind, chart, members, &mut details);
        match (tenant, document) {
            (Some(tenant), Some(document)) if details.is_empty() => Ok(Self {
                tenant,
                request: QueryRequest {
                    widgets: None,
                    filters: filters.unwrap_or_default(),
                },
                document,
                permissions,
            }),
            _ => Err(Problem::invalid("the query is not valid", details)),
        }
    }

    /// The one widget.
    pub(crate) fn widget(&self) -> Option<&Widget> {
        self.document.widgets.first()
    }
}

fn permissions(params: &mut Params) -> Permissions {
    let timezone = params.text("timezone");
    if let Some(zone) = &timezone
        && !emban_warehouse::is_time_zone(zone)
    {
        params.refuse(
            "timezone",
            "must be an IANA time zone such as Europe/Berlin",
        );
    }
    Permissions {
        timezone,
        ..Permissions::default()
    }
}

/// Dates of the caller's own stand instead of a period.
fn dates(params: &mut Params) -> Option<ViewerFilters> {
    let (from, to) = (params.instant("from"), params.instant("to"));
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from, to),
        (None, None) => return None,
        (Some(_), None) | (None, Some(_)) => {
            params.refuse("from", "needs `to`, and `to` needs `from`");
            return None;
        }
    };
    if from >= to {
        params.refuse("to", "must lie after `from`");
    }
    let ranges = [("timestamp".to_owned(), DateRange { from, to })];
    Some(ViewerFilters {
        date_ranges: ranges.into(),
        ..ViewerFilters::default()
    })
}

/// The members of the query, as a document would have them.
fn members(params: &mut Params) -> Map<String, Value> {
    let mut members = Map::new();
    for name in TEXTS {
        if let Some(text) = params.text(name) {
            members.insert(name.to_owned(), Value::String(text));
        }
    }
    if let Some(limit) = params.number("limit", [1, emban_contract::limits::MAX_ROWS]) {
        members.insert("limit".to_owned(), limit.into());
    }
    if let Some(props) = params.text("group_by") {
        let props: Vec<&str> = props.split(',').map(str::trim).collect();
        members.insert("group_by".to_owned(), props.into());
    }
    for name in LISTS {
        let Some(text) = params.text(name) else {
            continue;
        };
        match serde_json::from_str(&text) {
            Ok(list @ Value::Array(_)) => {
                members.insert(name.to_owned(), list);
            }
            Ok(_) | Err(_) => params.refuse(name, "must be a JSON array"),
        }
    }
    members
}

/// The document of one widget, when it is one that could be published.
fn document(
    kind: Option<String>,
    chart: Option<String>,
    members: Map<String, Value>,
    details: &mut Vec<Detail>,
) -> Option<DashboardDocument> {
    let usual = usual_kind(&members);
    let kind = read_or(kind, "kind", usual, details);
    let usual = match kind {
        WidgetKind::Breakdown if members.contains_key("steps") => Chart::Funnel,
        _ => *kind.charts().first()?,
    };
    let chart = read_or(chart, "chart", usual, details);
    if kind == WidgetKind::Text {
        details.push(Detail::new("kind", "a text asks nothing"));
        return None;
    }
    let query = json::findings::<WidgetQuery>(&Value::Object(members));
    if !query.problems.is_empty() {
        details.extend(query.problems.into_iter().map(|detail| {
            let name = detail.path.trim_start_matches('/').to_owned();
            Detail::new(name, detail.message)
        }));
        return None;
    }
    let query = query.value?;
    let document = single(kind, chart, query)?;
    details.extend(validate(&document).into_iter().map(|detail| {
        let place = detail.path.strip_prefix(QUERY);
        let place = place.or_else(|| detail.path.strip_prefix("/widgets/0/"));
        Detail::new(place.unwrap_or(&detail.path), detail.message)
    }));
    Some(document)
}

fn single(kind: WidgetKind, chart: Chart, query: WidgetQuery) -> Option<DashboardDocument> {
    let widget = Widget {
        id: WidgetId::new(ID).ok()?,
        kind,
        chart,
        title: String::new(),
        query: Some(query),
        layout: Layout {
            x: 0,
            y: 0,
            w: 12,
            h: 4,
        },
        options: None,
    };
    Some(DashboardDocument {
        name: ID.to_owned(),
        description: None,
        filters: DashboardFilters {
            date_range: true,
            ..DashboardFilters::default()
        },
        theme: None,
        refresh: None,
        widgets: vec![widget],
    })
}

/// What is meant when no kind is given: steps of time, groups of one property or of several, or one number.
fn usual_kind(members: &Map<String, Value>) -> WidgetKind {
    let is_conversion = members.get("metric").is_some_and(|m| m == "conversion");
    if members.contains_key("granularity") {
        WidgetKind::Timeseries
    } else if members
        .get("group_by")
        .and_then(Value::as_array)
        .is_some_and(|props| props.len() > 1)
    {
        WidgetKind::Table
    } else if members.contains_key("group_by") || (members.contains_key("steps") && !is_conversion)
    {
        WidgetKind::Breakdown
    } else {
        WidgetKind::Kpi
    }
}

fn read_or<T: serde::de::DeserializeOwned>(
    text: Option<String>,
    name: &str,
    usual: T,
    details: &mut Vec<Detail>,
) -> T {
    let Some(text) = text else { return usual };
    match json::read_value(&Value::String(text)) {
        Ok(value) => value,
        Err(detail) => {
            details.push(Detail::new(name, detail.message));
            usual
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<CompanyQuery, Vec<String>> {
        let pairs = pairs
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        CompanyQuery::read(Params::of(pairs)).map_err(|problem| {
            let mut names: Vec<String> = problem.details().iter().map(|d| d.path.clone()).collect();
            names.sort();
            names
        })
    }

    fn check(pairs: &[(&str, &str)], kind: WidgetKind, chart: Chart) {
        let query = read(&[&[("tenant_id", "acme")], pairs].concat()).unwrap();
        let widget = query.widget().unwrap();
        assert_eq!((widget.kind, widget.chart), (kind, chart), "{pairs:?}");
    }

    #[test]
    fn the_kind_follows_from_what_is_asked() {
        let call = ("event_name", "call");
        check(&[call], WidgetKind::Kpi, Chart::Stat);
        let day = ("granularity", "day");
        check(&[call, day], WidgetKind::Timeseries, Chart::Line);
        let model = ("group_by", "model");
        check(&[call, model], WidgetKind::Breakdown, Chart::HorizontalBar);
        check(&[call, model, day], WidgetKind::Timeseries, Chart::Line);
        let two = ("group_by", "model,endpoint");
        check(&[call, two], WidgetKind::Table, Chart::Table);
        let steps = ("steps", r#"[{"event_name":"a"},{"event_name":"b"}]"#);
        check(&[steps], WidgetKind::Breakdown, Chart::Funnel);
        check(
            &[steps, ("metric", "conversion")],
            WidgetKind::Kpi,
            Chart::Stat,
        );
        let pivot = [
            call,
            ("group_by", "a, b"),
            ("kind", "table"),
            ("chart", "pivot"),
        ];
        check(&pivot, WidgetKind::Table, Chart::Pivot);
    }

    #[test]
    fn every_bad_parameter_is_named_at_once() {
        let found = read(&[
            ("metric", "sum"),
            ("event_name", "call"),
            ("limit", "0"),
            ("from", "yesterday"),
            ("where", "{}"),
            ("sql", "SELECT 1"),
        ]);
        let expect = ["from", "limit", "numeric_prop", "sql", "tenant_id", "where"];
        assert_eq!(found.unwrap_err(), expect);
        let acme = ("tenant_id", "acme");
        let two = [acme, ("metric", "most"), ("period", "zz")];
        assert_eq!(read(&two).unwrap_err(), ["metric", "period"]);
        assert_eq!(
            read(&[acme, acme, ("event_name", "e")]).unwrap_err(),
            ["tenant_id"]
        );
        assert_eq!(
            read(&[acme, ("event_name", "e"), ("kind", "text")]).unwrap_err(),
            ["kind"]
        );
    }
}
