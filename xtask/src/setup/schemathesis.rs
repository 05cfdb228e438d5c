//! Schemathesis, which makes requests out of an OpenAPI document; from PyPI, pinned by `xtask/python/requirements.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache::{self, fingerprint};
use crate::command::{output, run_logged};
use crate::config::Settings;
use crate::progress::{Outcome, step};
use crate::setup::apt;

const REQUIREMENTS: &str = include_str!("../../python/requirements.txt");
const HOOKS: &str = include_str!("../../python/hooks.py");
/// The oldest Python that it runs on.
const PYTHON: (u32, u32) = (3, 11);
const PROOFS: &[&str] = &[
    "site/schemathesis/cli/__init__.py",
    "site/hypothesis/__init__.py",
];

/// An installed Schemathesis.
#[derive(Debug, Clone)]
pub(crate) struct Schemathesis {
    python: PathBuf,
    site: PathBuf,
}

impl Schemathesis {
    /// Its program, with its arguments still to come.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.python);
        command
            .args(["-m", "schemathesis.cli"])
            .env("PYTHONPATH", &self.site)
            .env("SCHEMATHESIS_HOOKS", "emban_hooks")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_COLOR", "1");
        command
    }
}

pub(crate) fn find_or_install(settings: &Settings) -> Result<Schemathesis> {
    step("Schemathesis", || {
        let (python, outcome) = python(settings)?;
        let version = output(Command::new(&python).arg("--version"))?;
        let name = format!(
            "schemathesis-{}",
            fingerprint(&[REQUIREMENTS, HOOKS, &version].map(str::as_bytes))
        );
        let install = |unfinished: &Path| install(settings, &python, unfinished);
        let (folder, installed) = cache::folder(&settings.cache_dir, &name, PROOFS, install)?;
        let site = folder.join("site");
        let did = match outcome {
            Outcome::Cached => installed,
            did @ Outcome::Did(_) => did,
        };
        Ok((Schemathesis { python, site }, did))
    })
}

/// Into a folder instead of a virtual environment, whose programs would name the folder's unfinished place.
fn install(settings: &Settings, python: &Path, unfinished: &Path) -> Result<()> {
    let requirements = unfinished.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS)?;
    // Wheels only: no package may run a program of its own. Each is checked against its SHA-256.
    let mut pip = Command::new(python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
    ])
    .args(["--only-binary=:all:", "--disable-pip-version-check"])
    .arg("--target")
    .arg(unfinished.join("site"))
    .arg("--requirement")
    .arg(&requirements);
    run_logged(&mut pip, &settings.cache_dir.join("logs/schemathesis.log"))?;
    Ok(fs::write(unfinished.join("site/emban_hooks.py"), HOOKS)?)
}

/// A Python that is new enough and has pip.
fn python(settings: &Settings) -> Result<(PathBuf, Outcome)> {
    if let Some(python) = usable(settings) {
        return Ok((python, Outcome::Cached));
    }
    let reason = "the tests of the API need Python and pip";
    apt::install(settings, &["python3", "python3-pip"], reason)?;
    let Some(python) = usable(settings) else {
        bail!(
            "Python {}.{} or newer with pip is needed and was not found",
            PYTHON.0,
            PYTHON.1
        );
    };
    Ok((python, Outcome::Did("installed")))
}

fn usable(settings: &Settings) -> Option<PathBuf> {
    let python = settings.find_program("python3")?;
    let version = output(Command::new(&python).arg("--version")).ok()?;
    let new_enough = version_of(&version).is_ok_and(|version| version >= PYTHON);
    let mut pip = Command::new(&python);
    let has_pip = output(pip.args(["-m", "pip", "--version"])).is_ok();
    (new_enough && has_pip).then_some(python)
}

fn version_of(text: &str) -> Result<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches("Python ").split('.');
    let mut part = || parts.next()?.parse::<u32>().ok();
    part()
        .zip(part())
        .with_context(|| format!("python3 --version answered {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(version_of("Python 3.11.7\n").ok(), Some((3, 11)));
        assert_eq!(version_of("Python 3.13.0rc1").ok(), Some((3, 13)));
        assert!(version_of("three").is_err());
    }

    #[test]
    fn every_package_is_pinned_with_its_content() {
        let mut packages: Vec<String> = Vec::new();
        for line in REQUIREMENTS
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
        {
            match packages.last_mut() {
                Some(package) if line.starts_with(' ') => package.push_str(line),
                _ => packages.push(line.to_owned()),
            }
        }
        assert!(packages.len() > 20);
        for package in packages {
            assert!(
                package.contains("==") && package.contains("--hash=sha256:"),
                "{package}"
            );
        }
    }
}
