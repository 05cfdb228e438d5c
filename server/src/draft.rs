//! What a draft must be before customers see it, beyond what its types and its own members can tell.

use emban_contract::dashboard::{
    Chart, Condition, DashboardDocument, Metric, Theme, Widget, WidgetQuery, read_document,
};
use emban_contract::embed::QueryRequest;
use emban_contract::json::read_value;
use emban_contract::permissions::Permissions;
use emban_contract::{Detail, EnvironmentName, UnixMillis, WidgetId};
use emban_paint::is_color;
use emban_warehouse::operator::{Named, known};
use emban_warehouse::{QueryError, View, Warehouse};
use serde_json::Value;

/// The name by which a document speaks of an event's user; no property.
const USER_ID: &str = "user_id";

/// Reads a draft and checks it whole.
///
/// Errors: every problem, each with its JSON pointer into the draft.
pub fn read(draft: &Value, now: UnixMillis) -> Result<DashboardDocument, Vec<Detail>> {
    let theme = draft.get("theme").map(read_value::<Theme>);
    let mut problems = theme.and_then(Result::ok).map(colours).unwrap_or_default();
    match read_document(draft) {
        Ok(document) => {
            problems.extend(unanswerable(&document, now));
            if problems.is_empty() {
                return Ok(document);
            }
        }
        Err(unfit) => problems.extend(unfit),
    }
    Err(problems)
}

/// Widgets that no viewer would see as they open first, such as a year in steps of a minute.
fn unanswerable(document: &DashboardDocument, now: UnixMillis) -> Vec<Detail> {
    let view = View {
        document,
        permissions: &Permissions::default(),
        now,
    };
    let planned = match view.widgets(&QueryRequest::default()) {
        Ok(planned) => planned,
        Err(error) => return vec![Detail::new("/filters", error.to_string())],
    };
    let place = |id: &WidgetId| document.widgets.iter().position(|widget| widget.id == *id);
    planned
        .into_iter()
        .filter_map(|widget| {
            let error = widget.plan.err()?;
            let path = format!("/widgets/{}/query", place(&widget.id)?);
            Some(Detail::new(path, error.to_string()))
        })
        .collect()
}

fn colours(theme: Theme) -> Vec<Detail> {
    [
        ("primaryColor", theme.primary_color),
        ("backgroundColor", theme.background_color),
        ("cardBackground", theme.card_background),
        ("cardBorder", theme.card_border),
        ("textColor", theme.text_color),
        ("mutedColor", theme.muted_color),
    ]
    .into_iter()
    .filter(|(_, color)| color.as_deref().is_some_and(|color| !is_css_color(color)))
    .map(|(name, _)| {
        Detail::new(
            format!("/theme/{name}"),
            "must be a CSS colour such as #7c3aed or rgb(124 58 237)",
        )
    })
    .collect()
}

/// What browsers draw: a colour that can be computed here, or a function that only they know, such as `color-mix`.
fn is_css_color(text: &str) -> bool {
    let known_to_browsers = text.contains('(') || text.trim() == "currentcolor";
    is_color(text) && (known_to_browsers || csscolorparser::parse(text).is_ok())
}

/// Charts that show parts of a whole of figures that are none: the users of two groups may be the same, and averages
/// have no sum.
pub fn false_wholes(document: &DashboardDocument) -> Vec<Detail> {
    let is_whole = |metric| matches!(metric, Metric::Count | Metric::Sum);
    let misleads = |widget: &Widget| {
        let parts = matches!(
            widget.chart,
            Chart::Donut | Chart::Treemap | Chart::StackedBar
        );
        parts
            && widget
                .query
                .as_ref()
                .is_some_and(|query| !is_whole(query.metric))
    };
    let widgets = document.widgets.iter().enumerate();
    widgets
        .filter(|(_, widget)| misleads(widget))
        .map(|(index, _)| {
            let message = "shows parts of a whole, but only counts and sums add up to one; a bar or a list compares them";
            Detail::new(format!("/widgets/{index}/chart"), message)
        })
        .collect()
}

/// What a document names and nobody ever sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unknown {
    /// Properties that no event has although the events were sent: most likely mistyped.
    pub properties: Vec<Detail>,
    /// Events of which none was sent so far: their properties are not judged.
    pub events: Vec<Detail>,
}

/// Looks for what a document names among what was sent.
pub async fn unknown(
    warehouse: &Warehouse,
    environment: &EnvironmentName,
    document: &DashboardDocument,
) -> Result<Unknown, QueryError> {
    let places = places(document);
    let mut asked: Vec<Named> = places.iter().flat_map(Place::asks).collect();
    asked.sort();
    asked.dedup();
    let answers = known(warehouse, environment, &asked).await?;
    let sent = |named: &Named| {
        let index = asked.binary_search(named).ok();
        index
            .and_then(|index| answers.get(index))
            .copied()
            .unwrap_or(true)
    };
    let mut unknown = Unknown::default();
    for place in places.iter().filter(|place| !sent(&place.named)) {
        let detail = Detail::new(place.path.clone(), place.message());
        let is_judged = match &place.event {
            Some(event) => sent(&Named::Event(event.clone())),
            // A filter may be about events that are still to come.
            None => places.iter().all(|place| match &place.named {
                event @ Named::Event(_) => sent(event),
                Named::Text(..) | Named::Number(..) => true,
            }),
        };
        match (&place.named, is_judged) {
            (Named::Event(_), _) => unknown.events.push(detail),
            (Named::Text(..) | Named::Number(..), true) => unknown.properties.push(detail),
            (Named::Text(..) | Named::Number(..), false) => {}
        }
    }
    Ok(unknown)
}

/// One name in a document.
struct Place {
    path: String,
    /// The events it is about; any when `None`.
    event: Option<String>,
    named: Named,
}

impl Place {
    fn asks(&self) -> Vec<Named> {
        let event = self.event.clone().map(Named::Event);
        event.into_iter().chain([self.named.clone()]).collect()
    }

    fn message(&self) -> String {
        let of = self
            .event
            .as_ref()
            .map_or_else(|| "event".to_owned(), |event| format!("event `{event}`"));
        match &self.named {
            Named::Event(_) => format!("no {of} was sent so far"),
            Named::Text(_, prop) => format!("no {of} has a text `{prop}`"),
            Named::Number(_, prop) => format!("no {of} has a number `{prop}`"),
        }
    }
}

#[derive(Default)]
struct Places(Vec<Place>);

impl Places {
    fn event(&mut self, path: &str, event: &str) {
        self.0.push(Place {
            path: format!("{path}/event_name"),
            event: Some(event.to_owned()),
            named: Named::Event(event.to_owned()),
        });
    }

    fn text(&mut self, path: String, event: Option<&str>, prop: &str) {
        if prop != USER_ID {
            let event = event.map(str::to_owned);
            let named = Named::Text(event.clone(), prop.to_owned());
            self.0.push(Place { path, event, named });
        }
    }

    fn number(&mut self, path: String, event: Option<&str>, prop: &str) {
        let event = event.map(str::to_owned);
        let named = Named::Number(event.clone(), prop.to_owned());
        self.0.push(Place { path, event, named });
    }

    fn conditions(&mut self, path: &str, event: &str, conditions: &[Condition]) {
        for (index, condition) in conditions.iter().enumerate() {
            let path = format!("{path}/{index}/prop");
            match condition {
                Condition::In { prop, .. } | Condition::NotIn { prop, .. } => {
                    self.text(path, Some(event), prop);
                }
                Condition::Between { prop, .. } => self.number(path, Some(event), prop),
            }
        }
    }

    fn query(&mut self, path: &str, query: &WidgetQuery) {
        for (index, step) in query.steps.iter().enumerate() {
            let path = format!("{path}/steps/{index}");
            self.event(&path, &step.event_name);
            self.conditions(&format!("{path}/where"), &step.event_name, &step.where_);
        }
        if !query.steps.is_empty() {
            return;
        }
        let event = query.event_name.as_str();
        self.event(path, event);
        let groups = query.group_by.iter().flat_map(|group| group.props());
        for prop in groups {
            self.text(format!("{path}/group_by"), Some(event), prop);
        }
        let numbers = [
            ("numeric_prop", &query.numeric_prop),
            ("second_numeric_prop", &query.second_numeric_prop),
        ];
        for (name, prop) in numbers {
            if let Some(prop) = prop {
                self.number(format!("{path}/{name}"), Some(event), prop);
            }
        }
        self.conditions(&format!("{path}/where"), event, &query.where_);
        self.conditions(&format!("{path}/numerator"), event, &query.numerator);
    }
}

fn places(document: &DashboardDocument) -> Vec<Place> {
    let mut places = Places::default();
    for (index, dimension) in document.filters.dimensions.iter().enumerate() {
        let path = format!("/filters/dimensions/{index}/prop");
        places.text(path, None, &dimension.prop);
    }
    for (index, range) in document.filters.numeric_ranges.iter().enumerate() {
        let path = format!("/filters/numeric_ranges/{index}/prop");
        places.number(path, None, &range.prop);
    }
    for (index, widget) in document.widgets.iter().enumerate() {
        if let Some(query) = &widget.query {
            places.query(&format!("/widgets/{index}/query"), query);
        }
    }
    places.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_of_a_whole_are_counts_and_sums() {
        let found = |kind: &str, chart: &str, metric: &str| {
            let query = json!({ "event_name": "e", "metric": metric, "numeric_prop": "n", "group_by": "p" });
            let widget = json!({ "id": "w", "kind": kind, "chart": chart, "query": query,
                                 "layout": { "x": 0, "y": 0, "w": 6, "h": 4 } });
            let document = json!({ "name": "d", "widgets": [widget] });
            let document: DashboardDocument = serde_json::from_value(document).unwrap();
            let details = false_wholes(&document);
            details
                .into_iter()
                .map(|detail| detail.path)
                .collect::<Vec<_>>()
        };
        assert_eq!(found("breakdown", "donut", "avg"), ["/widgets/0/chart"]);
        assert_eq!(
            found("timeseries", "stacked_bar", "count_unique"),
            ["/widgets/0/chart"]
        );
        for (kind, chart, metric) in [
            ("breakdown", "donut", "sum"),
            ("breakdown", "list", "avg"),
            ("timeseries", "line", "count_unique"),
        ] {
            assert!(found(kind, chart, metric).is_empty(), "{chart} of {metric}");
        }
    }

    #[test]
    fn only_what_browsers_draw_is_a_colour() {
        for good in [
            "#7c3aed",
            "#fff",
            "rebeccapurple",
            "rgb(124 58 237)",
            "oklch(60% 0.2 300)",
            "color-mix(in srgb, red, blue)",
        ] {
            assert!(is_css_color(good), "{good}");
        }
        for bad in [
            "",
            "notacolour",
            "#12",
            "red;} body{display:none",
            "url(https://x)",
        ] {
            assert!(!is_css_color(bad), "{bad}");
        }
    }
}
