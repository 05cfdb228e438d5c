//! One line on stderr for each step, with the time it took.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use anyhow::Result;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It worked; the text says what was done ("built", "installed").
    Did(&'static str),
    /// Everything was already there.
    Cached,
}

/// Runs `work` and prints `label … outcome in N s`.
pub(crate) fn step<T>(label: &str, work: impl FnOnce() -> Result<(T, Outcome)>) -> Result<T> {
    let started = Instant::now();
    let mut err = std::io::stderr();
    // On a terminal the label stands while the step runs; in a log the line is written once, whole.
    if err.is_terminal() {
        eprint!("{label} … ");
        err.flush()?;
    }
    let result = work();
    let seconds = started.elapsed().as_secs_f64();
    let ending = match &result {
        Ok((_, Outcome::Cached)) => "cached".to_owned(),
        Ok((_, Outcome::Did(what))) => format!("{what} in {seconds:.1} s"),
        Err(_) => format!("failed after {seconds:.1} s"),
    };
    if err.is_terminal() {
        eprintln!("{ending}");
    } else {
        eprintln!("{label} … {ending}");
    }
    result.map(|(value, _)| value)
}
