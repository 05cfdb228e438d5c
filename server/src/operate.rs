//! What an operator does beside the running origin, on its database: `emban keys …`, `emban dashboards …` and
//! `emban session …`.

mod dashboards;
mod sessions;

use anyhow::Context as _;
use emban_contract::audit::AuditEntry;
use emban_contract::keys::{KeyScope, KeySummary, is_label};
use emban_contract::{EnvironmentName, limits};
use serde_json::{Value, json};

use crate::app::{now, open_control};
use crate::config::Config;
use crate::control::Control;
use crate::ids;

pub use dashboards::Notation;

/// Who stands in the audit log for what is done here.
const OPERATOR: &str = "operator";

/// An operator's way to one environment.
pub struct Desk {
    control: Control,
    environment: EnvironmentName,
}

impl Desk {
    /// Opens the database of a configuration. `environment` is the first one when not given.
    pub async fn open(
        config: &Config,
        environment: Option<EnvironmentName>,
    ) -> anyhow::Result<Self> {
        let environment = match environment {
            Some(name) if config.environments.contains(&name) => name,
            Some(name) => anyhow::bail!("{name} is not one of EMBAN_ENVIRONMENTS"),
            None => config
                .environments
                .first()
                .cloned()
                .context("EMBAN_ENVIRONMENTS names none")?,
        };
        crate::data_dir::make(&config.data_dir)
            .with_context(|| format!("cannot make {}", config.data_dir.display()))?;
        let control = open_control(config).await?;
        Ok(Self {
            control,
            environment,
        })
    }

    /// One line a key that was not revoked.
    pub async fn list_keys(&self) -> anyhow::Result<String> {
        let keys = self.control.list_keys(&self.environment).await?;
        Ok(keys.iter().map(line).collect())
    }

    /// Makes a key; its raw text is the first line of what comes back, and nowhere else.
    pub async fn create_key(
        &self,
        name: &str,
        scope: KeyScope,
        expires_in_days: Option<u32>,
    ) -> anyhow::Result<String> {
        anyhow::ensure!(
            is_label(name),
            "the name must have 1 to 200 characters, none of them a control character"
        );
        let raw = ids::api_key(scope)?;
        let days = expires_in_days.map(|days| now().plus_seconds(i64::from(days) * 86_400));
        let summary = self
            .control
            .create_key(&raw, name, scope, &self.environment, days, now())
            .await?;
        self.note("keys create", json!({ "key_id": summary.id }))
            .await?;
        Ok(format!("{raw}\n{}", line(&summary)))
    }

    /// Ends a key. Running origins know within seconds.
    pub async fn revoke_key(&self, id: &str) -> anyhow::Result<String> {
        let done = self
            .control
            .revoke_key(&self.environment, id, now())
            .await?;
        anyhow::ensure!(done, "there is no key {id} in {}", self.environment);
        self.note("keys revoke", json!({ "key_id": id })).await?;
        Ok(format!("{id} is revoked\n"))
    }

    /// Makes a successor; the former key goes on for the overlap.
    pub async fn rotate_key(
        &self,
        id: &str,
        overlap_seconds: Option<u32>,
    ) -> anyhow::Result<String> {
        let overlap = overlap_seconds.unwrap_or(limits::KEY_OVERLAP_SECONDS);
        let most = limits::KEY_OVERLAP_MAX_SECONDS;
        anyhow::ensure!(overlap <= most, "the overlap must be 0 to {most} seconds");
        let rotated = self
            .control
            .rotate_key(&self.environment, id, ids::api_key, overlap, now())
            .await?;
        let (raw, rotation) =
            rotated.with_context(|| format!("there is no key {id} in {}", self.environment))?;
        let made = json!({ "key_id": rotation.summary.id, "replaces": id });
        self.note("keys rotate", made).await?;
        let end = rotation.former_expires_at;
        Ok(format!(
            "{raw}\n{}{id} works until {end}\n",
            line(&rotation.summary)
        ))
    }

    async fn note(&self, action: &str, details: Value) -> anyhow::Result<()> {
        let entry = AuditEntry {
            id: format!("aud_{}", ids::random_text(16)?),
            at: now(),
            key_id: OPERATOR.to_owned(),
            action: format!("emban {action}"),
            path: String::new(),
            status: 200,
            request_id: String::new(),
            details: Some(details),
        };
        Ok(self.control.append_audit(&self.environment, &entry).await?)
    }
}

fn line(key: &KeySummary) -> String {
    let time = |at: Option<emban_contract::UnixMillis>| {
        at.map_or_else(|| "never".to_owned(), |at| at.to_string())
    };
    let (scope, prefix) = (key.scope, &key.prefix);
    format!(
        "{}  {:6}  {}{prefix}…  created {}, expires {}, last used {}  {}\n",
        key.id,
        scope.as_str(),
        scope.prefix(),
        key.created_at,
        time(key.expires_at),
        time(key.last_used_at),
        key.name,
    )
}
