//! Dashboards as code: `emban dashboards list|pull|push|publish|diff`.

use std::path::Path;

use anyhow::Context as _;
use emban_contract::DashboardId;
use emban_contract::problem::pointer_segment;
use serde_json::{Value, json};

use super::Desk;
use crate::app::now;
use crate::control::{ControlError, Dashboard, PublishOutcome, Replaced};
use crate::{draft, ids};

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

    /// The draft, its members sorted, so that two of them can be compared line by line.
    pub async fn pull_dashboard(
        &self,
        id: &DashboardId,
        notation: Notation,
    ) -> anyhow::Result<String> {
        notation.write(&self.draft(id).await?)
    }

    /// Makes a document the draft of a dashboard, which comes to be when there is none of that id. Prints the id.
    ///
    /// Errors: every problem of a document that could not be published.
    pub async fn push_dashboard(
        &self,
        text: &str,
        notation: Notation,
        id: Option<DashboardId>,
    ) -> anyhow::Result<String> {
        let draft = notation.read(text)?;
        check(&draft)?;
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
                .map_err(|error| match error {
                    ControlError::Database(sqlx::Error::Database(error))
                        if error.is_unique_violation() =>
                    {
                        anyhow::anyhow!("{id} is a dashboard of another environment; an id is of one only: push without --id for a new one")
                    }
                    other => other.into(),
                })?;
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
    pub async fn diff_dashboard(
        &self,
        id: &DashboardId,
        text: &str,
        notation: Notation,
    ) -> anyhow::Result<String> {
        let (draft, document) = (self.draft(id).await?, notation.read(text)?);
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

/// How a document is written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notation {
    /// What the API speaks.
    #[default]
    Json,
    /// For files that people keep by hand.
    Yaml,
}

impl Notation {
    /// Tells by the end of a file's name; JSON when it says nothing.
    pub fn of(file: &Path) -> Self {
        match file.extension().and_then(|end| end.to_str()) {
            Some("yaml" | "yml") => Self::Yaml,
            _ => Self::Json,
        }
    }

    fn read(self, text: &str) -> anyhow::Result<Value> {
        match self {
            Self::Json => serde_json::from_str(text).context("the file is not JSON"),
            Self::Yaml => serde_saphyr::from_str(text).context("the file is not YAML"),
        }
    }

    fn write(self, document: &Value) -> anyhow::Result<String> {
        match self {
            Self::Json => Ok(serde_json::to_string_pretty(document)? + "\n"),
            Self::Yaml => Ok(serde_saphyr::to_string(document)?),
        }
    }
}

fn check(document: &Value) -> anyhow::Result<()> {
    let Err(problems) = draft::read(document, now()) else {
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
    fn a_document_reads_back_as_written_whatever_its_texts_look_like() {
        let texts = [
            "7d",
            "no",
            "012",
            "1e3",
            "null",
            "a: b",
            "# not a comment",
            "2026-03-01",
            "",
            " x",
            "ü\n\"y'",
            "~",
        ];
        let document = json!({ "texts": texts, "number": 1.5, "whole": 3, "none": null, "on": true, "list": [], "object": {} });
        for notation in [Notation::Json, Notation::Yaml] {
            let text = notation.write(&document).unwrap();
            assert_eq!(notation.read(&text).unwrap(), document, "{text}");
        }
    }

    #[test]
    fn a_file_of_people_is_read_and_a_wrong_one_refused() {
        let text = "# Usage\nname: Usage\nfilters: {periods: [24h, 7d]}\nwidgets:\n  - id: calls\n    layout: {x: 0, w: 3}\n";
        let expect = json!({ "name": "Usage", "filters": { "periods": ["24h", "7d"] },
            "widgets": [{ "id": "calls", "layout": { "x": 0, "w": 3 } }] });
        assert_eq!(Notation::Yaml.read(text).unwrap(), expect);
        for wrong in [
            "name: a\nname: b\n",
            "name: [",
            "a: *nothing\n",
            "{\"a\": .nan}",
        ] {
            assert!(Notation::Yaml.read(wrong).is_err(), "{wrong}");
        }
        for (file, notation) in [
            ("a.yaml", Notation::Yaml),
            ("b.yml", Notation::Yaml),
            ("c.json", Notation::Json),
        ] {
            assert_eq!(Notation::of(Path::new(file)), notation);
        }
    }

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
