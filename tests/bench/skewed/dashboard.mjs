// A dashboard of thirteen widgets of most kinds, with one that no rollup holds (an exact percentile).
const WIDGETS = [
  ["calls", "kpi", "stat", { compare: "previous_period" }],
  ["tokens", "kpi", "stat", { metric: "sum", numeric_prop: "tokens", compare: "previous_period" }],
  ["users", "kpi", "stat", { metric: "count_unique" }],
  ["latency", "kpi", "stat", { metric: "avg", numeric_prop: "latency_ms" }],
  ["slowest", "kpi", "stat", { metric: "p95", numeric_prop: "latency_ms" }],
  ["by_day", "timeseries", "line", { granularity: "day" }],
  ["users_by_day", "timeseries", "area", { granularity: "day", metric: "count_unique" }],
  ["calls_latency", "timeseries", "dual_axis", { metric: "count", second_metric: "avg", second_numeric_prop: "latency_ms" }],
  ["by_model", "timeseries", "stacked_bar", { group_by: "model", granularity: "day" }],
  ["endpoints", "breakdown", "list", { group_by: "endpoint" }],
  ["cost", "breakdown", "donut", { group_by: "model", metric: "sum", numeric_prop: "cost" }],
  ["table", "table", "table", { group_by: ["endpoint", "model"], metric: "count", second_metric: "avg", second_numeric_prop: "latency_ms" }],
  ["hours", "heatmap", "heatmap", {}],
];

export const dashboard = () => ({
  name: "Skewed", filters: { dimensions: [{ prop: "region" }], numeric_ranges: [{ prop: "tokens" }], date_range: true },
  widgets: WIDGETS.map(([id, kind, chart, query], place) => ({
    id, kind, chart, title: id, query: { event_name: "api.call", ...query }, layout: { x: 0, y: place * 3, w: 12, h: 3 } })),
});
