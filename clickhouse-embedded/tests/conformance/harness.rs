//! The engine under test, and plain HTTP to it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Response, Url};

/// Longest wait for something that must happen.
const DEADLINE: Duration = Duration::from_secs(30);
pub(super) const SECRET: &str = "a secret for the tests only";

/// Where a test's statements go: a helper of its own, or the server named by the environment.
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) database: String,
    _helper: Option<Helper>,
    _data: Option<tempfile::TempDir>,
}

/// The server named by the environment. `None`: test the helper.
pub(super) fn real_server() -> Option<Url> {
    let url = std::env::var_os("EMBAN_TEST_CLICKHOUSE_URL")?;
    Some(
        url.to_str()
            .expect("EMBAN_TEST_CLICKHOUSE_URL is a URL")
            .parse()
            .expect("EMBAN_TEST_CLICKHOUSE_URL is a URL"),
    )
}

impl Target {
    /// Starts an engine with an empty database of the test's name.
    pub(super) async fn start(test: &str) -> Self {
        let database = format!("emban_conformance_{test}");
        let target = match real_server() {
            Some(mut url) => {
                let (user, password) = (
                    url.username().to_owned(),
                    url.password().unwrap_or_default().to_owned(),
                );
                url.set_username("").expect("an http URL");
                url.set_password(None).expect("an http URL");
                let user = if user.is_empty() {
                    "default".to_owned()
                } else {
                    user
                };
                Self {
                    url,
                    user,
                    password,
                    database,
                    _helper: None,
                    _data: None,
                }
            }
            None => {
                let data = tempfile::tempdir().expect("a temporary directory");
                let helper = Helper::start(data.path());
                let (url, user) = (helper.url.clone(), "default".to_owned());
                Self {
                    url,
                    user,
                    password: SECRET.to_owned(),
                    database,
                    _helper: Some(helper),
                    _data: Some(data),
                }
            }
        };
        for sql in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
            let made = target
                .post(
                    &[("database", "default")],
                    format!("{sql} {}", target.database),
                )
                .await;
            assert!(made.status().is_success(), "{}", made.text().await.unwrap());
        }
        target
    }

    /// The client that Emban uses, with LZ4.
    pub(super) fn client(&self) -> clickhouse::Client {
        clickhouse::Client::default()
            .with_url(self.url.as_str())
            .with_user(&self.user)
            .with_password(&self.password)
            .with_database(&self.database)
            .with_compression(clickhouse::Compression::Lz4)
    }

    /// POSTs a body; URL parameters are added to the test's database.
    pub(super) async fn post(
        &self,
        parameters: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Response {
        let mut url = self.url.clone();
        if !parameters.iter().any(|(name, _)| *name == "database") {
            url.query_pairs_mut()
                .append_pair("database", &self.database);
        }
        url.query_pairs_mut().extend_pairs(parameters);
        let request = reqwest::Client::new().post(url);
        let request = request
            .header("X-ClickHouse-User", &self.user)
            .header("X-ClickHouse-Key", &self.password);
        request.body(body).send().await.expect("an answer")
    }

    /// Runs a statement that must succeed and returns its text without the last line break.
    pub(super) async fn text(&self, parameters: &[(&str, &str)], sql: &str) -> String {
        let response = self.post(parameters, sql.to_owned()).await;
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{sql}: {text}");
        text.trim_end().to_owned()
    }

    /// Runs statements that must succeed.
    pub(super) async fn execute(&self, statements: &[&str]) {
        for sql in statements {
            self.text(&[], sql).await;
        }
    }

    /// Runs a statement that must fail with an exception of this code; returns the exception's text.
    pub(super) async fn refusal(
        &self,
        parameters: &[(&str, &str)],
        sql: &str,
        code: u32,
    ) -> String {
        refusal_of(self.post(parameters, sql.to_owned()).await, code).await
    }

    /// Asks until the answer to a statement is the one that is waited for.
    pub(super) async fn wait_for(&self, sql: &str, wanted: &str) {
        let started = Instant::now();
        loop {
            let answer = self.text(&[], sql).await;
            if answer == wanted {
                return;
            }
            assert!(
                started.elapsed() < DEADLINE,
                "{sql} still gives {answer}, not {wanted}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Checks that an answer is an exception of this code in every place where a client may look; returns its text.
pub(super) async fn refusal_of(response: Response, code: u32) -> String {
    let status = response.status();
    let header = response
        .headers()
        .get("X-ClickHouse-Exception-Code")
        .cloned();
    let text = response.text().await.unwrap();
    assert_eq!(
        header.as_ref().map(|value| value.to_str().unwrap()),
        Some(code.to_string().as_str()),
        "{text}"
    );
    assert!(!status.is_success(), "{status} {text}");
    assert!(
        text.starts_with(&format!("Code: {code}. DB::Exception: ")),
        "{text}"
    );
    text
}

/// A running `emban-clickhouse`. Dropping it closes its stdin, upon which it stops; then it is killed.
pub(super) struct Helper {
    pub(super) url: Url,
    pub(super) ready: serde_json::Value,
    pub(super) child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Helper {
    pub(super) fn start(data_dir: &Path) -> Self {
        Self::of(&mut command(data_dir))
    }

    pub(super) fn of(command: &mut Command) -> Self {
        let mut child = command
            .arg("--exit-with-parent")
            .spawn()
            .expect("the helper starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("text");
        if line.is_empty() {
            let failed = child.wait_with_output().expect("its output");
            panic!(
                "the helper did not start: {}",
                String::from_utf8_lossy(&failed.stderr)
            );
        }
        let ready: serde_json::Value = serde_json::from_str(&line).expect("one line of JSON");
        let url = format!(
            "http://{}/",
            ready["listening"].as_str().expect("an address")
        )
        .parse()
        .expect("a URL");
        Self {
            url,
            ready,
            child,
            stdout,
        }
    }

    /// SIGKILL: what a crash or the kernel's out-of-memory killer does.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("a running helper");
        self.child.wait().expect("its status");
    }

    pub(super) fn send_signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for the end; returns the status and what was written to stdout (behind the first line) and stderr.
    pub(super) fn wait(mut self) -> (ExitStatus, String, String) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("its status") {
                break status;
            }
            assert!(started.elapsed() < DEADLINE, "the helper does not stop");
            std::thread::sleep(Duration::from_millis(10));
        };
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).expect("text");
        self.child
            .stderr
            .take()
            .expect("a pipe")
            .read_to_string(&mut err)
            .expect("text");
        (status, out, err)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The helper's command line, with the secret and pipes for all three streams.
pub(super) fn command(data_dir: &Path) -> Command {
    command_with_library(&library(), data_dir)
}

pub(super) fn command_with_library(library: &Path, data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emban-clickhouse"));
    command
        .arg("--lib")
        .arg(library)
        .arg("--data-dir")
        .arg(data_dir);
    command.env("EMBAN_CLICKHOUSE_SECRET", SECRET);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command that must fail at once, and returns what it says.
pub(super) fn failure(mut command: Command) -> String {
    let output = command.output().expect("the helper runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(output.stdout.is_empty(), "{:?}", output.stdout);
    said
}

/// The libchdb.so to test with.
pub(super) fn library() -> PathBuf {
    if let Some(path) = std::env::var_os("EMBAN_TEST_LIBCHDB") {
        return path.into();
    }
    let cache = PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache/emban");
    find(&cache, OsStr::new("libchdb.so")).unwrap_or_else(|| {
        panic!("no libchdb.so under {}: set EMBAN_TEST_LIBCHDB, or install @chdb/lib-linux-x64-gnu there", cache.display())
    })
}

fn find(directory: &Path, name: &OsStr) -> Option<PathBuf> {
    let entries: Vec<_> = std::fs::read_dir(directory).ok()?.flatten().collect();
    let here = entries
        .iter()
        .find(|entry| entry.file_name() == name)
        .map(std::fs::DirEntry::path);
    here.or_else(|| {
        let folders = entries
            .iter()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        folders
            .into_iter()
            .find_map(|folder| find(&folder.path(), name))
    })
}
