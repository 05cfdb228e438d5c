//! A file as numbered events.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use csv::{ByteRecord, Reader, ReaderBuilder};
use emban_contract::limits;
use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Format;
use super::csv::{Columns, Mapping};
use crate::ids::IdSeed;

/// An event of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Counted from 1; of a CSV record the line that it begins in.
    pub(super) number: u64,
    /// The event as JSON in one line, with an `event_id`; or what is wrong with the line.
    pub(super) event: Result<Vec<u8>, String>,
}

/// An opened file.
pub(super) struct Source {
    lines: Lines,
    /// Bytes of the file that were read so far.
    read: Arc<AtomicU64>,
    /// Bytes of the file; none of standard input.
    size: Option<u64>,
}

enum Lines {
    Json {
        input: Box<dyn BufRead>,
        number: u64,
    },
    Csv {
        reader: Box<Reader<Box<dyn BufRead>>>,
        columns: Columns,
        /// Lines that the reader counts too few: where they end in CR LF, it stands before the LF when a record begins.
        behind: u64,
    },
}

/// Counts what is read.
struct Counting<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Source {
    /// Opens a file, or standard input for `-`. What it is follows from its name unless `format` says so.
    pub(super) fn open(
        path: &Path,
        format: Option<Format>,
        mapping: Mapping,
    ) -> anyhow::Result<Self> {
        let name = path.to_string_lossy().to_ascii_lowercase();
        let (plain, zipped) = match name.strip_suffix(".gz") {
            Some(plain) => (plain, true),
            None => (name.as_str(), false),
        };
        let format = format
            .or_else(|| format_of(plain))
            .context("its name does not say whether it is NDJSON or CSV; --format does")?;
        let read = Arc::new(AtomicU64::new(0));
        let (input, size): (Box<dyn Read>, _) = if path.as_os_str() == "-" {
            (Box::new(io::stdin()), None)
        } else {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            (Box::new(file), Some(size))
        };
        let input = Counting {
            inner: input,
            read: read.clone(),
        };
        let input: Box<dyn BufRead> = if zipped {
            Box::new(BufReader::with_capacity(
                1 << 16,
                MultiGzDecoder::new(input),
            ))
        } else {
            Box::new(BufReader::with_capacity(1 << 16, input))
        };
        let lines = match format {
            Format::Ndjson => Lines::Json { input, number: 0 },
            Format::Csv => {
                let mut input = input;
                let behind = u64::from(ends_lines_with_crlf(&mut input)?);
                let mut reader = ReaderBuilder::new()
                    .delimiter(mapping.delimiter)
                    .from_reader(input);
                let columns = mapping.columns(reader.headers()?)?;
                Lines::Csv {
                    reader: Box::new(reader),
                    columns,
                    behind,
                }
            }
        };
        Ok(Self { lines, read, size })
    }

    /// Bytes of the file; none of standard input.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Bytes of the file that were read so far.
    pub(super) fn position(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The next event; none at the end. Errors: the file cannot be read any further.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Line>> {
        match &mut self.lines {
            Lines::Json { input, number } => next_json(input, number),
            Lines::Csv {
                reader,
                columns,
                behind,
            } => next_record(reader, columns, *behind),
        }
    }
}

fn format_of(name: &str) -> Option<Format> {
    match name.rsplit_once('.')?.1 {
        "ndjson" | "jsonl" => Some(Format::Ndjson),
        "csv" => Some(Format::Csv),
        _ => None,
    }
}

/// Whether the first line that is buffered ends in CR LF.
fn ends_lines_with_crlf(input: &mut Box<dyn BufRead>) -> io::Result<bool> {
    let start = input.fill_buf()?;
    let line = start.split_inclusive(|byte| *byte == b'\n').next();
    Ok(line.is_some_and(|line| line.ends_with(b"\r\n")))
}

fn next_json(input: &mut Box<dyn BufRead>, number: &mut u64) -> anyhow::Result<Option<Line>> {
    loop {
        let mut text = Vec::new();
        let mut limited = input.by_ref().take(limits::EVENTS_BODY_BYTES as u64);
        let read = limited.read_until(b'\n', &mut text);
        if read.with_context(|| format!("cannot be read after line {number}"))? == 0 {
            return Ok(None);
        }
        *number += 1;
        if text.len() == limits::EVENTS_BODY_BYTES {
            anyhow::bail!("line {number} is longer than a request may be");
        }
        let text = text.trim_ascii();
        if !text.is_empty() {
            return Ok(Some(Line {
                number: *number,
                event: named(*number, text),
            }));
        }
    }
}

fn next_record(
    reader: &mut Reader<Box<dyn BufRead>>,
    columns: &Columns,
    behind: u64,
) -> anyhow::Result<Option<Line>> {
    let mut record = ByteRecord::new();
    let more = match reader.read_byte_record(&mut record) {
        Ok(more) => more,
        Err(error) => return uneven(error, behind),
    };
    if !more {
        return Ok(None);
    }
    let number = record.position().map_or(0, csv::Position::line) + behind;
    let event = columns
        .event(&record)
        .and_then(|event| named(number, event.to_string().as_bytes()));
    Ok(Some(Line { number, event }))
}

/// A record of another length does not keep the next one from being read.
fn uneven(error: csv::Error, behind: u64) -> anyhow::Result<Option<Line>> {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => Ok(Some(Line {
            number: pos.as_ref().map_or(0, csv::Position::line) + behind,
            event: Err(format!(
                "has {len} cells, the first line has {expected_len}"
            )),
        })),
        _ => Err(error.into()),
    }
}

/// The event with an `event_id`, which follows from the line when the event has none.
fn named(number: u64, text: &[u8]) -> Result<Vec<u8>, String> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(default, borrow, deserialize_with = "present")]
        event_id: Option<&'a RawValue>,
    }
    let text = str::from_utf8(text).map_err(|error| format!("is not UTF-8: {error}"))?;
    if !text.starts_with('{') {
        return Err("is no JSON object".to_owned());
    }
    let named: Named<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match named.event_id.map(RawValue::get) {
        None => Ok(with_id(number, text)),
        // Given as nothing: the member must not stand there twice.
        Some("null" | "\"\"") => {
            let mut event: Map<String, Value> =
                serde_json::from_str(text).map_err(|error| error.to_string())?;
            event.remove("event_id");
            Ok(with_id(number, &Value::Object(event).to_string()))
        }
        Some(_) => Ok(text.as_bytes().to_vec()),
    }
}

/// Also a null is there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

fn with_id(number: u64, text: &str) -> Vec<u8> {
    let id = IdSeed::of(&[b"emban ingest", text.as_bytes()])
        .event_id(usize::try_from(number).unwrap_or(usize::MAX));
    let members = text.get(1..).unwrap_or_default();
    let comma = if members.trim_start().starts_with('}') {
        ""
    } else {
        ","
    };
    format!("{{\"event_id\":\"{id}\"{comma}{members}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: Result<Vec<u8>, String>) -> serde_json::Value {
        serde_json::from_slice(&line.unwrap()).unwrap()
    }

    #[test]
    fn records_of_a_csv_have_the_lines_that_they_begin_in() {
        for end in ["\n", "\r\n"] {
            let text = [
                "tenant_id,note",
                "a,one",
                "a,\"two\nlines\"",
                "a",
                "a,four",
                "",
            ]
            .join(end);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("events.csv");
            std::fs::write(&path, text).unwrap();
            let mut mapping = Mapping::default();
            mapping.delimiter = b',';
            let mut source = Source::open(&path, None, mapping).unwrap();
            let lines = std::iter::from_fn(|| source.next().unwrap());
            let found: Vec<(u64, bool)> = lines
                .map(|line| (line.number, line.event.is_ok()))
                .collect();
            assert_eq!(
                found,
                [(2, true), (3, true), (5, false), (6, true)],
                "{end:?}"
            );
        }
    }

    #[test]
    fn an_event_without_an_id_gets_one_that_follows_from_its_line() {
        let event = br#"{"tenant_id":"a","event_name":"e"}"#;
        let one = text(named(1, event));
        assert_eq!(one["tenant_id"], "a");
        assert_eq!(one["event_id"].as_str().unwrap().len(), 24);
        assert_eq!(one, text(named(1, event)));
        assert_ne!(one["event_id"], text(named(2, event))["event_id"]);
        for nothing in [r#"{"event_id":null}"#, r#"{"event_id":""}"#, "{}", "{ }"] {
            assert_eq!(
                text(named(1, nothing.as_bytes()))
                    .as_object()
                    .unwrap()
                    .len(),
                1,
                "{nothing}"
            );
        }
        let given = br#"{"event_id":"x","tenant_id":"a"}"#;
        assert_eq!(named(1, given).unwrap(), given);
        assert!(named(1, b"[1]").is_err() && named(1, b"{").is_err());
    }
}
