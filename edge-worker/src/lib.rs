//! The edge: verifies a session, answers from its cache, asks the origin for the rest.
//!
//! It adds no right and no data that the origin lacks: it holds public keys only, and everything it answers came from
//! the origin under the same scope. The rules (which route, which age, which key, which header) are plain Rust without
//! a Worker in sight and are tested natively; [`rim`] joins them to the Workers runtime.

#![cfg_attr(
    not(target_arch = "wasm32"),
    expect(
        dead_code,
        reason = "only the rim calls the rules, and it is built for wasm32 alone"
    )
)]

mod ask;
mod config;
mod cors;
mod expiry;
mod flights;
mod head;
mod headers;
mod nonce;
mod own;
mod pace;
mod packed;
mod problem;
mod refresh;
mod route;
mod token;

#[cfg(target_arch = "wasm32")]
use emban_session::{freshness, lru};

#[cfg(target_arch = "wasm32")]
mod rim;
