//! Configuration of the origin: read once, checked whole, typed afterwards.

mod file;
mod retention;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use emban_contract::{EnvironmentName, OrganisationId};
use emban_warehouse::policy::{Login, UserName};
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

pub use file::with_file;
pub use retention::Retention;

/// Everything `emban serve` needs to know.
#[derive(Clone)]
pub struct Config {
    /// `EMBAN_LISTEN`: address to listen on, default `127.0.0.1:8080`. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// `EMBAN_PUBLIC_URL`: where browsers reach the embed (the edge's URL), used in `embed_url`.
    /// The origin's own address when not given.
    pub public_url: Option<String>,
    /// `EMBAN_DATA_DIR`: where everything durable lives, default `./data`.
    pub data_dir: PathBuf,
    /// `EMBAN_ASSETS_DIR`: what browsers fetch, made by `cargo xtask build runtime`; default `./assets`.
    pub assets_dir: PathBuf,
    /// `EMBAN_DATABASE_URL`: `postgres://…` for the control plane; SQLite in the data directory when not given.
    pub database_url: Option<SecretString>,
    /// `EMBAN_CLICKHOUSE_URL` and friends: a server, or the embedded engine when no URL is given.
    pub clickhouse: ClickHouse,
    /// `EMBAN_ORGANISATION`: the company that runs this, default `default`.
    pub organisation: OrganisationId,
    /// `EMBAN_ENVIRONMENTS`: comma-separated names, default `production`. The first is the bootstrap key's.
    pub environments: Vec<EnvironmentName>,
    /// `EMBAN_SPOOL_MIB`: the most that events may take on disk while they wait for the warehouse, for each environment,
    /// in MiB; 4096 when not given.
    pub spool_mib: NonZeroU32,
    /// `EMBAN_RETENTION_DAYS`: how long events are kept, for ever when not given; see [`Retention`].
    pub retention: Retention,
    /// `EMBAN_BOOTSTRAP_ADMIN_KEY`: an admin key to create at start when it is not known, at least 24 characters.
    pub bootstrap_admin_key: Option<SecretString>,
    /// `EMBAN_EDGE_SECRET`: shared with the edges, guards the feed; the feed is off when not given.
    pub edge_secret: Option<SecretString>,
    /// `EMBAN_RATE_PER_KEY`: requests a second of one API key; no limit when not given.
    pub rate_per_key: Option<NonZeroU32>,
    /// `EMBAN_RATE_PER_SESSION`: requests a second of one embed session at this origin; no limit when not given.
    pub rate_per_session: Option<NonZeroU32>,
    /// `EMBAN_OTLP_URL`: a collector of OpenTelemetry, such as `http://collector:4318`; none when not given.
    pub otlp_url: Option<String>,
    /// `EMBAN_REQUESTS_AT_ONCE`: requests that are worked on at once, default 1024; beyond it 503 with `Retry-After`.
    pub requests_at_once: NonZeroUsize,
}

/// Which ClickHouse.
#[derive(Clone)]
pub enum ClickHouse {
    /// A server or a cluster.
    Server {
        /// `EMBAN_CLICKHOUSE_URL`: `http://host:8123`.
        url: String,
        /// `EMBAN_CLICKHOUSE_USER`.
        user: Option<String>,
        /// `EMBAN_CLICKHOUSE_PASSWORD`.
        password: Option<SecretString>,
        /// `EMBAN_CLICKHOUSE_READ_USER` and `EMBAN_CLICKHOUSE_READ_PASSWORD`: a user that only reads, under the row
        /// policies of `emban warehouse policies`.
        reader: Option<Login>,
    },
    /// The helper, started and watched by the origin.
    Embedded {
        /// `EMBAN_CLICKHOUSE_HELPER`: the program; beside this one when not given.
        helper: Option<PathBuf>,
        /// `EMBAN_LIBCHDB`: the library it loads.
        library: PathBuf,
    },
}

/// Every problem of a configuration at once.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is not valid:\n{}", problems.iter().map(|p| format!("  - {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError {
    /// One sentence a problem, each naming its variable.
    pub problems: Vec<String>,
}

/// Variables that the origin reads.
const KNOWN: &[&str] = &[
    "EMBAN_LISTEN",
    "EMBAN_PUBLIC_URL",
    "EMBAN_DATA_DIR",
    "EMBAN_ASSETS_DIR",
    "EMBAN_DATABASE_URL",
    "EMBAN_CLICKHOUSE_URL",
    "EMBAN_CLICKHOUSE_USER",
    "EMBAN_CLICKHOUSE_PASSWORD",
    "EMBAN_CLICKHOUSE_READ_USER",
    "EMBAN_CLICKHOUSE_READ_PASSWORD",
    "EMBAN_CLICKHOUSE_HELPER",
    "EMBAN_LIBCHDB",
    "EMBAN_ORGANISATION",
    "EMBAN_ENVIRONMENTS",
    "EMBAN_RETENTION_DAYS",
    "EMBAN_SPOOL_MIB",
    "EMBAN_BOOTSTRAP_ADMIN_KEY",
    "EMBAN_EDGE_SECRET",
    "EMBAN_RATE_PER_KEY",
    "EMBAN_RATE_PER_SESSION",
    "EMBAN_REQUESTS_AT_ONCE",
    "EMBAN_OTLP_URL",
    "EMBAN_LOG",
    "EMBAN_LOG_FORMAT",
    // Of `emban ingest`, which may be called where the origin's variables are set.
    "EMBAN_URL",
    "EMBAN_API_KEY",
];

/// Requests that are worked on at once when `EMBAN_REQUESTS_AT_ONCE` says nothing.
const REQUESTS_AT_ONCE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);

/// Shortest secret that is accepted, in characters.
const SECRET_CHARS: usize = 24;

/// Default of `EMBAN_SPOOL_MIB`.
const SPOOL_MIB: NonZeroU32 = match NonZeroU32::new(4096) {
    Some(mib) => mib,
    None => NonZeroU32::MIN,
};

impl Config {
    /// Reads the configuration from a list of variables.
    ///
    /// Errors: every problem at once, a variable named `EMBAN_…` that is not known among them, since a mistyped
    /// name would otherwise be a setting that silently does not hold.
    pub fn from_vars(
        vars: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let ours: Vec<(String, String)> = vars
            .into_iter()
            .filter(|(name, _)| name.starts_with("EMBAN_"))
            .collect();
        let mut reader = Reader {
            vars: ours,
            problems: Vec::new(),
        };
        reader.refuse_unknown();
        let mut config = Self {
            listen: reader
                .parsed("EMBAN_LISTEN")
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: reader.url("EMBAN_PUBLIC_URL", &["http://", "https://"]),
            data_dir: reader
                .text("EMBAN_DATA_DIR")
                .map_or_else(|| PathBuf::from("data"), PathBuf::from),
            assets_dir: reader
                .text("EMBAN_ASSETS_DIR")
                .map_or_else(|| PathBuf::from("assets"), PathBuf::from),
            database_url: reader
                .url("EMBAN_DATABASE_URL", &["postgres://", "postgresql://"])
                .map(SecretString::from),
            clickhouse: reader.clickhouse(),
            organisation: reader
                .parsed("EMBAN_ORGANISATION")
                .unwrap_or_else(default_organisation),
            environments: reader.environments(),
            spool_mib: reader.parsed("EMBAN_SPOOL_MIB").unwrap_or(SPOOL_MIB),
            retention: Retention::default(),
            bootstrap_admin_key: reader.secret("EMBAN_BOOTSTRAP_ADMIN_KEY"),
            edge_secret: reader.secret("EMBAN_EDGE_SECRET"),
            rate_per_key: reader.parsed("EMBAN_RATE_PER_KEY"),
            rate_per_session: reader.parsed("EMBAN_RATE_PER_SESSION"),
            otlp_url: reader.url("EMBAN_OTLP_URL", &["http://", "https://"]),
            requests_at_once: reader
                .parsed("EMBAN_REQUESTS_AT_ONCE")
                .unwrap_or(REQUESTS_AT_ONCE),
        };
        config.retention = reader.retention(&config.environments);
        reader.log();
        if reader.problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError {
                problems: reader.problems,
            })
        }
    }
}

#[expect(clippy::expect_used, reason = "a constant that the tests parse")]
fn default_organisation() -> OrganisationId {
    OrganisationId::new("default").expect("a valid name")
}

#[expect(clippy::expect_used, reason = "a constant that the tests parse")]
fn default_environment() -> EnvironmentName {
    EnvironmentName::new("production").expect("a valid name")
}

struct Reader {
    vars: Vec<(String, String)>,
    problems: Vec<String>,
}

impl Config {
    /// Files that `emban serve` needs and that are not there, each with what is said of it; empty when it can begin.
    pub fn missing_files(&self) -> Vec<String> {
        let mut missing = Vec::new();
        let mut need = |variable: &str, path: &std::path::Path, remedy: &str| {
            if !path.is_file() {
                let path = path.display();
                missing.push(format!("{variable}: there is no file {path}; {remedy}"));
            }
        };
        let manifest = self.assets_dir.join("manifest.json");
        need(
            "EMBAN_ASSETS_DIR",
            &manifest,
            "`cargo xtask build runtime` makes it",
        );
        if let ClickHouse::Embedded { helper, library } = &self.clickhouse {
            need(
                "EMBAN_LIBCHDB",
                library,
                "it is libchdb.so of the embedded engine",
            );
            if let Some(helper) = helper {
                need(
                    "EMBAN_CLICKHOUSE_HELPER",
                    helper,
                    "it is the program emban-clickhouse",
                );
            }
        }
        missing
    }
}

impl Reader {
    fn refuse_unknown(&mut self) {
        let unknown: BTreeSet<&str> = self
            .vars
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !KNOWN.contains(name))
            .collect();
        let problems: Vec<String> = unknown
            .iter()
            .map(|name| format!("{name} is not a variable of Emban; is it mistyped?"))
            .collect();
        self.problems.extend(problems);
    }

    fn text(&self, name: &str) -> Option<String> {
        self.vars
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str) -> Option<T>
    where
        T::Err: std::fmt::Display,
    {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let problem = match error.to_string().as_str() {
                    "invalid digit found in string" => "must be a whole number".to_owned(),
                    "number would be zero for non-zero type" => "must be 1 or more".to_owned(),
                    "number too large to fit in target type" => "is too large".to_owned(),
                    "invalid socket address syntax" => {
                        "must be an address and a port such as 127.0.0.1:8080".to_owned()
                    }
                    other => format!("cannot be read: {other}"),
                };
                self.problems.push(format!("{name} {problem}"));
                None
            }
        }
    }

    fn url(&mut self, name: &str, schemes: &[&str]) -> Option<String> {
        let text = self.text(name)?;
        if schemes.iter().any(|scheme| text.starts_with(scheme)) {
            return Some(text.trim_end_matches('/').to_owned());
        }
        self.problems
            .push(format!("{name} must start with {}", schemes.join(" or ")));
        None
    }

    fn secret(&mut self, name: &str) -> Option<SecretString> {
        let text = self.text(name)?;
        if text.chars().count() < SECRET_CHARS {
            self.problems.push(format!(
                "{name} must have at least {SECRET_CHARS} characters"
            ));
        }
        Some(SecretString::from(text))
    }

    /// `EMBAN_LOG` and `EMBAN_LOG_FORMAT` are read before everything else, where a log is begun; here they are checked.
    fn log(&mut self) {
        let level = self.text("EMBAN_LOG");
        if level.is_some_and(|level| EnvFilter::builder().parse(level).is_err()) {
            self.problems.push(
                "EMBAN_LOG must be a level, or levels of parts, such as info or info,sqlx=warn"
                    .to_owned(),
            );
        }
        if self
            .text("EMBAN_LOG_FORMAT")
            .is_some_and(|format| format != "text" && format != "json")
        {
            self.problems
                .push("EMBAN_LOG_FORMAT must be text or json".to_owned());
        }
    }

    fn environments(&mut self) -> Vec<EnvironmentName> {
        let Some(text) = self.text("EMBAN_ENVIRONMENTS") else {
            return vec![default_environment()];
        };
        let mut names: Vec<EnvironmentName> = Vec::new();
        for part in text.split(',') {
            match EnvironmentName::new(part.trim()) {
                Ok(name) if names.contains(&name) => {
                    self.problems
                        .push(format!("EMBAN_ENVIRONMENTS names {name} twice"));
                }
                Ok(name) => names.push(name),
                Err(error) => self.problems.push(format!(
                    "EMBAN_ENVIRONMENTS holds {:?}: {error}",
                    part.trim()
                )),
            }
        }
        names
    }

    fn retention(&mut self, environments: &[EnvironmentName]) -> Retention {
        let Some(text) = self.text("EMBAN_RETENTION_DAYS") else {
            return Retention::default();
        };
        Retention::parse(&text, environments).unwrap_or_else(|problems| {
            self.problems.extend(problems);
            Retention::default()
        })
    }

    fn clickhouse_reader(&mut self) -> Option<Login> {
        let name = self.text("EMBAN_CLICKHOUSE_READ_USER")?;
        let user = UserName::new(&name);
        if user.is_none() {
            self.problems.push(
                "EMBAN_CLICKHOUSE_READ_USER must be of letters, digits and _, at most 60, not beginning with a digit"
                    .to_owned(),
            );
        }
        let password = self.secret("EMBAN_CLICKHOUSE_READ_PASSWORD");
        if password.is_none() {
            self.problems.push(
                "EMBAN_CLICKHOUSE_READ_PASSWORD must be set when EMBAN_CLICKHOUSE_READ_USER is"
                    .to_owned(),
            );
        }
        Some(Login {
            user: user?,
            password: password?,
        })
    }

    fn clickhouse(&mut self) -> ClickHouse {
        if let Some(url) = self.url("EMBAN_CLICKHOUSE_URL", &["http://", "https://"]) {
            return ClickHouse::Server {
                url,
                user: self.text("EMBAN_CLICKHOUSE_USER"),
                password: self
                    .text("EMBAN_CLICKHOUSE_PASSWORD")
                    .map(SecretString::from),
                reader: self.clickhouse_reader(),
            };
        }
        if self.text("EMBAN_CLICKHOUSE_READ_USER").is_some() {
            self.problems.push(
                "EMBAN_CLICKHOUSE_READ_USER needs EMBAN_CLICKHOUSE_URL: the embedded engine has one user"
                    .to_owned(),
            );
        }
        let library = self.text("EMBAN_LIBCHDB").map(PathBuf::from);
        if library.is_none() && self.text("EMBAN_CLICKHOUSE_URL").is_none() {
            self.problems.push(
                "neither EMBAN_CLICKHOUSE_URL (a ClickHouse server) nor EMBAN_LIBCHDB (libchdb.so, for the embedded \
                 engine) is set"
                    .to_owned(),
            );
        }
        ClickHouse::Embedded {
            helper: self.text("EMBAN_CLICKHOUSE_HELPER").map(PathBuf::from),
            library: library.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(vars: &[(&str, &str)]) -> Vec<String> {
        let vars = vars
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_vars(vars)
            .err()
            .map(|error| error.problems)
            .unwrap_or_default()
    }

    #[test]
    fn a_library_is_enough() {
        let config = Config::from_vars([("EMBAN_LIBCHDB".to_owned(), "libchdb.so".to_owned())])
            .ok()
            .unwrap();
        assert_eq!(config.listen.port(), 8080);
        assert_eq!(config.environments, [default_environment()]);
        assert_eq!(config.organisation, default_organisation());
    }

    #[test]
    fn a_reading_user_needs_a_name_a_password_and_a_server() {
        let server = ("EMBAN_CLICKHOUSE_URL", "http://clickhouse:8123");
        let user = ("EMBAN_CLICKHOUSE_READ_USER", "emban_reader");
        let password = ("EMBAN_CLICKHOUSE_READ_PASSWORD", "0123456789abcdef01234567");
        assert_eq!(problems(&[server, user, password]), [""; 0]);
        assert_eq!(problems(&[server]), [""; 0]);
        for (vars, name) in [
            (vec![server, user], "EMBAN_CLICKHOUSE_READ_PASSWORD"),
            (
                vec![server, ("EMBAN_CLICKHOUSE_READ_USER", "a b"), password],
                "EMBAN_CLICKHOUSE_READ_USER",
            ),
            (
                vec![("EMBAN_LIBCHDB", "x"), user, password],
                "EMBAN_CLICKHOUSE_READ_USER",
            ),
        ] {
            let found = problems(&vars);
            assert!(found.len() == 1 && found[0].starts_with(name), "{found:?}");
        }
    }

    #[test]
    fn every_problem_names_its_variable() {
        let found = problems(&[
            ("EMBAN_LISTEN", "nowhere"),
            ("EMBAN_PUBLIC_URL", "edge.example"),
            ("EMBAN_ENVIRONMENTS", "production,Bad Name,production"),
            ("EMBAN_BOOTSTRAP_ADMIN_KEY", "short"),
            ("EMBAN_LISTN", "127.0.0.1:1"),
            ("PATH", "/bin"),
        ]);
        let starts: Vec<&str> = found.iter().filter_map(|p| p.split(' ').next()).collect();
        assert_eq!(
            starts,
            [
                "EMBAN_LISTN",
                "EMBAN_LISTEN",
                "EMBAN_PUBLIC_URL",
                "neither",
                "EMBAN_ENVIRONMENTS",
                "EMBAN_ENVIRONMENTS",
                "EMBAN_BOOTSTRAP_ADMIN_KEY"
            ]
        );
    }
}
