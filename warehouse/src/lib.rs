//! Tenant-scoped reads of ClickHouse, the plans behind them, the schema and the writer.
//!
//! A request becomes figures in four steps, each on its own: a [`View`] of the published document checks it against
//! the session's permissions and makes a plan; the plan becomes SQL text with parameters; [`ScopedWarehouse`] runs it for
//! the one tenant of a [`TenantScope`]; the answer becomes the contract's shapes. Only the third step does I/O.

mod connection;
mod decode;
mod erasure;
mod error;
pub mod operator;
mod plan;
pub mod policy;
mod property;
mod retention;
mod rollup;
mod scan;
mod schema;
mod scope;
mod scoped;
mod sql;
mod writer;

pub use connection::{Warehouse, WarehouseConfig};
pub use erasure::ErasureProgress;
pub use error::QueryError;
pub use plan::{Plan, PlanError, Planned, RowsPlan, ValuesPlan, View, is_time_zone};
pub use retention::Retaining;
pub use rollup::{Explained, Feeding, RollupError, RollupsPause, WhyEvents};
pub use schema::MigrateError;
pub use scope::TenantScope;
pub use scoped::{Export, ScopedWarehouse};
pub use writer::{WriteError, Writer};
