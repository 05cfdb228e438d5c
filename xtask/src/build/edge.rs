//! The Cloudflare Worker: one script and one wasm module.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::build::stamp::Stamp;
use crate::build::wasm::{Names, Recovery, WasmProgram, esbuild};
use crate::progress::{Outcome, step};
use crate::setup::{NpmTools, WasmToolchain};
use crate::workspace::Workspace;

const PROGRAM: WasmProgram = WasmProgram {
    package: "emban-edge-worker",
    profile: "edge",
    name: "edge",
    optimise: &["-O3"],
    names: Names::Kept,
    recovery: Recovery::Reset,
};
const SHIM: &str = include_str!("../../js/edge-shim.js");
/// The configuration that runs the same Worker outside of Cloudflare, and the cache that it needs there.
const WORKERD: [(&str, &str); 2] = [
    (
        "emban.capnp",
        include_str!("../../../edge-worker/workerd/emban.capnp"),
    ),
    (
        "cache.js",
        include_str!("../../../edge-worker/workerd/cache.js"),
    ),
];
/// Changes when this pipeline writes something else from the same inputs.
const PIPELINE: &[u8] = b"edge 3";

/// What Cloudflare is sent.
const BUNDLE: [&str; 2] = ["index.js", "index_bg.wasm"];

/// Builds `target/emban/edge/index.js` and `index_bg.wasm`, and beside them the folder that runs both in workerd.
pub(crate) fn build(
    toolchain: &WasmToolchain,
    tools: &NpmTools,
    workspace: &Workspace,
) -> Result<()> {
    step("edge worker", || {
        let module = PROGRAM.compile(toolchain, workspace)?;
        let (folder, outside) = (workspace.edge_bundle(), workspace.edge_workerd());
        let prefix = tools.prefix().to_string_lossy();
        let wasm = fs::read(&module)?;
        let mut inputs = vec![PIPELINE, &wasm, SHIM.as_bytes(), prefix.as_bytes()];
        inputs.extend(WORKERD.iter().map(|(_, text)| text.as_bytes()));
        let stamp = Stamp::new(&workspace.scratch("edge"), &inputs);
        let mut outputs: Vec<PathBuf> = BUNDLE.map(|name| folder.join(name)).into();
        outputs.extend(BUNDLE.map(|name| outside.join(name)));
        outputs.extend(WORKERD.map(|(name, _)| outside.join(name)));
        if stamp.is_current(&outputs) {
            return Ok(((), Outcome::Cached));
        }
        stamp.clear()?;
        bundle(&module, &folder, tools, workspace)?;
        fs::create_dir_all(&outside)?;
        for name in BUNDLE {
            fs::copy(folder.join(name), outside.join(name))?;
        }
        for (name, text) in WORKERD {
            fs::write(outside.join(name), text)?;
        }
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
