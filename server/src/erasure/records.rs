//! What is known of each erasure, one file a tenant, so that it goes on after a kill at any moment.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use emban_contract::{TenantId, UnixMillis};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How far an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "ErasureStage")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Events that came before the order are on their way out of the spool; the flusher goes no further.
    Pending,
    /// The warehouse has been ordered to delete, and is at it.
    Deleting,
    /// Nothing is left.
    Done,
}

/// The last erasure of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) tenant_id: TenantId,
    pub(crate) stage: Stage,
    pub(crate) requested_at: UnixMillis,
    pub(crate) finished_at: Option<UnixMillis>,
    /// Of the spool: what lies before it is erased, what lies behind came after the order.
    pub(crate) position: u64,
}

/// The directory of the files.
#[derive(Debug)]
pub(crate) struct Records(PathBuf);

impl Records {
    /// Opens the directory, making it when it is missing.
    pub(crate) fn open(dir: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&dir)?;
        Ok(Self(dir))
    }

    /// Every record. Errors: one cannot be read; an order to erase must not be forgotten silently.
    pub(crate) fn all(&self) -> io::Result<Vec<Record>> {
        let mut records = Vec::new();
        for entry in std::fs::read_dir(&self.0)? {
            let path = entry?.path();
            if path.extension().is_some_and(|kind| kind == "json") {
                records.push(read(&path)?);
            }
        }
        Ok(records)
    }

    /// The last erasure of a tenant.
    pub(crate) fn find(&self, tenant: &TenantId) -> io::Result<Option<Record>> {
        match read(&self.path(tenant)) {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps a record. Returns when it is on disk, whole.
    pub(crate) fn keep(&self, record: &Record) -> io::Result<()> {
        let path = self.path(&record.tenant_id);
        let draft = path.with_extension("draft");
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec_pretty(record)?)?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)?;
        File::open(&self.0)?.sync_all()
    }

    /// A tenant's id may hold anything that a file name may not.
    fn path(&self, tenant: &TenantId) -> PathBuf {
        let digest = Sha256::digest(tenant.as_str());
        let name: String = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.0.join(name).with_extension("json")
    }
}

fn read(path: &Path) -> io::Result<Record> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_record_of_each_tenant_comes_back_and_an_unreadable_one_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let records = Records::open(dir.path().join("erasures")).unwrap();
        let record = |tenant: &str, stage| Record {
            tenant_id: TenantId::new(tenant).unwrap(),
            stage,
            requested_at: UnixMillis(1_774_000_000_000),
            finished_at: None,
            position: 7,
        };
        records.keep(&record("../a", Stage::Pending)).unwrap();
        records.keep(&record("b", Stage::Pending)).unwrap();
        records.keep(&record("../a", Stage::Done)).unwrap();
        let found = |tenant: &str| records.find(&TenantId::new(tenant).unwrap()).unwrap();
        assert_eq!(found("../a"), Some(record("../a", Stage::Done)));
        assert_eq!(found("c"), None);
        assert_eq!(records.all().unwrap().len(), 2);
        std::fs::write(dir.path().join("erasures/x.json"), "{").unwrap();
        assert!(records.all().is_err());
    }
}
