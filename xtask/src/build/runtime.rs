//! The browser runtime, the loader and the style sheet, as the origin serves them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::build::assets::{AssetWriter, MANIFEST, Manifest};
use crate::build::stamp::Stamp;
use crate::build::wasm::{Names, Recovery, WasmProgram, esbuild};
use crate::progress::{Outcome, step};
use crate::setup::{NpmTools, WasmToolchain};
use crate::workspace::Workspace;

const PROGRAM: WasmProgram = WasmProgram {
    package: "emban-runtime-wasm",
    profile: "runtime",
    name: "runtime",
    // Nothing lies in the lowest kilobyte but the end of the stack, which grows towards it. A function with one caller stays
    // one: in a larger one its locals get other numbers, and the compressor finds no more what is alike. Functions of like
    // names are alike, and stand together.
    optimise: &[
        "--low-memory-unused",
        "--flatten",
        "--rereloop",
        "-Oz",
        "--gufa-optimizing",
        "-Oz",
        "--converge",
        "--one-caller-inline-max-function-size=25",
        "--reorder-locals",
        "--reorder-functions-by-name",
    ],
    names: Names::Short,
    recovery: Recovery::None,
};
/// Changes when this pipeline writes something else from the same inputs.
const PIPELINE: &[u8] = b"runtime 10";

/// Builds everything under `target/emban/assets`.
pub(crate) fn build(
    toolchain: &WasmToolchain,
    tools: &NpmTools,
    workspace: &Workspace,
) -> Result<()> {
    step("browser runtime", || {
        let module = PROGRAM.compile(toolchain, workspace)?;
        let sources = Sources::bundle(tools, workspace)?;
        let prefix = tools.prefix().to_string_lossy();
        let inputs = [
            PIPELINE,
            prefix.as_bytes(),
            &fs::read(&module)?,
            &sources.styles.first,
            &sources.styles.whole,
            sources.nameless_loader.as_deref().unwrap_or_default(),
        ];
        let stamp = Stamp::new(&workspace.scratch("runtime"), &inputs);
        let outputs =
            Manifest::read(&workspace.assets()).map(|found| found.files(&workspace.assets()));
        if outputs.is_ok_and(|files| stamp.is_current(&files)) {
            return Ok(((), Outcome::Cached));
        }
        stamp.clear()?;
        assemble(&module, &sources, tools, workspace)?;
        stamp.write()?;
        Ok(((), Outcome::Did("built")))
    })
}

/// The hand-written files of `www/embed`, with everything that they import.
struct Sources {
    files: Vec<PathBuf>,
    styles: Styles,
    /// The loader without the names that it gets in the end: it tells whether its sources changed.
    nameless_loader: Option<Vec<u8>>,
}

impl Sources {
    fn bundle(tools: &NpmTools, workspace: &Workspace) -> Result<Self> {
        let scratch = workspace.scratch("runtime");
        let log = workspace.scratch("logs").join("runtime-sources.log");
        let files = www_sources(&workspace.path("www/embed"))?;
        let styles = Styles::bundle(&files, &scratch, tools, &log)?;
        let nameless_loader = loader(&files, &scratch, ["", "", ""], "{}", tools, &log)?;
        Ok(Self {
            files,
            styles,
            nameless_loader,
        })
    }
}

fn assemble(
    module: &Path,
    sources: &Sources,
    tools: &NpmTools,
    workspace: &Workspace,
) -> Result<()> {
    let scratch = workspace.scratch("runtime");
    let log = workspace.scratch("logs").join("runtime-assets.log");
    let bound = scratch.join("bound");
    PROGRAM.bind(module, &bound, tools, &log)?;
    let script = scratch.join("runtime.js");
    let entry = bound.join("entry.js");
    fs::write(&entry, "export { default, mount } from \"./runtime.js\";\n")?;
    // What is not exported goes, once nothing that has effects mentions it.
    let as_module = [
        "--format=esm".to_owned(),
        "--define:Symbol.dispose=undefined".to_owned(),
    ];
    esbuild(tools, &entry, &script, &as_module, &log)?;

    // Old names would be served for ever otherwise; the folder is replaced as a whole.
    let fresh = scratch.join("assets");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    let mut writer = AssetWriter::new(&fresh);
    let runtime_wasm = writer.hashed(
        "runtime",
        "_bg.wasm",
        &fs::read(bound.join("runtime_bg.wasm"))?,
    )?;
    let runtime_js = writer.hashed("runtime", ".js", &fs::read(&script)?)?;
    let css = writer.hashed("embed", ".css", &sources.styles.whole)?;
    let loader = loader(
        &sources.files,
        &scratch,
        [&runtime_js, &runtime_wasm, &css],
        &serde_json::to_string(&writer.integrity())?,
        tools,
        &log,
    )?;
    let embed_js = loader
        .map(|bytes| writer.named("embed.js", &bytes))
        .transpose()?;
    // The loader needs no name of it.
    let first_css = writer.hashed("first", ".css", &sources.styles.first)?;
    let integrity = writer.integrity();
    let manifest = Manifest {
        runtime_js,
        runtime_wasm,
        embed_js,
        first_css,
        css,
        integrity,
    };
    fs::write(fresh.join(MANIFEST), serde_json::to_vec_pretty(&manifest)?)?;
    let assets = workspace.assets();
    if assets.exists() {
        fs::remove_dir_all(&assets)?;
    }
    Ok(fs::rename(&fresh, &assets)?)
}

/// The loader, which learns the hashed names, and what the files are, at build time.
fn loader(
    sources: &[PathBuf],
    scratch: &Path,
    names: [&str; 3],
    integrity: &str,
    tools: &NpmTools,
    log: &Path,
) -> Result<Option<Vec<u8>>> {
    let is_loader = |path: &&PathBuf| path.ends_with("embed.ts") || path.ends_with("embed.js");
    let Some(entry) = sources.iter().find(is_loader) else {
        return Ok(None);
    };
    let [js, wasm, css] = names;
    let define = |name: &str, value: &str| format!("--define:{name}=\"{value}\"");
    let extra = [
        "--format=esm".to_owned(),
        define("EMBAN_RUNTIME_JS", js),
        define("EMBAN_RUNTIME_WASM", wasm),
        define("EMBAN_CSS", css),
        format!("--define:EMBAN_INTEGRITY={integrity}"),
    ];
    let out = scratch.join("embed.js");
    esbuild(tools, entry, &out, &extra, log)?;
    Ok(Some(fs::read(out)?))
}

/// The style sheets.
struct Styles {
    /// Those of a first paint, which stand in the document.
    first: Vec<u8>,
    /// All.
    whole: Vec<u8>,
}

impl Styles {
    fn bundle(sources: &[PathBuf], scratch: &Path, tools: &NpmTools, log: &Path) -> Result<Self> {
        let bundled = |name: &str| {
            let source = sources.iter().find(|path| path.ends_with(name));
            let source = source.with_context(|| format!("www/embed has no {name}"))?;
            let out = scratch.join("part.css");
            esbuild(tools, source, &out, &[], log)?;
            anyhow::Ok(fs::read(out)?)
        };
        let first = bundled("first.css")?;
        let whole = [first.clone(), bundled("live.css")?].concat();
        Ok(Self { first, whole })
    }
}

/// The files of `www/embed`, sorted; empty while the folder does not exist.
fn www_sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
