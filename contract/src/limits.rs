//! Every bound of the public interface, with its unit and its reason.

/// Bytes of a tenant id: any key a company already uses fits.
pub const TENANT_ID_BYTES: usize = 256;

/// Bytes of an event name, a property name or a user id: 1 KiB.
pub const NAME_BYTES: usize = 1024;

/// Bytes of one string property's value: 8 KiB.
pub const STRING_VALUE_BYTES: usize = 8 * 1024;

/// Properties of one event, strings and numbers together.
pub const PROPERTIES_PER_EVENT: usize = 256;

/// Events of one request to `POST /v1/events`.
pub const EVENTS_PER_REQUEST: usize = 1000;

/// Bytes of one request to `POST /v1/events` after decompression: 10 MiB.
pub const EVENTS_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Bytes of any other request body: 1 MiB, several times the largest sensible dashboard.
pub const BODY_BYTES: usize = 1024 * 1024;

/// Earliest event time accepted: 2000-01-01T00:00:00Z, in Unix milliseconds.
pub const EARLIEST_EVENT_MS: i64 = 946_684_800_000;

/// How far ahead of the server's clock an event may lie: one day, in milliseconds, since clients' clocks are wrong.
pub const EVENT_AHEAD_MS: i64 = 86_400_000;

/// Bytes of a session token. Headers beyond 8 KiB are refused by many proxies anyway.
pub const TOKEN_BYTES: usize = 8 * 1024;

/// Longest overlap of a rotated key and its successor, in seconds: 30 days.
pub const KEY_OVERLAP_MAX_SECONDS: u32 = 2_592_000;

/// Overlap of a rotated key and its successor when none is asked for, in seconds: a day.
pub const KEY_OVERLAP_SECONDS: u32 = 86_400;

/// Shortest life of an embed session, in seconds.
pub const SESSION_MIN_SECONDS: u32 = 60;

/// Life of an embed session when none is asked for, in seconds.
pub const SESSION_DEFAULT_SECONDS: u32 = 3600;

/// Longest life of an embed session, in seconds: one day.
pub const SESSION_MAX_SECONDS: u32 = 86_400;

/// Widgets of one dashboard.
pub const WIDGETS_PER_DASHBOARD: usize = 60;

/// Values that one dimension filter may hold.
pub const FILTER_VALUES: usize = 200;

/// Points of one series: 90 days of hours is 2,160; a chart draws at most its width in pixels.
pub const SERIES_POINTS: usize = 3000;

/// Series of one grouped time series before the rest is summed into `other`.
pub const SERIES_PER_WIDGET: u32 = 12;

/// Rows of a breakdown or table when `limit` is not given.
pub const DEFAULT_ROWS: u32 = 10;

/// Rows of a breakdown or table at most.
pub const MAX_ROWS: u32 = 1000;

/// Cells of a pivot's second dimension before the rest is summed into `other`.
pub const PIVOT_COLUMNS: u32 = 20;

/// Rows of one page of drill-down when `limit` is not given.
pub const DRILL_PAGE_ROWS: u32 = 50;

/// Rows of one page of drill-down at most.
pub const DRILL_PAGE_MAX_ROWS: u32 = 500;

/// Values of a dimension that one `values` request answers at most.
pub const DIMENSION_VALUES: u32 = 200;

/// Seconds that one embed query may run in the warehouse.
pub const QUERY_SECONDS: u32 = 10;

/// Seconds an answer is fresh at the edge when the dashboard does not say.
pub const REFRESH_SECONDS: u32 = 15;

/// Seconds a stale answer may be served while it is fetched anew, or while the origin cannot be reached.
pub const STALE_SECONDS: u32 = 60;
