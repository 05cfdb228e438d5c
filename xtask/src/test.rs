//! Everything that must pass, in order.

mod api;
mod counts;
mod steps;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::build::{self, BuildArgs, Native};
use crate::config::Settings;
use crate::setup::{self, NpmTools, WasmToolchain};
use crate::workspace::Workspace;
use counts::Counts;

/// Arguments of `test`.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Run only the steps whose name contains this text.
    #[arg(long)]
    only: Option<String>,
}

/// What the steps need.
struct Bench<'a> {
    settings: &'a Settings,
    workspace: &'a Workspace,
    wasm: WasmToolchain,
    tools: NpmTools,
    libchdb: Option<PathBuf>,
    chromium: PathBuf,
    /// A copy of this program for tests to call: building the tests may link the original anew.
    xtask: PathBuf,
}

/// A named step; its counts go into the sum.
type Step = (&'static str, fn(&Bench<'_>) -> Result<Counts>);

const STEPS: &[Step] = &[
    ("format", steps::format),
    ("clippy", steps::clippy),
    ("clippy for wasm32", steps::clippy_wasm),
    ("documentation", steps::documentation),
    ("native tests", steps::native_tests),
    ("rules of runtime and edge", steps::wasm_rules),
    ("layers", steps::layers),
    ("properties of the API", api::properties),
    ("size", steps::size),
    ("host page tests", steps::host_page_tests),
    ("edge tests", steps::edge_tests),
    ("browser tests", steps::browser_tests),
];

fn copy_of_this_program(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.scratch("test");
    fs::create_dir_all(&folder)?;
    let copy = folder.join("xtask");
    // Removed first: a program that still runs from an earlier copy cannot be written over.
    if copy.exists() {
        fs::remove_file(&copy)?;
    }
    fs::copy(std::env::current_exe()?, &copy)?;
    Ok(copy)
}

/// Runs all steps, also after a failed one; ends with one line `N passed, N failed`.
pub(crate) fn run(args: &TestArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let xtask = copy_of_this_program(workspace)?;
    setup::all(settings)?;
    // A broken build would fail every step in its own words: it stops here, in one.
    Native::build_with_tests(settings, workspace)?;
    build::run(BuildArgs::wasm(), settings, workspace)?;
    let bench = Bench {
        settings,
        workspace,
        wasm: setup::wasm_toolchain(settings)?,
        tools: setup::npm_tools(settings)?,
        libchdb: setup::libchdb(settings)?,
        chromium: setup::chromium(settings)?,
        xtask,
    };
    let mut total = Counts::default();
    let mut failed = Vec::new();
    for (name, step) in STEPS
        .iter()
        .filter(|(name, _)| args.only.as_ref().is_none_or(|only| name.contains(only)))
    {
        println!("\n== {name}");
        std::io::stdout().flush()?;
        let started = Instant::now();
        let counts = step(&bench).unwrap_or_else(|error| {
            println!("{error:#}");
            Counts::FAILED
        });
        println!(
            "== {name}: {} passed, {} failed, {:.1} s",
            counts.passed,
            counts.failed,
            started.elapsed().as_secs_f64()
        );
        if counts.failed > 0 {
            failed.push(*name);
        }
        total = total.plus(counts);
    }
    if !failed.is_empty() {
        println!("\nfailed: {}", failed.join(", "));
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    std::io::stdout().flush().context("standard output")?;
    if total.failed > 0 {
        bail!("{} failed", failed.join(", "));
    }
    if total.passed == 0 {
        bail!("no step ran");
    }
    Ok(())
}
