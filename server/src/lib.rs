//! The origin of Emban: takes events, keeps dashboards, mints sessions, answers their queries.
//!
//! `app` puts the parts together, `router` is the table of routes, `control` is the database of keys, dashboards,
//! versions, sessions and revocations, `engine` runs the embedded ClickHouse helper.

mod answers;
pub mod app;
pub mod assets;
mod audit;
mod company_query;
mod concurrency;
pub mod config;
pub mod control;
mod cors;
pub mod csv;
mod data_dir;
pub mod design;
pub mod doctor;
pub mod document;
pub mod draft;
pub mod engine;
pub mod environment;
mod erasure;
pub mod events_body;
mod extract;
pub mod ids;
pub mod ingest;
mod metrics;
mod minting;
pub mod openapi;
pub mod operate;
mod picture;
pub mod problem;
mod rates;
pub mod revocation;
mod rollups;
pub mod router;
mod routes;
pub mod signing;
mod stylesheet;
pub mod surface;
pub mod traces;
