//! `emban`: the origin's program.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use emban_contract::EnvironmentName;
use emban_server::app::{Origin, now};
use emban_server::config::{ClickHouse, Config};
use emban_server::router::router;
use emban_server::{doctor, signing};
use emban_warehouse::operator::apply_policies;
use emban_warehouse::policy::{UserName, statements};
use emban_warehouse::{Warehouse, WarehouseConfig};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

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
    /// The keys that sign sessions.
    #[command(subcommand)]
    Keys(KeysCommand),
}

#[derive(clap::Subcommand)]
enum WarehouseCommand {
    /// Print the statements that make EMBAN_CLICKHOUSE_READ_USER and the row policies; they hold no password.
    Policies {
        /// Run them as EMBAN_CLICKHOUSE_USER, who must be allowed to manage users.
        #[arg(long)]
        apply: bool,
    },
}

#[derive(clap::Subcommand)]
enum KeysCommand {
    /// Write a new signing key. Running origins take it up by themselves; sessions of the old one go on to their end.
    RotateSigning {
        /// Whose key; the first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
        /// Throw the old keys away: every session of the environment ends. For a key that leaked.
        #[arg(long)]
        at_once: bool,
    },
}

fn main() -> ExitCode {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    let vars: Vec<(String, String)> = std::env::vars().collect();
    let level = vars
        .iter()
        .find(|(name, _)| name == "EMBAN_LOG")
        .map_or("info,sqlx=warn", |(_, level)| level.as_str());
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(EnvFilter::new(level))
        .init();
    match run(&Command::parse(), vars) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
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
