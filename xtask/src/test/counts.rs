//! How many tests passed and failed, read from what the runners print.

/// Tests of one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Counts {
    /// A step without tests of its own that passed.
    pub(super) const PASSED: Self = Self {
        passed: 1,
        failed: 0,
    };
    /// A step without tests of its own that failed.
    pub(super) const FAILED: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// The sum of two steps.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }

    /// Reads one line of a test runner; zero for a line that is no summary.
    pub(super) fn of_line(line: &str) -> Self {
        // What nextest shows of a failed test stands behind spaces, and was counted already.
        cargo_test(line)
            .or_else(|| nextest(line.trim()))
            .or_else(|| node(line.trim()))
            .unwrap_or_default()
    }

    /// The step's result: a runner that failed without a failed test (it did not compile) has failed once.
    pub(super) fn with_exit(self, succeeded: bool) -> Self {
        if succeeded || self.failed > 0 {
            self
        } else {
            self.plus(Self::FAILED)
        }
    }
}

/// `test result: ok. 12 passed; 0 failed; 0 ignored; …`
fn cargo_test(line: &str) -> Option<Counts> {
    let rest = line.strip_prefix("test result: ")?;
    Some(Counts {
        passed: before(rest, "passed")?,
        failed: before(rest, "failed")?,
    })
}

/// `Summary [   0.012s] 3 tests run: 2 passed, 1 failed, 0 skipped`, where a zero may be left out.
fn nextest(line: &str) -> Option<Counts> {
    let rest = line.strip_prefix("Summary [")?;
    let (_, rest) = rest.split_once(" run: ")?;
    let failed = before(rest, "failed").unwrap_or(0) + before(rest, "timed").unwrap_or(0);
    Some(Counts {
        passed: before(rest, "passed").unwrap_or(0),
        failed,
    })
}

/// `# pass 3`, `# fail 1`, `# cancelled 1` of Node's TAP reporter.
fn node(line: &str) -> Option<Counts> {
    let (name, number) = line.strip_prefix("# ")?.split_once(' ')?;
    let number = number.parse().ok()?;
    match name {
        "pass" => Some(Counts {
            passed: number,
            failed: 0,
        }),
        "fail" | "cancelled" => Some(Counts {
            passed: 0,
            failed: number,
        }),
        _ => None,
    }
}

/// The number that stands before a word.
fn before(text: &str, word: &str) -> Option<u64> {
    let words: Vec<&str> = text
        .split([' ', ',', ';'])
        .filter(|part| !part.is_empty())
        .collect();
    words.windows(2).find_map(|pair| match pair {
        [number, found] if *found == word => number.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, passed: u64, failed: u64) {
        assert_eq!(Counts::of_line(line), Counts { passed, failed }, "{line}");
    }

    #[test]
    fn summaries_of_the_runners_are_read() {
        check(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            12,
            0,
        );
        check(
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out",
            2,
            3,
        );
        check(
            "     Summary [   0.012s] 3 tests run: 2 passed, 1 failed, 0 skipped",
            2,
            1,
        );
        check(
            "     Summary [   9.8s] 40 tests run: 40 passed (2 slow), 3 skipped",
            40,
            0,
        );
        check(
            "     Summary [   9.8s] 1 test run: 0 passed, 1 timed out, 3 skipped",
            0,
            1,
        );
        check("# pass 7", 7, 0);
        check("# fail 2", 0, 2);
        check("# cancelled 1", 0, 1);
    }

    #[test]
    fn other_lines_count_nothing() {
        check("# tests 7", 0, 0);
        check(
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 96 filtered out",
            0,
            0,
        );
        check("# Subtest: the pass 3 rate", 0, 0);
        check("12 passed, 0 failed", 0, 0);
        check("", 0, 0);
    }

    #[test]
    fn a_runner_that_failed_before_its_tests_has_failed() {
        assert_eq!(Counts::default().with_exit(false), Counts::FAILED);
        assert_eq!(
            Counts {
                passed: 3,
                failed: 1
            }
            .with_exit(false),
            Counts {
                passed: 3,
                failed: 1
            }
        );
        assert_eq!(
            Counts {
                passed: 3,
                failed: 0
            }
            .with_exit(true),
            Counts {
                passed: 3,
                failed: 0
            }
        );
    }
}
