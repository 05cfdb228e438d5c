//! Schemathesis against a real origin: requests made from the OpenAPI document, sound ones and unsound ones.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::Bench;
use super::counts::Counts;
use crate::command::{output, run_logged_within};
use crate::demo::origin_api::OriginApi;
use crate::setup;
use crate::supervisor::Supervisor;
use crate::up::{Secrets, origin_command};

/// The dashboard that the document's examples name.
const DASHBOARD: &str = "dash_0123456789abcdef";
/// Cases of one operation that are made at random; those for the bounds of each parameter come on top.
const EXAMPLES: &str = "15";
/// The same cases in every run: a failure is a change of ours.
const SEED: &str = "4711";
/// Far more than a run takes on a slow machine.
const LIMIT: Duration = Duration::from_secs(300);
/// What must hold of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,missing_required_header,\
    unsupported_method,ignored_auth";

/// One caller and what it asks.
struct Run<'r> {
    name: &'static str,
    credential: &'r str,
    /// Which operations, in Schemathesis' arguments.
    which: &'static [&'static str],
}

/// Counts a caller whose requests all were answered as described as one that passed.
pub(super) fn properties(bench: &Bench<'_>) -> Result<Counts> {
    let schemathesis = setup::schemathesis(bench.settings)?;
    let folder = bench.workspace.scratch("api");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let secrets = Secrets::load_or_make(&folder)?;
    let mut serve = origin_command(&folder, &secrets, bench.settings, bench.workspace)?;
    serve.env("EMBAN_LISTEN", "127.0.0.1:0").arg("serve");
    let mut supervisor = Supervisor::new(bench.xtask.clone(), &folder.join("logs"))?;
    let origin = format!("http://{}", supervisor.start("origin", &serve)?);
    let api = OriginApi::new(&origin, &secrets.admin_key);
    let push = origin_command(&folder, &secrets, bench.settings, bench.workspace)?;
    let (read_key, token) = prepare(&api, push, &folder)?;
    let runs = [
        Run {
            name: "embed session",
            credential: &token,
            which: &["--include-tag", "Embed"],
        },
        Run {
            name: "read key",
            credential: &read_key,
            which: &[
                "--include-method",
                "GET",
                "--exclude-tag",
                "Embed",
                "--exclude-operation-id",
                "readFeed",
            ],
        },
        Run {
            name: "edge secret",
            credential: &secrets.edge_secret,
            which: &["--include-operation-id", "readFeed"],
        },
        Run {
            name: "admin key",
            credential: &secrets.admin_key,
            which: &[
                "--exclude-tag",
                "Embed",
                "--exclude-method",
                "GET",
                "--exclude-operation-id",
                "deleteDashboard",
            ],
        },
        Run {
            name: "admin key, deleting",
            credential: &secrets.admin_key,
            which: &["--include-operation-id", "deleteDashboard"],
        },
    ];
    let mut counts = Counts::default();
    for run in &runs {
        let name = run.name.replace([' ', ','], "-");
        let log = folder.join(format!("{name}.log"));
        let mut command = schemathesis.command();
        command
            .current_dir(&folder)
            .args(["run", &format!("{origin}/openapi.json"), "--no-color"])
            .args([
                "--header",
                &format!("Authorization: Bearer {}", run.credential),
            ])
            .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
            .args([
                "--max-examples",
                EXAMPLES,
                "--seed",
                SEED,
                "--generation-database",
                "none",
            ])
            .arg("--continue-on-failure")
            .args(run.which);
        let ended = run_logged_within(&mut command, &log, LIMIT);
        println!("{}: {}", run.name, told(&log));
        counts = counts.plus(match ended {
            Ok(()) => Counts::PASSED,
            Err(error) => {
                println!("{error:#}");
                Counts::FAILED
            }
        });
    }
    Ok(counts)
}

/// Sends the document's own examples: events, and a dashboard over them. Returns a read key and a session's token.
fn prepare(api: &OriginApi, mut emban: Command, folder: &Path) -> Result<(String, String)> {
    let document = api.get("/openapi.json")?;
    let example = |path: &str| {
        let pointer = format!("/paths/{path}/post/requestBody/content/application~1json/example");
        let found = document.pointer(&pointer).cloned();
        found.with_context(|| format!("{path} has no example"))
    };
    api.post("/v1/events", &example("~1v1~1events")?)?;
    let file = folder.join("dashboard.json");
    fs::write(&file, example("~1v1~1dashboards")?.to_string())?;
    output(
        emban
            .args(["dashboards", "push", "--id", DASHBOARD])
            .arg(&file),
    )?;
    api.post(&format!("/v1/dashboards/{DASHBOARD}/publish"), &json!({}))?;
    api.wait_for_warehouse()?;
    let key = api.post(
        "/v1/keys",
        &json!({ "name": "properties", "scope": "read" }),
    )?;
    let session = json!({ "tenant_id": "acme", "dashboard_id": DASHBOARD, "expires_in": 86_400 });
    let session = api.post("/v1/embed-sessions", &session)?;
    let text =
        |answer: &Value, name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(credentials) = text(&key, "key").zip(text(&session, "token")) else {
        bail!("the origin made no key or no session");
    };
    Ok(credentials)
}

/// How many cases were made and what became of them, in the words of the tool.
fn told(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let line = text.lines().rev().find(|line| line.contains(" generated"));
    line.unwrap_or("it says nothing of cases").trim().to_owned()
}
