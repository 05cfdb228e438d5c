//! Everything that only the real engine can show. One engine for the test binary, one database for each test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests stop at the first surprise, and say with which seed they began"
)]

mod bench;
mod differential;
mod drill;
mod flights;
mod funnels;
mod isolation;
mod limits;
mod names;
mod oracle;
mod policies;
mod process;
mod rollups;
mod writing;
