//! What a session asks and gets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dashboard::{
    Chart, DimensionFilter, Granularity, Layout, Metric, NumericRangeFilter, Period, Theme,
    WidgetKind, WidgetOptions,
};
use crate::filters::ViewerFilters;
use crate::permissions::Permissions;
use crate::{DashboardId, Detail, ProblemCode, SessionId, TenantId, UnixMillis, WidgetId};

/// `POST /v1/embed-sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateSession {
    /// Whose data the session shows.
    pub tenant_id: TenantId,
    /// Which dashboard.
    pub dashboard_id: DashboardId,
    /// Life of the session in seconds, 60 to 86,400; 3600 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = crate::limits::SESSION_MIN_SECONDS, max = crate::limits::SESSION_MAX_SECONDS)))]
    pub expires_in: Option<u32>,
    /// What the session may do.
    #[serde(default, deserialize_with = "crate::json::object")]
    pub permissions: Permissions,
}

/// Answer of `POST /v1/embed-sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionCreated {
    /// Opens the dashboard in an iframe or by the script tag.
    pub embed_url: String,
    /// The session's token.
    pub token: String,
    /// When it ends.
    pub expires_at: UnixMillis,
    /// Seconds until then, for clients whose clock is wrong.
    pub expires_in: u32,
    /// Names the session, for revocation.
    pub session_id: SessionId,
    /// Permissions without effect on the live version, such as a hidden widget that it does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Detail>,
}

/// Answer of `GET /v1/embed/surface`: the published version as this session may see it.
///
/// Hidden widgets, locked filters and dimensions that are not allowed do not appear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Surface {
    /// Which dashboard.
    pub dashboard_id: DashboardId,
    /// The published version.
    pub version: u32,
    /// Title for people.
    pub name: String,
    /// One or two sentences under the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What this viewer may filter by.
    pub filters: SurfaceFilters,
    /// Colours of the dashboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// The widgets, in reading order.
    pub widgets: Vec<SurfaceWidget>,
    /// Whether click-to-filter and detail rows are allowed.
    pub allow_drill_down: bool,
    /// Whether downloads are allowed.
    pub allow_export: bool,
    /// IANA time zone of days and hours.
    pub timezone: String,
    /// BCP 47 tag that the session asks for; the browser's own when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Origins that may embed; any when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    /// Seconds that an answer is fresh.
    pub refresh: u32,
    /// Seconds until the session ends, by the server's clock at the time of the answer.
    pub expires_in: i64,
}

/// What this viewer may filter by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SurfaceFilters {
    /// Choices of the period selector; empty when there is no choice.
    pub periods: Vec<Period>,
    /// The period shown first.
    pub default_period: Period,
    /// String properties offered as filters.
    pub dimensions: Vec<DimensionFilter>,
    /// Numeric properties offered as ranges.
    pub numeric_ranges: Vec<NumericRangeFilter>,
    /// Whether dates of the viewer's own are allowed.
    pub date_range: bool,
    /// Longest range in days; 0 is no limit.
    pub max_date_range_days: u32,
}

/// A widget as the browser needs it: how to draw, not what is asked of the warehouse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SurfaceWidget {
    /// Unique in the dashboard.
    pub id: WidgetId,
    /// Shape of the answer.
    pub kind: WidgetKind,
    /// How it is drawn.
    pub chart: Chart,
    /// Title for people.
    pub title: String,
    /// Where it stands on the grid.
    pub layout: Layout,
    /// How it is drawn in detail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<WidgetOptions>,
    /// What its figures are grouped by, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Grouped>,
    /// The widget's own period, when it does not follow the viewer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Whether the rows behind it, its steps of time, its hours or the steps of its funnel can be seen.
    #[serde(default)]
    pub drillable: bool,
    /// What its numbers measure: the first and the second; empty for texts and funnels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measured>,
}

/// A property that figures are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Grouped {
    /// Name of the property, or `user_id`.
    pub prop: String,
    /// What a click on one of its values does; nothing when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click: Option<GroupClick>,
}

/// What a click on a value does, where the session may use the property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupClick {
    /// It filters the dashboard: the property is one of its filters.
    Filter,
    /// It shows the rows behind the value.
    Rows,
}

/// What a number measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measured {
    /// How.
    pub metric: Metric,
    /// The numeric property that is measured, for metrics that read one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prop: Option<String>,
}

/// `POST /v1/embed/query`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// Which widgets; all that ask something when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widgets: Option<Vec<WidgetId>>,
    /// What the viewer has chosen.
    #[serde(default)]
    pub filters: ViewerFilters,
}

/// Answer of `POST /v1/embed/query`: one result a widget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QueryAnswer {
    /// The published version that was asked.
    pub version: u32,
    /// By widget id.
    pub results: BTreeMap<WidgetId, WidgetResult>,
}

/// What became of one widget's query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum WidgetResult {
    /// It was answered.
    Ok {
        /// The figures.
        data: WidgetData,
        /// When they were read from the warehouse.
        freshness: UnixMillis,
    },
    /// It failed; the others do not care.
    Error {
        /// A stable word for programs.
        code: ProblemCode,
        /// A sentence for people.
        error: String,
    },
}

/// The figures of a widget; the shape follows from its kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum WidgetData {
    /// Of a timeseries.
    Timeseries(TimeseriesData),
    /// Of a heatmap or pivot.
    Grid(GridData),
    /// Of a breakdown or table.
    Table(TableData),
    /// Of a kpi.
    Kpi(KpiData),
}

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KpiData {
    /// The measure; null when nothing was measured.
    pub value: Option<f64>,
    /// The measure of the earlier period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_value: Option<f64>,
    /// Change in percent; left out when the earlier value is 0 or missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta_pct: Option<f64>,
}

/// Numbers by time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeseriesData {
    /// One, or one a group; a comparison stands after the series it belongs to.
    pub series: Vec<SeriesData>,
    /// Step of the points.
    pub granularity: Granularity,
    /// Start of the range shown.
    pub from: UnixMillis,
    /// End of the range shown, not included.
    pub to: UnixMillis,
    /// Start of the bucket that is still running, whose value will grow; none when the range lies in the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_from: Option<UnixMillis>,
    /// End of the first bucket when the time asked for begins inside it: it holds a part of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_until: Option<UnixMillis>,
    /// Start of the last bucket when the time asked for ends inside it, and before now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_from: Option<UnixMillis>,
    /// Offsets of the session's time zone over the range: from when on, seconds east of UTC. Sorted, at least one.
    pub offsets: Vec<(UnixMillis, i32)>,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeriesData {
    /// The group's value, or the measure's name.
    pub name: String,
    /// What it stands for.
    #[serde(default)]
    pub role: SeriesRole,
    /// Start of each bucket and its value; null where nothing was measured.
    pub points: Vec<(UnixMillis, Option<f64>)>,
}

/// What a series stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SeriesRole {
    /// The measure itself, or one of its groups.
    #[default]
    Primary,
    /// The second measure, on the right axis.
    Secondary,
    /// The measure in the earlier period; its points carry the times of the period shown.
    Comparison,
    /// The groups beyond the limit, summed.
    Other,
}

/// Rows and columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TableData {
    /// The columns.
    pub columns: Vec<Column>,
    /// One cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// Everything beyond the limit, one cell a column, the first column null; left out when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Stable name: the property, or `value`, `second_value`, `previous_value`, `delta_pct`.
    pub key: String,
    /// What its cells hold.
    #[serde(rename = "type")]
    pub type_: ColumnType,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text; an event that lacks the property shows null.
    String,
    /// A number.
    Number,
    /// An RFC 3339 date-time.
    Time,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Cell {
    /// A number; never NaN or infinite.
    Number(f64),
    /// Text, or a date-time.
    Text(String),
    /// Nothing measured, or the property is missing.
    Null,
}

/// Numbers by two dimensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GridData {
    /// Labels of the rows: days of the week `1` (Monday) to `7` for a heatmap, values of the first property for a pivot.
    pub rows: Vec<Option<String>>,
    /// Labels of the columns: hours `0` to `23` for a heatmap, values of the second property for a pivot.
    pub columns: Vec<Option<String>>,
    /// One number a row and column; null where nothing was measured.
    pub cells: Vec<Vec<Option<f64>>>,
    /// Whether the last row of a pivot stands for all rows beyond the limit. Its label is `other`, as a value may be too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_row: bool,
    /// As `other_row`, for the last column.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_column: bool,
}

/// `POST /v1/embed/rows`: the events behind a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RowsRequest {
    /// Which widget.
    pub widget: WidgetId,
    /// What the viewer has chosen.
    #[serde(default)]
    pub filters: ViewerFilters,
    /// Which point of the widget; all of it when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Where the last page ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Rows of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::limits::DRILL_PAGE_MAX_ROWS)))]
    pub limit: Option<u32>,
}

/// A point of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Start of the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<UnixMillis>,
    /// Values of the grouping, outermost first; null is the missing property.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Vec<Option<String>>>,
}

/// Answer of `POST /v1/embed/rows`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RowsAnswer {
    /// The columns.
    pub columns: Vec<Column>,
    /// One cell a column, newest event first.
    pub rows: Vec<Vec<Cell>>,
    /// Asks for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// `POST /v1/embed/values`: the values of a dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ValuesRequest {
    /// Which dimension.
    pub dimension: String,
    /// Part of the value, case-insensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// What the viewer has chosen; the dimension's own choice does not count.
    #[serde(default)]
    pub filters: ViewerFilters,
    /// Values at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = crate::limits::DIMENSION_VALUES)))]
    pub limit: Option<u32>,
}

/// Answer of `POST /v1/embed/values`, the most frequent first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValuesAnswer {
    /// The values.
    pub values: Vec<DimensionValue>,
}

/// One value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DimensionValue {
    /// The value; null is the missing property.
    pub value: Option<String>,
    /// Events that have it.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str, is: fn(&WidgetData) -> bool) {
        let data: WidgetData = serde_json::from_str(text).unwrap();
        assert!(is(&data), "{data:?}");
        assert_eq!(serde_json::to_string(&data).unwrap(), text);
    }

    #[test]
    fn each_shape_of_data_reads_back_as_itself() {
        round_trip(
            r#"{"value":12.5,"previous_value":10.0,"delta_pct":25.0}"#,
            |d| matches!(d, WidgetData::Kpi(_)),
        );
        round_trip(r#"{"value":null}"#, |d| matches!(d, WidgetData::Kpi(_)));
        round_trip(
            r#"{"series":[{"name":"count","role":"primary","points":[["2026-03-01T00:00:00Z",12.0],["2026-03-02T00:00:00Z",null]]}],"granularity":"day","from":"2026-03-01T00:00:00Z","to":"2026-03-03T00:00:00Z","offsets":[["2026-03-01T00:00:00Z",0]]}"#,
            |d| matches!(d, WidgetData::Timeseries(_)),
        );
        round_trip(
            r#"{"rows":["1",null],"columns":["0"],"cells":[[1.0],[null]]}"#,
            |d| matches!(d, WidgetData::Grid(_)),
        );
        round_trip(
            r#"{"rows":["a","other"],"columns":["b","other"],"cells":[[1.0,2.0],[3.0,4.0]],"other_row":true,"other_column":true}"#,
            |d| matches!(d, WidgetData::Grid(data) if data.other_row && data.other_column),
        );
        round_trip(
            r#"{"columns":[{"key":"model","type":"string"},{"key":"value","type":"number"}],"rows":[["m-1",3.0],[null,1.0]],"other":[null,7.0]}"#,
            |d| matches!(d, WidgetData::Table(_)),
        );
    }

    #[test]
    fn a_query_cannot_carry_a_tenant() {
        for body in [
            r#"{"tenant_id":"x"}"#,
            r#"{"filters":{"tenant_id":"x"}}"#,
            r#"{"sql":"SELECT 1"}"#,
        ] {
            assert!(
                serde_json::from_str::<QueryRequest>(body).is_err(),
                "{body}"
            );
        }
    }
}
