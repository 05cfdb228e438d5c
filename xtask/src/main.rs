//! The one tool for building, running, testing and measuring Emban.
//!
//! `cargo xtask demo` starts everything, `cargo xtask test` checks everything.
//! What a step needs is fetched into a cache folder, pinned, and reused.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool: results go to stdout, progress to stderr"
)]

mod bench;
mod build;
mod cache;
mod command;
mod config;
mod demo;
mod edge;
mod fuzz;
mod gallery;
mod guard;
mod layers;
mod package;
mod progress;
mod setup;
mod size;
mod supervisor;
mod test;
mod torture;
mod up;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::config::Settings;
use crate::workspace::Workspace;

/// The one tool for building, running, testing and measuring Emban.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Task {
    /// Fetch what is missing: wasm32 target, npm tools, embedded ClickHouse, Chromium.
    Setup,
    /// Build one part, or all of them.
    Build(build::BuildArgs),
    /// Build everything optimised and gather it in one folder for a server.
    Package(package::PackageArgs),
    /// Fetch what is missing, build all tiers, load the demo data, run origin, edge and host page.
    Demo(demo::DemoArgs),
    /// Run all tiers on an empty data folder, without demo data, until interrupted.
    Up(up::UpArgs),
    /// Build the edge worker, run it on this machine, or deploy it to Cloudflare.
    #[command(subcommand)]
    Edge(edge::EdgeTask),
    /// A page of every chart in every state, drawn by the runtime, or pictures of them.
    Gallery(gallery::GalleryArgs),
    /// Everything that must pass, in order.
    Test(test::TestArgs),
    /// The fuzz targets, for minutes instead of seconds.
    Fuzz(fuzz::FuzzArgs),
    /// Kill processes at random moments under load, for minutes instead of kills, and count every event.
    Torture(torture::TortureArgs),
    /// Fail if a crate reaches a layer it must not see.
    Layers,
    /// Bytes of the browser runtime and of the edge bundle (raw, gzip, brotli) against budget.toml.
    Size,
    /// Measure Emban beside its peers, and compare it with the budgets; needs a quiet machine.
    Bench(bench::BenchArgs),
    /// Print shell exports for calling cargo by hand on a wasm32 crate.
    WasmEnv,
    /// Run a program until it ends or standard input closes; used by `up` and `demo`.
    #[command(hide = true)]
    Guard(guard::GuardArgs),
}

fn main() -> ExitCode {
    let task = Task::parse();
    // The guard's exit code is its child's, and it must not depend on the configuration.
    if let Task::Guard(args) = task {
        return guard::run(&args);
    }
    match Settings::from_process().and_then(|settings| run(task, &settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task, settings: &Settings) -> anyhow::Result<()> {
    let workspace = Workspace::new(settings);
    match task {
        Task::Setup => setup::all(settings),
        Task::Build(args) => build::run(args, settings, &workspace),
        Task::Package(args) => package::run(&args, settings, &workspace),
        Task::Demo(args) => demo::run(&args, settings, &workspace),
        Task::Up(args) => up::run(&args, settings, &workspace),
        Task::Edge(task) => edge::run(&task, settings, &workspace),
        Task::Gallery(args) => gallery::run(&args, settings, &workspace),
        Task::Test(args) => test::run(&args, settings, &workspace),
        Task::Fuzz(args) => fuzz::run(&args, settings, &workspace),
        Task::Torture(args) => torture::run(&args, settings, &workspace),
        Task::Layers => layers::run(settings, &workspace),
        Task::Size => {
            build::run(build::BuildArgs::wasm(), settings, &workspace)?;
            size::run(&workspace)
        }
        Task::Bench(args) => bench::run(&args, settings, &workspace),
        Task::WasmEnv => setup::print_wasm_env(settings, &workspace),
        // `main` has answered this one.
        Task::Guard(_) => Ok(()),
    }
}
