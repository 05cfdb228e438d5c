//! `emban`: the origin's program.

mod command;

use std::io::{IsTerminal as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use emban_contract::EnvironmentName;
use emban_server::app::{Origin, now};
use emban_server::config::{self, ClickHouse, Config};
use emban_server::ingest::{self, IngestArgs};
use emban_server::router::router;
use emban_server::{doctor, signing};
use emban_warehouse::operator::apply_policies;
use emban_warehouse::policy::{UserName, statements};
use emban_warehouse::{Warehouse, WarehouseConfig};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use command::{DashboardsCommand, KeysCommand, SessionCommand, WarehouseCommand};

/// Events are made on the threads of requests and let go by those of the flusher: the system's allocator keeps a region for
/// each thread, and grows to twice what is used (measured in decision 0054).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the allocator keeps what was freed, in milliseconds. Its own choice is a second, which under ingest is half of
/// the origin's memory (decision 0054).
const PURGE_DELAY: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "10");

/// Customer-facing analytics: one dashboard, every tenant its own data.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Run the origin. Configured by variables named EMBAN_…; see docs/OPERATIONS.md.
    Serve,
    /// Try the configuration: database, signing keys, warehouse, row policies. Fails when something is broken.
    Doctor,
    /// The ClickHouse server's part of the tenant wall.
    #[command(subcommand)]
    Warehouse(WarehouseCommand),
    /// API keys, and the keys that sign sessions. On the origin's machine, with its variables set.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Dashboards as code. On the origin's machine, with its variables set.
    #[command(subcommand)]
    Dashboards(DashboardsCommand),
    /// Embed sessions: a URL to look at a dashboard as a tenant. On the origin's machine, with its variables set.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Send the events of a file to an origin, from any machine.
    Ingest(IngestArgs),
}

fn main() -> ExitCode {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    let vars: Vec<(String, String)> = std::env::vars().collect();
    let command = Command::parse();
    if matches!(command, Command::Serve) {
        tell_allocator(&vars);
    }
    let vars = config::with_file(vars, |path| std::fs::read_to_string(path));
    start_log(vars.as_deref().unwrap_or_default());
    let done = match command {
        // It is a client: the origin's configuration is none of its business.
        Command::Ingest(args) => ingest::run(args)
            .and_then(|text| write!(std::io::stdout(), "{text}").context("cannot print")),
        command => vars
            .map_err(anyhow::Error::from)
            .and_then(|vars| run(&command, vars)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Begins anew, as the same process, where nobody has told the allocator: it reads its options before `main`.
fn tell_allocator(vars: &[(String, String)]) {
    let (name, value) = PURGE_DELAY;
    if vars.iter().any(|(known, _)| known == name) {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let mut again = std::process::Command::new(program);
        again.args(std::env::args_os().skip(1)).env(name, value);
        // It comes back only when it failed; then more memory is held, and that is all.
        drop(again.exec());
    }
}

/// One line an event, for people, or for a collector with `EMBAN_LOG_FORMAT=json`.
fn start_log(vars: &[(String, String)]) {
    let value = |name: &str| {
        vars.iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    let level = value("EMBAN_LOG").unwrap_or("info,sqlx=warn");
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(EnvFilter::new(level));
    match value("EMBAN_LOG_FORMAT") {
        Some("json") => log.json().with_ansi(false).init(),
        _ => log.with_ansi(std::io::stderr().is_terminal()).init(),
    }
}

fn run(command: &Command, vars: Vec<(String, String)>) -> anyhow::Result<()> {
    let config = Config::from_vars(vars)?;
    let runtime = tokio::runtime::Runtime::new().context("the runtime did not start")?;
    match command {
        Command::Serve => runtime.block_on(serve(&config)),
        Command::Doctor => runtime.block_on(examine(&config)),
        Command::Warehouse(WarehouseCommand::Policies { apply }) => {
            runtime.block_on(policies(&config, *apply))
        }
        Command::Keys(KeysCommand::RotateSigning {
            environment,
            at_once,
        }) => rotate_signing(&config, environment.as_ref(), *at_once),
        Command::Dashboards(command) => runtime.block_on(command::dashboards(&config, command)),
        Command::Ingest(_) => anyhow::bail!("sending a file needs no configuration"),
        Command::Keys(command) => runtime.block_on(command::keys(&config, command)),
        Command::Session(command) => runtime.block_on(command::session(&config, command)),
    }
}

async fn examine(config: &Config) -> anyhow::Result<()> {
    let report = doctor::examine(config).await;
    write!(std::io::stdout(), "{report}")?;
    anyhow::ensure!(report.is_sound(), "something is broken");
    Ok(())
}

async fn policies(config: &Config, apply: bool) -> anyhow::Result<()> {
    let ClickHouse::Server {
        url,
        user,
        password,
        reader,
    } = &config.clickhouse
    else {
        anyhow::bail!("the embedded engine has no users; set EMBAN_CLICKHOUSE_URL");
    };
    let reader = reader
        .as_ref()
        .context("EMBAN_CLICKHOUSE_READ_USER names the user to make")?;
    let writer = UserName::new(user.as_deref().unwrap_or("default"))
        .context("EMBAN_CLICKHOUSE_USER must be of letters, digits and _")?;
    let statements = statements(&config.environments, reader, &writer);
    for statement in &statements {
        writeln!(std::io::stdout(), "{statement};")?;
    }
    if apply {
        let warehouse = Warehouse::new(&WarehouseConfig {
            url: url.clone(),
            user: user.clone(),
            password: password.clone(),
            reader: None,
        });
        for environment in &config.environments {
            warehouse.migrate(environment).await?;
        }
        apply_policies(&warehouse, &statements)
            .await
            .map_err(|(statement, error)| {
                anyhow::Error::from(error).context(format!("the server refused: {statement}"))
            })?;
    }
    Ok(())
}

fn rotate_signing(
    config: &Config,
    environment: Option<&EnvironmentName>,
    at_once: bool,
) -> anyhow::Result<()> {
    let environment = match environment {
        Some(name) if config.environments.contains(name) => name,
        Some(name) => anyhow::bail!("{name} is not one of EMBAN_ENVIRONMENTS"),
        None => config
            .environments
            .first()
            .context("EMBAN_ENVIRONMENTS names none")?,
    };
    let (path, effect) = if at_once {
        let path = signing::replace(&config.data_dir, environment)?;
        (
            path,
            "signs within seconds; sessions of former keys end".to_owned(),
        )
    } else {
        let path = signing::rotate(&config.data_dir, environment, now())?;
        let seconds = signing::PUBLISHED_SECONDS;
        (
            path,
            format!("signs in {seconds} s; sessions of the former key go on to their end"),
        )
    };
    writeln!(
        std::io::stdout(),
        "{}: the new key of {environment} {effect}",
        path.display()
    )?;
    Ok(())
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let missing = config.missing_files();
    anyhow::ensure!(missing.is_empty(), missing.join("\n"));
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {} (EMBAN_LISTEN)", config.listen))?;
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    let public_url = config
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    let origin = Origin::start(config, public_url).await?;
    writeln!(std::io::stdout(), "{{\"listening\":\"{address}\"}}")
        .context("cannot say where it listens")?;
    tracing::info!(%address, "serving");
    axum::serve(listener, router(origin.app.clone()))
        .with_graceful_shutdown(asked_to_stop())
        .await?;
    tracing::info!("finishing what was begun");
    origin.stop().await;
    Ok(())
}

async fn asked_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::error!("signals cannot be heard; only a kill ends this process");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
