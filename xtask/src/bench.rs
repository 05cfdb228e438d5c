//! Measures Emban beside what a user would pick instead: same machine, engine, data and question, in one run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::build::{self, BuildArgs, Native};
use crate::config::{Settings, foreign_to_origin};
use crate::setup::{self, NpmTools};
use crate::workspace::Workspace;

/// A budget of the design, by its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Budget {
    /// Answers from memory.
    P1,
    /// Answers from the warehouse.
    P2,
    /// Answers of the edge.
    P3,
    /// Events with the durable answer.
    P6,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// What to measure; everything when not given.
    #[arg(value_enum, ignore_case = true)]
    budgets: Vec<Budget>,
    /// Fewer rows, rounds and seconds: to see that it runs, not to quote.
    #[arg(long)]
    quick: bool,
    /// Write the figures of each script into this folder as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Sets up the peers, builds ours for speed, checks that all give the same answers, measures, prints the table.
pub(crate) fn run(args: &BenchArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let wants = |budget| args.budgets.is_empty() || args.budgets.contains(&budget);
    let (answers, ingest) = (wants(Budget::P1) || wants(Budget::P2), wants(Budget::P6));
    let tools = setup::npm_tools(settings)?;
    if wants(Budget::P3) {
        build::run(BuildArgs::edge(), settings, workspace)?;
        let mut edge = node(&tools, "edge/run", args, workspace)?;
        edge.env("EMBAN_NPM_TOOLS", tools.prefix())
            .env("EMBAN_EDGE_BUNDLE", workspace.edge_bundle());
        measure(&mut edge)?;
    }
    if !answers && !ingest {
        return Ok(());
    }
    let hypequery = answers.then(|| setup::hypequery(settings)).transpose()?;
    let Some(libchdb) = setup::libchdb(settings)? else {
        bail!("the benchmark starts an engine of its own: unset EMBAN_CLICKHOUSE_URL");
    };
    build::run(BuildArgs::wasm(), settings, workspace)?;
    let native = Native::release();
    native.build(settings, workspace)?;
    let script = |name: &str| -> Result<Command> {
        let mut command = node(&tools, name, args, workspace)?;
        for name in foreign_to_origin() {
            command.env_remove(name);
        }
        command
            .env("BENCH_ORIGIN", native.origin(workspace)?)
            .env("BENCH_HELPER", native.clickhouse(workspace)?)
            .env("BENCH_ASSETS", workspace.assets())
            .env("BENCH_LIBCHDB", &libchdb);
        Ok(command)
    };
    if let Some(hypequery) = hypequery {
        measure(script("answers")?.env("BENCH_HYPEQUERY", hypequery))?;
    }
    if ingest {
        measure(&mut script("ingest")?)?;
    }
    Ok(())
}

/// The script of a benchmark, with the arguments that all of them take.
fn node(tools: &NpmTools, name: &str, args: &BenchArgs, workspace: &Workspace) -> Result<Command> {
    let mut command = tools.node();
    command.arg(workspace.path(&format!("tests/bench/{name}.mjs")));
    if args.quick {
        command.arg("--quick");
    }
    if let Some(folder) = &args.json {
        std::fs::create_dir_all(folder)?;
        let file = std::path::absolute(folder)?
            .join(name.replace('/', "-"))
            .with_extension("json");
        command.env("BENCH_JSON", file);
    }
    Ok(command)
}

fn measure(script: &mut Command) -> Result<()> {
    let status = script.status()?;
    if !status.success() {
        bail!("the run is void ({status})");
    }
    Ok(())
}
