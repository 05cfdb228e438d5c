//! The command line, the one environment variable, and the defaults that depend on the machine.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use secrecy::SecretString;

/// The environment variable that holds the secret.
pub const SECRET_VARIABLE: &str = "EMBAN_CLICKHOUSE_SECRET";

/// Shortest secret that is accepted, in bytes.
const MIN_SECRET_BYTES: usize = 16;

/// Serves an embedded ClickHouse engine (libchdb) over ClickHouse's HTTP interface, on loopback.
///
/// The secret that clients send as the ClickHouse password is read from EMBAN_CLICKHOUSE_SECRET (16 bytes or more).
/// When it is ready it prints one line of JSON on stdout.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "emban-clickhouse", version)]
pub struct Arguments {
    /// The libchdb.so of the npm package @chdb/lib-linux-x64-gnu@26.7.3-stable.1.
    #[arg(long, value_name = "PATH")]
    pub lib: PathBuf,
    /// Where the tables are kept; made if absent; one process at a time.
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Loopback address; with port 0 the kernel picks the port.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Memory the engine may use for all queries together, in bytes; 60 % of the machine's memory if not given.
    #[arg(long, value_name = "BYTES")]
    pub max_server_memory: Option<u64>,
    /// Queries and inserts that run at the same time; 4 for each core if not given.
    #[arg(long, value_name = "COUNT")]
    pub max_queries: Option<NonZeroUsize>,
    /// Stop when stdin ends, so that a parent that was killed leaves no orphan holding the directory.
    #[arg(long)]
    pub exit_with_parent: bool,
    /// How long to wait, in seconds, for another engine to leave the directory: that of a parent that was killed needs a
    /// moment to end.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait_for_data_dir: u64,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The secret is absent or too short to be one.
    #[error("{SECRET_VARIABLE} must hold a secret of at least {MIN_SECRET_BYTES} bytes")]
    Secret,
    /// The address would be reachable from other machines.
    #[error("{0} is not a loopback address; emban-clickhouse serves its own machine only")]
    NotLoopback(SocketAddr),
}

impl Arguments {
    /// Checks the address to listen on.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.listen.ip().is_loopback() {
            Ok(())
        } else {
            Err(ConfigError::NotLoopback(self.listen))
        }
    }

    /// Queries and inserts that run at the same time.
    pub fn places(&self) -> usize {
        let default = || std::thread::available_parallelism().map_or(4, NonZeroUsize::get) * 4;
        self.max_queries.map_or_else(default, NonZeroUsize::get)
    }

    /// Bytes for `max_server_memory_usage`; `None` leaves the engine to its own default.
    pub fn server_memory(&self, read_file: impl Fn(&str) -> Option<String>) -> Option<u64> {
        self.max_server_memory
            .or_else(|| default_server_memory(read_file))
    }
}

/// Reads the secret from [`SECRET_VARIABLE`].
pub fn secret(variable: impl Fn(&str) -> Option<String>) -> Result<SecretString, ConfigError> {
    variable(SECRET_VARIABLE)
        .filter(|secret| secret.len() >= MIN_SECRET_BYTES)
        .map(SecretString::from)
        .ok_or(ConfigError::Secret)
}

/// 60 % of the machine's memory, or of the control group's limit if that is lower: the origin and the engine's own
/// file cache need the rest.
fn default_server_memory(read_file: impl Fn(&str) -> Option<String>) -> Option<u64> {
    let machine_kib = read_file("/proc/meminfo")?.lines().find_map(|line| {
        line.strip_prefix("MemTotal:")?
            .trim()
            .strip_suffix("kB")?
            .trim()
            .parse::<u64>()
            .ok()
    })?;
    let machine = machine_kib.saturating_mul(1024);
    let group =
        read_file("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse::<u64>().ok());
    Some(group.map_or(machine, |group| group.min(machine)) / 10 * 6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn memory_is_bounded_by_the_smaller_of_machine_and_group() {
        let files = |group: &'static str| {
            move |path: &str| match path {
                "/proc/meminfo" => Some("MemTotal:       1000 kB\nMemFree: 1 kB\n".to_owned()),
                _ => Some(group.to_owned()),
            }
        };
        assert_eq!(
            default_server_memory(files("max\n")),
            Some(1_024_000 / 10 * 6)
        );
        assert_eq!(default_server_memory(files("1000\n")), Some(600));
        assert_eq!(default_server_memory(|_: &str| None), None);
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(secret(|_| None).is_err());
        assert!(secret(|_| Some("fifteen bytes..".to_owned())).is_err());
        let long = "sixteen bytes...";
        assert_eq!(
            secret(|name| (name == SECRET_VARIABLE).then(|| long.to_owned()))
                .unwrap()
                .expose_secret(),
            long
        );
    }
}
