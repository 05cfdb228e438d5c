//! The edge: verifies a session, answers from its cache, asks the origin for the rest.
//!
//! It adds no right and no data that the origin lacks: it holds public keys only, and everything it answers came from
//! the origin under the same scope. The rules (which route, which age, which key, which header) are plain Rust without
//! a Worker in sight and are tested natively; what joins them to the Workers runtime is not here yet.

#![expect(dead_code, reason = "the rules stand before the rim that calls them")]

mod ask;
mod config;
mod cors;
mod expiry;
mod flights;
mod freshness;
mod headers;
mod lru;
mod pace;
mod problem;
mod refresh;
mod route;
mod token;
