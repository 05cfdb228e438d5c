//! Remembers from which inputs a folder of outputs was made.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::cache::fingerprint;

/// A digest of a step's inputs, kept beside its intermediate files.
#[derive(Debug)]
pub(crate) struct Stamp {
    file: PathBuf,
    digest: String,
}

impl Stamp {
    /// `inputs` are the bytes on which the step's result depends, tool versions among them.
    pub(crate) fn new(folder: &Path, inputs: &[&[u8]]) -> Self {
        Self {
            file: folder.join("stamp"),
            digest: fingerprint(inputs),
        }
    }

    /// Whether the last complete run had the same inputs and its outputs still exist.
    pub(crate) fn is_current(&self, outputs: &[PathBuf]) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|found| found == self.digest)
            && outputs.iter().all(|output| output.exists())
    }

    /// Forgets the last run, so that an interrupted one does not pass for complete.
    pub(crate) fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Records that the outputs are complete.
    pub(crate) fn write(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(&self.file, &self.digest)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_for_the_same_inputs_and_existing_outputs_only() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out");
        let stamp = Stamp::new(folder.path(), &[b"a"]);
        fs::write(&output, "").unwrap();
        assert!(!stamp.is_current(std::slice::from_ref(&output)));
        stamp.write().unwrap();
        assert!(stamp.is_current(std::slice::from_ref(&output)));
        assert!(!Stamp::new(folder.path(), &[b"b"]).is_current(std::slice::from_ref(&output)));
        assert!(!stamp.is_current(&[folder.path().join("missing")]));
        stamp.clear().unwrap();
        assert!(!stamp.is_current(&[output]));
    }
}
