//! What Emban relies on in ClickHouse's HTTP interface, tried against a running engine.
//!
//! Without `EMBAN_TEST_CLICKHOUSE_URL` each test starts its own `emban-clickhouse` on a new directory; libchdb.so is
//! taken from `EMBAN_TEST_LIBCHDB`, or found under `~/.cache/emban`.
//! With `EMBAN_TEST_CLICKHOUSE_URL=http://user:password@host:8123` the same tests run against that server, in
//! databases named `emban_conformance_*`; what only the helper promises is left out.

#![expect(
    clippy::disallowed_methods,
    reason = "the engine itself is tried here; there are no tenants"
)]

// The attribute tells clippy that all of it is test code; it is always true here.
#[cfg(test)]
mod conformance {
    mod cancelling;
    mod harness;
    mod inserting;
    mod lifecycle;
    mod limits;
    mod parameters;
    mod reading;
    mod refusals;
    mod secret;
}
