//! What browsers fetch: the runtime, its styles, the loader. Read once, served from memory, compressed ahead of time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde::Deserialize;
use sha2::{Digest as _, Sha256, Sha384};

use crate::stylesheet::Stylesheet;

/// The files by name, and which of them is which.
pub struct Assets {
    files: HashMap<String, Asset>,
    /// Names of the runtime's parts.
    pub manifest: Manifest,
    /// What documents may need for their first paint.
    pub(crate) first_css: Stylesheet,
}

/// One file in up to three encodings.
#[derive(Debug, Default)]
pub struct Asset {
    /// As it is.
    pub identity: Bytes,
    /// Brotli.
    pub br: Option<Bytes>,
    /// Gzip.
    pub gz: Option<Bytes>,
    /// Names the content, weakly: it is the same in each encoding (RFC 9110 section 8.8.1).
    pub etag: String,
    /// The same for browsers, which compare what they got with it (Subresource Integrity).
    pub integrity: String,
}

/// `manifest.json` of the assets directory.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    /// JavaScript half of the runtime.
    pub runtime_js: String,
    /// WebAssembly half of the runtime.
    pub runtime_wasm: String,
    /// The styles that documents may need for their first paint.
    pub first_css: String,
    /// All styles.
    pub css: String,
}

/// Why the assets cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// A file cannot be read.
    #[error("{} cannot be read (`cargo xtask build runtime` makes it)", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The manifest is not what this version expects.
    #[error("manifest.json is not what this version expects")]
    Manifest(#[from] serde_json::Error),
}

impl Assets {
    /// Reads a directory made by `cargo xtask build runtime`.
    pub fn load(dir: &Path) -> Result<Self, AssetsError> {
        let manifest: Manifest = serde_json::from_slice(&read(&dir.join("manifest.json"))?)?;
        let mut files: HashMap<String, Asset> = HashMap::new();
        let entries = std::fs::read_dir(dir).map_err(|source| AssetsError::File {
            path: dir.to_owned(),
            source,
        })?;
        for entry in entries {
            let path = entry
                .map_err(|source| AssetsError::File {
                    path: dir.to_owned(),
                    source,
                })?
                .path();
            let Some(name) = path
                .file_name()
                .and_then(|name| name.to_str())
                .map(str::to_owned)
            else {
                continue;
            };
            if name == "manifest.json" || !path.is_file() {
                continue;
            }
            let bytes = read(&path)?;
            if let Some(plain) = name.strip_suffix(".br") {
                files.entry(plain.to_owned()).or_default().br = Some(bytes);
            } else if let Some(plain) = name.strip_suffix(".gz") {
                files.entry(plain.to_owned()).or_default().gz = Some(bytes);
            } else {
                let asset = files.entry(name).or_default();
                asset.etag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&bytes)));
                asset.integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(&bytes)));
                asset.identity = bytes;
            }
        }
        let first_css = files
            .get(&manifest.first_css)
            .and_then(|asset| std::str::from_utf8(&asset.identity).ok())
            .map(Stylesheet::read)
            .unwrap_or_default();
        Ok(Self {
            files,
            manifest,
            first_css,
        })
    }

    /// A file by name.
    pub fn get(&self, name: &str) -> Option<&Asset> {
        self.files.get(name)
    }
}

fn read(path: &Path) -> Result<Bytes, AssetsError> {
    std::fs::read(path)
        .map(Bytes::from)
        .map_err(|source| AssetsError::File {
            path: path.to_owned(),
            source,
        })
}
