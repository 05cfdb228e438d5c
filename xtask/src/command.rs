//! Running other programs: quietly with a log, for their output, or with a time limit.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::config::Settings;
use crate::workspace::Workspace;

/// Lines of a log that are shown when its program fails.
const TAIL_LINES: usize = 40;
/// Pause between two looks at a child with a time limit.
const POLL: Duration = Duration::from_millis(50);

/// Cargo in the workspace, without what the cargo that started this program tells about its package:
/// build scripts watch some of it, and would compile anew whenever cargo is called by hand in between.
pub(crate) fn cargo(settings: &Settings, workspace: &Workspace) -> Command {
    let mut cargo = Command::new(&settings.cargo);
    cargo.current_dir(workspace.root());
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_MANIFEST_") || told.starts_with("CARGO_PKG_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Runs a program to its end with its output in `log`; a failure shows the log's tail.
pub(crate) fn run_logged(command: &mut Command, log: &Path) -> Result<()> {
    let status = attach(command, log)?
        .status()
        .with_context(|| cannot_start(command))?;
    ensure_success(command, status, log)
}

/// As [`run_logged`], but ends the program after `limit`.
pub(crate) fn run_logged_within(command: &mut Command, log: &Path, limit: Duration) -> Result<()> {
    let mut child = attach(command, log)?
        .spawn()
        .with_context(|| cannot_start(command))?;
    let Some(status) = wait_within(&mut child, limit)? else {
        child.kill()?;
        child.wait()?;
        bail!("{} did not end within {} s", name(command), limit.as_secs());
    };
    ensure_success(command, status, log)
}

/// Waits until the child has ended; `None` when it still runs after `limit`.
pub(crate) fn wait_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// Runs a program and returns its standard output, trimmed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!(
            "{} failed ({}): {}",
            name(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The last lines of a log, indented for a message.
pub(crate) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    lines
        .iter()
        .skip(from)
        .map(|line| format!("  {line}\n"))
        .collect()
}

fn attach<'c>(command: &'c mut Command, log: &Path) -> Result<&'c mut Command> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let file: File = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(log)?;
    let same = file.try_clone()?;
    Ok(command.stdin(Stdio::null()).stdout(file).stderr(same))
}

fn ensure_success(command: &Command, status: ExitStatus, log: &Path) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!(
        "{} failed ({status}); its log ends:\n{}  whole log: {}",
        name(command),
        tail(log),
        log.display()
    )
}

fn cannot_start(command: &Command) -> String {
    format!("{} cannot be started", name(command))
}

fn name(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args().take(3) {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}
