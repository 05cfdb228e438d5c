//! The compiler of the wasm32 programs: rustup's target, or Debian's compiler where rustup cannot download.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command::{output, run_logged_within};
use crate::config::{Settings, WasmChoice};
use crate::progress::{Outcome, step};
use crate::setup::wasm_std;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The standard library is 25 MB; without a network rustup gives up within seconds.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

/// Everything that a cargo command for wasm32 needs.
#[derive(Debug, Clone)]
pub(crate) struct WasmToolchain {
    pub(super) cargo: PathBuf,
    /// Runs `clippy` as its first argument; `None` when this compiler comes without it.
    pub(super) clippy: Option<PathBuf>,
    pub(super) envs: Vec<(String, String)>,
    pub(super) removed: Vec<&'static str>,
}

impl WasmToolchain {
    /// A cargo command of this toolchain.
    pub(crate) fn cargo_command(&self, target_dir: &Path) -> Command {
        self.command(&self.cargo, target_dir)
    }

    /// `cargo clippy` of this toolchain, if it has one.
    pub(crate) fn clippy_command(&self, target_dir: &Path) -> Option<Command> {
        let mut command = self.command(self.clippy.as_deref()?, target_dir);
        command.arg("clippy");
        Some(command)
    }

    /// The cargo to call.
    pub(crate) fn cargo(&self) -> &Path {
        &self.cargo
    }

    /// Variables that cargo and the linker need.
    pub(crate) fn envs(&self) -> &[(String, String)] {
        &self.envs
    }

    fn command(&self, program: &Path, target_dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.envs(self.envs.iter().map(|(name, value)| (name, value)));
        command.env("CARGO_TARGET_DIR", target_dir);
        for name in &self.removed {
            command.env_remove(name);
        }
        command
    }
}

pub(crate) fn find_or_make(settings: &Settings) -> Result<WasmToolchain> {
    let by_rustup = match settings.wasm {
        WasmChoice::Debian => None,
        WasmChoice::Automatic | WasmChoice::Rustup => with_rustup(settings)?,
    };
    match by_rustup {
        Some(toolchain) => Ok(toolchain),
        None if settings.wasm == WasmChoice::Rustup => {
            bail!(
                "rustup could not add the target {TARGET}; its log is {}",
                rustup_log(settings).display()
            )
        }
        None => wasm_std::with_debian(settings),
    }
}

fn with_rustup(settings: &Settings) -> Result<Option<WasmToolchain>> {
    step("wasm32 standard library from rustup", || {
        if let Some(toolchain) = active(settings)? {
            return Ok((Some(toolchain), Outcome::Cached));
        }
        let Some(rustup) = settings.find_program("rustup") else {
            return Ok((None, Outcome::Did("not available")));
        };
        let added = run_logged_within(
            Command::new(rustup).args(["target", "add", TARGET]),
            &rustup_log(settings),
            RUSTUP_LIMIT,
        );
        match added {
            Ok(()) => Ok((active(settings)?, Outcome::Did("installed"))),
            Err(_) => Ok((None, Outcome::Did("cannot be downloaded here, known"))),
        }
    })
}

/// The active toolchain, if it has the target.
fn active(settings: &Settings) -> Result<Option<WasmToolchain>> {
    let rustc = settings
        .find_program("rustc")
        .context("rustc was not found in PATH")?;
    let Ok(libdir) =
        output(Command::new(&rustc).args(["--print", "target-libdir", "--target", TARGET]))
    else {
        return Ok(None);
    };
    if !wasm_std::has_core(Path::new(&libdir)) {
        return Ok(None);
    }
    Ok(Some(WasmToolchain {
        cargo: settings.cargo.clone(),
        clippy: Some(settings.cargo.clone()),
        envs: Vec::new(),
        removed: Vec::new(),
    }))
}

fn rustup_log(settings: &Settings) -> PathBuf {
    settings.cache_dir.join("logs/rustup.log")
}
