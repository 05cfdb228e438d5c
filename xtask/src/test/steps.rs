//! The steps of `cargo xtask test`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::Bench;
use super::counts::Counts;
use crate::build::Native;
use crate::command::{self, output};
use crate::{layers, size};

/// What runs in browsers and at the edge.
const WASM_PACKAGES: [&str; 6] = [
    "emban-contract",
    "emban-session",
    "emban-chart",
    "emban-paint",
    "emban-runtime-wasm",
    "emban-edge-worker",
];

pub(super) fn format(bench: &Bench<'_>) -> Result<Counts> {
    check(cargo(bench).args(["fmt", "--all", "--check"]))
}

pub(super) fn clippy(bench: &Bench<'_>) -> Result<Counts> {
    check(cargo(bench).args([
        "clippy",
        "--quiet",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))
}

pub(super) fn clippy_wasm(bench: &Bench<'_>) -> Result<Counts> {
    let target = bench.workspace.wasm_target();
    let packages = WASM_PACKAGES.iter().flat_map(|name| ["--package", name]);
    let flags = ["--quiet", "--target", "wasm32-unknown-unknown"];
    let root = bench.workspace.root();
    match bench.wasm.clippy_command(&target) {
        Some(mut clippy) => check(
            clippy
                .current_dir(root)
                .args(packages)
                .args(flags)
                .args(["--", "--deny", "warnings"]),
        ),
        // Debian's clippy may be missing; the compiler's own warnings are still checked.
        None => {
            let mut cargo = bench.wasm.cargo_command(&target);
            check(
                cargo
                    .current_dir(root)
                    .arg("check")
                    .args(packages)
                    .args(flags),
            )
        }
    }
}

pub(super) fn documentation(bench: &Bench<'_>) -> Result<Counts> {
    check(
        cargo(bench)
            .args(["doc", "--quiet", "--no-deps"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )
}

pub(super) fn native_tests(bench: &Bench<'_>) -> Result<Counts> {
    run_tests(bench, &[])
}

/// The rules of the wasm32 programs, which are plain Rust.
///
/// A run of its own: in one build with the origin they would share features.
pub(super) fn wasm_rules(bench: &Bench<'_>) -> Result<Counts> {
    run_tests(
        bench,
        &[
            "--package",
            "emban-runtime-wasm",
            "--package",
            "emban-edge-worker",
        ],
    )
}

fn run_tests(bench: &Bench<'_>, packages: &[&str]) -> Result<Counts> {
    let has_nextest = bench.settings.find_program("cargo-nextest").is_some();
    let mut command = cargo(bench);
    if has_nextest {
        command.args(["nextest", "run", "--no-fail-fast", "--cargo-quiet"]);
        command.args([
            "--status-level",
            "fail",
            "--final-status-level",
            "fail",
            "--no-tests",
            "pass",
        ]);
    } else {
        command.args(["test", "--quiet", "--no-fail-fast"]);
    }
    let tests = counted(tools(bench, command.args(packages))?)?;
    if !has_nextest {
        return Ok(tests);
    }
    // nextest runs no examples in documentation.
    let mut command = cargo(bench);
    command
        .args(["test", "--quiet", "--no-fail-fast", "--doc"])
        .args(packages);
    Ok(tests.plus(counted(tools(bench, &mut command)?)?))
}

pub(super) fn layers(bench: &Bench<'_>) -> Result<Counts> {
    layers::run(bench.settings, bench.workspace).map(|()| Counts::PASSED)
}

pub(super) fn size(bench: &Bench<'_>) -> Result<Counts> {
    size::run(bench.workspace).map(|()| Counts::PASSED)
}

pub(super) fn host_page_tests(bench: &Bench<'_>) -> Result<Counts> {
    node_tests(bench, bench.tools.node(), &["www/demo-host/tests"], 1)
}

pub(super) fn edge_tests(bench: &Bench<'_>) -> Result<Counts> {
    let folder = bench.workspace.scratch("test");
    fs::create_dir_all(&folder)?;
    let forgeries = folder.join("forgeries.json");
    let attacks = Native::debug().attacks(bench.workspace)?;
    let list = output(&mut Command::new(attacks))?;
    fs::write(&forgeries, list)?;
    let mut node = bench.tools.node();
    node.env("EMBAN_FORGERIES", forgeries);
    // Two at once: one file waits for a minute to pass, as an edge without its origin does.
    node_tests(bench, node, &["tests/edge", "edge-worker/tests"], 2)
}

pub(super) fn browser_tests(bench: &Bench<'_>) -> Result<Counts> {
    node_tests(bench, bench.tools.node(), &["tests/browser"], 1)
}

/// Runs the `*.mjs` of folders, so many files at once: they start servers of their own.
///
/// What tests share lies in a subfolder.
fn node_tests(
    bench: &Bench<'_>,
    mut node: Command,
    folders: &[&str],
    at_once: u8,
) -> Result<Counts> {
    let mut files = Vec::new();
    for folder in folders {
        let found = test_files(&bench.workspace.path(folder))?;
        if found.is_empty() {
            bail!("{folder} has no tests (*.mjs)");
        }
        files.extend(found);
    }
    node.current_dir(bench.workspace.root())
        .args(["--test", "--test-reporter=tap"])
        .arg(format!("--test-concurrency={at_once}"))
        .args(files);
    counted(tools(bench, &mut node)?)
}

fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "mjs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn cargo(bench: &Bench<'_>) -> Command {
    command::cargo(bench.settings, bench.workspace)
}

/// Tells tests where the tools are.
fn tools<'c>(bench: &Bench<'_>, command: &'c mut Command) -> Result<&'c mut Command> {
    if let Some(libchdb) = &bench.libchdb {
        command.env("EMBAN_LIBCHDB", libchdb);
        command.env("EMBAN_TEST_LIBCHDB", libchdb);
    }
    Ok(command
        .env(
            "EMBAN_CLICKHOUSE_HELPER",
            Native::debug().clickhouse(bench.workspace)?,
        )
        .env("EMBAN_NPM_TOOLS", bench.tools.prefix())
        .env("EMBAN_EDGE_BUNDLE", bench.workspace.edge_bundle())
        .env("EMBAN_ASSETS_DIR", bench.workspace.assets())
        .env("EMBAN_CHROMIUM", &bench.chromium)
        .env("EMBAN_XTASK", &bench.xtask))
}

/// A command whose exit code is all it says.
fn check(command: &mut Command) -> Result<Counts> {
    let status = command.stdin(Stdio::null()).status()?;
    Ok(if status.success() {
        Counts::PASSED
    } else {
        Counts::FAILED
    })
}

/// A test runner: its output is shown as it comes, and its summaries are added up.
fn counted(command: &mut Command) -> Result<Counts> {
    // One pipe for both streams keeps their lines in order: nextest writes to stderr, the others to stdout.
    let (reader, writer) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()?;
    // The command holds copies of the pipe's end; while it lives, the reader would never see the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut counts = Counts::default();
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        counts = counts.plus(Counts::of_line(&text));
        line.clear();
    }
    Ok(counts.with_exit(child.wait()?.success()))
}
