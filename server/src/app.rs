//! The parts of the origin, put together.

mod keys;
mod published;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use emban_contract::keys::KeyScope;
use emban_contract::{EnvironmentName, UnixMillis};
use emban_spool::{Dedup, DedupConfig, Flusher, FlusherConfig, RequestLog, Spool, SpoolConfig};
use emban_warehouse::{Warehouse, WarehouseConfig};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::answers::Answers;
use crate::assets::Assets;
use crate::concurrency::Room;
use crate::config::{ClickHouse, Config};
use crate::control::Control;
use crate::engine::{Engine, EngineConfig};
use crate::environment::{Environment, Environments, WarehouseSink};
use crate::erasure::{self, Erasures};
use crate::ids;
use crate::metrics::Metrics;
use crate::rates::Rates;
use crate::revocation::{READ_EVERY, Revocations};
use crate::rollups::Follower;
use crate::signing::Signing;
use crate::traces::Traces;

pub(crate) use keys::Keys;
pub(crate) use published::Published;

/// What every handler may use. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) control: Control,
    pub(crate) keys: Keys,
    pub(crate) published: Published,
    pub(crate) revocations: Revocations,
    pub(crate) answers: Answers,
    pub(crate) environments: Arc<Environments>,
    pub(crate) signing: Signing,
    pub(crate) warehouse: Warehouse,
    pub(crate) assets: Arc<Assets>,
    pub(crate) organisation: emban_contract::OrganisationId,
    pub(crate) public_url: Arc<str>,
    pub(crate) edge_secret: Option<Arc<SecretString>>,
    pub(crate) metrics: Metrics,
    pub(crate) key_rates: Rates,
    pub(crate) session_rates: Rates,
    pub(crate) room: Room,
    pub(crate) traces: Option<Traces>,
}

impl App {
    /// The server's clock.
    pub(crate) fn now(&self) -> UnixMillis {
        now()
    }
}

/// The system's clock; the only place that reads it.
pub fn now() -> UnixMillis {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A started origin: what serves, and what has to be ended in order.
pub struct Origin {
    /// Serves the requests.
    pub app: App,
    engine: Option<Engine>,
    stop: watch::Sender<bool>,
    background: Vec<JoinHandle<()>>,
}

impl Origin {
    /// Starts the engine, opens the databases and the spools, and begins to flush.
    ///
    /// `public_url` stands in `embed_url`. Errors: one sentence that names what could not be opened.
    pub async fn start(config: &Config, public_url: String) -> anyhow::Result<Self> {
        let data_dir = &config.data_dir;
        crate::data_dir::make(data_dir)
            .with_context(|| format!("cannot make {}", data_dir.display()))?;
        let assets = Assets::load(&config.assets_dir).with_context(|| {
            format!("cannot read the assets in {}", config.assets_dir.display())
        })?;
        let control = open_control(config).await?;
        let revocations = Revocations::new(control.clone());
        revocations
            .refresh(now())
            .await
            .context("cannot read the feed")?;
        let (engine, warehouse) = open_warehouse(config).await?;
        let (stop, stopped) = watch::channel(false);
        let (mut environments, mut background) = (Environments::new(), Vec::new());
        for name in &config.environments {
            warehouse
                .migrate(name)
                .await
                .with_context(|| format!("cannot prepare the tables of {name}"))?;
            let retaining = warehouse
                .retain(name, config.retention.days(name))
                .await
                .with_context(|| format!("cannot set how long the events of {name} are kept"))?;
            if let Some(retaining) = retaining {
                // What it waits for goes on in the warehouse also when nobody waits any more.
                tokio::spawn(retaining.finished());
            }
            let ingest = Ingest {
                dir: data_dir.join("spool").join(name.as_str()),
                max_bytes: u64::from(config.spool_mib.get()) << 20,
                warehouse: &warehouse,
                control: &control,
                revocations: &revocations,
                stopped: &stopped,
            };
            let environment = ingest.open(name, &mut background).await?;
            environments.insert(name.clone(), Arc::new(environment));
        }
        let keys = Keys::new(control.clone());
        if let (Some(key), Some(environment)) =
            (&config.bootstrap_admin_key, config.environments.first())
        {
            control
                .create_key(
                    key.expose_secret(),
                    "bootstrap",
                    KeyScope::Admin,
                    environment,
                    None,
                    now(),
                )
                .await?;
        }
        let signing = Signing::open(data_dir, &config.organisation, &config.environments, now())?;
        background.push(tokio::spawn(keep_reading(
            revocations.clone(),
            signing.clone(),
            stopped,
        )));
        let published = Published::new(control.clone(), revocations.clone());
        for environment in environments.values() {
            let follower = Follower {
                control: control.clone(),
                published: published.clone(),
                warehouse: warehouse.clone(),
                environment: environment.name.clone(),
            };
            background.push(tokio::spawn(follower.follow(stop.subscribe())));
        }
        let app = App {
            keys,
            published,
            revocations,
            answers: Answers::default(),
            environments: Arc::new(environments),
            signing,
            warehouse,
            assets: Arc::new(assets),
            organisation: config.organisation.clone(),
            public_url: public_url.into(),
            edge_secret: config.edge_secret.clone().map(Arc::new),
            metrics: Metrics::new(&crate::router::routes()),
            key_rates: Rates::new(config.rate_per_key),
            session_rates: Rates::new(config.rate_per_session),
            room: Room::new(config.requests_at_once.get()),
            traces: open_traces(config)?,
            control,
        };
        Ok(Self {
            app,
            engine,
            stop,
            background,
        })
    }

    /// Finishes what was begun: the batch being flushed, then the engine.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.background {
            if let Err(error) = task.await {
                tracing::warn!(%error, "a background task ended early");
            }
        }
        if let Some(engine) = self.engine {
            engine.stop().await;
        }
        if let Some(traces) = self.app.traces
            && let Err(error) = tokio::task::spawn_blocking(move || traces.stop()).await
        {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

fn open_traces(config: &Config) -> anyhow::Result<Option<Traces>> {
    let traces = config.otlp_url.as_deref().map(Traces::new).transpose();
    traces.context("EMBAN_OTLP_URL cannot be used")
}

pub(crate) async fn open_control(config: &Config) -> anyhow::Result<Control> {
    match &config.database_url {
        Some(url) => Control::open_url(url.expose_secret())
            .await
            .context("cannot open the database of EMBAN_DATABASE_URL"),
        None => {
            let file = config.data_dir.join("control.sqlite");
            Control::open_sqlite(&file)
                .await
                .with_context(|| format!("cannot open {}", file.display()))
        }
    }
}

async fn open_warehouse(config: &Config) -> anyhow::Result<(Option<Engine>, Warehouse)> {
    match &config.clickhouse {
        ClickHouse::Server {
            url,
            user,
            password,
            reader,
        } => {
            let warehouse = Warehouse::new(&WarehouseConfig {
                url: url.clone(),
                user: user.clone(),
                password: password.clone(),
                reader: reader.clone(),
            });
            warehouse
                .ping()
                .await
                .context("the ClickHouse server of EMBAN_CLICKHOUSE_URL does not answer")?;
            Ok((None, warehouse))
        }
        ClickHouse::Embedded { helper, library } => {
            let helper = match helper {
                Some(path) => path.clone(),
                None => beside_this_program("emban-clickhouse")?,
            };
            let data_dir = config.data_dir.join("clickhouse");
            let secret = SecretString::from(ids::random_text(40)?);
            let engine = Engine::start(
                EngineConfig {
                    helper,
                    library: library.clone(),
                    data_dir,
                },
                secret,
            )
            .await?;
            let warehouse = Warehouse::new(&WarehouseConfig {
                url: engine.url.clone(),
                user: Some("default".to_owned()),
                password: Some(engine.secret.as_ref().clone()),
                reader: None,
            });
            Ok((Some(engine), warehouse))
        }
    }
}

fn beside_this_program(name: &str) -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("cannot find this program's own path")?;
    Ok(program.with_file_name(name))
}

/// What the way of events into the warehouse is put together from.
struct Ingest<'a> {
    dir: PathBuf,
    /// The spool's bound.
    max_bytes: u64,
    warehouse: &'a Warehouse,
    control: &'a Control,
    revocations: &'a Revocations,
    stopped: &'a watch::Receiver<bool>,
}

impl Ingest<'_> {
    /// Opens the spool of an environment, goes on with erasures that were begun, and begins to flush.
    async fn open(
        self,
        environment: &EnvironmentName,
        background: &mut Vec<JoinHandle<()>>,
    ) -> anyhow::Result<Environment> {
        let dir = self.dir;
        let config = SpoolConfig {
            max_bytes: self.max_bytes,
            ..SpoolConfig::default()
        };
        let spool = Spool::open(&dir, config)?;
        let dedup = Dedup::open(dir.join("dedup"), DedupConfig::default())?;
        let parts = erasure::Parts {
            environment: environment.clone(),
            spool: spool.clone(),
            dedup: dedup.clone(),
            warehouse: self.warehouse.clone(),
            control: self.control.clone(),
            revocations: self.revocations.clone(),
            stopped: self.stopped.clone(),
        };
        let (erasures, unfinished) = Erasures::open(dir.join("erasures"), parts)
            .with_context(|| format!("cannot read the erasures of {environment}"))?;
        let sink = WarehouseSink(self.warehouse.writer(environment));
        let flusher = Flusher::new(&spool, dedup, sink, FlusherConfig::default())?;
        background.push(tokio::spawn(flusher.run(self.stopped.clone())));
        erasures.resume(unfinished).await;
        Ok(Environment {
            name: environment.clone(),
            spool,
            requests: RequestLog::open(dir.join("requests"))?,
            erasures,
        })
    }
}

/// Follows what other origins and operators change: revocations in the database, keys in the data directory.
async fn keep_reading(
    revocations: Revocations,
    signing: Signing,
    mut stopped: watch::Receiver<bool>,
) {
    let mut pause = READ_EVERY;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopped.changed() => return,
        }
        if let Err(error) = signing.refresh(now()) {
            tracing::error!(%error, "the signing keys could not be read; those read before stay in use");
        }
        pause = match revocations.refresh(now()).await {
            Ok(()) => READ_EVERY,
            Err(error) => {
                tracing::warn!(%error, "the feed could not be read");
                Duration::from_secs(1)
            }
        };
    }
}
