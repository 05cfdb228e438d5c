//! The folder of everything that an origin keeps: its owner's only.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Makes the folder, and those above it, where they are lacking. One that is there keeps its mode.
///
/// Whoever can look into it reads every tenant's events: no other user of the machine may.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}
