//! `emban ingest FILE`: sends the events of a file to an origin, as fast as it takes them.
//!
//! A line that has no `event_id` gets one that follows from its number and its text, so that sending a file again, or
//! going on after a break, counts nothing twice for as long as the origin remembers ids.

mod csv;
mod send;
mod source;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use secrecy::SecretString;

use self::csv::Mapping;
use self::send::{Sender, Sent};
use self::source::Source;

/// Arguments of `emban ingest`.
#[derive(Args)]
pub struct IngestArgs {
    /// NDJSON (.ndjson, .jsonl) or CSV (.csv) with a line of names first, also with .gz; `-` is standard input.
    file: PathBuf,
    /// Where the origin is.
    #[arg(long, env = "EMBAN_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// An ingest or admin key. Better given by the variable, which no list of processes shows.
    #[arg(long, env = "EMBAN_API_KEY", hide_env_values = true)]
    key: SecretString,
    /// What the file is, when its name does not say.
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    mapping: MappingArgs,
    /// Requests on their way at once.
    #[arg(long, default_value = "4")]
    connections: NonZeroUsize,
    /// Begin at this line: what an interrupted call has said.
    #[arg(long, default_value_t = 1)]
    from_line: u64,
    /// Leave out what is not a valid event, say so, and go on. Else nothing of its batch is taken, and the call ends.
    #[arg(long)]
    skip_invalid: bool,
    /// How long to go on trying while the origin does not answer, in seconds.
    #[arg(long, default_value_t = 300)]
    patience: u64,
}

/// How the columns of a CSV file become events. A column of the name of a member, such as `tenant_id`, is that member;
/// every other is a text of its name unless something else is said. An empty cell is no value.
#[derive(Args)]
struct MappingArgs {
    /// Takes a member from a column: tenant_id, event_name, timestamp, event_id or user_id.
    #[arg(long = "column", value_name = "MEMBER=COLUMN")]
    columns: Vec<String>,
    /// The same value for every event.
    #[arg(long = "set", value_name = "MEMBER=VALUE")]
    fixed: Vec<String>,
    /// Columns that hold numbers, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    numbers: Vec<String>,
    /// Columns to leave out, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "COLUMNS")]
    ignore: Vec<String>,
    /// Between the cells.
    #[arg(long, default_value_t = ',')]
    delimiter: char,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One event a line.
    Ndjson,
    /// Cells, with names in the first line.
    Csv,
}

/// Sends a file. Returns what to tell.
///
/// Errors: one sentence that names the file and, when a line is the reason, the line; and from which line to go on.
pub fn run(args: IngestArgs) -> anyhow::Result<String> {
    let mapping = Mapping::read(&args.mapping)?;
    let source = Source::open(&args.file, args.format, mapping)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let sender = Sender {
        url: format!("{}/v1/events", args.url.trim_end_matches('/')),
        key: args.key,
        connections: args.connections.get(),
        skip_invalid: args.skip_invalid,
        patience: Duration::from_secs(args.patience),
        name: args.file.display().to_string(),
    };
    let Sent { accepted, rejected } = sender.send(source, args.from_line)?;
    let name = args.file.display();
    Ok(match rejected {
        0 => format!("{name}: {accepted} events taken\n"),
        _ => format!("{name}: {accepted} events taken, {rejected} lines left out\n"),
    })
}
