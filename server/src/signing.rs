//! The signing keys: made at first start, kept in a file that only the owner may read.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emban_contract::EnvironmentName;

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
    /// No random bytes for a new key.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// The secret half of an environment's key; made when there is none.
pub fn load_or_create(
    data_dir: &Path,
    environment: &EnvironmentName,
) -> Result<[u8; 32], SigningError> {
    let dir = data_dir.join("signing");
    let path = dir.join(format!("{environment}.key"));
    let at = |source| SigningError::File {
        path: path.clone(),
        source,
    };
    match fs::read_to_string(&path) {
        Ok(text) => {
            let bytes = URL_SAFE_NO_PAD
                .decode(text.trim())
                .ok()
                .and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or(SigningError::Unreadable { path })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(&dir).map_err(at)?;
            let seed = random_seed()?;
            write_private(&path, &URL_SAFE_NO_PAD.encode(seed)).map_err(at)?;
            Ok(seed)
        }
        Err(error) => Err(at(error)),
    }
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

    #[test]
    fn a_key_survives_a_restart_and_belongs_to_its_environment() {
        let dir = tempfile::tempdir().unwrap();
        let load = |name: &str| load_or_create(dir.path(), &name.parse().unwrap()).unwrap();
        let first = load("production");
        assert_eq!(load("production"), first);
        assert_ne!(load("development"), first);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_a_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        load_or_create(dir.path(), &"production".parse().unwrap()).unwrap();
        let mode = fs::metadata(dir.path().join("signing/production.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_an_error_not_a_new_key() {
        let dir = tempfile::tempdir().unwrap();
        load_or_create(dir.path(), &"production".parse().unwrap()).unwrap();
        fs::write(dir.path().join("signing/production.key"), "garbage").unwrap();
        assert!(load_or_create(dir.path(), &"production".parse().unwrap()).is_err());
    }
}
