//! How long a fuzz target runs.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestRunner};

/// Cases a target tries when nothing else is said: seconds, not minutes.
const CASES: u32 = 4000;

/// Tries an input many times over: `EMBAN_FUZZ_CASES` of them (`cargo xtask fuzz` sets it), else a few thousand.
///
/// A failure prints the smallest input that fails. Panics then, as tests do.
#[expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "a part of tests: they print what they did and panic when they fail"
)]
pub fn try_many<S: Strategy>(
    name: &str,
    inputs: &S,
    holds: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    #[expect(
        clippy::disallowed_methods,
        reason = "set by `cargo xtask fuzz` for the tests that it starts"
    )]
    let cases = std::env::var("EMBAN_FUZZ_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(CASES);
    let config = Config {
        cases,
        // The smallest failing input is printed, and becomes a test of its own.
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        max_global_rejects: cases,
        ..Config::default()
    };
    if let Err(failure) = TestRunner::new(config).run(inputs, holds) {
        panic!("{name}: {failure}");
    }
    println!("fuzz {name}: {cases} executions, 0 failures");
}
