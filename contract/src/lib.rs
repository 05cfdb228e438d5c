//! The wire of Emban: ids, times, limits, error codes and the documents that travel between tiers.
//!
//! Nothing here does I/O, reads a clock or makes random numbers; it compiles for the server and for wasm32.
//! Names and shapes follow the public contract; what is marked there as public is fixed.

pub mod audit;
pub mod dashboard;
pub mod discover;
pub mod embed;
pub mod event;
pub mod feed;
pub mod filters;
pub mod ids;
pub mod json;
pub mod keys;
pub mod limits;
pub mod permissions;
pub mod problem;
mod props;
pub mod refusal_page;
#[cfg(feature = "schema")]
mod schema;
pub mod time;
pub mod week;

pub use ids::{
    DashboardId, EnvironmentName, IdError, OrganisationId, SessionId, TenantId, WidgetId,
};
pub use problem::{Detail, ProblemCode, ProblemDocument};
pub use props::Props;
pub use time::UnixMillis;
