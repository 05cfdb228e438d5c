//! The origin's parts that stand by themselves: its configuration, its control plane, its keys, its engine.
//!
//! `control` is the database of keys, dashboards, versions, sessions and revocations; `engine` runs the embedded
//! ClickHouse helper; `events_body` reads what is sent to `POST /v1/events`; `surface` cuts a dashboard down to what
//! a session may see. The routes that join them are not here yet.

pub mod assets;
pub mod config;
pub mod control;
pub mod engine;
pub mod events_body;
pub mod ids;
pub mod revocation;
pub mod signing;
pub mod surface;
