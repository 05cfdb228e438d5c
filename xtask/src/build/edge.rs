//! The Cloudflare Worker: one script and one wasm module.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::build::stamp::Stamp;
use crate::build::wasm::{Recovery, WasmProgram, esbuild};
use crate::progress::{Outcome, step};
use crate::setup::{NpmTools, WasmToolchain};
use crate::workspace::Workspace;

const PROGRAM: WasmProgram = WasmProgram {
    package: "emban-edge-worker",
    profile: "edge",
    name: "edge",
    optimise: "-O3",
    recovery: Recovery::Reset,
};
const SHIM: &str = include_str!("../../js/edge-shim.js");
/// Changes when this pipeline writes something else from the same inputs.
const PIPELINE: &[u8] = b"edge 1";

/// Builds `target/emban/edge/index.js` and `index_bg.wasm`.
pub(crate) fn build(
    toolchain: &WasmToolchain,
    tools: &NpmTools,
    workspace: &Workspace,
) -> Result<()> {
    step("edge worker", || {
        let module = PROGRAM.compile(toolchain, workspace)?;
        let folder = workspace.edge_bundle();
        let prefix = tools.prefix().to_string_lossy();
        let inputs = [
            PIPELINE,
            &fs::read(&module)?,
            SHIM.as_bytes(),
            prefix.as_bytes(),
        ];
        let stamp = Stamp::new(&workspace.scratch("edge"), &inputs);
        if stamp.is_current(&[folder.join("index.js"), folder.join("index_bg.wasm")]) {
            return Ok(((), Outcome::Cached));
        }
        stamp.clear()?;
        bundle(&module, &folder, tools, workspace)?;
        stamp.write()?;
        Ok(((), Outcome::Did("built")))
    })
}

fn bundle(module: &Path, folder: &Path, tools: &NpmTools, workspace: &Workspace) -> Result<()> {
    let log = workspace.scratch("logs").join("edge-bundle.log");
    let bound = workspace.scratch("edge").join("bound");
    PROGRAM.bind(module, &bound, tools, &log)?;
    fs::rename(bound.join("edge_bg.wasm"), bound.join("index_bg.wasm"))?;
    let shim = bound.join("shim.js");
    fs::write(&shim, SHIM)?;
    let extra = [
        "--format=esm",
        "--external:./index_bg.wasm",
        "--external:cloudflare:*",
    ]
    .map(str::to_owned);
    fs::create_dir_all(folder)?;
    esbuild(tools, &shim, &folder.join("index.js"), &extra, &log)?;
    fs::copy(bound.join("index_bg.wasm"), folder.join("index_bg.wasm"))?;
    Ok(())
}
