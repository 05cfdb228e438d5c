//! A page of every chart in every state, drawn by the built runtime from made-up figures.

use anyhow::{Result, bail};
use clap::Args;

use crate::build::{self, BuildArgs};
use crate::config::Settings;
use crate::setup;
use crate::workspace::Workspace;

/// Arguments of `gallery`.
#[derive(Debug, Args)]
pub(crate) struct GalleryArgs {
    /// Take pictures of all pages into `target/gallery` instead of serving them: phone, tablet and desk, light and dark.
    /// Some of them go into `docs/gallery`.
    #[arg(long)]
    screenshots: bool,
}

/// Builds the runtime and serves the gallery until interrupted, or takes its pictures.
pub(crate) fn run(args: &GalleryArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    build::run(BuildArgs::runtime(), settings, workspace)?;
    let tools = setup::npm_tools(settings)?;
    let mut node = tools.node();
    node.current_dir(workspace.root())
        .arg("tests/gallery/run.mjs")
        .env("EMBAN_ASSETS_DIR", workspace.assets());
    if args.screenshots {
        node.arg(workspace.target().join("gallery"))
            .arg(workspace.path("docs/gallery"))
            .env("EMBAN_NPM_TOOLS", tools.prefix())
            .env("EMBAN_CHROMIUM", setup::chromium(settings)?);
    }
    if !node.status()?.success() {
        bail!("the gallery ended with an error");
    }
    Ok(())
}
