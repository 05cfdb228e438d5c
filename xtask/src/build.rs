//! Builds the three programs and the files that browsers fetch.

mod assets;
mod edge;
mod native;
mod runtime;
mod stamp;
mod tidy;
mod wasm;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cache;
use crate::config::Settings;
use crate::setup;
use crate::workspace::Workspace;

pub(crate) use assets::{Manifest, brotli, gzip};
pub(crate) use native::Native;

/// What to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The origin and the embedded ClickHouse helper.
    Native,
    /// The browser runtime and the other static files.
    Runtime,
    /// The Cloudflare Worker.
    Edge,
    /// All three.
    All,
}

/// Arguments of `build`.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    #[arg(value_enum, default_value = "all")]
    parts: Vec<Part>,
    /// Optimise the native programs; the wasm32 ones always are.
    #[arg(long)]
    release: bool,
}

impl BuildArgs {
    /// Everything, as a developer runs it.
    pub(crate) fn all() -> Self {
        Self {
            parts: vec![Part::All],
            release: false,
        }
    }

    /// Everything, as it is installed.
    pub(crate) fn release() -> Self {
        Self {
            parts: vec![Part::All],
            release: true,
        }
    }

    /// The two wasm32 programs.
    pub(crate) fn wasm() -> Self {
        Self {
            parts: vec![Part::Runtime, Part::Edge],
            release: false,
        }
    }

    /// The browser runtime.
    pub(crate) fn runtime() -> Self {
        Self {
            parts: vec![Part::Runtime],
            release: false,
        }
    }

    /// The Worker.
    pub(crate) fn edge() -> Self {
        Self {
            parts: vec![Part::Edge],
            release: false,
        }
    }

    fn wants(&self, part: Part) -> bool {
        self.parts
            .iter()
            .any(|wanted| *wanted == part || *wanted == Part::All)
    }
}

/// Builds the chosen parts; what is unchanged is not built again.
pub(crate) fn run(args: BuildArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    cache::ensure_free_space(workspace.root())?;
    // Set up before anything is compiled: what is missing is said at once, not after minutes.
    let wasm = args.wants(Part::Runtime) || args.wants(Part::Edge);
    let tools = wasm
        .then(|| {
            anyhow::Ok((
                setup::npm_tools(settings)?,
                setup::wasm_toolchain(settings)?,
            ))
        })
        .transpose()?;
    if args.wants(Part::Native) {
        let native = if args.release {
            Native::release()
        } else {
            Native::debug()
        };
        native.build(settings, workspace)?;
    }
    let Some((tools, toolchain)) = tools else {
        return Ok(());
    };
    if args.wants(Part::Runtime) {
        runtime::build(&toolchain, &tools, workspace)?;
    }
    if args.wants(Part::Edge) {
        edge::build(&toolchain, &tools, workspace)?;
    }
    Ok(())
}
