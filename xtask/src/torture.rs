//! The torture test, for longer than `test` runs it.

use anyhow::{Result, bail};
use clap::Args;

use crate::build::Native;
use crate::command;
use crate::config::Settings;
use crate::setup;
use crate::workspace::Workspace;

/// Arguments of `torture`.
#[derive(Debug, Args)]
pub(crate) struct TortureArgs {
    /// How long to go on killing.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// The seed of an earlier run; a new one when not given.
    #[arg(long)]
    seed: Option<u64>,
}

/// Kills processes at random moments under writers that repeat themselves, and counts every event afterwards.
pub(crate) fn run(args: &TortureArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let libchdb = setup::libchdb(settings)?;
    Native::build_with_tests(settings, workspace)?;
    let mut cargo = command::cargo(settings, workspace);
    cargo
        .args(["test", "--quiet", "--test", "http", "torture_"])
        .args(["--", "--nocapture"])
        .env("EMBAN_TORTURE_MINUTES", args.minutes.to_string());
    if let Some(libchdb) = libchdb {
        cargo.env("EMBAN_TEST_LIBCHDB", libchdb);
    }
    if let Some(seed) = args.seed {
        cargo.env("EMBAN_TORTURE_SEED", seed.to_string());
    }
    if !cargo.status()?.success() {
        bail!("events are missing, or count twice");
    }
    Ok(())
}
