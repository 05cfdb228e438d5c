//! Writers that repeat themselves, and processes that are killed at random moments; then every event is counted.
//!
//! A run ends after some kills, or after `EMBAN_TORTURE_MINUTES`. Its seed is printed and can be given again in
//! `EMBAN_TORTURE_SEED`: the same victims at the same distances, though no two runs interleave alike.

mod tables;
mod writers;

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};

use crate::origin::{ADMIN_KEY, Answer, Origin, try_answer};
use tables::Tables;
use writers::Writers;

/// Kills of the run in `cargo xtask test`.
const KILLS: u32 = 24;
/// How long anything may take to come true: a rollup that failed is tried again after half a minute.
const DEADLINE: Duration = Duration::from_secs(120);
/// The tests' usual log says more than a long run should write.
const QUIET: &[(&str, &str)] = &[("EMBAN_LOG", "info")];

/// How often each victim fell.
#[derive(Debug, Default)]
struct Kills {
    origin: u32,
    engine: u32,
    both: u32,
    starting: u32,
}

impl Kills {
    fn all(&self) -> u32 {
        self.origin + self.engine + self.both + self.starting
    }
}

/// When a run ends.
enum Until {
    Kills(u32),
    Time(Instant),
}

impl Until {
    #[expect(
        clippy::disallowed_methods,
        reason = "`cargo xtask torture` says how long"
    )]
    fn from_environment() -> Self {
        match std::env::var("EMBAN_TORTURE_MINUTES") {
            Ok(minutes) => {
                let minutes: u64 = minutes.parse().unwrap();
                Self::Time(Instant::now() + Duration::from_secs(60 * minutes))
            }
            Err(_) => Self::Kills(KILLS),
        }
    }

    fn is_over(&self, kills: &Kills) -> bool {
        match self {
            Self::Kills(most) => kills.all() >= *most,
            // A long run that was too short for that would prove nothing.
            Self::Time(end) => Instant::now() >= *end && kills.all() >= 20,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a run can be told its seed")]
fn seed() -> u64 {
    match std::env::var("EMBAN_TORTURE_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => rand::random(),
    }
}

/// A number, the exact users and the sums by a property: what a doubled or a missing event would change.
fn dashboard(property: &str) -> Value {
    json!({
        "name": property,
        "widgets": [
            { "id": "steps", "kind": "kpi", "chart": "stat", "title": "Steps",
              "query": { "event_name": "step", "metric": "count" }, "layout": { "x": 0, "y": 0, "w": 3, "h": 2 } },
            { "id": "users", "kind": "kpi", "chart": "stat", "title": "Users",
              "query": { "event_name": "step", "metric": "count_unique" }, "layout": { "x": 3, "y": 0, "w": 3, "h": 2 } },
            { "id": "sums", "kind": "breakdown", "chart": "list", "title": "Sums",
              "query": { "event_name": "step", "metric": "sum", "numeric_prop": "n", "group_by": property },
              "layout": { "x": 0, "y": 2, "w": 6, "h": 4 } }
        ]
    })
}

/// The run: the origin that is alive now, and who writes to it.
struct Run {
    random: StdRng,
    origin: Origin,
    writers: Writers,
    kills: Kills,
}

impl Run {
    fn start(seed: u64) -> Self {
        let origin = Origin::start_with(QUIET);
        let writers = Writers::start(seed, &origin.url);
        Self {
            random: StdRng::seed_from_u64(seed),
            origin,
            writers,
            kills: Kills::default(),
        }
    }

    /// Lets some requests pass, and goes on at a moment among them or a little later, when they are on their way
    /// into the warehouse.
    async fn reach_a_moment(&mut self) {
        let requests = self.random.random_range(1..120);
        let moment = self.random.random_range(0..requests);
        let answered = self.writers.allow(requests);
        self.writers.answered(answered + moment).await;
        let pause = self.random.random_range(0..400);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }

    fn kill(mut self) -> Self {
        match self.random.random_range(0..10) {
            0..3 => {
                self.origin = self.origin.killed_and_restarted_with(QUIET);
                self.kills.origin += 1;
            }
            3..6 => self.kills.engine += self.origin.signal_engine("-KILL"),
            6..8 => {
                self.kills.both += self.origin.signal_engine("-KILL");
                self.origin = self.origin.killed_and_restarted_with(QUIET);
            }
            _ => {
                let after = Duration::from_millis(self.random.random_range(0..700));
                self.origin = self.origin.killed_also_while_starting(after, QUIET);
                self.kills.starting += 2;
            }
        }
        self.writers.go_to(&self.origin.url);
        self
    }

    /// A call that is repeated until it is answered with this status.
    async fn insist(&self, method: Method, path: &str, body: Value, status: u16) -> Answer {
        let started = Instant::now();
        loop {
            let request = self
                .origin
                .request(method.clone(), path, ADMIN_KEY)
                .json(&body);
            match try_answer(request).await {
                Ok(answer) if answer.status == status => return answer,
                other => assert!(started.elapsed() < DEADLINE, "{path}: {other:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn publish(&self, document: Value) -> String {
        let created = self
            .insist(Method::POST, "/v1/dashboards", document, 201)
            .await;
        let id = created.body["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/dashboards/{id}/publish");
        self.insist(Method::POST, &path, json!({}), 204).await;
        id
    }

    /// Waits until all is in the warehouse and every widget of these dashboards is answered from a rollup.
    async fn settle(&self, dashboards: &[String]) {
        let has_drained = |answer: &Answer| answer.body["waiting_events"] == 0;
        self.origin
            .await_within(DEADLINE, "/readyz", has_drained)
            .await;
        for id in dashboards {
            let path = format!("/v1/dashboards/{id}/plan");
            let all_from_rollups = |answer: &Answer| {
                let widgets = answer.body["widgets"].as_array();
                widgets.is_some_and(|all| all.iter().all(|widget| widget["source"] == "rollup"))
            };
            self.origin
                .await_within(DEADLINE, &path, all_from_rollups)
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn torture_loses_no_event_and_counts_none_twice() {
    let (seed, until) = (seed(), Until::from_environment());
    println!("torture: seed {seed}");
    let mut run = Run::start(seed);
    let mut dashboards = vec![run.publish(dashboard("kind")).await];
    while !until.is_over(&run.kills) {
        run.reach_a_moment().await;
        run = run.kill();
        // A second one in the middle: its rollup is filled while events come and processes go.
        if dashboards.len() == 1 && run.kills.all() > KILLS / 3 {
            dashboards.push(run.publish(dashboard("writer")).await);
        }
    }
    let written = run.writers.finish().await;
    run.settle(&dashboards).await;
    let tables = Tables::of(run.origin).await;
    let events = tables.check_events(&written).await;
    let rollups = tables.check_rollups(&written).await;
    assert!(rollups >= 2, "{rollups} rollups");
    println!(
        "torture: {} kills {:?}, {events} events of {} tenants in events and in {rollups} rollups, 0 missing, 0 twice",
        run.kills.all(),
        run.kills,
        writers::TENANTS.len(),
    );
}
