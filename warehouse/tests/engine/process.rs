//! Starts the embedded engine once for all tests of this binary.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// Long enough for the helper to accept it.
pub(crate) const SECRET: &str = "a secret of the tests only";

/// A running engine. It ends with this process: the helper watches its standard input.
pub(crate) struct Engine {
    pub(crate) url: String,
    _child: Child,
}

pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let data_dir = data_dir();
    let mut child = Command::new(helper())
        .args(["--listen", "127.0.0.1:0", "--exit-with-parent"])
        .arg("--lib")
        .arg(library())
        .arg("--data-dir")
        .arg(&data_dir)
        .env("EMBAN_CLICKHOUSE_SECRET", SECRET)
        .env("RUST_LOG", "warn")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("emban-clickhouse starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready: serde_json::Value =
        serde_json::from_str(&line).expect("emban-clickhouse says where it listens");
    let address = ready["listening"].as_str().expect("an address");
    Engine {
        url: format!("http://{}", address.trim_start_matches("http://")),
        _child: child,
    }
});

/// A directory of this run; those that earlier runs left behind go.
fn data_dir() -> PathBuf {
    // The unit tests use this file too, and Cargo names no directory to those.
    let target = option_env!("CARGO_TARGET_TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let root = target.join("emban-warehouse-tests");
    for left in std::fs::read_dir(&root).into_iter().flatten().flatten() {
        let pid = left.file_name().to_string_lossy().into_owned();
        if !Path::new("/proc").join(&pid).exists() {
            std::fs::remove_dir_all(left.path()).ok();
        }
    }
    let dir = root.join(std::process::id().to_string());
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Beside this test's own directory: `target/debug/emban-clickhouse`.
fn helper() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let profile = own.parent().and_then(Path::parent).unwrap();
    let helper = profile.join("emban-clickhouse");
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
fn library() -> PathBuf {
    if let Ok(path) = std::env::var("EMBAN_TEST_LIBCHDB") {
        return PathBuf::from(path);
    }
    let cache = std::env::var("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|_| std::env::var("HOME").map(|home| Path::new(&home).join(".cache")));
    find(&cache.unwrap().join("emban"), "libchdb.so", 6)
        .expect("libchdb.so: run `cargo xtask setup`, or set EMBAN_TEST_LIBCHDB")
}

fn find(dir: &Path, name: &str, depth: u32) -> Option<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    let here = entries
        .iter()
        .find(|path| path.is_file() && path.file_name().is_some_and(|file| file == name))
        .cloned();
    here.or_else(|| {
        entries
            .iter()
            .filter(|path| depth > 0 && path.is_dir())
            .find_map(|path| find(path, name, depth - 1))
    })
}
