//! Static files: named by their content, compressed ahead of time, listed in a manifest.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use brotli::enc::BrotliEncoderParams;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha384};

/// Name of the list of assets within their folder.
pub(crate) const MANIFEST: &str = "manifest.json";
/// Hexadecimal digits of a file's SHA-256 in its name.
const NAME_DIGITS: usize = 16;
const BROTLI_QUALITY: i32 = 11;
/// Blocks of 64 KiB have codes of their own sooner than the encoder's choice of larger ones: 319 bytes of the runtime.
const BROTLI_BLOCK_BITS: i32 = 16;
/// How distances are written: bits of a postfix, and codes of their own for short ones. What is shortest changes with every
/// build, by up to 700 bytes of the runtime.
const BROTLI_DISTANCES: [(u32, u32); 4] = [(0, 0), (0, 1), (0, 4), (1, 16)];

/// `manifest.json`: which file is which, for the origin that serves them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// JavaScript of the runtime; its default export takes the URL of `runtime_wasm`.
    pub(crate) runtime_js: String,
    /// The runtime itself.
    pub(crate) runtime_wasm: String,
    /// The loader that host pages name; `null` while the repository has none.
    pub(crate) embed_js: Option<String>,
    /// The part of the style sheet that a document holds.
    pub(crate) first_css: String,
    /// The style sheet.
    pub(crate) css: String,
    /// Subresource integrity of each file: `sha384-` and base64.
    pub(crate) integrity: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads the manifest of a folder of assets.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST);
        let text = fs::read(&path).with_context(|| path.display().to_string())?;
        serde_json::from_slice(&text).with_context(|| path.display().to_string())
    }

    /// All files that the manifest names.
    pub(crate) fn files(&self, folder: &Path) -> Vec<PathBuf> {
        let plain = self.integrity.keys().map(|name| folder.join(name));
        plain
            .flat_map(|file| [with_suffix(&file, "br"), with_suffix(&file, "gz"), file])
            .collect()
    }
}

/// Writes assets into a folder and remembers their integrity.
#[derive(Debug)]
pub(crate) struct AssetWriter<'f> {
    folder: &'f Path,
    integrity: BTreeMap<String, String>,
}

impl<'f> AssetWriter<'f> {
    /// Starts with an empty list.
    pub(crate) fn new(folder: &'f Path) -> Self {
        Self {
            folder,
            integrity: BTreeMap::new(),
        }
    }

    /// Writes `STEM-HASH.EXTENSION` (`STEM-HASH_bg.wasm` for wasm) and returns that name.
    pub(crate) fn hashed(&mut self, stem: &str, ending: &str, bytes: &[u8]) -> Result<String> {
        let digest: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let short = digest.get(..NAME_DIGITS).unwrap_or(&digest);
        self.named(&format!("{stem}-{short}{ending}"), bytes)
    }

    /// Writes a file under a name that does not change with its content.
    pub(crate) fn named(&mut self, name: &str, bytes: &[u8]) -> Result<String> {
        let path = self.folder.join(name);
        fs::write(&path, bytes)?;
        fs::write(with_suffix(&path, "br"), brotli(bytes)?)?;
        fs::write(with_suffix(&path, "gz"), gzip(bytes)?)?;
        let integrity = format!("sha384-{}", BASE64.encode(Sha384::digest(bytes)));
        self.integrity.insert(name.to_owned(), integrity);
        Ok(name.to_owned())
    }

    /// The integrity of all files written so far.
    pub(crate) fn integrity(&self) -> BTreeMap<String, String> {
        self.integrity.clone()
    }
}

/// Brotli at its highest quality, as the assets are compressed once and served often: the shortest of some ways to write it.
pub(crate) fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut shortest: Option<Vec<u8>> = None;
    for distances in BROTLI_DISTANCES {
        let found = brotli_with(bytes, distances)?;
        if shortest
            .as_ref()
            .is_none_or(|best| found.len() < best.len())
        {
            shortest = Some(found);
        }
    }
    shortest.context("there is a way to compress")
}

fn brotli_with(bytes: &[u8], (postfix_bits, direct_codes): (u32, u32)) -> Result<Vec<u8>> {
    let mut how = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgblock: BROTLI_BLOCK_BITS,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    how.dist.distance_postfix_bits = postfix_bits;
    how.dist.num_direct_distance_codes = direct_codes;
    let mut writer = brotli::CompressorWriter::with_params(Vec::new(), 1 << 16, &how);
    writer.write_all(bytes)?;
    Ok(writer.into_inner())
}

/// Gzip at its highest level.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn an_asset_is_named_by_its_content_and_comes_in_three_encodings() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = AssetWriter::new(folder.path());
        let name = writer
            .hashed("runtime", ".js", b"export default 1;")
            .unwrap();
        let other = writer
            .hashed("runtime", ".js", b"export default 2;")
            .unwrap();
        assert_ne!(name, other);
        assert!(
            name.starts_with("runtime-") && name.ends_with(".js"),
            "{name}"
        );
        let mut plain = String::new();
        let file = fs::File::open(folder.path().join(format!("{name}.gz"))).unwrap();
        flate2::read::GzDecoder::new(file)
            .read_to_string(&mut plain)
            .unwrap();
        assert_eq!(plain, "export default 1;");
        let mut plain = String::new();
        let file = fs::File::open(folder.path().join(format!("{name}.br"))).unwrap();
        brotli::Decompressor::new(file, 4096)
            .read_to_string(&mut plain)
            .unwrap();
        assert_eq!(plain, "export default 1;");
    }

    #[test]
    fn integrity_is_what_a_browser_computes() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = AssetWriter::new(folder.path());
        writer.named("empty.js", b"").unwrap();
        // SHA-384 of nothing, FIPS 180-4, in base64.
        let expected = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb";
        assert_eq!(
            writer.integrity().get("empty.js").map(String::as_str),
            Some(expected)
        );
    }
}
