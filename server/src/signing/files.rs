//! The files that hold the keys.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emban_contract::{EnvironmentName, UnixMillis};

use super::ring::Key;
use crate::ids::{RandomError, random_seed};

/// Why a signing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The file cannot be read or written.
    #[error("signing key {}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("signing key {} does not hold 32 bytes in base64url", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
    },
    /// Others than the owner may read the file.
    #[error("signing key {}: others than its owner may read it (mode {mode:o}); chmod 600", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// No random bytes for a new key.
    #[error(transparent)]
    Random(#[from] RandomError),
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> SigningError {
    move |source| SigningError::File {
        path: path.to_owned(),
        source,
    }
}

fn dir(data_dir: &Path) -> PathBuf {
    data_dir.join("signing")
}

fn first(data_dir: &Path, environment: &EnvironmentName) -> PathBuf {
    dir(data_dir).join(format!("{environment}.key"))
}

/// Makes the first key of an environment that has none.
pub(super) fn ensure(data_dir: &Path, environment: &EnvironmentName) -> Result<(), SigningError> {
    if paths(data_dir, environment)?.is_empty() {
        write_new(&first(data_dir, environment))?;
    }
    Ok(())
}

/// Writes a further key; it is published by every origin that reads this directory, and signs a little later.
///
/// Returns its file.
pub fn rotate(
    data_dir: &Path,
    environment: &EnvironmentName,
    now: UnixMillis,
) -> Result<PathBuf, SigningError> {
    let path = dir(data_dir).join(format!("{environment}.{}.key", now.0));
    write_new(&path)?;
    Ok(path)
}

/// Replaces every key of an environment by one that signs at once: all of its sessions end. For a key that leaked.
///
/// Returns the file of the new key.
pub fn replace(data_dir: &Path, environment: &EnvironmentName) -> Result<PathBuf, SigningError> {
    let path = first(data_dir, environment);
    write_new(&path)?;
    for (_, old) in paths(data_dir, environment)? {
        if old != path {
            fs::remove_file(&old).map_err(at(&old))?;
        }
    }
    Ok(path)
}

/// Checks that only the owner may read the keys.
pub fn check_modes(data_dir: &Path, environments: &[EnvironmentName]) -> Result<(), SigningError> {
    for environment in environments {
        for (_, path) in paths(data_dir, environment)? {
            let mode = mode(&path).map_err(at(&path))? & 0o777;
            if mode & 0o077 != 0 {
                return Err(SigningError::Exposed { path, mode });
            }
        }
    }
    Ok(())
}

#[cfg(unix)]
fn mode(path: &Path) -> std::io::Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode())
}

#[cfg(not(unix))]
fn mode(path: &Path) -> std::io::Result<u32> {
    fs::metadata(path).map(|_| 0o600)
}

/// The keys of an environment, the oldest first.
pub(super) fn list(
    data_dir: &Path,
    environment: &EnvironmentName,
) -> Result<Vec<Key>, SigningError> {
    let mut keys = Vec::new();
    for (since, path) in paths(data_dir, environment)? {
        let seed = read(&path)?;
        keys.push(Key { since, seed });
    }
    keys.sort_by_key(|key| key.since);
    Ok(keys)
}

/// The files of an environment with the instants at which they were made; zero for the first.
fn paths(
    data_dir: &Path,
    environment: &EnvironmentName,
) -> Result<Vec<(UnixMillis, PathBuf)>, SigningError> {
    let dir = dir(data_dir);
    fs::create_dir_all(&dir).map_err(at(&dir))?;
    let mut found = Vec::new();
    for entry in fs::read_dir(&dir).map_err(at(&dir))? {
        let entry = entry.map_err(at(&dir))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(since) = made_at(&name, environment) {
            found.push((since, entry.path()));
        }
    }
    Ok(found)
}

/// The instant that a file's name tells, when it is one of this environment's keys.
fn made_at(name: &str, environment: &EnvironmentName) -> Option<UnixMillis> {
    let rest = name.strip_prefix(environment.as_str())?;
    match rest.strip_suffix(".key")? {
        "" => Some(UnixMillis(0)),
        since => since.strip_prefix('.')?.parse().ok().map(UnixMillis),
    }
}

fn read(path: &Path) -> Result<[u8; 32], SigningError> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    let bytes = URL_SAFE_NO_PAD
        .decode(text.trim())
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| SigningError::Unreadable {
        path: path.to_owned(),
    })
}

fn write_new(path: &Path) -> Result<(), SigningError> {
    let seed = random_seed()?;
    write_private(path, &URL_SAFE_NO_PAD.encode(seed)).map_err(at(path))
}

/// Writes a file of mode 600 whole or not at all: a key that is half written would lock every session out.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let temporary = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> EnvironmentName {
        name.parse().unwrap()
    }

    #[test]
    fn a_key_survives_a_restart_and_belongs_to_its_environment() {
        let dir = tempfile::tempdir().unwrap();
        let seeds = |name: &str| {
            ensure(dir.path(), &environment(name)).unwrap();
            let keys = list(dir.path(), &environment(name)).unwrap();
            keys.into_iter().map(|key| key.seed).collect::<Vec<_>>()
        };
        let first = seeds("production");
        assert_eq!(first.len(), 1);
        assert_eq!(seeds("production"), first);
        assert_ne!(seeds("development"), first);
        // An environment's name may begin another's.
        assert_ne!(seeds("prod"), first);
        assert_eq!(seeds("production"), first);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_a_key_and_another_mode_is_found() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let production = environment("production");
        ensure(dir.path(), &production).unwrap();
        let fresh = rotate(dir.path(), &production, UnixMillis(1)).unwrap();
        for (_, path) in paths(dir.path(), &production).unwrap() {
            assert_eq!(mode(&path).unwrap() & 0o777, 0o600);
        }
        let check = || check_modes(dir.path(), std::slice::from_ref(&production));
        assert!(check().is_ok());
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            check(),
            Err(SigningError::Exposed { mode: 0o640, .. })
        ));
    }

    #[test]
    fn a_damaged_key_is_an_error_not_a_new_key() {
        let dir = tempfile::tempdir().unwrap();
        ensure(dir.path(), &environment("production")).unwrap();
        fs::write(first(dir.path(), &environment("production")), "garbage").unwrap();
        ensure(dir.path(), &environment("production")).unwrap();
        assert!(list(dir.path(), &environment("production")).is_err());
    }
}
