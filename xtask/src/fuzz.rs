//! The fuzz targets of the tests, for longer than `test` runs them.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::command::cargo;
use crate::config::Settings;
use crate::workspace::Workspace;

/// Executions of each target in a round: long enough to outweigh its start.
const CASES_PER_ROUND: &str = "50000";

/// Arguments of `fuzz`.
#[derive(Debug, Args)]
pub(crate) struct FuzzArgs {
    /// How long to go on; the round that has begun is finished.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Only targets whose name contains this text.
    #[arg(long, default_value = "")]
    only: String,
}

/// Runs all targets in rounds until the time is up or one fails; prints executions by target.
pub(crate) fn run(args: &FuzzArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(args.minutes * 60);
    let mut executions = BTreeMap::<String, u64>::new();
    loop {
        let output = cargo(settings, workspace)
            .args(["test", "--quiet", &format!("fuzz_{}", args.only)])
            .args(["--", "--nocapture"])
            .env("EMBAN_FUZZ_CASES", CASES_PER_ROUND)
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        for (name, count) in text.lines().filter_map(executed) {
            *executions.entry(name.to_owned()).or_default() += count;
        }
        if !output.status.success() {
            bail!("a target failed:\n{text}");
        }
        if executions.is_empty() {
            bail!("no fuzz target has {:?} in its name", args.only);
        }
        if Instant::now() >= end {
            break;
        }
    }
    for (name, count) in &executions {
        println!("{count:>12} executions, 0 failures  {name}");
    }
    Ok(())
}

/// `fuzz NAME: N executions, 0 failures`, as the targets print it.
fn executed(line: &str) -> Option<(&str, u64)> {
    let (_, rest) = line.split_once("fuzz ")?;
    let (name, rest) = rest.split_once(": ")?;
    let (count, _) = rest.split_once(" executions")?;
    Some((name, count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_target_is_read_and_others_are_not() {
        assert_eq!(
            executed("fuzz token bytes: 4000 executions, 0 failures"),
            Some(("token bytes", 4000))
        );
        // The test's own name may stand before it.
        assert_eq!(
            executed(".fuzz a: 1 executions, 0 failures"),
            Some(("a", 1))
        );
        assert_eq!(executed("test result: ok. 3 passed"), None);
    }
}
