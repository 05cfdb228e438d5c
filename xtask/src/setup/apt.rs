//! Debian's packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::command::run_logged;
use crate::config::Settings;

/// Installs packages; `what_for` completes the sentence of the error when that cannot be done.
pub(crate) fn install(settings: &Settings, packages: &[&str], what_for: &str) -> Result<()> {
    let wanted = packages.join(" ");
    let Some(apt) = settings.find_program("apt-get") else {
        bail!("{what_for}, and there is no apt-get to install {wanted} with");
    };
    let log = settings.cache_dir.join("logs/apt.log");
    let refresh = run_as_root(settings, &apt, &["update"], &wanted, what_for);
    // A stale package list may still do: the installation itself decides.
    refresh
        .and_then(|mut command| run_logged(&mut command, &log))
        .or_else(|error| {
            if rustix::process::geteuid().is_root() {
                Ok(())
            } else {
                Err(error)
            }
        })?;
    let mut args = vec!["install", "--yes", "--no-install-recommends"];
    args.extend_from_slice(packages);
    let mut command = run_as_root(settings, &apt, &args, &wanted, what_for)?;
    run_logged(command.env("DEBIAN_FRONTEND", "noninteractive"), &log)
}

fn run_as_root(
    settings: &Settings,
    apt: &Path,
    args: &[&str],
    wanted: &str,
    what_for: &str,
) -> Result<Command> {
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new(apt);
        command.args(args);
        return Ok(command);
    }
    let sudo: Option<PathBuf> = settings.find_program("sudo");
    let allowed = sudo.as_ref().is_some_and(|sudo| {
        Command::new(sudo)
            .args(["-n", "true"])
            .output()
            .is_ok_and(|output| output.status.success())
    });
    let Some(sudo) = sudo.filter(|_| allowed) else {
        bail!("{what_for}; run this once as root: apt-get update && apt-get install {wanted}");
    };
    let mut command = Command::new(sudo);
    command.arg("-n").arg(apt).args(args);
    Ok(command)
}
