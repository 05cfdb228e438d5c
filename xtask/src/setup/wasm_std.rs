//! Debian's compiler with a wasm32 standard library that is built from its sources.
//!
//! Debian has no package of that library, so it is built once into a private sysroot; nothing is
//! written under `/usr`. Debian's cargo and rustc are called by their paths, since the names on
//! `PATH` may be rustup's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::cache;
use crate::command::{output, run_logged};
use crate::config::Settings;
use crate::progress::{Outcome, step};
use crate::setup::apt;
use crate::setup::wasm::{TARGET, WasmToolchain};

const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const RUSTDOC: &str = "/usr/bin/rustdoc";
const CLIPPY: &str = "/usr/bin/cargo-clippy";
const LINKER: &str = "/usr/bin/wasm-ld-22";
/// Needed only by `cargo xtask test`; small, so they come together.
const PACKAGES: &[&str] = &[
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-clippy",
    "lld-22",
];
/// What rustup's cargo tells its children; it would lead Debian's programs back to rustup's.
const FOREIGN: &[&str] = &[
    "RUSTUP_TOOLCHAIN",
    "LD_LIBRARY_PATH",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
];

const STUB_MANIFEST: &str = r#"[package]
name = "stub"
version = "0.0.0"
edition = "2024"
[lib]
crate-type = ["lib"]
[profile.release]
lto = true
panic = "abort"
codegen-units = 1
[workspace]
"#;

pub(crate) fn with_debian(settings: &Settings) -> Result<WasmToolchain> {
    step("Debian's Rust compiler and linker", || {
        let missing = [CARGO, RUSTC, CLIPPY, LINKER]
            .iter()
            .any(|program| !Path::new(program).is_file());
        if !missing && std_source().is_ok() {
            return Ok(((), Outcome::Cached));
        }
        apt::install(
            settings,
            PACKAGES,
            "wasm32 programs need a compiler that has their standard library",
        )?;
        std_source()?;
        Ok(((), Outcome::Did("installed")))
    })?;
    let version = output(Command::new(RUSTC).arg("--version"))?;
    let sysroot = step("wasm32 standard library", || sysroot(settings, &version))?;
    let env = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let prefix = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN";
    Ok(WasmToolchain {
        cargo: PathBuf::from(CARGO),
        clippy: Path::new(CLIPPY).is_file().then(|| PathBuf::from(CLIPPY)),
        envs: vec![
            env("CARGO", CARGO),
            env("RUSTC", RUSTC),
            env("RUSTDOC", RUSTDOC),
            env(&format!("{prefix}_LINKER"), LINKER),
            env(
                &format!("{prefix}_RUSTFLAGS"),
                &format!("--sysroot {}", sysroot.display()),
            ),
        ],
        removed: FOREIGN.to_vec(),
    })
}

/// Whether a folder of libraries holds `core`.
pub(crate) fn has_core(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libcore-") && name.ends_with(".rlib")
    })
}

fn sysroot(settings: &Settings, version: &str) -> Result<(PathBuf, Outcome)> {
    let folder = format!(
        "wasm-std-{}",
        cache::fingerprint(&[version.as_bytes(), STUB_MANIFEST.as_bytes()])
    );
    let log = settings.cache_dir.join("logs/wasm-std.log");
    let (folder, outcome) =
        cache::folder(&settings.cache_dir, &folder, &["version"], |unfinished| {
            let stub = unfinished.join("build");
            fs::create_dir_all(stub.join("src"))?;
            fs::write(stub.join("Cargo.toml"), STUB_MANIFEST)?;
            fs::write(stub.join("src/lib.rs"), "#![no_std]\n")?;
            build_std(&stub, &log)?;
            let libraries = unfinished.join("lib/rustlib").join(TARGET).join("lib");
            copy_libraries(
                &stub.join("target").join(TARGET).join("release/deps"),
                &libraries,
            )?;
            fs::remove_dir_all(&stub)?;
            fs::write(unfinished.join("version"), version)?;
            Ok(())
        })?;
    Ok((
        folder,
        if outcome == Outcome::Cached {
            outcome
        } else {
            Outcome::Did("built")
        },
    ))
}

fn build_std(stub: &Path, log: &Path) -> Result<()> {
    let mut cargo = Command::new(CARGO);
    for name in FOREIGN {
        cargo.env_remove(name);
    }
    cargo
        .args([
            "build",
            "--release",
            "--target",
            TARGET,
            "-Z",
            "build-std=std,panic_abort",
        ])
        .env("CARGO", CARGO)
        .env("RUSTC", RUSTC)
        // `-Z build-std` is not stable; Debian's library and compiler are of one version, which is what it asks for.
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode a program with `lto = true` cannot link against the library.
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "-Cembed-bitcode=yes",
        )
        .env("CARGO_TARGET_DIR", stub.join("target"))
        .current_dir(stub);
    run_logged(&mut cargo, log)
}

fn copy_libraries(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        let kept = path
            .extension()
            .is_some_and(|kind| kind == "rlib" || kind == "rmeta");
        if kept && !name.to_string_lossy().starts_with("libstub") {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

fn std_source() -> Result<PathBuf> {
    let sysroot = output(
        Command::new(RUSTC)
            .args(["--print", "sysroot"])
            .env_remove("RUSTUP_TOOLCHAIN"),
    )?;
    let source = Path::new(&sysroot).join("lib/rustlib/src/rust/library/std/Cargo.toml");
    fs::metadata(&source).with_context(|| format!("{} is missing", source.display()))?;
    Ok(source)
}
