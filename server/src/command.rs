//! What an operator's commands take, and how each reaches the desk.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use emban_contract::keys::KeyScope;
use emban_contract::{DashboardId, EnvironmentName, SessionId, TenantId};
use emban_server::config::Config;
use emban_server::operate::{Desk, Notation};

#[derive(clap::Subcommand)]
pub(crate) enum DashboardsCommand {
    /// List the dashboards of an environment.
    List {
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// Print a draft.
    Pull {
        /// Such as dash_0123456789abcdef.
        id: DashboardId,
        /// As YAML instead of JSON.
        #[arg(long)]
        yaml: bool,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// Make a file, JSON or *.yaml, a draft, and print the id of its dashboard.
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
    /// Print where a draft and a file, JSON or *.yaml, differ; fails when they do.
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
pub(crate) enum WarehouseCommand {
    /// Print the statements that make EMBAN_CLICKHOUSE_READ_USER and the row policies; they hold no password.
    Policies {
        /// Run them as EMBAN_CLICKHOUSE_USER, who must be allowed to manage users.
        #[arg(long)]
        apply: bool,
    },
}

#[derive(clap::Subcommand)]
pub(crate) enum KeysCommand {
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

#[derive(clap::Subcommand)]
pub(crate) enum SessionCommand {
    /// Mint a session and print its URL.
    Create {
        /// Whose data it shows.
        tenant: TenantId,
        /// Such as dash_0123456789abcdef; it must be published.
        dashboard: DashboardId,
        /// Seconds, 60 to 86400; an hour when not given.
        #[arg(long)]
        expires_in: Option<u32>,
        /// Permissions as JSON.
        #[arg(long)]
        permissions: Option<String>,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// List the sessions of a tenant that have not ended by themselves.
    List {
        /// Whose.
        tenant: TenantId,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// End a session.
    Revoke {
        /// Such as es_0123456789abcdef.
        id: SessionId,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
    /// End every session of a tenant that was minted so far.
    RevokeTenant {
        /// Whose.
        tenant: TenantId,
        /// The first of EMBAN_ENVIRONMENTS when not given.
        #[arg(long)]
        environment: Option<EnvironmentName>,
    },
}

fn print(text: &str) -> anyhow::Result<()> {
    write!(std::io::stdout(), "{text}").context("cannot print")
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Runs one of `emban dashboards …`.
pub(crate) async fn dashboards(config: &Config, command: &DashboardsCommand) -> anyhow::Result<()> {
    let open = |environment: &Option<EnvironmentName>| Desk::open(config, environment.clone());
    let text = match command {
        DashboardsCommand::List { environment } => open(environment).await?.list_dashboards().await,
        DashboardsCommand::Pull {
            id,
            yaml,
            environment,
        } => {
            let notation = if *yaml {
                Notation::Yaml
            } else {
                Notation::Json
            };
            open(environment).await?.pull_dashboard(id, notation).await
        }
        DashboardsCommand::Push {
            file,
            id,
            environment,
        } => {
            let (desk, text) = (open(environment).await?, read(file)?);
            desk.push_dashboard(&text, Notation::of(file), id.clone())
                .await
        }
        DashboardsCommand::Publish { id, environment } => {
            open(environment).await?.publish_dashboard(id).await
        }
        DashboardsCommand::Diff {
            id,
            file,
            environment,
        } => {
            let (desk, text) = (open(environment).await?, read(file)?);
            desk.diff_dashboard(id, &text, Notation::of(file)).await
        }
    }?;
    print(&text)?;
    if matches!(command, DashboardsCommand::Diff { .. }) && !text.is_empty() {
        anyhow::bail!("the draft and the file differ");
    }
    Ok(())
}

/// Runs one of `emban keys …` but `rotate-signing`, which needs no database.
pub(crate) async fn keys(config: &Config, command: &KeysCommand) -> anyhow::Result<()> {
    let open = |environment: &Option<EnvironmentName>| Desk::open(config, environment.clone());
    let text = match command {
        KeysCommand::List { environment } => open(environment).await?.list_keys().await,
        KeysCommand::Create {
            name,
            scope,
            expires_in_days,
            environment,
        } => {
            let desk = open(environment).await?;
            desk.create_key(name, *scope, *expires_in_days).await
        }
        KeysCommand::Revoke { id, environment } => open(environment).await?.revoke_key(id).await,
        KeysCommand::Rotate {
            id,
            overlap_seconds,
            environment,
        } => {
            let desk = open(environment).await?;
            desk.rotate_key(id, *overlap_seconds).await
        }
        KeysCommand::RotateSigning { .. } => anyhow::bail!("signing keys are files"),
    }?;
    print(&text)
}

/// Runs one of `emban session …`.
pub(crate) async fn session(config: &Config, command: &SessionCommand) -> anyhow::Result<()> {
    let open = |environment: &Option<EnvironmentName>| Desk::open(config, environment.clone());
    let text = match command {
        SessionCommand::Create {
            tenant,
            dashboard,
            expires_in,
            permissions,
            environment,
        } => {
            let desk = open(environment).await?;
            let (tenant, dashboard) = (tenant.clone(), dashboard.clone());
            let permissions = permissions.as_deref();
            desk.create_session(config, tenant, dashboard, *expires_in, permissions)
                .await
        }
        SessionCommand::List {
            tenant,
            environment,
        } => open(environment).await?.list_sessions(tenant).await,
        SessionCommand::Revoke { id, environment } => {
            open(environment).await?.revoke_session(id).await
        }
        SessionCommand::RevokeTenant {
            tenant,
            environment,
        } => open(environment).await?.revoke_tenant(tenant).await,
    }?;
    print(&text)
}
