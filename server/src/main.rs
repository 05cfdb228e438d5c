//! `emban`: the origin's program.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use emban_contract::EnvironmentName;
use emban_server::app::{Origin, now};
use emban_server::config::Config;
use emban_server::router::router;
use emban_server::signing;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Customer-facing analytics: one dashboard, every tenant its own data.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Run the origin. Configured by variables named EMBAN_…; see docs/OPERATIONS.md.
    Serve,
    /// The keys that sign sessions.
    #[command(subcommand)]
    Keys(KeysCommand),
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
    match command {
        Command::Serve => {
            let runtime = tokio::runtime::Runtime::new().context("the runtime did not start")?;
            runtime.block_on(serve(&config))
        }
        Command::Keys(KeysCommand::RotateSigning {
            environment,
            at_once,
        }) => rotate_signing(&config, environment.as_ref(), *at_once),
    }
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
