//! Counts for Prometheus. Labels are routes of the router's own table, status classes and environments: a tenant, a
//! path or a token has no way into one, and no caller can make them grow.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::router::Route;

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS_MS: [u64; 10] = [1, 5, 10, 25, 50, 100, 250, 1000, 5000, 10_000];
/// Status classes, by the first digit of a status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What was answered on one route.
#[derive(Default)]
struct Answers {
    by_class: [AtomicU64; CLASSES.len()],
    /// Answers that took as long as a bound, or less; each in the lowest bound only.
    by_bound: [AtomicU64; BOUNDS_MS.len()],
    count: AtomicU64,
    microseconds: AtomicU64,
}

/// Every count of the process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    routes: Arc<HashMap<(&'static str, &'static str), Answers>>,
    unrouted: Arc<Answers>,
    in_flight: Arc<AtomicU64>,
}

/// A value that is read when it is asked for.
pub(crate) struct Gauge {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    /// Label values of `environment`, when there is one a environment.
    pub(crate) values: Vec<(Option<String>, u64)>,
}

impl Metrics {
    pub(crate) fn new(routes: &[Route]) -> Self {
        let routes = routes
            .iter()
            .map(|route| ((route.method, route.path), Answers::default()));
        Self {
            routes: Arc::new(routes.collect()),
            unrouted: Arc::default(),
            in_flight: Arc::default(),
        }
    }

    fn note(&self, method: &str, path: &str, status: u16, took: Duration) {
        let answers = self.routes.get(&(method, path)).unwrap_or(&self.unrouted);
        let class = usize::from(status / 100).saturating_sub(1);
        if let Some(count) = answers.by_class.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bound = BOUNDS_MS.iter().position(|ms| microseconds <= ms * 1000);
        if let Some(count) = bound.and_then(|bound| answers.by_bound.get(bound)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        answers.count.fetch_add(1, Ordering::Relaxed);
        answers
            .microseconds
            .fetch_add(microseconds, Ordering::Relaxed);
    }

    /// The text format of Prometheus, version 0.0.4.
    pub(crate) fn render(&self, gauges: &[Gauge]) -> String {
        let mut text = String::new();
        let mut routes: Vec<_> = self
            .routes
            .iter()
            .map(|(route, answers)| (*route, answers))
            .collect();
        routes.push((("other", "unknown"), &self.unrouted));
        routes.sort_by_key(|(route, _)| *route);
        text += "# HELP emban_http_requests_total Requests answered.\n# TYPE emban_http_requests_total counter\n";
        for ((method, route), answers) in &routes {
            for (class, count) in CLASSES.iter().zip(&answers.by_class) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    text += &format!(
                        "emban_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{class}\"}} {count}\n"
                    );
                }
            }
        }
        let name = "emban_http_request_duration_seconds";
        text += &format!(
            "# HELP {name} Time to the first byte of the answer.\n# TYPE {name} histogram\n"
        );
        for ((method, route), answers) in &routes {
            histogram(&mut text, name, method, route, answers);
        }
        let in_flight = Gauge {
            name: "emban_http_requests_in_flight",
            help: "Requests being answered.",
            values: vec![(None, self.in_flight.load(Ordering::Relaxed))],
        };
        for gauge in gauges.iter().chain([&in_flight]) {
            let (name, help) = (gauge.name, gauge.help);
            text += &format!("# HELP {name} {help}\n# TYPE {name} gauge\n");
            for (environment, value) in &gauge.values {
                let label = environment
                    .as_ref()
                    .map(|e| format!("{{environment=\"{e}\"}}"));
                text += &format!("{name}{} {value}\n", label.unwrap_or_default());
            }
        }
        text
    }
}

fn histogram(text: &mut String, name: &str, method: &str, route: &str, answers: &Answers) {
    let count = answers.count.load(Ordering::Relaxed);
    if count == 0 {
        return;
    }
    let labels = format!("method=\"{method}\",route=\"{route}\"");
    let mut below = 0;
    for (ms, within) in BOUNDS_MS.iter().zip(&answers.by_bound) {
        below += within.load(Ordering::Relaxed);
        let seconds = Duration::from_millis(*ms).as_secs_f64();
        *text += &format!("{name}_bucket{{{labels},le=\"{seconds}\"}} {below}\n");
    }
    let seconds = Duration::from_micros(answers.microseconds.load(Ordering::Relaxed)).as_secs_f64();
    *text += &format!(
        "{name}_bucket{{{labels},le=\"+Inf\"}} {count}\n{name}_sum{{{labels}}} {seconds}\n{name}_count{{{labels}}} {count}\n"
    );
}

/// Bytes of memory that the process holds, as the kernel tells.
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Counts a request; when its caller goes away, too.
struct InFlight(Arc<AtomicU64>);

impl InFlight {
    fn begin(count: &Arc<AtomicU64>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts every request.
pub(crate) async fn layer(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let started = std::time::Instant::now();
    let _in_flight = InFlight::begin(&metrics.in_flight);
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    metrics.note(
        method.as_str(),
        path,
        response.status().as_u16(),
        started.elapsed(),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::Caller;

    #[test]
    fn only_routes_of_the_table_become_labels() {
        let route = Route {
            method: "GET",
            path: "/v1/keys",
            caller: Caller::ReadKey,
            operation: crate::openapi::operations::keys::list_keys,
        };
        let metrics = Metrics::new(&[route]);
        metrics.note("GET", "/v1/keys", 200, Duration::from_millis(3));
        metrics.note("GET", "/v1/keys", 404, Duration::from_secs(60));
        metrics.note("BREW", "/tenants/acme", 404, Duration::from_millis(1));
        let text = metrics.render(&[Gauge {
            name: "g",
            help: "h.",
            values: vec![(Some("production".to_owned()), 7)],
        }]);
        for line in [
            "emban_http_requests_total{method=\"GET\",route=\"/v1/keys\",status=\"2xx\"} 1",
            "emban_http_requests_total{method=\"other\",route=\"unknown\",status=\"4xx\"} 1",
            "emban_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v1/keys\",le=\"0.001\"} 0",
            "emban_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v1/keys\",le=\"0.005\"} 1",
            "emban_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v1/keys\",le=\"10\"} 1",
            "emban_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v1/keys\",le=\"+Inf\"} 2",
            "g{environment=\"production\"} 7",
            "emban_http_requests_in_flight 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("acme") && !text.contains("BREW"), "{text}");
    }
}
