//! The server of the control plane's tests on PostgreSQL.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::config::Settings;
use crate::progress::{Outcome, step};
use crate::setup::apt;

/// Where Debian keeps the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

pub(crate) fn find_or_install(settings: &Settings) -> Result<()> {
    step("PostgreSQL", || {
        if is_there() {
            return Ok(((), Outcome::Cached));
        }
        let reason = "the control plane's tests need a PostgreSQL of their own";
        apt::install(settings, &["postgresql"], reason)?;
        if is_there() {
            Ok(((), Outcome::Did("installed")))
        } else {
            bail!("PostgreSQL is not in {VERSIONS}, where its package puts it");
        }
    })
}

fn is_there() -> bool {
    let versions = std::fs::read_dir(Path::new(VERSIONS));
    let mut bins = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| -> PathBuf { version.path().join("bin/initdb") });
    bins.any(|initdb| initdb.is_file())
}
