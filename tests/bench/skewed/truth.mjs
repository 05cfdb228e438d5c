// What the engine's own rows say of every widget of the dashboard, by statements of this file's own.
import { ask, atLeast } from "./measure.mjs";

const number = (prop) => `number_props.${prop}.:Float64`;
const text = (prop) => `string_props.${prop}.:String`;
const SUM_TOKENS = `sum(${number("tokens")})`;
const USERS = "uniqExact(user_id)";
const LATENCY = `avg(${number("latency_ms")})`;

/** Of each widget: what its figures are kept by, and the figures. `day` is the start of a day in the zone. */
const STATEMENTS = {
  calls: [[], ["count()"]],
  tokens: [[], [SUM_TOKENS]],
  users: [[], [USERS]],
  latency: [[], [LATENCY]],
  slowest: [[], [`quantileExactInclusive(0.95)(${number("latency_ms")})`]],
  by_day: [["day"], ["count()"]],
  users_by_day: [["day"], [USERS]],
  calls_latency: [["day"], ["count()", LATENCY]],
  by_model: [[text("model"), "day"], ["count()"]],
  endpoints: [[text("endpoint")], ["count()"]],
  cost: [[text("model")], [`sum(${number("cost")})`]],
  table: [[text("endpoint"), text("model")], ["count()", LATENCY]],
  hours: [["toDayOfWeek(timestamp, 0, zone)", "toHour(timestamp, zone)"], ["count()"]],
};

/** The figures of an answer, by what they are kept by. A row that stands for the rest of a table is `rest`. */
function told({ value, series, columns, rows, cells, other }) {
  if (series) return toldSeries(series);
  if (cells) return entries(rows.flatMap((row, place) => columns.map((column, at) => [[row, column], [cells[place][at]]])));
  if (!rows) return { figures: new Map([["", [value]]]) };
  const groups = columns.filter(({ key }) => !/value|delta/.test(key)).length;
  const told = entries(rows.map((row) => [row.slice(0, groups), row.slice(groups)]));
  return { ...told, rest: other?.[groups] };
}

function toldSeries(series) {
  const days = (points) => points.map(([at, value]) => [Date.parse(at) / 1000, value]);
  const [first, second] = series;
  if (second?.role === "secondary") {
    return entries(days(first.points).map(([day, value], place) => [[day], [value, second.points[place][1]]]));
  }
  const names = series.length > 1 ? series.map(({ name }) => [name]) : [[]];
  return entries(series.flatMap(({ points }, place) => days(points).map(([day, value]) => [[...names[place], day], [value]])));
}

/** Days and hours without a call are told as 0 or nothing by us, and not at all by the engine. */
const entries = (list) => ({ figures: new Map(list.filter(([, [first]]) => first).map(([keys, values]) => [keys.join("\t"), values])) });

/**
 * Throws when a figure of the dashboard is not the engine's: all thirteen widgets, every day, group and hour. Of a table
 * that is cut, the rest must make up what is missing. With a `filter`, `{ prop, min }`, a viewer's by a number.
 */
export async function check(origin, engine, database, { tenant, zone, token, filter }) {
  const { figures } = await ask(origin, token, filter && { time: atLeast(filter) });
  const narrowed = filter ? `AND ${number(filter.prop)} >= ${filter.min}` : "";
  const { from, to } = figures.by_day;
  for (const [widget, [keys, values]] of Object.entries(STATEMENTS)) {
    const statement = `WITH '${zone}' AS zone, toUnixTimestamp(toStartOfDay(timestamp, zone)) AS day
      SELECT ${[...keys, ...values].join(", ")} FROM events WHERE tenant_id = '${tenant}' AND event_name = 'api.call'
        AND timestamp >= parseDateTimeBestEffort('${from}') AND timestamp < parseDateTimeBestEffort('${to}') ${narrowed}
      ${keys.length ? `GROUP BY ${keys.map((_, place) => place + 1).join(", ")}` : ""}`;
    const rows = (await engine.sql(statement, `database=${database}`)).split("\n").map((row) => row.split("\t"));
    const truth = new Map(rows.map((row) => [row.slice(0, keys.length).join("\t"), row.slice(keys.length).map(Number)]));
    compare(`${widget} of ${tenant} in ${zone}`, told(figures[widget]), truth);
  }
}

function compare(what, { figures, rest = 0 }, truth) {
  const expect = (key, found, right) => {
    // An answer may differ in the order of adding, and in nothing else.
    if (!(Math.abs(found - right) <= 1e-12 * Math.abs(right))) throw new Error(`${what}, ${key}: ${found}, the engine has ${right}`);
  };
  for (const [key, values] of figures) values.forEach((value, place) => expect(key, value, truth.get(key)?.[place]));
  const total = (map) => [...map.values()].reduce((sum, [first]) => sum + first, 0);
  if (rest) expect("the rest", total(figures) + rest, total(truth));
  else if (figures.size !== truth.size) throw new Error(`${what}: ${figures.size} figures, the engine has ${truth.size}`);
}
