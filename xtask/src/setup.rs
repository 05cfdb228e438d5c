//! What must be on the machine before anything can be built or run; one module for each tool.

mod apt;
mod chromium;
mod npm;
mod postgresql;
mod schemathesis;
mod wasm;
mod wasm_std;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::config::Settings;
use crate::workspace::Workspace;

pub(crate) use npm::{NpmTools, Peer};
pub(crate) use schemathesis::Schemathesis;
pub(crate) use wasm::WasmToolchain;

/// Fetches everything.
pub(crate) fn all(settings: &Settings) -> Result<()> {
    wasm_toolchain(settings)?;
    npm_tools(settings)?;
    libchdb(settings)?;
    chromium(settings)?;
    postgresql::find_or_install(settings)?;
    schemathesis(settings)?;
    Ok(())
}

/// The compiler of the wasm32 programs.
pub(crate) fn wasm_toolchain(settings: &Settings) -> Result<WasmToolchain> {
    wasm::find_or_make(settings)
}

/// The pinned programs from npm.
pub(crate) fn npm_tools(settings: &Settings) -> Result<NpmTools> {
    npm::tools(settings)
}

/// The pinned `wrangler`, which deploys the edge.
pub(crate) fn wrangler(settings: &Settings) -> Result<PathBuf> {
    npm::wrangler(settings)
}

/// The pinned `libchdb.so`; `None` when a ClickHouse server is configured instead.
pub(crate) fn libchdb(settings: &Settings) -> Result<Option<PathBuf>> {
    if settings.external_clickhouse {
        return Ok(None);
    }
    npm::libchdb(settings).map(Some)
}

/// A peer of the benchmark, pinned.
pub(crate) fn peer(peer: Peer, settings: &Settings) -> Result<PathBuf> {
    npm::peer(peer, settings)
}

/// A Chromium for the browser tests.
pub(crate) fn chromium(settings: &Settings) -> Result<PathBuf> {
    chromium::find_or_install(settings)
}

/// What makes requests out of the OpenAPI document.
pub(crate) fn schemathesis(settings: &Settings) -> Result<Schemathesis> {
    schemathesis::find_or_install(settings)
}

/// Prints what a shell must set for `cargo … --target wasm32-unknown-unknown` by hand.
pub(crate) fn print_wasm_env(settings: &Settings, workspace: &Workspace) -> Result<()> {
    let wasm = wasm_toolchain(settings)?;
    let tools = npm_tools(settings)?;
    let export = |name: &str, path: &Path| (name.to_owned(), path.display().to_string());
    let mut exports = BTreeMap::from([
        export("CARGO", wasm.cargo()),
        export("CARGO_TARGET_DIR", &workspace.wasm_target()),
        export("EMBAN_NPM_TOOLS", tools.prefix()),
    ]);
    exports.extend(wasm.envs().iter().cloned());
    for (name, value) in exports {
        println!("export {name}='{}'", value.replace('\'', r"'\''"));
    }
    println!(
        "# then: \"$CARGO\" build --package emban-edge-worker --profile edge --target wasm32-unknown-unknown"
    );
    Ok(())
}
