//! `emban-clickhouse`: libchdb behind the part of ClickHouse's HTTP interface that Emban uses.
//!
//! The way of a request: [`server`] checks the secret and reads the request ([`request`], [`settings`],
//! [`compressed`]); [`engine`] runs it on its own connection through [`ffi`]; the answer leaves with ClickHouse's
//! headers, or as an [`exception`].

pub mod compressed;
pub mod config;
pub mod engine;
pub mod exception;
pub mod ffi;
pub mod request;
pub mod server;
pub mod settings;
pub mod statement;
