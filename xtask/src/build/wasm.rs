//! From a crate to an optimised wasm module with its JavaScript.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::tidy::tidy;
use crate::command::run_logged;
use crate::setup::{NpmTools, WasmToolchain};
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
/// What rustc emits for this target. Never `--all-features`: binaryen then writes a `stringref`
/// type, which V8 refuses.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-call-indirect-overlong",
];

/// What is made of one crate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WasmProgram {
    /// Cargo's name of the package.
    pub(crate) package: &'static str,
    /// Cargo's profile.
    pub(crate) profile: &'static str,
    /// Name of the files that wasm-bindgen writes, `NAME.js` and `NAME_bg.wasm`.
    pub(crate) name: &'static str,
    /// How wasm-opt optimises.
    pub(crate) optimise: &'static [&'static str],
    /// Whether names that only its makers read stay.
    pub(crate) names: Names,
    /// Whether the JavaScript exports what rebuilds the instance after a panic.
    pub(crate) recovery: Recovery,
}

/// What becomes of names that neither a browser nor a script needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// They stay.
    Kept,
    /// They are shortened, and exports that nobody calls go.
    Short,
}

/// What happens to an instance after a panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// It stays as it is.
    None,
    /// The JavaScript exports `__wbg_reset_state`.
    Reset,
}

impl WasmProgram {
    /// Runs cargo; the result is the module as the compiler wrote it.
    pub(crate) fn compile(
        &self,
        toolchain: &WasmToolchain,
        workspace: &Workspace,
    ) -> Result<PathBuf> {
        let target = workspace.wasm_target();
        let log = workspace
            .scratch("logs")
            .join(format!("{}.log", self.package));
        let mut cargo = toolchain.cargo_command(&target);
        cargo
            .current_dir(workspace.root())
            .args(["build", "--package", self.package]);
        cargo.args(["--profile", self.profile, "--target", TARGET]);
        run_logged(&mut cargo, &log)?;
        let module = format!("{}.wasm", self.package.replace('-', "_"));
        Ok(target.join(TARGET).join(self.profile).join(module))
    }

    /// Writes `NAME.js` and an optimised `NAME_bg.wasm` into an empty `folder`.
    pub(crate) fn bind(
        &self,
        module: &Path,
        folder: &Path,
        tools: &NpmTools,
        log: &Path,
    ) -> Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let mut bindgen = Bindgen::new();
        bindgen.input_path(module);
        bindgen.web(true)?.typescript(false).out_name(self.name);
        if self.recovery == Recovery::Reset {
            bindgen.reset_state_function(true);
        }
        bindgen
            .generate(folder)
            .with_context(|| format!("wasm-bindgen on {}", module.display()))?;
        let bound = folder.join(format!("{}_bg.wasm", self.name));
        if self.names == Names::Short {
            tidy(&bound, &folder.join(format!("{}.js", self.name)))?;
        }
        let optimised = folder.join("optimised.wasm");
        let mut wasm_opt = tools.wasm_opt();
        wasm_opt.args(self.optimise).args(FEATURES).args([
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ]);
        run_logged(wasm_opt.arg(&bound).arg("-o").arg(&optimised), log)?;
        Ok(fs::rename(&optimised, &bound)?)
    }
}

/// Runs esbuild with the options that all our scripts share.
pub(crate) fn esbuild(
    tools: &NpmTools,
    entry: &Path,
    outfile: &Path,
    extra: &[String],
    log: &Path,
) -> Result<()> {
    let mut command: Command = tools.esbuild();
    command.arg(entry).args([
        "--bundle",
        "--minify",
        "--legal-comments=none",
        "--charset=utf8",
    ]);
    command
        .arg(format!("--outfile={}", outfile.display()))
        .args(extra);
    run_logged(&mut command, log)
}
