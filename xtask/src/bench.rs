//! Measures Emban beside what a user would pick instead: same machine, engine, data and question, in one run.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::build::{self, BuildArgs, Native};
use crate::config::{Settings, foreign_to_origin};
use crate::setup;
use crate::workspace::Workspace;

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Fewer rows, rounds and seconds: to see that it runs, not to quote.
    #[arg(long)]
    quick: bool,
    /// Write the figures here as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Sets up the peers, builds ours for speed, checks that all give the same answers, measures, prints the table.
pub(crate) fn run(args: &BenchArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let tools = setup::npm_tools(settings)?;
    let hypequery = setup::hypequery(settings)?;
    let Some(libchdb) = setup::libchdb(settings)? else {
        bail!("the benchmark starts an engine of its own: unset EMBAN_CLICKHOUSE_URL");
    };
    build::run(BuildArgs::wasm(), settings, workspace)?;
    let native = Native::release();
    native.build(settings, workspace)?;
    let mut command = tools.node();
    for name in foreign_to_origin() {
        command.env_remove(name);
    }
    command
        .arg(workspace.path("tests/bench/answers.mjs"))
        .env("BENCH_ORIGIN", native.origin(workspace)?)
        .env("BENCH_HELPER", native.clickhouse(workspace)?)
        .env("BENCH_ASSETS", workspace.assets())
        .env("BENCH_LIBCHDB", libchdb)
        .env("BENCH_HYPEQUERY", hypequery);
    if args.quick {
        command.arg("--quick");
    }
    if let Some(path) = &args.json {
        command.env("BENCH_JSON", std::path::absolute(path)?);
    }
    let status = command.status()?;
    if !status.success() {
        bail!("the run is void ({status})");
    }
    Ok(())
}
