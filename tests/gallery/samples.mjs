// Surfaces with answers, as a server would send them: every chart, in every state that a viewer can meet.

const DAY_MS = 86_400_000;
/** All samples end on this day, so that pictures of two runs are alike. */
const END_MS = Date.UTC(2026, 2, 31);

/** Numbers that look like chance and are the same in every run. */
function chance(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const iso = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");

function series(names, { days = 30, seed = 1, value, step = DAY_MS, granularity = "day", partial = false, compare = false, roles = [] } = {}) {
  const random = chance(seed);
  const from = END_MS - days * step;
  const at = Array.from({ length: days }, (_, index) => from + index * step);
  const usual = (index, series) => Math.round((800 - series * 150) * (1 + 0.3 * Math.sin(index / 4 + series) + 0.25 * random()) * (index % 7 > 4 ? 0.6 : 1));
  const points = (series, shift = 0) => at.map((ms, index) => [iso(ms), (value ?? usual)(index + shift, series)]);
  return {
    series: [
      ...names.map((name, index) => ({ name, points: points(index), ...(roles[index] ? { role: roles[index] } : {}) })),
      ...(compare ? [{ name: "previous", role: "comparison", points: points(0, 9) }] : []),
    ],
    granularity, from: iso(from), to: iso(END_MS), offsets: [[iso(from), 0]],
    ...(partial ? { partial_from: iso(at.at(-1)) } : {}),
  };
}

const column = (key, type = "number") => ({ key, type });
const breakdown = (rows, { delta = false, second = false, other = null } = {}) => ({
  columns: [column("model", "string"), column("value"), ...(second ? [column("second_value")] : []), ...(delta ? [column("delta_pct")] : [])],
  rows, ...(other === null ? {} : { other: [null, other, ...(delta ? [null] : [])] }),
});

const MODELS = [["aurora-large", 48_200, 12.4], ["aurora-small", 31_900, -3.1], ["borealis", 22_050, 44], ["cirrus-2", 9_400, 0], ["drift", 4_180, -21.7], [null, 990, 2]];
const plain = MODELS.map(([name, value]) => [name, value]);

function week(seed = 3) {
  const random = chance(seed);
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return {
    rows: ["1", "2", "3", "4", "5", "6", "7"], columns: hours.map(String),
    cells: Array.from({ length: 7 }, (_, day) => hours.map((hour) => Math.round(400 * Math.exp(-((hour - 14) ** 2) / 30) * (day > 4 ? 0.3 : 1) * (0.7 + 0.6 * random())))),
  };
}

const pivot = { rows: ["eu-central", "us-east", null], columns: ["free", "pro", "enterprise"], cells: [[120, 4_500, 98_000], [310, 7_250, 150_400], [12, null, 800]] };
const scatter = () => {
  const random = chance(9);
  return breakdown(Array.from({ length: 40 }, (_, index) => [`tenant ${index}`, Math.round(20 + 900 * random() ** 2), Math.round(100 + 4_000 * random())]), { second: true });
};

/** Every chart with the figures of an ordinary month. */
const EVERY = [
  ["Requests", "kpi", "stat", [3, 2], { value: 128_402, previous_value: 114_200, delta_pct: 12.4 }],
  ["Error rate", "kpi", "stat", [3, 2], { value: 0.0142, previous_value: 0.011, delta_pct: 29.1 }, { format: "percent", lower_is_better: true }],
  ["Seats used", "kpi", "progress", [3, 2], { value: 174 }, { target: 200 }],
  ["Quota", "kpi", "gauge", [3, 2], { value: 0.62 }, { target: 1, format: "percent" }],
  ["Requests by day", "timeseries", "line", [8, 4], series(["Requests"], { partial: true, compare: true })],
  ["Share of models", "breakdown", "donut", [4, 4], breakdown(plain)],
  ["Spend", "timeseries", "area", [6, 4], series(["Spend"], { days: 90, seed: 5 }), { format: "currency", currency: "EUR" }],
  ["Tokens by model", "timeseries", "stacked_bar", [6, 4], series(["aurora", "borealis", "cirrus", "drift"], { seed: 6, partial: true })],
  ["Sign-ups", "timeseries", "bar", [4, 4], series(["Sign-ups"], { days: 14, seed: 7 })],
  ["Requests and latency", "timeseries", "dual_axis", [4, 4], series(["count", "p95"], { days: 21, seed: 8, roles: ["primary", "secondary"] }), { label: "Requests", second_label: "Latency, ms" }],
  ["Net new seats", "timeseries", "waterfall", [4, 4], series(["Seats"], { days: 10, value: (index) => [12, 8, -5, 20, -9, 4, 11, -16, 6, 9][index] })],
  ["Top models", "breakdown", "horizontal_bar", [4, 4], breakdown(MODELS, { delta: true, other: 2_310 })],
  ["Top endpoints", "breakdown", "list", [4, 4], breakdown(MODELS, { delta: true, other: 2_310 })],
  ["By plan", "breakdown", "bar", [4, 4], breakdown(plain.slice(0, 4))],
  ["Sign-up steps", "breakdown", "funnel", [4, 4], breakdown([["Visited", 8_200], ["Signed up", 3_100], ["Sent events", 1_240], ["Paid", 410]])],
  ["Spend by model", "breakdown", "treemap", [4, 4], breakdown(plain)],
  ["Use of features", "breakdown", "radar", [4, 4], breakdown(plain.slice(0, 5))],
  ["Tenants", "breakdown", "scatter", [6, 4], scatter(), { label: "Requests", second_label: "Spend, EUR" }],
  ["Models", "table", "table", [6, 4], breakdown(MODELS, { delta: true, other: 2_310 }), { label: "Requests" }],
  ["Regions and plans", "table", "pivot", [6, 4], pivot],
  ["Hours of use", "heatmap", "heatmap", [6, 4], week()],
  ["", "text", "text", [12, 2], null, { markdown: "### About these figures\n\nCounted **once**, in the time zone of your account. See [the guide](https://example.com)." }],
];

const LONG = "a model with a name that nobody would choose and somebody always does, with-a-word-that-does-not-break-anywhere";
/** What an ordinary month is not. */
const ODD = [
  ["Nothing yet, but counted", "kpi", "stat", [3, 2], { value: 0, previous_value: 0 }],
  ["A very large amount", "kpi", "stat", [3, 2], { value: 98_765_432_109_876, previous_value: 3, delta_pct: 3.2e15 }, { format: "currency", currency: "USD" }],
  ["A very small ratio", "kpi", "stat", [3, 2], { value: 0.000_000_42, delta_pct: -0.02 }],
  ["No value", "kpi", "stat", [3, 2], { value: null }],
  ["One point", "timeseries", "line", [4, 4], series(["Requests"], { days: 1 })],
  ["Two points", "timeseries", "area", [4, 4], series(["Requests"], { days: 2 })],
  ["Only zeros", "timeseries", "bar", [4, 4], series(["Requests"], { value: () => 0 })],
  ["Gaps", "timeseries", "line", [6, 4], series(["eu", "us"], { value: (index, at) => (index % 9 > 5 ? null : 200 - at * 120 + index) })],
  ["Below zero", "timeseries", "bar", [6, 4], series(["Balance"], { value: (index) => Math.round(300 * Math.sin(index / 3)) })],
  ["Five thousand points", "timeseries", "line", [12, 4], series(["Requests"], { days: 5_000, step: 3_600_000, granularity: "hour", seed: 11 })],
  ["Long names", "breakdown", "horizontal_bar", [6, 4], breakdown([[LONG, 30], [`${LONG} too`, 20], ["short", 1]])],
  ["Long names in a ring", "breakdown", "donut", [6, 4], breakdown([[LONG, 30], [`${LONG} too`, 20], ["short", 1]])],
  ["Very unequal", "breakdown", "treemap", [4, 4], breakdown([["all of it", 1e9], ["nearly nothing", 3], ["nothing", 0]])],
  ["Many columns", "table", "table", [4, 4], { columns: [column("model", "string"), ...["a", "b", "c", "d", "e"].map((key) => column(key))], rows: [[LONG, 1, 2, 3, 4, 5], ["x", 1e12, 0.1, -7, null, 3]] }],
  ["As many series as there can be", "timeseries", "stacked_bar", [4, 4], series(Array.from({ length: 13 }, (_, index) => `model ${index}`), { days: 12, roles: { 12: "other" }, value: (index, at) => 50 + ((index * 7 + at * 13) % 40) })],
];

/** The same charts with other figures, or none. */
const every = (answer) => EVERY.filter(([, kind]) => kind !== "text").map(([title, kind, chart, size, data, options]) => [title, kind, chart, size, answer(data, kind), options]);
const nothing = (_, kind) => ({
  kpi: { value: null }, timeseries: { ...series([]), series: [] }, breakdown: breakdown([]), table: breakdown([]), heatmap: { rows: [], columns: [], cells: [] },
})[kind];

/** Places cards from left to right. */
function placed(cards) {
  let [x, y, lowest] = [0, 0, 0];
  return cards.map(([, , , [w, h]]) => {
    if (x + w > 12) [x, y] = [0, lowest];
    const layout = { x, y, w, h };
    x += w;
    lowest = Math.max(lowest, y + h);
    return layout;
  });
}

/** What a widget groups by: only the model is a filter of the dashboard. */
function groups(kind, chart) {
  if (chart === "pivot") return [{ prop: "region", click: "rows" }, { prop: "plan", click: "rows" }];
  return ["breakdown", "table"].includes(kind) && chart !== "funnel" ? [{ prop: "model", click: "filter" }] : [];
}

function sample(name, cards, { locale = "en-US", failed, waiting } = {}) {
  const layouts = placed(cards);
  const widgets = cards.map(([title, kind, chart, , , options], at) => ({
    id: `w${at}`, kind, chart, title, layout: layouts[at], options, drillable: kind !== "text",
    groups: groups(kind, chart),
  }));
  const result = ([, , , , data]) => failed ? { status: "error", code: failed, error: "" } : { status: "ok", data, freshness: iso(END_MS) };
  const results = waiting ? [] : cards.map((card, at) => [`w${at}`, result(card)]).filter(([, { data }]) => failed || data);
  return {
    name,
    surface: {
      dashboard_id: "dash_gallery", version: 1, name, description: "Figures of a company that does not exist.",
      filters: {
        periods: ["24h", "7d", "30d"], default_period: "30d", dimensions: [{ prop: "model", label: "Model", multi: true }],
        numeric_ranges: [{ prop: "tokens", label: "Tokens" }], date_range: true, max_date_range_days: 0,
      },
      widgets, allow_drill_down: true, allow_export: true, timezone: "UTC", locale, refresh: 3_600, expires_in: 3_600,
    },
    answer: { version: 1, results: Object.fromEntries(results) },
  };
}

/** By the name of their page. */
export const SAMPLES = {
  every: sample("Every chart", EVERY),
  odd: sample("Odd figures", ODD),
  empty: sample("Nothing yet", every(nothing)),
  failed: sample("Failed", every((data) => data), { failed: "timeout" }),
  waiting: sample("On its way", every((data) => data), { waiting: true }),
  arabic: sample("لوحة المعلومات", EVERY, { locale: "ar-EG" }),
  german: sample("Übersicht", EVERY, { locale: "de-DE" }),
  japanese: sample("ダッシュボード", EVERY, { locale: "ja-JP" }),
};
