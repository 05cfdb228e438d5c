//! Runs all tiers: origin, edge and host page.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::build::{self, BuildArgs, Native};
use crate::config::{Settings, foreign_to_origin};
use crate::demo::origin_api::OriginApi;
use crate::setup::{self, NpmTools};
use crate::supervisor::Supervisor;
use crate::workspace::Workspace;

/// Bytes of a secret that xtask makes.
const SECRET_BYTES: usize = 24;

/// Arguments of `up`.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Print one line of JSON when everything is ready.
    #[arg(long)]
    json: bool,
    /// Stop when standard input closes, as well as at a signal.
    #[arg(long)]
    until_stdin_closes: bool,
    /// Keep the data here; without it, a fresh folder that is removed at the end.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Use what was built before.
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    ports: Ports,
}

/// The ports of the tiers on 127.0.0.1; 0 lets the kernel choose.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Ports {
    /// Port of the origin.
    #[arg(long, default_value_t = 0)]
    port_origin: u16,
    /// Port of the edge.
    #[arg(long, default_value_t = 0)]
    port_edge: u16,
    /// Port of the host page.
    #[arg(long, default_value_t = 0)]
    port_host: u16,
}

impl Ports {
    /// Fails if one of them is taken; asked before anything is built.
    pub(crate) fn ensure_free(&self) -> Result<()> {
        [self.port_origin, self.port_edge, self.port_host]
            .into_iter()
            .try_for_each(|port| free_port(port).map(drop))
    }
}

/// The secrets of one data folder, made at its first start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// The key that the origin creates at its first start.
    pub(crate) admin_key: String,
    /// What the edge shows to the origin.
    pub(crate) edge_secret: String,
    /// A key for events; made through the API after the first start.
    pub(crate) ingest_key: Option<String>,
}

/// All tiers while they run, and what they need.
#[derive(Debug)]
pub(crate) struct Tiers {
    /// The running programs.
    pub(crate) supervisor: Supervisor,
    /// URL of the origin.
    pub(crate) origin: String,
    /// URL of the edge.
    pub(crate) edge: String,
    /// Keys of the data folder.
    pub(crate) secrets: Secrets,
    data_dir: PathBuf,
    ports: Ports,
    tools: NpmTools,
}

/// Starts the tiers and waits until they are told to stop.
pub(crate) fn run(args: &UpArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    args.ports.ensure_free()?;
    if !args.no_build {
        build::run(BuildArgs::all(), settings, workspace)?;
    }
    let temporary = args.data_dir.is_none();
    let data_dir = match &args.data_dir {
        Some(dir) => std::path::absolute(dir)?,
        None => workspace.scratch(&format!("up-{}", std::process::id())),
    };
    let result = serve(args, &data_dir, settings, workspace);
    if temporary && data_dir.exists() {
        fs::remove_dir_all(&data_dir)?;
    }
    result
}

fn serve(args: &UpArgs, data_dir: &Path, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let mut tiers = Tiers::start(data_dir, &args.ports, settings, workspace)?;
    if args.until_stdin_closes {
        tiers.supervisor.stop_when_stdin_closes();
    }
    let host = tiers.start_host(workspace, None)?;
    let ready = serde_json::json!({
        "origin": tiers.origin,
        "edge": tiers.edge,
        "host": host,
        "admin_key": tiers.secrets.admin_key,
        "ingest_key": tiers.secrets.ingest_key,
        "data_dir": data_dir,
    });
    if args.json {
        println!("{ready}");
    } else {
        println!(
            "origin {}\nedge   {}\nhost   {host}\nStop with Ctrl-C.",
            tiers.origin, tiers.edge
        );
    }
    std::io::stdout().flush()?;
    tiers.supervisor.wait()
}

impl Tiers {
    /// Starts origin and edge on the data of `data_dir`.
    pub(crate) fn start(
        data_dir: &Path,
        ports: &Ports,
        settings: &Settings,
        workspace: &Workspace,
    ) -> Result<Self> {
        fs::create_dir_all(data_dir)
            .with_context(|| format!("the data folder {}", data_dir.display()))?;
        let tools = setup::npm_tools(settings)?;
        let mut secrets = Secrets::load_or_make(data_dir)?;
        // The origin puts the edge's URL into every session, and the edge needs the origin's at its
        // start; so the edge's port is chosen before either runs.
        let port_edge = free_port(ports.port_edge)?;
        let port_origin = free_port(ports.port_origin)?;
        let edge = format!("http://127.0.0.1:{port_edge}");
        let mut supervisor = Supervisor::new(std::env::current_exe()?, &data_dir.join("logs"))?;

        let mut command = origin_command(data_dir, &secrets, settings, workspace)?;
        command
            .arg("serve")
            .env("EMBAN_LISTEN", format!("127.0.0.1:{port_origin}"))
            .env("EMBAN_PUBLIC_URL", &edge);
        let origin = format!("http://{}", supervisor.start("origin", &command)?);

        let mut command = tools.node();
        command
            .arg(workspace.path("xtask/js/edge.mjs"))
            .env("EMBAN_NPM_TOOLS", tools.prefix())
            .env("EMBAN_EDGE_BUNDLE", workspace.edge_bundle())
            .env("EMBAN_LISTEN", format!("127.0.0.1:{port_edge}"))
            .env("ORIGIN_URL", &origin)
            .env("EDGE_SECRET", &secrets.edge_secret);
        if let Some(organisation) = &settings.organisation {
            command.env("ORGANISATION", organisation);
        }
        supervisor.start("edge", &command)?;

        if secrets.ingest_key.is_none() {
            let key = OriginApi::new(&origin, &secrets.admin_key).create_ingest_key("xtask")?;
            secrets.ingest_key = Some(key);
            secrets.save(data_dir)?;
        }
        Ok(Self {
            supervisor,
            origin,
            edge,
            secrets,
            data_dir: data_dir.to_path_buf(),
            ports: ports.clone(),
            tools,
        })
    }

    /// Starts the host page and returns its URL; `dashboard` is the one it shows.
    pub(crate) fn start_host(
        &mut self,
        workspace: &Workspace,
        dashboard: Option<&str>,
    ) -> Result<String> {
        let port = free_port(self.ports.port_host)?;
        let mut command = Command::new(self.tools.node_path());
        command
            .arg(workspace.path("www/demo-host/server.mjs"))
            .env("HOST_LISTEN", format!("127.0.0.1:{port}"))
            .env("EMBAN_URL", &self.origin)
            .env("EMBAN_EDGE_URL", &self.edge)
            .env("EMBAN_ADMIN_KEY", &self.secrets.admin_key);
        if let Some(dashboard) = dashboard {
            command.env("EMBAN_DASHBOARD_ID", dashboard);
        }
        let address = self.supervisor.start("host", &command)?;
        Ok(format!("http://{address}"))
    }

    /// The data folder.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }
}

/// The origin's program on the data of `data_dir`, with its arguments still to come.
pub(crate) fn origin_command(
    data_dir: &Path,
    secrets: &Secrets,
    settings: &Settings,
    workspace: &Workspace,
) -> Result<Command> {
    let native = Native::debug();
    let mut command = Command::new(native.origin(workspace)?);
    for name in foreign_to_origin() {
        command.env_remove(name);
    }
    command
        .env("EMBAN_DATA_DIR", data_dir.join("origin"))
        .env("EMBAN_ASSETS_DIR", workspace.assets())
        .env("EMBAN_CLICKHOUSE_HELPER", native.clickhouse(workspace)?)
        .env("EMBAN_BOOTSTRAP_ADMIN_KEY", &secrets.admin_key)
        .env("EMBAN_EDGE_SECRET", &secrets.edge_secret);
    if let Some(libchdb) = setup::libchdb(settings)? {
        command.env("EMBAN_LIBCHDB", libchdb);
    }
    Ok(command)
}

impl Secrets {
    pub(crate) fn load_or_make(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("keys.json");
        if let Ok(text) = fs::read(&path) {
            return serde_json::from_slice(&text)
                .with_context(|| format!("{} cannot be read", path.display()));
        }
        let secrets = Self {
            admin_key: format!("eb_adm_{}", random_hex()?),
            edge_secret: random_hex()?,
            ingest_key: None,
        };
        secrets.save(data_dir)?;
        Ok(secrets)
    }

    fn save(&self, data_dir: &Path) -> Result<()> {
        let path = data_dir.join("keys.json");
        fs::write(&path, serde_json::to_vec_pretty(self)?)?;
        Ok(fs::set_permissions(&path, Permissions::from_mode(0o600))?)
    }
}

fn random_hex() -> Result<String> {
    let mut bytes = [0_u8; SECRET_BYTES];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The port itself if it is free, or one that the kernel chooses for 0.
fn free_port(port: u16) -> Result<u16> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => Ok(listener.local_addr()?.port()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("port {port} is taken on 127.0.0.1; choose another or leave it out")
        }
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be used")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_in_the_error() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = free_port(port).unwrap_err();
        assert!(error.to_string().contains(&port.to_string()), "{error:#}");
    }

    #[test]
    fn secrets_are_made_once_and_readable_by_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = Secrets::load_or_make(folder.path()).unwrap();
        let second = Secrets::load_or_make(folder.path()).unwrap();
        assert_eq!(first.admin_key, second.admin_key);
        assert_ne!(
            first.admin_key.trim_start_matches("eb_adm_"),
            first.edge_secret
        );
        let mode = fs::metadata(folder.path().join("keys.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
