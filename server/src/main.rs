//! `emban`: the origin's program.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use emban_server::app::Origin;
use emban_server::config::Config;
use emban_server::router::router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Customer-facing analytics: one dashboard, every tenant its own data.
#[derive(Parser)]
#[command(version)]
enum Command {
    /// Run the origin. Configured by variables named EMBAN_…; see docs/OPERATIONS.md.
    Serve,
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
    }
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
