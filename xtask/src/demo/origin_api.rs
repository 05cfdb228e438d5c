//! The few calls of the public API that xtask makes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::StatusCode;

const TIMEOUT: Duration = Duration::from_secs(30);
/// Tries of one request while the origin asks to wait; with its pauses about half a minute.
const TRIES: u32 = 30;
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);

/// How long the warehouse may take for what was accepted, and how often it is asked.
const WAREHOUSE_LIMIT: Duration = Duration::from_secs(60);
const WAREHOUSE_POLL: Duration = Duration::from_millis(100);

/// One connection to the origin with one key.
#[derive(Debug)]
pub(crate) struct OriginApi {
    agent: Agent,
    origin: String,
    authorization: String,
}

impl OriginApi {
    /// Connects when first used.
    pub(crate) fn new(origin: &str, key: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false);
        Self {
            agent: config.build().into(),
            origin: origin.to_owned(),
            authorization: format!("Bearer {key}"),
        }
    }

    /// Makes a key that may only send events.
    pub(crate) fn create_ingest_key(&self, name: &str) -> Result<String> {
        let answer = self.post("/v1/keys", &json!({ "name": name, "scope": "ingest" }))?;
        text(&answer, "key")
    }

    /// Sends at most 1000 events.
    pub(crate) fn ingest(&self, events: &[Value]) -> Result<()> {
        let answer = self.post("/v1/events", &json!({ "events": events }))?;
        let accepted = answer.get("accepted").and_then(Value::as_u64);
        if accepted != u64::try_from(events.len()).ok() {
            bail!(
                "the origin accepted {accepted:?} of {} events",
                events.len()
            );
        }
        Ok(())
    }

    /// Waits until all events that were accepted can be queried.
    pub(crate) fn wait_for_warehouse(&self) -> Result<()> {
        let until = Instant::now() + WAREHOUSE_LIMIT;
        loop {
            let mut response = self.agent.get(format!("{}/readyz", self.origin)).call()?;
            let body: Value = response.body_mut().read_json()?;
            if body.get("waiting_events").and_then(Value::as_u64) == Some(0) {
                return Ok(());
            }
            if Instant::now() > until {
                bail!("the events did not reach the warehouse in time: {body}");
            }
            std::thread::sleep(WAREHOUSE_POLL);
        }
    }

    /// Creates a dashboard, publishes it and returns its id.
    pub(crate) fn publish_dashboard(&self, document: &Value) -> Result<String> {
        let id = text(&self.post("/v1/dashboards", document)?, "id")?;
        self.post(&format!("/v1/dashboards/{id}/publish"), &json!({}))?;
        Ok(id)
    }

    /// Makes a session of one hour and returns its embed URL.
    pub(crate) fn create_session(&self, tenant: &str, dashboard: &str) -> Result<String> {
        let answer = self.post(
            "/v1/embed-sessions",
            &json!({ "tenant_id": tenant, "dashboard_id": dashboard }),
        )?;
        text(&answer, "embed_url")
    }

    /// Reads JSON.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let mut response = self
            .agent
            .get(format!("{}{path}", self.origin))
            .header("authorization", &self.authorization)
            .call()
            .with_context(|| format!("GET {path}"))?;
        let status = response.status();
        if !status.is_success() {
            bail!("GET {path} answered {status}");
        }
        Ok(response.body_mut().read_json()?)
    }

    /// Posts JSON; waits and tries again while the answer is 429 or 503.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        for _ in 0..TRIES {
            let mut response = self
                .agent
                .post(format!("{}{path}", self.origin))
                .header("authorization", &self.authorization)
                .send_json(body)
                .with_context(|| format!("POST {path}"))?;
            let status = response.status();
            let text = response.body_mut().read_to_string()?;
            if status.is_success() {
                return if text.is_empty() {
                    Ok(Value::Null)
                } else {
                    Ok(serde_json::from_str(&text)?)
                };
            }
            if !matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
            ) {
                bail!("POST {path} answered {status}: {text}");
            }
            let asked = response
                .headers()
                .get("retry-after")
                .and_then(|value| value.to_str().ok()?.parse().ok());
            std::thread::sleep(asked.map_or(DEFAULT_PAUSE, Duration::from_secs));
        }
        bail!("POST {path}: the origin asked to wait {TRIES} times")
    }
}

fn text(answer: &Value, member: &str) -> Result<String> {
    let found = answer
        .get(member)
        .and_then(Value::as_str)
        .map(str::to_owned);
    found.with_context(|| format!("the answer has no {member}: {answer}"))
}
