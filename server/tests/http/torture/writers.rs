//! Who writes: each numbers its events, and sends each batch again until it is answered with 200.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::origin::{ADMIN_KEY, try_answer};

pub(super) const TENANTS: [&str; 3] = ["acme", "globex", "initech"];
const WRITERS: usize = 6;
/// Events that a request repeats of the one before.
const OVERLAP: u64 = 3;
/// A request to a process that was killed fails at once; one to a process that hangs must not be waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a writer has been answered 200 for: its events 0 to `events`.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) tenant: &'static str,
    pub(super) writer: usize,
    pub(super) events: u64,
}

/// The writers at work.
pub(super) struct Writers {
    url: watch::Sender<String>,
    /// Requests that may still be begun.
    permits: Arc<Semaphore>,
    answered: watch::Sender<u64>,
    refusals: Refusals,
    tasks: JoinSet<Written>,
}

/// What each writer was told last when it was not 200, and when.
type Refusals = Arc<Mutex<BTreeMap<usize, (Instant, String)>>>;

impl Writers {
    pub(super) fn start(seed: u64, url: &str) -> Self {
        let url = watch::Sender::new(url.to_owned());
        let (permits, answered) = (Arc::new(Semaphore::new(0)), watch::Sender::new(0));
        let (mut tasks, refusals) = (JoinSet::new(), Refusals::default());
        let now = emban_server::app::now().0;
        for number in 0..WRITERS {
            let writer = Writer {
                number,
                tenant: TENANTS[number % TENANTS.len()],
                names_events: number % 3 != 2,
                now,
                random: StdRng::seed_from_u64(seed ^ (number as u64 + 1)),
                url: url.subscribe(),
                refusals: refusals.clone(),
                client: Client::builder().timeout(PATIENCE).build().unwrap(),
            };
            tasks.spawn(writer.write(permits.clone(), answered.clone()));
        }
        Self {
            url,
            permits,
            answered,
            refusals,
            tasks,
        }
    }

    /// Lets so many further requests begin. Returns how many had been answered before.
    pub(super) fn allow(&self, requests: u64) -> u64 {
        // First: one that begins and is answered at once must not count as answered before.
        let answered = *self.answered.borrow();
        self.permits.add_permits(usize::try_from(requests).unwrap());
        answered
    }

    /// Waits until so many requests have been answered.
    pub(super) async fn answered(&self, requests: u64) {
        let mut answered = self.answered.subscribe();
        let reached = answered.wait_for(|all| *all >= requests);
        let reached = tokio::time::timeout(super::DEADLINE, reached).await;
        if reached.is_err() {
            let (now, refusals) = (Instant::now(), self.refusals.lock().unwrap());
            for (writer, (when, what)) in refusals.iter() {
                println!("writer {writer}, {:?} ago: {what}", now - *when);
            }
            let answered = *self.answered.borrow();
            panic!(
                "{answered} requests were answered, not {requests}; {} may begin",
                self.permits.available_permits()
            );
        }
    }

    /// Where the origin is now.
    pub(super) fn go_to(&self, url: &str) {
        self.url.send_replace(url.to_owned());
    }

    /// Finishes what was begun.
    pub(super) async fn finish(&mut self) -> Vec<Written> {
        self.permits.close();
        let mut written = Vec::new();
        while let Some(writer) = self.tasks.join_next().await {
            written.push(writer.unwrap());
        }
        written
    }
}

struct Writer {
    number: usize,
    tenant: &'static str,
    /// Its events have ids; else its requests have an idempotency key, from which the ids follow.
    names_events: bool,
    now: i64,
    random: StdRng,
    url: watch::Receiver<String>,
    refusals: Refusals,
    client: Client,
}

impl Writer {
    async fn write(mut self, permits: Arc<Semaphore>, answered: watch::Sender<u64>) -> Written {
        let (mut next, mut requests) = (0_u64, 0_u64);
        while let Ok(permit) = permits.acquire().await {
            permit.forget();
            // Now and then one that is a batch of the warehouse by itself.
            let events = match self.random.random_range(0..20) {
                0 => self.random.random_range(200..900),
                _ => self.random.random_range(1..30),
            };
            let from = match self.names_events {
                true => next.saturating_sub(OVERLAP),
                false => next,
            };
            next += events;
            requests += 1;
            self.send(from, next, requests).await;
            answered.send_modify(|all| *all += 1);
        }
        Written {
            tenant: self.tenant,
            writer: self.number,
            events: next,
        }
    }

    /// Sends a batch until it is answered with 200.
    async fn send(&mut self, from: u64, to: u64, request: u64) {
        loop {
            // A retry need not be the same request, as long as the events name themselves.
            let first = match self.names_events && self.random.random_bool(0.2) {
                true => self.random.random_range(from..to),
                false => from,
            };
            if self.try_send(first, to, request).await
                && (first == from || self.try_send(from, first, request).await)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn try_send(&self, from: u64, to: u64, request: u64) -> bool {
        let events: Vec<Value> = (from..to).map(|n| self.event(n)).collect();
        let url = format!("{}/v1/events", *self.url.borrow());
        let mut sent = self
            .client
            .post(url)
            .bearer_auth(ADMIN_KEY)
            .json(&json!({ "events": events }));
        if !self.names_events {
            sent = sent.header("idempotency-key", format!("{}-{request}", self.number));
        }
        match try_answer(sent).await {
            Ok(answer) if answer.status == 200 => return true,
            Ok(answer) => {
                assert!(matches!(answer.status, 429 | 503), "{}", answer.text);
                self.note(answer.text);
            }
            // The answer was lost with who was about to give it: stored or not, nobody knows.
            Err(error) => self.note(format!("{error:?}")),
        }
        false
    }

    fn note(&self, refusal: String) {
        let mut refusals = self.refusals.lock().unwrap();
        refusals.insert(self.number, (Instant::now(), refusal));
    }

    fn event(&self, n: u64) -> Value {
        const MONTH_MS: i64 = 30 * 86_400_000;
        let month = i64::try_from(n % 3).unwrap();
        let mut event = json!({
            "tenant_id": self.tenant, "event_name": "step", "user_id": format!("{}:{n}", self.number),
            "timestamp": emban_contract::UnixMillis(self.now - month * MONTH_MS).to_string(),
            "string_props": { "kind": format!("k{}", n % 5), "writer": self.number.to_string() },
            "numeric_props": { "n": n },
        });
        if self.names_events {
            event["event_id"] = json!(format!("{}:{n}", self.number));
        }
        event
    }
}
