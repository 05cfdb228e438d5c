//! The edge worker by itself: built, run on this machine in front of any origin, deployed to Cloudflare.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use crate::build::{self, BuildArgs};
use crate::config::Settings;
use crate::setup;
use crate::workspace::Workspace;

/// The host in wrangler.toml as it is in the repository.
const EXAMPLE_ORIGIN: &str = "https://origin.example.com";
/// Where a deployment goes. By HTTP: whether there is a way at all is asked, nothing is sent.
const CLOUDFLARE: &str = "http://api.cloudflare.com/";
const REACH_LIMIT: Duration = Duration::from_secs(10);

/// What to do with the edge.
#[derive(Debug, Subcommand)]
pub(crate) enum EdgeTask {
    /// Build the Worker, and a folder that runs it with workerd on any machine.
    Build,
    /// Run the Worker on this machine. EDGE_SECRET is the origin's EMBAN_EDGE_SECRET; the other variables of
    /// wrangler.toml are taken as well.
    Dev(DevArgs),
    /// Build the Worker and deploy it to Cloudflare as wrangler.toml says.
    Deploy(DeployArgs),
}

/// Arguments of `edge dev`.
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// URL of the origin.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    origin: String,
    /// Port on 127.0.0.1.
    #[arg(long, default_value_t = 8787)]
    port: u16,
}

/// Arguments of `edge deploy`.
#[derive(Debug, Args)]
pub(crate) struct DeployArgs {
    /// Do everything but the upload; needs neither an account nor the internet.
    #[arg(long)]
    dry_run: bool,
    /// More arguments for `wrangler deploy`, after `--`.
    #[arg(last = true)]
    wrangler: Vec<String>,
}

/// Runs one of the tasks.
pub(crate) fn run(task: &EdgeTask, settings: &Settings, workspace: &Workspace) -> Result<()> {
    if let EdgeTask::Deploy(args) = task {
        check_deployment(args, workspace)?;
    }
    build::run(BuildArgs::edge(), settings, workspace)?;
    match task {
        EdgeTask::Build => {
            println!(
                "for Cloudflare {}\nfor workerd    {}",
                workspace.edge_bundle().display(),
                workspace.edge_workerd().display()
            );
            Ok(())
        }
        EdgeTask::Dev(args) => dev(args, settings, workspace),
        EdgeTask::Deploy(args) => deploy(args, settings, workspace),
    }
}

fn dev(args: &DevArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let tools = setup::npm_tools(settings)?;
    let mut command = tools.node();
    command
        .arg(workspace.path("xtask/js/edge.mjs"))
        .env("EMBAN_NPM_TOOLS", tools.prefix())
        .env("EMBAN_EDGE_BUNDLE", workspace.edge_bundle())
        .env("EMBAN_LISTEN", format!("127.0.0.1:{}", args.port))
        .env("ORIGIN_URL", &args.origin);
    succeed(&mut command, "the edge")
}

/// What can be seen to be missing before minutes are spent on a build.
fn check_deployment(args: &DeployArgs, workspace: &Workspace) -> Result<()> {
    if args.dry_run {
        return Ok(());
    }
    let origin = configured_origin(&workspace.path("wrangler.toml"))?;
    if origin == EXAMPLE_ORIGIN {
        bail!(
            "ORIGIN_URL in wrangler.toml is still {EXAMPLE_ORIGIN}; set it to where the origin is reached from the internet"
        );
    }
    ensure_reachable(CLOUDFLARE)
}

fn deploy(args: &DeployArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    let wrangler = setup::wrangler(settings)?;
    let mut command = Command::new(wrangler);
    command
        .current_dir(workspace.root())
        .args(["deploy", "--config", "wrangler.toml"])
        .env("WRANGLER_SEND_METRICS", "false");
    if args.dry_run {
        let outdir = workspace.scratch("edge-deploy");
        command.arg("--dry-run").arg("--outdir").arg(outdir);
    }
    command.args(&args.wrangler);
    succeed(&mut command, "wrangler deploy")
}

fn configured_origin(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let config: toml::Table = toml::from_str(&text).with_context(|| file.display().to_string())?;
    let origin = config.get("vars").and_then(|vars| vars.get("ORIGIN_URL"));
    match origin.and_then(toml::Value::as_str) {
        Some(origin) => Ok(origin.trim_end_matches('/').to_owned()),
        None => bail!("{} has no ORIGIN_URL under [vars]", file.display()),
    }
}

fn ensure_reachable(url: &str) -> Result<()> {
    let asked = ureq::get(url)
        .config()
        .timeout_global(Some(REACH_LIMIT))
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .call();
    let Err(error) = asked else { return Ok(()) };
    bail!(
        "deploying needs the internet, and {url} cannot be reached from this machine ({error}); \
         `cargo xtask edge deploy --dry-run` checks everything but the upload"
    )
}

fn succeed(command: &mut Command, name: &str) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{name} cannot be started"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn wrangler_toml(text: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("wrangler.toml");
        fs::write(&file, text).unwrap();
        configured_origin(&file)
    }

    #[test]
    fn without_a_way_to_cloudflare_a_deployment_says_so_in_a_sentence() {
        let closed = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let error = ensure_reachable(&format!("http://{closed}/"))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("deploying needs the internet"), "{error}");
        assert!(error.contains("--dry-run"), "{error}");
    }

    #[test]
    fn the_origin_is_read_from_the_file_that_deploys() {
        let text = "[vars]\nORIGIN_URL = \"https://o.example/\"\n";
        assert_eq!(wrangler_toml(text).unwrap(), "https://o.example");
        let missing = wrangler_toml("[vars]\n").unwrap_err().to_string();
        assert!(missing.contains("no ORIGIN_URL"), "{missing}");
    }

    #[test]
    fn the_repositorys_own_file_names_the_example() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wrangler.toml");
        assert_eq!(configured_origin(&file).unwrap(), EXAMPLE_ORIGIN);
    }
}
