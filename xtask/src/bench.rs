//! Measures Emban beside what a user would pick instead: same machine, engine, data and question, in one run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::build::{self, BuildArgs, Native};
use crate::config::{Settings, foreign_to_origin};
use crate::setup::{self, NpmTools, Peer};
use crate::workspace::Workspace;

/// What can be measured: a budget of the design by its number there, or what has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// Answers from memory.
    P1,
    /// Answers from the warehouse.
    P2,
    /// Answers of the edge.
    P3,
    /// Bytes of the browser's part.
    P4,
    /// The first chart on the screen.
    P5,
    /// Events with the durable answer.
    P6,
    /// A large tenant's dashboard beside a small one's.
    P7,
    /// Memory under load.
    P8,
    /// How many viewers are too many.
    Load,
    /// Single functions.
    Micro,
}

use Subject::{Load, Micro, P1, P2, P3, P4, P5, P6, P7, P8};

/// The scripts in `tests/bench`, and what each measures.
const SCRIPTS: [(&str, &[Subject]); 7] = [
    ("micro", &[Micro]),
    ("edge/run", &[P3]),
    ("answers", &[P1, P2]),
    ("ingest", &[P6, P8]),
    ("paint", &[P4, P5]),
    ("viewers", &[Load, P8]),
    ("skewed", &[P7]),
];

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// What to measure; everything when not given.
    #[arg(value_enum, ignore_case = true)]
    subjects: Vec<Subject>,
    /// Fewer rows, rounds and seconds: to see that it runs, not to quote.
    #[arg(long)]
    quick: bool,
    /// Where each script's figures go as JSON; `target/bench` when not given.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Measure nothing: compare the figures that are there with the budgets.
    #[arg(long, conflicts_with_all = ["subjects", "quick"])]
    check: bool,
    /// End with an error when a budget is not kept, or was not measured.
    #[arg(long)]
    strict: bool,
}

/// Sets up the peers, builds ours for speed, checks that all give the same answers, measures, prints the tables, and
/// compares them with the budgets. When everything was measured in full, it goes into `docs/PERFORMANCE.md`.
pub(crate) fn run(args: &BenchArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let figures = match &args.json {
        Some(folder) => std::path::absolute(folder)?,
        None => workspace.target().join("bench"),
    };
    std::fs::create_dir_all(&figures)?;
    let tools = setup::npm_tools(settings)?;
    if !args.check {
        let mut stage = Stage::build(settings, workspace, &tools)?;
        for (name, measures) in SCRIPTS {
            if args.subjects.is_empty() || args.subjects.iter().any(|one| measures.contains(one)) {
                let file = figures.join(name.replace('/', "-")).with_extension("json");
                stage.measure(name, args.quick, &file)?;
            }
        }
    }
    let mut report = tools.node();
    report
        .arg(workspace.path("tests/bench/report.mjs"))
        .args([&figures, &workspace.path("docs")]);
    if args.strict {
        report.arg("--strict");
    }
    if !report.status()?.success() {
        bail!("a budget is not kept");
    }
    Ok(())
}

/// What the scripts are given.
struct Stage<'a> {
    settings: &'a Settings,
    workspace: &'a Workspace,
    tools: &'a NpmTools,
    programs: Vec<(&'static str, PathBuf)>,
}

impl<'a> Stage<'a> {
    fn build(
        settings: &'a Settings,
        workspace: &'a Workspace,
        tools: &'a NpmTools,
    ) -> Result<Self> {
        let Some(libchdb) = setup::libchdb(settings)? else {
            bail!("the benchmark starts an engine of its own: unset EMBAN_CLICKHOUSE_URL");
        };
        build::run(BuildArgs::wasm(), settings, workspace)?;
        let native = Native::release();
        native.build_with_micro(settings, workspace)?;
        let programs = vec![
            ("EMBAN_NPM_TOOLS", tools.prefix().to_owned()),
            ("BENCH_LIBCHDB", libchdb),
            ("BENCH_ORIGIN", native.origin(workspace)?),
            ("BENCH_HELPER", native.clickhouse(workspace)?),
            ("BENCH_MICRO", native.micro(workspace)?),
            ("BENCH_ASSETS", workspace.assets()),
            ("BENCH_EDGE", workspace.edge_workerd()),
        ];
        Ok(Self {
            settings,
            workspace,
            tools,
            programs,
        })
    }

    /// Runs one script; its figures go to a file.
    fn measure(&mut self, name: &str, quick: bool, file: &PathBuf) -> Result<()> {
        let mut script = self.tools.node();
        script.arg(self.workspace.path(&format!("tests/bench/{name}.mjs")));
        if quick {
            script.arg("--quick");
        }
        for name in foreign_to_origin() {
            script.env_remove(name);
        }
        script.envs(self.programs.iter().map(|(name, path)| (*name, path)));
        script.env("BENCH_JSON", file);
        // A void run must not leave the figures of an earlier one in its place.
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.add_peers(name, &mut script)?;
        let status = script.status()?;
        if !status.success() {
            bail!("the run of {name} is void ({status})");
        }
        Ok(())
    }

    /// Peers are fetched only for the script that asks them.
    fn add_peers(&self, name: &str, script: &mut Command) -> Result<()> {
        match name {
            "answers" => {
                script.env(
                    "BENCH_HYPEQUERY",
                    setup::peer(Peer::Hypequery, self.settings)?,
                );
                script.env("BENCH_CUBE", setup::peer(Peer::Cube, self.settings)?);
            }
            "paint" => {
                script.env("BENCH_PAINT", setup::peer(Peer::Charts, self.settings)?);
                script.env("EMBAN_CHROMIUM", setup::chromium(self.settings)?);
            }
            _ => {}
        }
        Ok(())
    }
}
