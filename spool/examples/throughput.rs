//! Measures the spool: durable appends by batch size and appenders, and how fast the flusher empties the log.
//!
//! `cargo run --release -p emban-spool --example throughput -- DIRECTORY [SECONDS]`
//! The directory decides what is measured: give it the disk that the spool will use.

#![expect(clippy::print_stdout, reason = "an example that reports")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use emban_contract::{TenantId, UnixMillis, event::Event};
use emban_spool::{
    Dedup, DedupConfig, Flusher, FlusherConfig, Sink, SinkError, Spool, SpoolConfig,
};
use tokio::sync::watch;

/// Takes everything at once, so that the flusher's own cost is seen.
struct Nothing;

impl Sink for Nothing {
    async fn insert(&self, _: &[Event], _: &str) -> Result<(), SinkError> {
        Ok(())
    }
}

fn event(tenant: &TenantId, id: u64) -> Event {
    let texts = [
        ("model", "m-1"),
        ("endpoint", "/chat"),
        ("region", "eu-west-1"),
    ];
    let numbers = [("tokens", 150.0), ("latency_ms", 230.5), ("cost", 0.0042)];
    Event {
        tenant_id: tenant.clone(),
        event_name: "api.call".to_owned(),
        timestamp: UnixMillis(1_774_000_000_000),
        event_id: format!("evt_{id:016x}"),
        user_id: format!("u{}", id % 1000),
        string_props: texts
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
        numeric_props: numbers
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
    }
}

fn percentile(sorted: &[Duration], of_hundred: usize) -> f64 {
    sorted
        .get(sorted.len() * of_hundred / 100)
        .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

async fn append_for(
    spool: Spool,
    batch: u64,
    from: u64,
    time: Duration,
) -> Result<Vec<Duration>, emban_spool::AppendError> {
    let tenant = TenantId::new("acme").map_err(|_| emban_spool::AppendError::Closed)?;
    let started = Instant::now();
    let mut next = from;
    let mut times = Vec::new();
    while started.elapsed() < time {
        let events = (next..next + batch).map(|id| event(&tenant, id)).collect();
        next += batch;
        let asked = Instant::now();
        spool.append(events).await?;
        times.push(asked.elapsed());
    }
    Ok(times)
}

async fn measure_append(
    dir: &Path,
    batch: u64,
    appenders: u64,
    time: Duration,
) -> Result<(), Box<dyn Error>> {
    let spool = Spool::open(
        dir,
        SpoolConfig {
            max_bytes: 16 << 30,
            ..SpoolConfig::default()
        },
    )?;
    let started = Instant::now();
    let tasks: Vec<_> = (0..appenders)
        .map(|n| tokio::spawn(append_for(spool.clone(), batch, n << 40, time)))
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let status = spool.status();
    println!(
        "append  batch {batch:>4}  appenders {appenders:>2}  {:>9.0} events/s  p50 {:>7.2} ms  p99 {:>7.2} ms  {:>6.1} appends/fsync",
        status.appended as f64 / seconds,
        percentile(&times, 50),
        percentile(&times, 99),
        times.len() as f64 / status.syncs as f64,
    );
    Ok(())
}

async fn measure_flush(dir: &Path, events: u64) -> Result<(), Box<dyn Error>> {
    let spool = Spool::open(
        dir,
        SpoolConfig {
            max_bytes: 16 << 30,
            ..SpoolConfig::default()
        },
    )?;
    let tenant = TenantId::new("acme")?;
    let dedup = Dedup::open(dir.join("dedup"), DedupConfig::default())?;
    let mut last = 0;
    for from in (0..events).step_by(1000) {
        last = spool
            .append((from..from + 1000).map(|id| event(&tenant, id)).collect())
            .await?
            .last_position;
    }
    let bytes = spool.status().disk_bytes;
    let (stop, stopped) = watch::channel(false);
    let flusher =
        tokio::spawn(Flusher::new(&spool, dedup, Nothing, FlusherConfig::default())?.run(stopped));
    let mut mark = (Instant::now(), 0);
    let mut flushed = spool.watch();
    for step in 1..=4 {
        let goal = last * step / 4;
        flushed.wait_for(|position| *position > goal).await?;
        let (now, at) = (Instant::now(), *flushed.borrow());
        println!(
            "flush   quarter {step} of {events} events ({} bytes each)  {:>9.0} events/s",
            bytes / events,
            (at - mark.1) as f64 / (now - mark.0).as_secs_f64()
        );
        mark = (now, at);
    }
    stop.send_replace(true);
    flusher.await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let base = PathBuf::from(arguments.next().ok_or("give a directory")?);
    let seconds = arguments.next().map_or(Ok(3.0), |text| text.parse())?;
    for appenders in [1, 16] {
        for batch in [1, 100, 1000] {
            let dir = base.join(format!("append-{batch}-{appenders}"));
            measure_append(&dir, batch, appenders, Duration::from_secs_f64(seconds)).await?;
            std::fs::remove_dir_all(&dir)?;
        }
    }
    let dir = base.join("flush");
    measure_flush(&dir, 4_000_000).await?;
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
