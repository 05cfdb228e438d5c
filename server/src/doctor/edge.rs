//! The edge's part of `emban doctor`: is it there, does it hold our keys, does it reach this origin.

use std::collections::BTreeSet;
use std::time::Duration;

use emban_contract::embed::CreateSession;
use emban_contract::permissions::Permissions;
use emban_contract::{DashboardId, TenantId};
use emban_session::Jwks;
use emban_warehouse::operator::Finding;
use ureq::Agent;
use ureq::Body;
use ureq::http::Response;

use super::CLOCKS_APART_MS;
use crate::app::now;
use crate::config::Config;
use crate::minting::Mint;
use crate::signing::Signing;

/// An edge answers at once, or something is wrong with it.
const PATIENCE: Duration = Duration::from_secs(10);
/// A `Date` is told in whole seconds.
const DATE_STEP_MS: i64 = 1000;

/// What was found, part by part. Blocks.
pub(super) fn examine(config: &Config) -> Vec<(&'static str, Finding)> {
    let Some(url) = &config.public_url else {
        let reason = "EMBAN_PUBLIC_URL is not set: the origin serves by itself";
        return vec![("edge", Finding::Unproven(reason.to_owned()))];
    };
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into();
    let mut found = Vec::new();
    match agent.get(format!("{url}/healthz")).call() {
        Ok(answer) if answer.status() == 200 => {
            found.push(("edge", Finding::Holds(format!("{url} answers"))));
            found.push(("edge's clock", clock(&answer)));
        }
        Ok(answer) => {
            let status = answer.status();
            let reason =
                format!("{url}/healthz answered {status}; is EMBAN_PUBLIC_URL the edge's?");
            return vec![("edge", Finding::Broken(reason))];
        }
        Err(error) => return vec![("edge", Finding::Broken(format!("{url}: {error}")))],
    }
    let part = |result: Result<String, String>| result.map_or_else(Finding::Broken, Finding::Holds);
    found.push(("edge's keys", part(keys(&agent, url, config))));
    found.push(("edge's way to the origin", part(way(&agent, url, config))));
    found
}

fn clock(answer: &Response<Body>) -> Finding {
    let date = answer
        .headers()
        .get("date")
        .and_then(|date| date.to_str().ok());
    let Some(theirs) = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else {
        return Finding::Unproven("it tells no time".to_owned());
    };
    let ahead = theirs.timestamp().as_millisecond() - now().0;
    if !(-CLOCKS_APART_MS - DATE_STEP_MS..=CLOCKS_APART_MS).contains(&ahead) {
        return Finding::Broken(format!("it is {} s ahead of this machine", ahead / 1000));
    }
    Finding::Holds("it and this machine agree".to_owned())
}

fn open(config: &Config) -> Result<Signing, String> {
    Signing::open(
        &config.data_dir,
        &config.organisation,
        &config.environments,
        now(),
    )
    .map_err(|error| error.to_string())
}

/// Every key that signs here must be known there.
fn keys(agent: &Agent, url: &str, config: &Config) -> Result<String, String> {
    let call = agent.get(format!("{url}/.well-known/jwks.json")).call();
    let mut answer = call.map_err(|error| error.to_string())?;
    let theirs: Jwks = answer
        .body_mut()
        .read_json()
        .map_err(|error| error.to_string())?;
    let theirs: BTreeSet<&str> = theirs.keys.iter().map(|key| key.kid.as_str()).collect();
    let ours = open(config)?.jwks();
    let lacking: Vec<&str> = ours
        .keys
        .iter()
        .map(|key| key.kid.as_str())
        .filter(|kid| !theirs.contains(kid))
        .collect();
    match lacking.is_empty() {
        true => Ok(format!("all {} of ours", ours.keys.len())),
        false => Err(format!(
            "it does not know {}; a new key takes a minute to get there, and ORIGIN_URL must be this origin",
            lacking.join(", ")
        )),
    }
}

/// A session of a dashboard that does not exist: only an edge that verifies our sessions, reads our feed and reaches an
/// origin on this database answers that nothing is published.
fn way(agent: &Agent, url: &str, config: &Config) -> Result<String, String> {
    let signing = open(config)?;
    let environment = config
        .environments
        .first()
        .ok_or("EMBAN_ENVIRONMENTS names none")?;
    let minter = signing
        .minter(environment)
        .ok_or("the environment has no signing key")?;
    let mint = Mint {
        organisation: &config.organisation,
        environment,
        minter: &minter,
        cutoff: None,
        now: now(),
    };
    let asked = CreateSession {
        tenant_id: TenantId::new("emban doctor").map_err(|error| error.to_string())?,
        dashboard_id: DashboardId::new("dash_ofemandoctor").map_err(|error| error.to_string())?,
        expires_in: Some(emban_contract::limits::SESSION_MIN_SECONDS),
        permissions: Permissions::default(),
    };
    let claims = mint.claims(asked).map_err(|error| error.to_string())?;
    let token = minter.mint(&claims).map_err(|error| error.to_string())?;
    let call = agent
        .get(format!("{url}/v1/embed/surface"))
        .header("authorization", &format!("Bearer {token}"))
        .call();
    let answer = call.map_err(|error| error.to_string())?;
    match answer.status().as_u16() {
        409 => Ok("it verifies our sessions and asks an origin that knows them".to_owned()),
        401 => Err("it refuses our sessions: another organisation, other keys or another clock".to_owned()),
        503 => Err("it does not reach the origin or may not read its feed: see ORIGIN_URL and EDGE_SECRET, and whether \
                    the origin runs"
            .to_owned()),
        other => Err(format!("it answered {other} to a session of ours")),
    }
}
