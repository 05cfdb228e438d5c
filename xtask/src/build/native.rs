//! The origin and the embedded ClickHouse helper.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::command::{cargo, run_logged};
use crate::config::Settings;
use crate::progress::{Outcome, step};
use crate::workspace::Workspace;

/// The packages of both programs.
const PROGRAMS: [&str; 2] = ["emban-server", "emban-clickhouse-embedded"];

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
        step("origin and ClickHouse helper", || {
            self.compile_packages(&PROGRAMS, settings, workspace)
        })
    }

    /// Builds them with the micro-benchmarks.
    pub(crate) fn build_with_micro(self, settings: &Settings, workspace: &Workspace) -> Result<()> {
        step("origin, ClickHouse helper and micro-benchmarks", || {
            let [origin, helper] = PROGRAMS;
            self.compile_packages(&[origin, helper, "emban-micro"], settings, workspace)
        })
    }

    fn compile_packages(
        self,
        packages: &[&'static str],
        settings: &Settings,
        workspace: &Workspace,
    ) -> Result<((), Outcome)> {
        let mut arguments = vec!["build", "--profile", self.profile];
        arguments.extend(packages.iter().flat_map(|name| ["--package", name]));
        compile(&arguments, settings, workspace)
    }

    /// Builds all programs and their tests: alone they would have other features, and be compiled twice.
    pub(crate) fn build_with_tests(settings: &Settings, workspace: &Workspace) -> Result<()> {
        step("native programs and their tests", || {
            let arguments = ["test", "--no-run"];
            compile(&arguments, settings, workspace)
        })
    }

    /// The program that prints forged tokens.
    pub(crate) fn attacks(self, workspace: &Workspace) -> Result<PathBuf> {
        self.program(workspace, "emban-attacks")
    }

    /// The origin's program.
    pub(crate) fn origin(self, workspace: &Workspace) -> Result<PathBuf> {
        self.program(workspace, "emban")
    }

    /// The micro-benchmarks.
    pub(crate) fn micro(self, workspace: &Workspace) -> Result<PathBuf> {
        self.program(workspace, "emban-micro")
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

fn compile<'a>(
    arguments: impl IntoIterator<Item = &'a &'static str>,
    settings: &Settings,
    workspace: &Workspace,
) -> Result<((), Outcome)> {
    run_logged(
        cargo(settings, workspace).args(arguments),
        &workspace.scratch("logs").join("native.log"),
    )?;
    Ok(((), Outcome::Did("built")))
}
