//! A start that cannot succeed says why in one sentence, at once, and exits with 1.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

/// Runs xtask with nothing in its environment but `vars`.
fn run(arguments: &[&str], vars: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .envs(vars.iter().copied())
        .output()
        .unwrap()
}

fn check(arguments: &[&str], vars: &[(&str, &str)], expect: &[&str]) {
    let output = run(arguments, vars);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("error: ") && !text.contains("panicked"),
        "{text}"
    );
    for words in expect {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
}

/// A folder for `PATH` with one program in it.
fn path_with(folder: &Path, program: &str, script: &str) -> String {
    let file = folder.join(program);
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    folder.display().to_string()
}

#[test]
fn a_taken_port_is_named_before_anything_is_built() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for task in ["demo", "up"] {
        for option in ["--port-origin", "--port-edge", "--port-host"] {
            let said = format!("port {port} is taken");
            check(&[task, option, &port], &[("HOME", "/nowhere")], &[&said]);
        }
    }
}

#[test]
fn an_unknown_variable_and_a_bad_value_are_named() {
    let cases = [
        (
            "EMBAN_CASH_DIR",
            "/tmp",
            "EMBAN_CASH_DIR is set, but Emban has no such setting",
        ),
        (
            "EMBAN_WASM_TOOLCHAIN",
            "nix",
            "EMBAN_WASM_TOOLCHAIN is \"nix\"; it can be rustup or debian",
        ),
        (
            "EMBAN_CACHE_DIR",
            "cache",
            "EMBAN_CACHE_DIR must be an absolute path",
        ),
        (
            "EMBAN_CHROMIUM",
            "/nowhere/chrome",
            "EMBAN_CHROMIUM names /nowhere/chrome",
        ),
        (
            "EMBAN_LIBCHDB",
            "/nowhere/libchdb.so",
            "EMBAN_LIBCHDB names /nowhere/libchdb.so",
        ),
    ];
    for (name, value, said) in cases {
        check(&["demo"], &[("HOME", "/nowhere"), (name, value)], &[said]);
    }
}

#[test]
fn an_older_node_and_none_at_all_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let cache = ("EMBAN_CACHE_DIR", cache.to_str().unwrap());
    let old = path_with(folder.path(), "node", "echo v18.20.4");
    let said = ["Node.js 20 or newer is needed", "is v18.20.4"];
    check(&["demo"], &[cache, ("PATH", &old)], &said);
    let none = folder.path().join("empty");
    let said = ["Node.js 20 or newer is needed and was not found"];
    check(&["demo"], &[cache, ("PATH", none.to_str().unwrap())], &said);
}

#[test]
fn a_missing_npm_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let path = path_with(folder.path(), "node", "echo v22.0.0");
    let vars = [
        ("EMBAN_CACHE_DIR", cache.to_str().unwrap()),
        ("PATH", &path),
    ];
    check(&["demo"], &vars, &["npm is needed and was not found"]);
}

#[test]
fn a_cache_that_cannot_be_written_to_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = path_with(folder.path(), "node", "echo v22.0.0");
    let vars = [("EMBAN_CACHE_DIR", "/sys"), ("PATH", &path)];
    check(
        &["demo"],
        &vars,
        &["the cache folder /sys cannot be written to"],
    );
}
