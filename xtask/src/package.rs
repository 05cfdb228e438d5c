//! A folder with all that an origin needs, to be copied to a server.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::build::{self, BuildArgs, Native};
use crate::config::Settings;
use crate::setup;
use crate::workspace::Workspace;

/// Arguments of `package`.
#[derive(Debug, Args)]
pub(crate) struct PackageArgs {
    /// Where to; what is there is replaced. Default `target/emban/package`.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Builds the optimised programs and puts them beside the assets, the engine's library and the edge.
pub(crate) fn run(args: &PackageArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    build::run(BuildArgs::release(), settings, workspace)?;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| workspace.target().join("emban/package"));
    let native = Native::release();
    let mut files = vec![native.origin(workspace)?, native.clickhouse(workspace)?];
    files.extend(setup::libchdb(settings)?);
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    for file in files {
        let name = file.file_name().context("a program has no name")?;
        replace(&file, &out.join(name))?;
    }
    for (folder, name) in [
        (workspace.assets(), "assets"),
        (workspace.edge_workerd(), "edge"),
    ] {
        let to = out.join(name);
        if to.exists() {
            fs::remove_dir_all(&to)?;
        }
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            replace(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    println!("{}", out.display());
    Ok(())
}

/// Copies a file. Removed first: a program that runs cannot be written over.
fn replace(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_file(to)?;
    }
    fs::copy(from, to).with_context(|| from.display().to_string())?;
    Ok(())
}
