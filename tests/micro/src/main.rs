//! Benchmarks of single functions. `emban-micro time` prints nanoseconds of each as JSON; `emban-micro count NAME N` does
//! nothing but call one N times, for a counter of instructions around the process.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for measuring: it stops at the first surprise and prints figures"
)]

mod chart;
mod events;
mod page;
mod plan;
mod sessions;

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::json;

/// Batches of calls that are timed, and how long each takes about.
const BATCHES: usize = 31;
const BATCH: Duration = Duration::from_millis(10);

/// A function with its input; it has been called once, and its result looked at.
struct Subject {
    name: &'static str,
    call: Box<dyn Fn()>,
}

impl Subject {
    /// `is_right` looks at one result before anything is measured.
    fn new<T>(
        name: &'static str,
        call: impl Fn() -> T + 'static,
        is_right: impl Fn(&T) -> bool,
    ) -> Self {
        assert!(is_right(&call()), "{name} gives a wrong result");
        Self {
            name,
            call: Box::new(move || {
                black_box(call());
            }),
        }
    }

    fn repeat(&self, times: u32) {
        for _ in 0..times {
            (self.call)();
        }
    }

    /// Nanoseconds of one call: of batches that are long beside the clock's grain the least, the middle and the most.
    fn spread_ns(&self) -> [f64; 3] {
        let begin = Instant::now();
        let mut calls = 0;
        while begin.elapsed() < BATCH {
            (self.call)();
            calls += 1;
        }
        let mut batches: Vec<f64> = (0..BATCHES)
            .map(|_| {
                let begin = Instant::now();
                self.repeat(calls);
                begin.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
            })
            .collect();
        batches.sort_by(f64::total_cmp);
        [0, BATCHES / 2, BATCHES - 1].map(|place| batches[place])
    }
}

fn subjects() -> Vec<Subject> {
    let mut all = sessions::subjects();
    all.push(plan::subject());
    all.push(page::subject());
    all.extend(chart::subjects());
    all.push(events::subject());
    all
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["time"] => {
            let timed = |subject: &Subject| {
                let [least, median, most] = subject.spread_ns();
                json!({ "name": subject.name, "ns": median, "spread": [least, most] })
            };
            let all: Vec<_> = subjects().iter().map(timed).collect();
            println!("{}", json!(all));
        }
        ["count", name, times] => {
            let all = subjects();
            let one = all.iter().find(|subject| subject.name == *name).unwrap();
            one.repeat(times.parse().unwrap());
        }
        _ => panic!("emban-micro time | count NAME N"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_subject_gives_what_it_should() {
        assert!(super::subjects().len() > 5);
    }
}
