//! `emban`: the origin's program.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use emban_contract::keys::KeyScope;
use emban_contract::{DashboardId, EnvironmentName};
use emban_server::app::{Origin, now};
use emban_server::config::{self, ClickHouse, Config};
use emban_server::ingest::{self, IngestArgs};
use emban_server::operate::Desk;
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
    /// API keys, and the keys that sign sessions. On the origin's machine, with its variables set.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Dashboards as code. On the origin's machine, with its variables set.
    #[command(subcommand)]
    Dashboards(DashboardsCommand),
    /// Send the events of a file to an origin, from any machine.
    Ingest(IngestArgs),
}

#[derive(clap::Subcommand)]
enum DashboardsCommand {
    /// List the dashboards of an environment.
    List {
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// Print a draft as JSON.
    Pull {
        /// Such as dash_0123456789abcdef.
        id: DashboardId,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// Make a JSON file a draft, and print the id of its dashboard.
    Push {
        /// The document.
        file: PathBuf,
        /// Whose draft; a new dashboard's when not given, or when there is none of this id.
        #[arg(long)]
        id: Option<DashboardId>,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// Freeze a draft as the next version and make it live.
    Publish {
        /// Such as dash_0123456789abcdef.
        id: DashboardId,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// Print where a draft and a JSON file differ; fails when they do.
    Diff {
        /// Such as dash_0123456789abcdef.
        id: DashboardId,
        /// The document.
        file: PathBuf,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
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
    /// List the API keys of an environment.
    List {
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// Make an API key and print it, once.
    Create {
        /// Label for people.
        name: String,
        /// admin, read or ingest.
        #[arg(long, value_parser = key_scope)]
        scope: KeyScope,
        /// Days after which it stops working; never when not given.
        #[arg(long)]
        expires_in_days: Option<u32>,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// End an API key at once.
    Revoke {
        /// Such as key_0123456789abcdef.
        id: String,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// Make a successor of an API key and print it, once; the former one works until the overlap is over.
    Rotate {
        /// Such as key_0123456789abcdef.
        id: String,
        /// A day when not given, 30 days at most.
        #[arg(long)]
        overlap_seconds: Option<u32>,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
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

fn key_scope(text: &str) -> Result<KeyScope, String> {
    [KeyScope::Admin, KeyScope::Read, KeyScope::Ingest]
        .into_iter()
        .find(|scope| scope.as_str() == text)
        .ok_or_else(|| "must be admin, read or ingest".to_owned())
}

fn main() -> ExitCode {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    let vars: Vec<(String, String)> = std::env::vars().collect();
    let command = Command::parse();
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
        Command::Dashboards(command) => runtime.block_on(dashboards(&config, command)),
        Command::Ingest(_) => anyhow::bail!("sending a file needs no configuration"),
        Command::Keys(command) => {
            let text = runtime.block_on(keys(&config, command))?;
            write!(std::io::stdout(), "{text}").context("cannot print")
        }
    }
}

async fn dashboards(config: &Config, command: &DashboardsCommand) -> anyhow::Result<()> {
    let open = |environment: &Option<EnvironmentName>| Desk::open(config, environment.clone());
    let read = |file: &PathBuf| {
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
    };
    let text = match command {
        DashboardsCommand::List { environment } => open(environment).await?.list_dashboards().await,
        DashboardsCommand::Pull { id, environment } => {
            open(environment).await?.pull_dashboard(id).await
        }
        DashboardsCommand::Push {
            file,
            id,
            environment,
        } => {
            let desk = open(environment).await?;
            desk.push_dashboard(&read(file)?, id.clone()).await
        }
        DashboardsCommand::Publish { id, environment } => {
            open(environment).await?.publish_dashboard(id).await
        }
        DashboardsCommand::Diff {
            id,
            file,
            environment,
        } => {
            let desk = open(environment).await?;
            desk.diff_dashboard(id, &read(file)?).await
        }
    }?;
    write!(std::io::stdout(), "{text}").context("cannot print")?;
    if matches!(command, DashboardsCommand::Diff { .. }) && !text.is_empty() {
        anyhow::bail!("the draft and the file differ");
    }
    Ok(())
}

async fn keys(config: &Config, command: &KeysCommand) -> anyhow::Result<String> {
    let open = |environment: &Option<EnvironmentName>| Desk::open(config, environment.clone());
    match command {
        KeysCommand::List { environment } => open(environment).await?.list_keys().await,
        KeysCommand::Create {
            name,
            scope,
            expires_in_days,
            environment,
        } => {
            open(environment)
                .await?
                .create_key(name, *scope, *expires_in_days)
                .await
        }
        KeysCommand::Revoke { id, environment } => open(environment).await?.revoke_key(id).await,
        KeysCommand::Rotate {
            id,
            overlap_seconds,
            environment,
        } => {
            open(environment)
                .await?
                .rotate_key(id, *overlap_seconds)
                .await
        }
        KeysCommand::RotateSigning { .. } => anyhow::bail!("signing keys are files"),
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
