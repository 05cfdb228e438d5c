//! Folders of tools, each made whole or not at all.
//!
//! A folder is made under a temporary name and renamed when it is complete, so an interrupted
//! set-up leaves nothing that a later one would take for a tool. Its marker lists the files that
//! matter with their sizes; a folder that lost one of them is made again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::progress::Outcome;

const MARKER: &str = ".emban-ready.json";
/// Free bytes without which nothing large is begun: the engine is 0.6 GB, a build's target directory 2 GB.
const NEEDED_BYTES: u64 = 3_000_000_000;

/// One file that proves a folder whole.
#[derive(Debug, Serialize, Deserialize)]
struct Proof {
    path: PathBuf,
    bytes: u64,
}

/// Returns `root/name`, making it with `make` when it is missing or damaged.
///
/// `make` fills the folder that it is given; `proofs` are the files, relative to it, that must exist.
pub(crate) fn folder(
    root: &Path,
    name: &str,
    proofs: &[&str],
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<(PathBuf, Outcome)> {
    fs::create_dir_all(root)
        .with_context(|| format!("the cache folder {} cannot be made", root.display()))?;
    let lock = File::create(root.join(format!(".{name}.lock")))
        .with_context(|| format!("the cache folder {} cannot be written to", root.display()))?;
    // Two tasks at once: the second waits here, then finds the folder ready.
    lock.lock()?;
    let folder = root.join(name);
    if is_whole(&folder, proofs) {
        return Ok((folder, Outcome::Cached));
    }
    ensure_free_space(root)?;
    let unfinished = root.join(format!(".{name}.unfinished"));
    remove_if_there(&unfinished)?;
    fs::create_dir_all(&unfinished)?;
    make(&unfinished)?;
    write_marker(&unfinished, proofs)?;
    remove_if_there(&folder)?;
    fs::rename(&unfinished, &folder)?;
    Ok((folder, Outcome::Did("installed")))
}

/// Fails with a clear sentence when the disk that holds `path` is nearly full.
pub(crate) fn ensure_free_space(path: &Path) -> Result<()> {
    let stat =
        rustix::fs::statvfs(path).with_context(|| format!("free space of {}", path.display()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free < NEEDED_BYTES {
        bail!(
            "only {:.1} GB are free at {}; Emban's tools and builds need {:.0} GB",
            gigabytes(free),
            path.display(),
            gigabytes(NEEDED_BYTES)
        );
    }
    Ok(())
}

/// The first 12 hexadecimal digits of the SHA-256 of all parts, as a folder's version.
pub(crate) fn fingerprint(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn is_whole(folder: &Path, proofs: &[&str]) -> bool {
    let Ok(text) = fs::read(folder.join(MARKER)) else {
        return false;
    };
    let Ok(recorded) = serde_json::from_slice::<Vec<Proof>>(&text) else {
        return false;
    };
    proofs
        .iter()
        .all(|wanted| recorded.iter().any(|proof| proof.path == Path::new(wanted)))
        && recorded.iter().all(|proof| {
            fs::metadata(folder.join(&proof.path)).is_ok_and(|found| found.len() == proof.bytes)
        })
}

fn write_marker(folder: &Path, proofs: &[&str]) -> Result<()> {
    let mut recorded = Vec::new();
    for proof in proofs {
        let found = fs::metadata(folder.join(proof))
            .with_context(|| format!("{proof} is missing after its installation"))?;
        recorded.push(Proof {
            path: PathBuf::from(proof),
            bytes: found.len(),
        });
    }
    fs::write(folder.join(MARKER), serde_json::to_vec_pretty(&recorded)?)?;
    Ok(())
}

fn remove_if_there(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make_tool(folder: &Path) -> Result<()> {
        Ok(fs::write(folder.join("tool"), "content")?)
    }

    #[test]
    fn a_made_folder_is_not_made_again() {
        let root = tempfile::tempdir().unwrap();
        let (first, outcome) = folder(root.path(), "t", &["tool"], make_tool).unwrap();
        assert_eq!(outcome, Outcome::Did("installed"));
        let again = folder(root.path(), "t", &["tool"], |_| bail!("must not run")).unwrap();
        assert_eq!(again, (first, Outcome::Cached));
    }

    #[test]
    fn an_interrupted_making_leaves_no_folder_and_is_repaired() {
        let root = tempfile::tempdir().unwrap();
        let interrupted = folder(root.path(), "t", &["tool"], |unfinished| {
            fs::write(unfinished.join("half"), "x")?;
            bail!("interrupted")
        });
        assert!(interrupted.is_err());
        assert!(!root.path().join("t").exists());
        let (whole, _) = folder(root.path(), "t", &["tool"], make_tool).unwrap();
        assert!(whole.join("tool").exists());
        assert!(!whole.join("half").exists());
    }

    #[test]
    fn a_damaged_folder_is_made_again() {
        let root = tempfile::tempdir().unwrap();
        let (whole, _) = folder(root.path(), "t", &["tool"], make_tool).unwrap();
        fs::write(whole.join("tool"), "cut").unwrap();
        let (_, outcome) = folder(root.path(), "t", &["tool"], make_tool).unwrap();
        assert_eq!(outcome, Outcome::Did("installed"));
        assert_eq!(fs::read_to_string(whole.join("tool")).unwrap(), "content");
    }

    #[test]
    fn a_making_without_its_proof_fails() {
        let root = tempfile::tempdir().unwrap();
        let error = folder(root.path(), "t", &["tool"], |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("tool is missing"), "{error:#}");
    }

    #[test]
    fn a_full_disk_is_named() {
        // A file system of the kernel's own, which has no free bytes.
        let error = ensure_free_space(Path::new("/sys")).unwrap_err();
        assert!(
            error.to_string().contains("0.0 GB are free at /sys"),
            "{error}"
        );
        ensure_free_space(Path::new("/")).unwrap();
    }

    #[test]
    fn fingerprints_tell_parts_apart() {
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
    }
}
