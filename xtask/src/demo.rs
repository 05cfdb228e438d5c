//! Everything that a first look needs: all tiers, a year of flights, a published dashboard, a host page.

mod flights;
pub(crate) mod origin_api;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::build::{self, BuildArgs};
use crate::config::Settings;
use crate::demo::flights::Shift;
use crate::demo::origin_api::OriginApi;
use crate::up::{Ports, Tiers};
use crate::workspace::Workspace;

/// Events in one request, the most that the API takes.
const BATCH: usize = 1000;
/// Requests at a time: the origin joins their writes to disk.
const CONNECTIONS: usize = 4;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Keep the data here.
    #[arg(long, default_value = ".emban/demo")]
    data_dir: PathBuf,
    /// Use what was built before.
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    ports: Ports,
}

/// How far the demo's data folder has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    /// Kept from the first attempt, so that a repeated one sends the same events again.
    shift: Shift,
    events_loaded: bool,
    dashboard: Option<String>,
}

/// Starts the demo and waits until it is told to stop.
pub(crate) fn run(args: &DemoArgs, settings: &Settings, workspace: &Workspace) -> Result<()> {
    args.ports.ensure_free()?;
    if !args.no_build {
        build::run(BuildArgs::all(), settings, workspace)?;
    }
    let data_dir = workspace.root().join(&args.data_dir);
    let mut tiers = Tiers::start(&data_dir, &args.ports, settings, workspace)?;
    let dashboard = match fill(&mut tiers, workspace) {
        // A signal while loading is no failure: the next start goes on where this one stopped.
        Err(_) if tiers.supervisor.is_interrupted() => return Ok(()),
        filled => filled?,
    };
    let host = tiers.start_host(workspace, Some(&dashboard))?;
    let api = OriginApi::new(&tiers.origin, &tiers.secrets.admin_key);
    let session = api.create_session("UA", &dashboard)?;
    println!("\n  Host page   {host}");
    println!("  United's    {session}");
    println!("  Origin      {}", tiers.origin);
    println!("  Edge        {}", tiers.edge);
    println!("  Data        {}", data_dir.display());
    println!("  Its keys    {}", data_dir.join("keys.json").display());
    println!("\nStop with Ctrl-C.");
    tiers.supervisor.wait()
}

/// Loads events and dashboard unless an earlier start has; returns the dashboard's id.
fn fill(tiers: &mut Tiers, workspace: &Workspace) -> Result<String> {
    let file = tiers.data_dir().join("demo.json");
    let source = workspace.path("www/demo-data/flights.csv.gz");
    let mut progress = match fs::read(&file) {
        Ok(text) => serde_json::from_slice(&text)
            .with_context(|| format!("{} cannot be read", file.display()))?,
        Err(_) => Progress {
            shift: Shift::until_now(&source)?,
            events_loaded: false,
            dashboard: None,
        },
    };
    save(&progress, &file)?;
    if !progress.events_loaded {
        load_events(tiers, &source, progress.shift)?;
        progress.events_loaded = true;
        save(&progress, &file)?;
    }
    if let Some(dashboard) = progress.dashboard {
        return Ok(dashboard);
    }
    let api = OriginApi::new(&tiers.origin, &tiers.secrets.admin_key);
    let document: Value =
        serde_json::from_slice(&fs::read(workspace.path("www/demo-data/dashboard.json"))?)?;
    let dashboard = api.publish_dashboard(&document)?;
    progress.dashboard = Some(dashboard.clone());
    save(&progress, &file)?;
    Ok(dashboard)
}

fn save(progress: &Progress, file: &Path) -> Result<()> {
    Ok(fs::write(file, serde_json::to_vec_pretty(progress)?)?)
}

fn load_events(tiers: &Tiers, source: &Path, shift: Shift) -> Result<()> {
    let Some(ingest_key) = &tiers.secrets.ingest_key else {
        bail!("the data folder has no ingest key")
    };
    let events = flights::read(source, shift)?;
    let batches: Vec<&[Value]> = events.chunks(BATCH).collect();
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| {
                    let api = OriginApi::new(&tiers.origin, ingest_key);
                    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if tiers.supervisor.is_interrupted() {
                            bail!("interrupted");
                        }
                        api.ingest(batch)?;
                    }
                    Ok(())
                })
            })
            .collect();
        for sender in senders {
            match sender.join() {
                Ok(sent) => sent?,
                Err(_) => bail!("a sender of events panicked"),
            }
        }
        anyhow::Ok(())
    })?;
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "shown without decimals")]
    let rate = events.len() as f64 / seconds;
    OriginApi::new(&tiers.origin, ingest_key).wait_for_warehouse()?;
    eprintln!(
        "{} events … accepted in {seconds:.1} s, {rate:.0} events/s; queryable after {:.1} s",
        events.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
