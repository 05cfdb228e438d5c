//! Handlers: extract, one call, wrap. One file a resource.

pub(crate) mod assets;
pub(crate) mod audit;
pub(crate) mod dashboards;
pub(crate) mod discover;
pub(crate) mod docs;
pub(crate) mod document;
pub(crate) mod embed;
pub(crate) mod embed_sessions;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod feed;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod plan;
pub(crate) mod preview;
pub(crate) mod query;
pub(crate) mod tenant_data;
