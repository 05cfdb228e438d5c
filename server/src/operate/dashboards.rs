//! Dashboards as code: `emban dashboards list|pull|push|publish|diff`.

use anyhow::Context as _;
use emban_contract::DashboardId;
use emban_contract::dashboard::read_document;
use emban_contract::problem::pointer_segment;
use serde_json::{Value, json};

use super::Desk;
use crate::app::now;
use crate::control::{Dashboard, PublishOutcome, Replaced};
use crate::ids;

/// What is written for a member that the other side lacks.
const NOTHING: &str = "nothing";

impl Desk {
    /// One line a dashboard.
    pub async fn list_dashboards(&self) -> anyhow::Result<String> {
        let dashboards = self.control.list_dashboards(&self.environment).await?;
        let line = |dashboard: &Dashboard| {
            let name = dashboard.draft.get("name").and_then(Value::as_str);
            let live = dashboard.published_version;
            let live = live.map_or_else(
                || "draft".to_owned(),
                |version| format!("version {version}"),
            );
            format!(
                "{}  {live:10}  {}\n",
                dashboard.id,
                name.unwrap_or_default()
            )
        };
        Ok(dashboards.iter().map(line).collect())
    }

    /// The draft as JSON, its members sorted, so that two of them can be compared line by line.
    pub async fn pull_dashboard(&self, id: &DashboardId) -> anyhow::Result<String> {
        let draft = self.draft(id).await?;
        Ok(serde_json::to_string_pretty(&draft)? + "\n")
    }

    /// Makes a document the draft of a dashboard, which comes to be when there is none of that id. Prints the id.
    ///
    /// Errors: every problem of a document that could not be published.
    pub async fn push_dashboard(
        &self,
        text: &str,
        id: Option<DashboardId>,
    ) -> anyhow::Result<String> {
        let draft = parse(text)?;
        let id = match id {
            Some(id) => id,
            None => ids::dashboard_id()?,
        };
        let replaced = self
            .control
            .replace_draft(&self.environment, &id, &draft, None, now())
            .await?;
        if matches!(replaced, Replaced::Missing) {
            let new = Dashboard::new(id.clone(), draft, now());
            self.control
                .create_dashboard(&self.environment, &new, None)
                .await
                .with_context(|| format!("{id} belongs to another environment"))?;
        }
        self.note("dashboards push", json!({ "dashboard_id": id }))
            .await?;
        Ok(format!("{id}\n"))
    }

    /// Freezes the draft as the next version and makes it live. Running origins and edges know within seconds.
    pub async fn publish_dashboard(&self, id: &DashboardId) -> anyhow::Result<String> {
        let draft = self.draft(id).await?;
        check(&draft)?;
        let outcome = self
            .control
            .publish(&self.environment, id, &draft, now())
            .await?;
        let PublishOutcome::Live(Some(version)) = outcome else {
            anyhow::bail!("there is no dashboard {id} in {}", self.environment);
        };
        let made = json!({ "dashboard_id": id, "version": version });
        self.note("dashboards publish", made).await?;
        Ok(format!("{id} is live in version {version}\n"))
    }

    /// One line a place where the draft and a document differ; empty when they do not.
    pub async fn diff_dashboard(&self, id: &DashboardId, text: &str) -> anyhow::Result<String> {
        let (draft, document) = (self.draft(id).await?, serde_json::from_str(text)?);
        let mut lines = String::new();
        compare("", Some(&draft), Some(&document), &mut lines);
        Ok(lines)
    }

    async fn draft(&self, id: &DashboardId) -> anyhow::Result<Value> {
        let dashboard = self.control.read_dashboard(&self.environment, id).await?;
        let missing = || format!("there is no dashboard {id} in {}", self.environment);
        Ok(dashboard.with_context(missing)?.draft)
    }
}

fn parse(text: &str) -> anyhow::Result<Value> {
    let draft = serde_json::from_str(text).context("the file is not JSON")?;
    check(&draft)?;
    Ok(draft)
}

fn check(draft: &Value) -> anyhow::Result<()> {
    let Err(problems) = read_document(draft) else {
        return Ok(());
    };
    let lines: Vec<String> = problems
        .iter()
        .map(|detail| format!("  {} {}", detail.path, detail.message))
        .collect();
    anyhow::bail!("the document cannot be published:\n{}", lines.join("\n"))
}

/// Writes `pointer: ours -> theirs` for each place where two values differ.
fn compare(at: &str, ours: Option<&Value>, theirs: Option<&Value>, lines: &mut String) {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours == theirs => {}
        (Some(Value::Object(ours)), Some(Value::Object(theirs))) => {
            let added = theirs.keys().filter(|key| !ours.contains_key(*key));
            for key in ours.keys().chain(added) {
                let at = format!("{at}/{}", pointer_segment(key));
                compare(&at, ours.get(key), theirs.get(key), lines);
            }
        }
        (Some(Value::Array(ours)), Some(Value::Array(theirs))) => {
            for index in 0..ours.len().max(theirs.len()) {
                let at = format!("{at}/{index}");
                compare(&at, ours.get(index), theirs.get(index), lines);
            }
        }
        (ours, theirs) => {
            let text =
                |value: Option<&Value>| value.map_or_else(|| NOTHING.to_owned(), Value::to_string);
            *lines += &format!("{at}: {} -> {}\n", text(ours), text(theirs));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_by_its_place() {
        let draft =
            json!({ "name": "a", "widgets": [{ "id": "x" }, { "id": "y" }], "only/ours": 1 });
        let document = json!({ "name": "b", "widgets": [{ "id": "x" }], "theirs": true });
        let mut lines = String::new();
        compare("", Some(&draft), Some(&document), &mut lines);
        let expect = "/name: \"a\" -> \"b\"\n/only~1ours: 1 -> nothing\n/widgets/1: {\"id\":\"y\"} -> nothing\n/theirs: nothing -> true\n";
        assert_eq!(lines, expect);
        lines.clear();
        compare("", Some(&draft), Some(&draft), &mut lines);
        assert_eq!(lines, "");
    }
}
