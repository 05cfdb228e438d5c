//! The browser of the browser tests.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::config::Settings;
use crate::progress::{Outcome, step};
use crate::setup::apt;

const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const USUAL_PLACES: &[&str] = &[
    "/usr/bin/chromium",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

pub(crate) fn find_or_install(settings: &Settings) -> Result<PathBuf> {
    step("Chromium", || {
        if let Some(found) = find(settings) {
            return Ok((found, Outcome::Cached));
        }
        apt::install(settings, &["chromium"], "the browser tests need Chromium")
            .context("no Chromium was found; set EMBAN_CHROMIUM to one")?;
        match find(settings) {
            Some(found) => Ok((found, Outcome::Did("installed"))),
            None => bail!("Chromium is not where its package puts it; set EMBAN_CHROMIUM"),
        }
    })
}

fn find(settings: &Settings) -> Option<PathBuf> {
    settings
        .chromium
        .clone()
        .or_else(|| NAMES.iter().find_map(|name| settings.find_program(name)))
        .or_else(|| {
            USUAL_PLACES
                .iter()
                .map(Path::new)
                .find(|place| place.is_file())
                .map(Path::to_path_buf)
        })
}
