//! The dashboard document: what a company designs once and every tenant sees.

mod labels;
mod period;
mod read;
mod validate;

use serde::{Deserialize, Serialize};

pub use labels::Labels;
pub use period::{Period, PeriodUnit};
pub use read::read_document;
pub use validate::validate;

use crate::WidgetId;
#[cfg(feature = "schema")]
use crate::limits;

/// A tenant-agnostic dashboard on a grid of 12 columns. It never names a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DashboardDocument {
    /// Title for people.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::NAME_BYTES), regex(pattern = r"\S")))]
    pub name: String,
    /// One or two sentences under the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What viewers may filter by.
    #[serde(default)]
    pub filters: DashboardFilters,
    /// Colours; the host may replace them while the page runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// Seconds an answer is fresh at the edge; 15 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<u32>,
    /// The widgets, in reading order.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::WIDGETS_PER_DASHBOARD)))]
    pub widgets: Vec<Widget>,
}

/// What viewers may filter by. Every member may be left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DashboardFilters {
    /// The choices of the period selector; 24h, 7d, 30d and 90d when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub periods: Vec<Period>,
    /// The period shown first; 30d when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_period: Option<Period>,
    /// String properties offered as filters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<DimensionFilter>,
    /// Numeric properties offered as ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numeric_ranges: Vec<NumericRangeFilter>,
    /// Whether viewers may choose dates of their own.
    #[serde(default)]
    pub date_range: bool,
}

/// A string property that viewers may filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DimensionFilter {
    /// Name of the property, or `user_id`.
    pub prop: String,
    /// Label for people; the property's name when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether several values may be chosen at once.
    #[serde(default)]
    pub multi: bool,
}

/// A numeric property that viewers may filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NumericRangeFilter {
    /// Name of the property.
    pub prop: String,
    /// Label for people; the property's name when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// The public theme tokens, each a CSS colour.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Theme {
    /// Series and accents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_color: Option<String>,
    /// Behind the cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background_color: Option<String>,
    /// Of the cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_background: Option<String>,
    /// Around the cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_border: Option<String>,
    /// Titles and figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_color: Option<String>,
    /// Labels and axes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_color: Option<String>,
}

/// One tile of the grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(transform = crate::schema::pair_kind_and_chart)
)]
#[serde(deny_unknown_fields)]
pub struct Widget {
    /// Unique in the dashboard.
    pub id: WidgetId,
    /// Fixes the shape of the query and of its answer.
    pub kind: WidgetKind,
    /// How the answer is drawn; can change without touching the query.
    pub chart: Chart,
    /// Title for people.
    #[serde(default)]
    pub title: String,
    /// What is asked; left out only by `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<WidgetQuery>,
    /// Where it stands on the grid.
    pub layout: Layout,
    /// How it is drawn in detail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<WidgetOptions>,
}

/// Shape of a widget's query and answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WidgetKind {
    /// One number, perhaps compared with an earlier one.
    Kpi,
    /// Numbers by time.
    Timeseries,
    /// Numbers by the values of a property.
    Breakdown,
    /// Rows and columns.
    Table,
    /// Hour of the day by day of the week.
    Heatmap,
    /// Markdown.
    Text,
}

/// How an answer is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the public names of the charts")]
pub enum Chart {
    Stat,
    Progress,
    Gauge,
    Line,
    Area,
    Bar,
    StackedBar,
    DualAxis,
    Waterfall,
    HorizontalBar,
    Donut,
    List,
    Funnel,
    Treemap,
    Radar,
    Scatter,
    Table,
    Pivot,
    Heatmap,
    Text,
}

impl WidgetKind {
    /// The charts that can draw this kind, the usual one first.
    pub fn charts(self) -> &'static [Chart] {
        match self {
            Self::Kpi => &[Chart::Stat, Chart::Progress, Chart::Gauge],
            Self::Timeseries => &[
                Chart::Line,
                Chart::Area,
                Chart::Bar,
                Chart::StackedBar,
                Chart::DualAxis,
                Chart::Waterfall,
            ],
            Self::Breakdown => &[
                Chart::HorizontalBar,
                Chart::Donut,
                Chart::List,
                Chart::Bar,
                Chart::Funnel,
                Chart::Treemap,
                Chart::Radar,
                Chart::Scatter,
            ],
            Self::Table => &[Chart::Table, Chart::Pivot],
            Self::Heatmap => &[Chart::Heatmap],
            Self::Text => &[Chart::Text],
        }
    }
}

/// Place on the grid of 12 columns, in cells. A row is 72 CSS pixels high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// First column, from 0.
    #[cfg_attr(feature = "schema", schemars(range(max = 11)))]
    pub x: u32,
    /// First row, from 0.
    #[cfg_attr(feature = "schema", schemars(range(max = 499)))]
    pub y: u32,
    /// Columns.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 12)))]
    pub w: u32,
    /// Rows.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 500)))]
    pub h: u32,
}

/// What a widget asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WidgetQuery {
    /// Which event; empty only for a funnel, whose steps name their own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub event_name: String,
    /// The measure.
    #[serde(default)]
    pub metric: Metric,
    /// Which numeric property, for metrics that need one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numeric_prop: Option<String>,
    /// String properties (or `user_id`) to group by; a pivot takes two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<GroupBy>,
    /// Fixes the widget's period; the viewer's choice applies when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Step of a time series; chosen from the period when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granularity: Option<Granularity>,
    /// Compare with an earlier period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// Rows at most; the rest is summed into `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::MAX_ROWS)))]
    pub limit: Option<u32>,
    /// The second measure of `dual_axis` and `scatter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_metric: Option<Metric>,
    /// Which numeric property, for the second measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_numeric_prop: Option<String>,
    /// Fixed filters of the widget, joined by AND.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub where_: Vec<Condition>,
    /// For the metric `ratio`: the events counted above the line; all events that match `where` stand below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numerator: Vec<Condition>,
    /// For a funnel and the metric `conversion`: the steps, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<FunnelStep>,
    /// The time in which a user must pass all steps; 7d when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Period>,
}

/// One property or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum GroupBy {
    /// One.
    One(String),
    /// Several, outermost first.
    Many(Vec<String>),
}

impl GroupBy {
    /// The properties, outermost first.
    pub fn props(&self) -> &[String] {
        match self {
            Self::One(prop) => std::slice::from_ref(prop),
            Self::Many(props) => props,
        }
    }
}

/// A measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Events.
    #[default]
    Count,
    /// Distinct users, exact.
    CountUnique,
    /// Distinct users, by sketch; within about 2 %.
    CountUniqueApprox,
    /// Sum of a numeric property.
    Sum,
    /// Mean of a numeric property over the events that have it.
    Avg,
    /// Smallest value of a numeric property.
    Min,
    /// Largest value of a numeric property.
    Max,
    /// Median of a numeric property.
    P50,
    /// 90th percentile of a numeric property.
    P90,
    /// 95th percentile of a numeric property.
    P95,
    /// 99th percentile of a numeric property.
    P99,
    /// Share of events that match `numerator`, 0 to 1.
    Ratio,
    /// Share of users of the first step who pass all steps, 0 to 1.
    Conversion,
}

impl Metric {
    /// All metrics with their names on the wire.
    pub const ALL: [(&'static str, Self); 13] = [
        ("count", Self::Count),
        ("count_unique", Self::CountUnique),
        ("count_unique_approx", Self::CountUniqueApprox),
        ("sum", Self::Sum),
        ("avg", Self::Avg),
        ("min", Self::Min),
        ("max", Self::Max),
        ("p50", Self::P50),
        ("p90", Self::P90),
        ("p95", Self::P95),
        ("p99", Self::P99),
        ("ratio", Self::Ratio),
        ("conversion", Self::Conversion),
    ];

    /// The metric of a name.
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, metric)| *metric)
    }

    /// Whether the values of parts add up to the value of the whole.
    pub fn adds_up(self) -> bool {
        matches!(self, Self::Count | Self::Sum)
    }

    /// Whether the metric reads a numeric property.
    pub fn needs_numeric_prop(self) -> bool {
        match self {
            Self::Sum
            | Self::Avg
            | Self::Min
            | Self::Max
            | Self::P50
            | Self::P90
            | Self::P95
            | Self::P99 => true,
            Self::Count
            | Self::CountUnique
            | Self::CountUniqueApprox
            | Self::Ratio
            | Self::Conversion => false,
        }
    }

    /// Whether nothing measured means 0; for the other metrics it means no value.
    pub fn is_zero_when_empty(self) -> bool {
        matches!(
            self,
            Self::Count | Self::CountUnique | Self::CountUniqueApprox | Self::Sum
        )
    }
}

/// Step of a time series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Granularity {
    Auto,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
}

/// The earlier period that a number is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// The period of equal length that ends where this one begins: whole, also while the last day of this one runs.
    PreviousPeriod,
    /// The same dates one calendar year before.
    PreviousYear,
}

/// A fixed filter of a widget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// A string property (or `user_id`) has one of the values. An empty string matches events that lack the property.
    In {
        /// The property.
        prop: String,
        /// The values.
        values: Vec<String>,
    },
    /// A string property (or `user_id`) has none of the values.
    NotIn {
        /// The property.
        prop: String,
        /// The values.
        values: Vec<String>,
    },
    /// A numeric property lies within bounds, both included; events that lack it do not match.
    Between {
        /// The property.
        prop: String,
        /// Lower bound; none when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<f64>,
        /// Upper bound; none when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<f64>,
    },
}

/// One step of a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FunnelStep {
    /// Which event.
    pub event_name: String,
    /// Label for people; the event's name when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Filters of the step, joined by AND.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub where_: Vec<Condition>,
}

/// How a widget is drawn in detail. Every member may be left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WidgetOptions {
    /// How numbers read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<NumberFormat>,
    /// ISO 4217 code for the format `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Unit written after a number, such as `min` or `ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Digits after the decimal separator, 0 to 6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 6)))]
    pub decimals: Option<u8>,
    /// The full mark of `progress` and `gauge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// Whether less is better: turns the colours of a comparison around.
    #[serde(default)]
    pub lower_is_better: bool,
    /// The text of a `text` widget, in markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markdown: Option<String>,
    /// Label of the measure, for axes, columns and tooltips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Label of the second measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_label: Option<String>,
    /// Labels for the values of the grouping, by value.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub value_labels: Labels,
}

/// How a number reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NumberFormat {
    /// All digits, grouped.
    Plain,
    /// 12.3K.
    Compact,
    /// A share of 0 to 1 as a percentage.
    Percent,
    /// With a currency sign.
    Currency,
    /// Seconds as hours, minutes and seconds.
    Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_named_as_on_the_wire() {
        for (name, metric) in Metric::ALL {
            assert_eq!(serde_json::to_value(metric).unwrap(), name);
            assert_eq!(Metric::named(name), Some(metric));
        }
        let all: std::collections::HashSet<_> = Metric::ALL.iter().map(|(_, m)| *m).collect();
        assert_eq!(all.len(), Metric::ALL.len());
        assert_eq!(Metric::named("m-1"), None);
    }
}
