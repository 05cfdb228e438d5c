//! The embedded engine: where it is, and how it runs without an origin.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use crate::origin::{Origin, answer};

/// The embedded engine without an origin, on the tables of one that was ended.
pub(crate) struct Engine {
    child: Child,
    url: String,
    dir: Option<TempDir>,
}

impl Engine {
    const SECRET: &str = "a secret of the tests only";

    pub(crate) fn start(dir: TempDir) -> Self {
        let mut child = Command::new(helper())
            .args(["--listen", "127.0.0.1:0", "--exit-with-parent"])
            .args(["--wait-for-data-dir", "20"])
            .arg("--lib")
            .arg(library())
            .arg("--data-dir")
            .arg(dir.path().join("data/clickhouse"))
            .env("EMBAN_CLICKHOUSE_SECRET", Self::SECRET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let address = listening(&mut child).expect("the engine says where it listens");
        Self {
            url: format!("http://{address}"),
            child,
            dir: Some(dir),
        }
    }

    /// Ends the engine, and starts an origin on its tables.
    pub(crate) fn into_origin(mut self) -> Origin {
        let dir = self.dir.take().unwrap();
        drop(self);
        Origin::start_in(dir, &[])
    }

    /// The directory that the origin had.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.as_ref().unwrap().path().join("data")
    }

    /// What a statement answers.
    pub(crate) async fn ask(&self, client: &Client, sql: &str) -> String {
        let request = client
            .post(format!("{}/?database=emban_production", self.url))
            .header("x-clickhouse-key", Self::SECRET)
            .body(sql.to_owned());
        let answer = answer(request).await;
        answer.expect(200);
        answer.text
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Where a started program says that it listens; none when it ends without saying so.
pub(crate) fn listening(child: &mut Child) -> Option<String> {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: Value = serde_json::from_str(&line).ok()?;
    Some(ready["listening"].as_str()?.to_owned())
}

/// Beside the program: `target/debug/emban-clickhouse`.
pub(crate) fn helper() -> PathBuf {
    let helper = Path::new(env!("CARGO_BIN_EXE_emban")).with_file_name("emban-clickhouse");
    assert!(
        helper.exists(),
        "build the engine's helper first: cargo build -p emban-clickhouse-embedded"
    );
    helper
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests find what `cargo xtask` has fetched"
)]
pub(crate) fn library() -> PathBuf {
    if let Ok(path) = std::env::var("EMBAN_TEST_LIBCHDB") {
        return PathBuf::from(path);
    }
    let home = std::env::var("HOME").unwrap();
    let cache = Path::new(&home).join(".cache/emban");
    find(&cache, 6).expect("libchdb.so: run `cargo xtask setup`, or set EMBAN_TEST_LIBCHDB")
}

fn find(dir: &Path, depth: u32) -> Option<PathBuf> {
    let here = dir.join("libchdb.so");
    if here.is_file() {
        return Some(here);
    }
    let folders = std::fs::read_dir(dir)
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    folders
        .filter(|path| depth > 0 && path.is_dir())
        .find_map(|path| find(&path, depth - 1))
}
