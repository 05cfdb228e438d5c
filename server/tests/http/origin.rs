//! A started origin and what is asked of it.

use std::fs::OpenOptions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::engine::{Engine, helper, library, listening};

pub(crate) const ADMIN_KEY: &str = "eb_adm_of_the_tests_0123456789";
/// Of the first environment of an origin that was started anew.
const FOREIGN_KEY: &str = "eb_adm_of_another_environment_01";
pub(crate) const EDGE_SECRET: &str = "the edge secret of the tests";
/// Standard error, in the test's own directory.
const LOG: &str = "log";
/// The most that an operator would ever switch on.
const LOG_LEVEL: &str =
    "debug,emban_server=trace,emban_warehouse=trace,emban_spool=trace,emban_session=trace";
/// How long anything may take to come true.
const DEADLINE: Duration = Duration::from_secs(30);

/// The program `emban`, serving.
pub(crate) struct Origin {
    child: Child,
    pub(crate) url: String,
    pub(crate) client: Client,
    dir: TempDir,
}

impl Origin {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further variables.
    pub(crate) fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), variables)
    }

    pub(crate) fn start_in(dir: TempDir, variables: &[(&str, &str)]) -> Self {
        let mut child = spawn(&dir, variables);
        let address = listening(&mut child).unwrap_or_else(|| {
            let log = std::fs::read_to_string(dir.path().join(LOG)).unwrap();
            let last = log.lines().rev().take(20).collect::<Vec<_>>();
            panic!(
                "emban does not start; the end of its log, last line first:\n{}",
                last.join("\n")
            )
        });
        Self {
            url: format!("http://{address}"),
            child,
            client: Client::new(),
            dir,
        }
    }

    /// Ends the process as a power cut would, and starts another on the same data.
    pub(crate) fn killed_and_restarted(self) -> Self {
        self.killed_and_restarted_with(&[])
    }

    pub(crate) fn killed_and_restarted_with(self, variables: &[(&str, &str)]) -> Self {
        Self::start_in(self.killed(), variables)
    }

    /// The same with a second kill, of the process that is being started, so long after its start.
    pub(crate) fn killed_also_while_starting(
        self,
        after: Duration,
        variables: &[(&str, &str)],
    ) -> Self {
        let dir = self.killed();
        let mut starting = spawn(&dir, variables);
        std::thread::sleep(after);
        starting.kill().unwrap();
        starting.wait().unwrap();
        Self::start_in(dir, variables)
    }

    /// Ends the process as a power cut would. What it leaves is in the directory.
    fn killed(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }

    /// Ends the process as a power cut would, and starts an engine on its tables.
    pub(crate) fn into_engine(self) -> Engine {
        Engine::start(self.killed())
    }

    /// Ends the process, takes a folder of its data away, and starts another on the rest.
    pub(crate) fn restarted_without(mut self, folder: &str) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::fs::remove_dir_all(self.dir.path().join("data").join(folder)).unwrap();
        self.killed_and_restarted()
    }

    /// The same data, with a further admin key: that of the first of these environments.
    pub(crate) fn restarted_with_key_of(self, environments: &str) -> Self {
        self.killed_and_restarted_with(&[
            ("EMBAN_ENVIRONMENTS", environments),
            ("EMBAN_BOOTSTRAP_ADMIN_KEY", FOREIGN_KEY),
        ])
    }

    /// A call with that further key.
    pub(crate) async fn foreign(&self, method: Method, path: &str) -> Answer {
        answer(self.request(method, path, FOREIGN_KEY)).await
    }

    /// Another call of the program with the same configuration.
    pub(crate) fn command(&self) -> Command {
        configured(self.dir.path())
    }

    /// What such a call says.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[])
    }

    /// The same with further variables.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        run(self.dir.path(), arguments, variables)
    }

    /// Whether a text stands anywhere in the control plane's files.
    pub(crate) fn control_database_holds(&self, text: &str) -> bool {
        let files = std::fs::read_dir(self.dir.path().join("data")).unwrap();
        let files = files.flatten().map(|file| file.path());
        let mut databases = files.filter(|path| path.to_string_lossy().contains("control.sqlite"));
        databases.any(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(text))
    }

    /// Who may look into the data folder, as `chmod` has it.
    pub(crate) fn data_mode(&self) -> u32 {
        let folder = std::fs::metadata(self.dir.path().join("data")).unwrap();
        folder.permissions().mode() & 0o777
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Every line that was logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join(LOG)).unwrap()
    }

    /// The secret bytes of an environment's first signing key.
    pub(crate) fn signing_seed(&self, environment: &str) -> [u8; 32] {
        let file = format!("data/signing/{environment}.key");
        let text = std::fs::read_to_string(self.dir.path().join(file)).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).unwrap();
        bytes.try_into().unwrap()
    }

    /// What the process was started with.
    pub(crate) fn environment(&self) -> String {
        let bytes = std::fs::read(format!("/proc/{}/environ", self.child.id())).unwrap();
        String::from_utf8_lossy(&bytes).replace('\0', "\n")
    }

    /// Process ids of the origin's children.
    pub(crate) fn children(&self) -> Vec<String> {
        let id = self.child.id();
        let file = format!("/proc/{id}/task/{id}/children");
        // The kernel lists the children of one thread; the helper is started by any of them.
        let threads = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
        let lists = threads
            .flatten()
            .map(|thread| thread.path().join("children"))
            .chain([PathBuf::from(file)]);
        let mut ids: Vec<String> = lists
            .filter_map(|list| std::fs::read_to_string(list).ok())
            .flat_map(|text| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// Sends a signal to the engine. Returns to how many: to none while it is about to be started again.
    pub(crate) fn signal_engine(&self, name: &str) -> u32 {
        let sent = |engine: &String| {
            let kill = Command::new("kill").args([name, engine]).status();
            // It may have ended by itself in the meantime.
            kill.unwrap().success()
        };
        u32::try_from(self.children().iter().filter(|engine| sent(engine)).count()).unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str, credential: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(credential)
    }

    /// A call with the admin key.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: Value) -> Answer {
        answer(self.request(method, path, ADMIN_KEY).json(&body)).await
    }

    /// A call with a session's token.
    pub(crate) async fn embed(&self, path: &str, token: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path, token).json(&body)).await
    }

    pub(crate) async fn get(&self, path: &str, credential: &str) -> Answer {
        answer(self.request(Method::GET, path, credential)).await
    }

    pub(crate) async fn ingest(&self, events: Value) -> Answer {
        let body = json!({ "events": events });
        self.admin(Method::POST, "/v1/events", body).await
    }

    /// Creates and publishes a dashboard.
    pub(crate) async fn publish(&self, document: Value) -> String {
        let created = self.admin(Method::POST, "/v1/dashboards", document).await;
        let id = created.expect(201)["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/dashboards/{id}/publish");
        self.admin(Method::POST, &path, json!({})).await.expect(204);
        id
    }

    /// A session's token.
    pub(crate) async fn token(&self, tenant: &str, dashboard: &str, permissions: Value) -> String {
        let body =
            json!({ "tenant_id": tenant, "dashboard_id": dashboard, "permissions": permissions });
        let minted = self.admin(Method::POST, "/v1/embed-sessions", body).await;
        minted.expect(201)["token"].as_str().unwrap().to_owned()
    }

    /// Asks until the answer is the one awaited; fails with the last one.
    pub(crate) async fn await_answer(
        &self,
        path: &str,
        credential: &str,
        is_awaited: impl Fn(&Answer) -> bool,
    ) -> Answer {
        let request = || self.request(Method::GET, path, credential);
        await_answer_to(request, DEADLINE, path, is_awaited).await
    }

    /// The same with the admin key, for what may take longer.
    pub(crate) async fn await_within(
        &self,
        deadline: Duration,
        path: &str,
        is_awaited: impl Fn(&Answer) -> bool,
    ) -> Answer {
        let request = || self.request(Method::GET, path, ADMIN_KEY);
        await_answer_to(request, deadline, path, is_awaited).await
    }

    /// Asks until the number of a widget is the one awaited; fails with the last one.
    pub(crate) async fn await_value(&self, token: &str, widget: &str, expect: f64) {
        self.await_filtered(token, json!({}), widget, expect).await;
    }

    /// The same with filters, for all widgets: what is in one rollup may be in another some milliseconds later.
    pub(crate) async fn await_filtered(
        &self,
        token: &str,
        filters: Value,
        widget: &str,
        expect: f64,
    ) -> Answer {
        let started = Instant::now();
        loop {
            // Fresh data: an answer from memory may be older than what is awaited.
            let request = self
                .request(Method::POST, "/v1/embed/query", token)
                .header("cache-control", "no-cache")
                .json(&json!({ "filters": filters }));
            let answer = answer(request).await;
            let value = answer.body["results"][widget]["data"]["value"].as_f64();
            if value == Some(expect) {
                return answer;
            }
            assert!(
                started.elapsed() < DEADLINE,
                "{widget} is not {expect} but {}",
                answer.body
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    /// Null when it is not JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// The body of an answer that must have this status.
    pub(crate) fn expect(&self, status: u16) -> &Value {
        assert_eq!(self.status, status, "{}", self.text);
        &self.body
    }

    /// An error document with this code.
    pub(crate) fn refused(&self, status: u16, code: &str) -> &Value {
        assert_eq!(
            (self.status, self.body["code"].as_str()),
            (status, Some(code)),
            "{}",
            self.text
        );
        assert!(self.body["error"].is_string() && self.body["request_id"].is_string());
        &self.body
    }

    /// The JSON pointers of the details.
    pub(crate) fn places(&self) -> Vec<&str> {
        let details = self.body["details"].as_array();
        details
            .into_iter()
            .flatten()
            .filter_map(|d| d["path"].as_str())
            .collect()
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    try_answer(request).await.unwrap()
}

/// The answer, or what became of the connection.
pub(crate) async fn try_answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response: Response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    let body = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answer {
        status,
        headers,
        text,
        body,
    })
}

async fn await_answer_to(
    request: impl Fn() -> RequestBuilder,
    deadline: Duration,
    label: &str,
    is_awaited: impl Fn(&Answer) -> bool,
) -> Answer {
    let started = Instant::now();
    loop {
        let answer = answer(request()).await;
        if is_awaited(&answer) {
            return answer;
        }
        assert!(
            started.elapsed() < deadline,
            "{label} is still {}",
            answer.text
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn spawn(dir: &TempDir, variables: &[(&str, &str)]) -> Child {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.path().join(LOG))
        .unwrap();
    command(dir.path())
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A dashboard with a number, a list and a table over the events `call`.
pub(crate) fn calls_dashboard() -> Value {
    json!({
        "name": "Calls",
        "filters": { "dimensions": [{ "prop": "model", "label": "Model", "multi": true }] },
        "widgets": [
            { "id": "calls", "kind": "kpi", "chart": "stat", "title": "Calls",
              "query": { "event_name": "call", "metric": "count" }, "layout": { "x": 0, "y": 0, "w": 3, "h": 2 } },
            { "id": "tokens", "kind": "kpi", "chart": "stat", "title": "Tokens",
              "query": { "event_name": "call", "metric": "sum", "numeric_prop": "tokens" },
              "layout": { "x": 3, "y": 0, "w": 3, "h": 2 } },
            { "id": "models", "kind": "breakdown", "chart": "list", "title": "Models",
              "query": { "event_name": "call", "metric": "count", "group_by": "model" },
              "layout": { "x": 0, "y": 2, "w": 6, "h": 4 } }
        ]
    })
}

/// An event of a tenant, now.
pub(crate) fn call(tenant: &str, id: &str, model: &str, tokens: u32) -> Value {
    json!({ "tenant_id": tenant, "event_name": "call", "event_id": id,
            "string_props": { "model": model }, "numeric_props": { "tokens": tokens } })
}

/// `emban serve` with a sound configuration on a data directory of its own.
pub(crate) fn command(dir: &Path) -> Command {
    let mut command = configured(dir);
    command.arg("serve");
    command
}

/// One call of the program, with a sound configuration but for these variables.
pub(crate) fn run(dir: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = configured(dir);
    command.args(arguments).envs(variables.iter().copied());
    command.output().unwrap()
}

/// The program with a sound configuration.
fn configured(dir: &Path) -> Command {
    let assets = dir.join("assets");
    std::fs::create_dir_all(&assets).unwrap();
    let manifest = r#"{"runtime_js":"runtime.js","runtime_wasm":"runtime.wasm","first_css":"first.css","css":"embed.css"}"#;
    for (name, content) in [
        ("manifest.json", manifest),
        ("runtime.js", "export {};"),
        ("runtime.wasm", ""),
        ("embed.css", ""),
        ("embed.js", "export {};"),
    ] {
        std::fs::write(assets.join(name), content).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_emban"));
    command
        .env_clear()
        .env("EMBAN_LISTEN", "127.0.0.1:0")
        .env("EMBAN_DATA_DIR", dir.join("data"))
        .env("EMBAN_ASSETS_DIR", assets)
        .env("EMBAN_CLICKHOUSE_HELPER", helper())
        .env("EMBAN_LIBCHDB", library())
        .env("EMBAN_BOOTSTRAP_ADMIN_KEY", ADMIN_KEY)
        .env("EMBAN_EDGE_SECRET", EDGE_SECRET)
        .env("EMBAN_LOG", LOG_LEVEL);
    command
}
