//! The origin and the embedded ClickHouse helper.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::command::run_logged;
use crate::config::Settings;
use crate::progress::{Outcome, step};
use crate::workspace::Workspace;

/// The native programs in one of cargo's profiles.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Native {
    profile: &'static str,
    folder: &'static str,
}

impl Native {
    /// Quick to build.
    pub(crate) const fn debug() -> Self {
        Self {
            profile: "dev",
            folder: "debug",
        }
    }

    /// Quick to run.
    pub(crate) const fn release() -> Self {
        Self {
            profile: "release",
            folder: "release",
        }
    }

    /// Builds both programs.
    pub(crate) fn build(self, settings: &Settings, workspace: &Workspace) -> Result<()> {
        let log = workspace.scratch("logs").join("native.log");
        step("origin and ClickHouse helper", || {
            let mut cargo = Command::new(&settings.cargo);
            cargo
                .current_dir(workspace.root())
                .args(["build", "--profile", self.profile]);
            cargo.args([
                "--package",
                "emban-server",
                "--package",
                "emban-clickhouse-embedded",
            ]);
            run_logged(&mut cargo, &log)?;
            Ok(((), Outcome::Did("built")))
        })
    }

    /// The origin's program.
    pub(crate) fn origin(self, workspace: &Workspace) -> Result<PathBuf> {
        self.program(workspace, "emban")
    }

    /// The embedded ClickHouse helper's program.
    pub(crate) fn clickhouse(self, workspace: &Workspace) -> Result<PathBuf> {
        self.program(workspace, "emban-clickhouse")
    }

    fn program(self, workspace: &Workspace, name: &str) -> Result<PathBuf> {
        let path = workspace.target().join(self.folder).join(name);
        if !path.is_file() {
            bail!("the build made no program {}", path.display());
        }
        Ok(path)
    }
}
