//! Segment files of the log: their names, creation, and the writes that may fail half-way.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The end of a segment's name; it changes when the layout of frames or events does.
const SUFFIX: &str = ".v1.log";

/// What tells segments apart: the first position that may lie in it, and the salt of its checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SegmentId {
    /// Every event of the segment has this position or a later one.
    pub(crate) first: u64,
    /// Random; see [`crate::frame`].
    pub(crate) salt: u64,
}

impl SegmentId {
    /// A segment that has not been yet, starting at `first`.
    pub(crate) fn fresh(first: u64) -> io::Result<Self> {
        Ok(Self {
            first,
            salt: getrandom::u64().map_err(io::Error::other)?,
        })
    }

    /// The file's name. Names sort as positions do.
    pub(crate) fn file_name(self) -> String {
        format!("{:020}-{:016x}{SUFFIX}", self.first, self.salt)
    }

    fn parse(name: &str) -> Option<Self> {
        let (first, salt) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        Some(Self {
            first: first.parse().ok()?,
            salt: u64::from_str_radix(salt, 16).ok()?,
        })
    }
}

/// What lies in the log's directory.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Segments in the order of their positions.
    pub(crate) segments: Vec<SegmentId>,
    /// Logs whose version this program does not know.
    pub(crate) unknown: Vec<PathBuf>,
}

/// Lists the log's directory. Files that are no logs are left alone.
pub(crate) fn list(dir: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        match SegmentId::parse(name) {
            Some(id) => listing.segments.push(id),
            None if name.ends_with(".log") => listing.unknown.push(path),
            None => {}
        }
    }
    listing.segments.sort_unstable();
    Ok(listing)
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// The segment that is written to.
#[derive(Debug)]
pub(crate) struct ActiveSegment {
    pub(crate) id: SegmentId,
    file: File,
    /// Bytes that are known to be on disk.
    pub(crate) len: u64,
}

/// Why frames did not reach the disk, and whether the segment can go on.
#[derive(Debug)]
pub(crate) struct WriteFailure {
    pub(crate) source: io::Error,
    /// The file ends where it ended before, and what it holds is sound.
    pub(crate) usable: bool,
}

impl ActiveSegment {
    /// Creates a segment and makes its name durable.
    pub(crate) fn create(dir: &Path, first: u64) -> io::Result<Self> {
        let id = SegmentId::fresh(first)?;
        let path = dir.join(id.file_name());
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        if let Err(error) = sync_dir(dir) {
            // An empty segment that stays behind is removed at the next start.
            drop(std::fs::remove_file(&path));
            return Err(error);
        }
        Ok(Self { id, file, len: 0 })
    }

    /// Writes `bytes` at the end and returns when they are on disk.
    ///
    /// Errors: a failed write is cut off again, and the segment stays usable if that works. After a failed fsync
    /// it never is: the kernel may have dropped the pages and would report success for the next one.
    pub(crate) fn append(
        &mut self,
        bytes: &[u8],
        sync: impl FnOnce(&File) -> io::Result<()>,
    ) -> Result<(), WriteFailure> {
        if let Err(source) = self.file.write_all_at(bytes, self.len) {
            let usable = self.file.set_len(self.len).is_ok();
            return Err(WriteFailure { source, usable });
        }
        if let Err(source) = sync(&self.file) {
            // Best effort: frames that come back at the next start were answered with an error, which promises nothing.
            drop(self.file.set_len(self.len));
            return Err(WriteFailure {
                source,
                usable: false,
            });
        }
        self.len += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_sort_by_position() {
        let ids = [
            SegmentId { first: 9, salt: 1 },
            SegmentId {
                first: 10,
                salt: u64::MAX,
            },
            SegmentId {
                first: u64::MAX,
                salt: 0,
            },
        ];
        let names = ids.map(SegmentId::file_name);
        assert_eq!(
            ids.map(Some),
            names.clone().map(|name| SegmentId::parse(&name))
        );
        assert!(names.is_sorted());
    }

    #[test]
    fn logs_of_another_version_are_told_apart_from_other_files() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "00000000000000000000-00.v2.log",
            "notes.txt",
            &SegmentId { first: 3, salt: 4 }.file_name(),
        ] {
            std::fs::write(dir.path().join(name), b"").unwrap();
        }
        let listing = list(dir.path()).unwrap();
        assert_eq!(listing.segments, [SegmentId { first: 3, salt: 4 }]);
        assert_eq!(listing.unknown.len(), 1);
    }

    #[test]
    fn a_failed_fsync_leaves_no_bytes_and_makes_the_segment_unusable() {
        let dir = tempfile::tempdir().unwrap();
        let mut segment = ActiveSegment::create(dir.path(), 0).unwrap();
        segment.append(b"kept", File::sync_data).unwrap();
        let failure = segment
            .append(b"lost", |_| Err(io::Error::other("disk")))
            .unwrap_err();
        assert!(!failure.usable);
        assert_eq!(
            std::fs::read(dir.path().join(segment.id.file_name())).unwrap(),
            b"kept"
        );
    }
}
