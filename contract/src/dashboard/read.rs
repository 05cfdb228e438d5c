//! Reads a document so that every problem is found at once, not only the first.

use serde_json::Value;

use super::{DashboardDocument, validate};
use crate::json;
use crate::problem::Detail;

/// Problems of one document that are told at most.
const PROBLEMS: usize = 100;

/// Reads a document and checks it whole.
///
/// Errors: every problem, each with its JSON pointer into `draft`. A part whose type does not fit is noted, put aside,
/// and the rest is read on; what then only follows from a part put aside is not told.
pub fn read_document(draft: &Value) -> Result<DashboardDocument, Vec<Detail>> {
    let mut reading = Reading {
        value: draft.clone(),
        widgets: (0..widget_count(draft)).collect(),
        problems: Vec::new(),
    };
    let document = reading.read();
    let noted = reading.problems.len();
    if let Some(document) = &document {
        for mut detail in validate(document) {
            detail.path = reading.original(&detail.path);
            let known = reading.problems.iter().take(noted);
            let follows = known.into_iter().any(|known| {
                is_within(&detail.path, &known.path) || is_within(&known.path, &detail.path)
            });
            if !follows {
                reading.problems.push(detail);
            }
        }
    }
    match document {
        Some(document) if reading.problems.is_empty() => Ok(document),
        Some(_) | None => {
            reading.problems.sort_by_key(|detail| order(&detail.path));
            Err(reading.problems)
        }
    }
}

struct Reading {
    value: Value,
    /// For each widget that is left, its place in the draft.
    widgets: Vec<usize>,
    problems: Vec<Detail>,
}

impl Reading {
    /// The document without the parts that do not fit; `None` when too little is left.
    fn read(&mut self) -> Option<DashboardDocument> {
        while self.problems.len() < PROBLEMS {
            let detail = match json::read_value::<DashboardDocument>(&self.value) {
                Ok(document) => return Some(document),
                Err(detail) => detail,
            };
            let at = detail.path.clone();
            let path = self.original(&at);
            // What was put aside is missing from then on.
            let follows = detail.message.starts_with("missing field")
                && self
                    .problems
                    .iter()
                    .any(|known| known.path != path && is_within(&known.path, &path));
            if !follows {
                self.problems.push(Detail::new(path, detail.message));
            }
            if !self.put_aside(&at) {
                return None;
            }
        }
        None
    }

    /// Takes the part at a pointer out, or what it is an element of; a widget that lacks something goes whole, and the
    /// document itself gets what it must have. False when nothing could be done.
    fn put_aside(&mut self, at: &str) -> bool {
        if matches!(at, "" | "/name" | "/widgets") {
            return self.complete(at);
        }
        let mut at = at;
        while let Some((parent, name)) = at.rsplit_once('/') {
            if parent == "/widgets" {
                return self.remove_widget(at);
            }
            let name = name.replace("~1", "/").replace("~0", "~");
            if let Some(Value::Object(members)) = self.value.pointer_mut(parent) {
                return members.remove(&name).is_some();
            }
            at = parent;
        }
        false
    }

    fn complete(&mut self, at: &str) -> bool {
        let Value::Object(members) = &mut self.value else {
            return false;
        };
        let needs = |name: &str| {
            at.strip_prefix('/')
                .map_or(!members.contains_key(name), |at| at == name)
        };
        let (name, widgets) = (needs("name"), needs("widgets"));
        if name {
            members.insert("name".to_owned(), "…".into());
        }
        if widgets {
            members.insert("widgets".to_owned(), Value::Array(Vec::new()));
            self.widgets.clear();
        }
        name || widgets
    }

    fn remove_widget(&mut self, at: &str) -> bool {
        let Some(index) = widget_of(at) else {
            return false;
        };
        match self.value.pointer_mut("/widgets") {
            Some(Value::Array(widgets)) if index < widgets.len() => {
                widgets.remove(index);
                self.widgets.remove(index);
                true
            }
            _ => false,
        }
    }

    /// A pointer into the draft, for a pointer into what is left of it.
    fn original(&self, at: &str) -> String {
        let original = widget_of(at).and_then(|index| Some((index, self.widgets.get(index)?)));
        match original {
            Some((index, place)) => {
                let rest = at.strip_prefix(&format!("/widgets/{index}"));
                format!("/widgets/{place}{}", rest.unwrap_or_default())
            }
            None => at.to_owned(),
        }
    }
}

/// Whether one pointer is another one or leads into it.
fn is_within(inner: &str, outer: &str) -> bool {
    !outer.is_empty()
        && inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn widget_count(draft: &Value) -> usize {
    draft
        .get("widgets")
        .and_then(Value::as_array)
        .map_or(0, Vec::len)
}

/// The index of the widget that a pointer leads into.
fn widget_of(at: &str) -> Option<usize> {
    let rest = at.strip_prefix("/widgets/")?;
    rest.split('/').next()?.parse().ok()
}

/// The order of a document: what concerns it whole, then its widgets, one after the other.
fn order(path: &str) -> (usize, String) {
    (
        widget_of(path).map_or(0, |index| index + 1),
        path.to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn layout(y: u32) -> Value {
        json!({ "x": 0, "y": y, "w": 3, "h": 2 })
    }

    fn paths(draft: &Value) -> Vec<String> {
        let problems = read_document(draft).err().unwrap_or_default();
        problems.into_iter().map(|detail| detail.path).collect()
    }

    #[test]
    fn every_problem_is_told_at_once_whatever_its_kind() {
        let draft = json!({
            "name": "d",
            "tenant_id": "acme",
            "filters": { "periods": ["7d", "soon"], "sql": 1 },
            "widgets": [
                { "id": "a", "kind": "kpi", "chart": "stat", "layout": layout(0), "query": { "event_name": "e", "metric": "most" } },
                { "id": "b", "chart": "stat", "layout": layout(2), "query": { "event_name": "e" } },
                { "id": "c", "kind": "kpi", "chart": "donut", "layout": layout(4), "query": { "event_name": "", "limit": "x" }, "sql": "SELECT 1" },
                { "id": "c", "kind": "kpi", "chart": "stat", "layout": layout(6), "query": { "event_name": "e", "metric": "sum" } },
            ],
        });
        let expect = [
            "/filters/periods/1",
            "/filters/sql",
            "/tenant_id",
            "/widgets/0/query/metric",
            "/widgets/1",
            "/widgets/2/chart",
            "/widgets/2/query/event_name",
            "/widgets/2/query/limit",
            "/widgets/2/sql",
            "/widgets/3/id",
            "/widgets/3/query/numeric_prop",
        ];
        assert_eq!(paths(&draft), expect);
    }

    #[test]
    fn what_is_sound_is_read_and_what_is_no_document_is_said_to_be_none() {
        let widget = json!({ "id": "a", "kind": "kpi", "chart": "stat", "layout": layout(0), "query": { "event_name": "e" } });
        let sound = json!({ "name": "d", "widgets": [widget] });
        assert!(read_document(&sound).is_ok());
        for (draft, expect) in [
            (json!([]), ""),
            (json!(null), ""),
            (json!({ "name": 1, "widgets": [widget] }), "/name"),
            (json!({ "name": "d", "widgets": {} }), "/widgets"),
            (json!({ "name": "d", "widgets": [] }), "/widgets"),
            (json!({ "name": "d", "widgets": [3] }), "/widgets/0"),
            (json!({}), ""),
            (
                json!({ "widgets": [widget, { "id": "b" }], "x": 1 }),
                "/widgets/1",
            ),
        ] {
            assert!(
                paths(&draft).contains(&expect.to_owned()),
                "{draft}: {:?}",
                paths(&draft)
            );
        }
    }
}
