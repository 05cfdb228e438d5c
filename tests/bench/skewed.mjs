// P7: one dashboard for a tenant of two million events among ten million of a thousand tenants, and for a tenant of a
// thousand events; from rollups and, by widgets that no rollup holds, from events. Every answer is made anew.
import { join } from "node:path";
import { fillSkewed, LARGE, SMALL } from "./skewed/events.mjs";
import { dashboard } from "./skewed/dashboard.mjs";
import { measureFlights } from "./skewed/flights.mjs";
import { ask, settledPlan, timeAtOnce, timeWidgets } from "./skewed/measure.mjs";
import { benchmark, databaseOf, printTable, quick, startEngine, startOrigin } from "./stage.mjs";

const EVENTS = quick ? 200_000 : 10_000_000;
const ROUNDS = quick ? 3 : 15;
/** Of one round of 16 connections. */
const SECONDS = quick ? 1 : 5;
const ZONES = ["UTC", "Europe/Berlin"];
const KPIS = ["calls", "tokens", "users", "latency", "slowest"];

/** Figures as the engine has them, from its rows: an answer may differ in the order of adding, and in nothing else. */
async function check(origin, engine, database, { tenant, zone, token }) {
  const { figures } = await ask(origin, token, { widgets: [...KPIS, "by_day", "users_by_day"] });
  const where = `FROM events WHERE tenant_id = '${tenant}' AND event_name = 'api.call'
    AND timestamp >= parseDateTimeBestEffort('${figures.by_day.from}') AND timestamp < parseDateTimeBestEffort('${figures.by_day.to}')`;
  const rows = async (text) => (await engine.sql(text, `database=${database}`)).split("\n").map((row) => row.split("\t").map(Number));
  const expect = (what, found, right) => {
    if (!(Math.abs(found - right) <= 1e-12 * Math.abs(right))) throw new Error(`${what} of ${tenant} in ${zone}: ${found}, the engine has ${right}`);
  };
  const [truth] = await rows(`SELECT count(), sum(number_props.tokens.:Float64), uniqExact(user_id), avg(number_props.latency_ms.:Float64),
    quantileExactInclusive(0.95)(number_props.latency_ms.:Float64) ${where}`);
  KPIS.forEach((widget, place) => expect(widget, figures[widget].value, truth[place]));
  const days = await rows(`SELECT toUnixTimestamp(toStartOfDay(timestamp, '${zone}')) AS day, count(), uniqExact(user_id) ${where} GROUP BY day ORDER BY day`);
  for (const [place, widget] of ["by_day", "users_by_day"].entries()) {
    const points = new Map(figures[widget].series[0].points.map(([at, value]) => [Date.parse(at) / 1000, value]));
    for (const [day, ...values] of days) expect(`${widget} at ${day}`, points.get(day), values[place]);
    expect(`days of ${widget}`, [...points.values()].filter(Boolean).length, days.length);
  }
}

benchmark(async (folder) => {
  const engine = await startEngine(join(folder, "engine"));
  const origin = await startOrigin(join(folder, "origin"), engine);
  const database = await databaseOf(engine);
  let begin = performance.now();
  await fillSkewed(engine, database, EVENTS);
  console.log(`${EVENTS} events in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  begin = performance.now();
  const id = await origin.publish(dashboard());
  const widgets = await settledPlan(origin, engine, database, id);
  console.log(`rollups filled in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  const zones = [];
  for (const zone of ZONES) {
    const [large, small] = await Promise.all([LARGE, SMALL].map((tenant) => origin.token(tenant, id, { timezone: zone })));
    for (const [tenant, token] of [[LARGE, large], [SMALL, small]]) await check(origin, engine, database, { tenant, zone, token });
    zones.push({ zone, large, small });
  }
  const table = await timeWidgets({ origin, widgets, zones, rounds: ROUNDS });
  table.push(...await timeAtOnce({ origin, zones, line: "by_day", rounds: 3, seconds: SECONDS }));
  print(table);
  const flights = await measureFlights(folder, { rounds: ROUNDS, seconds: SECONDS });
  print(flights);
  const budgets = table.filter((row) => row.widget === "dashboard").map((row) => ({
    id: "P7", what: `dashboard of a tenant of 2 million events over one of 1000, zone ${row.zone}, ${row.connections} connections`, ratio: row.ratio, atMost: 1.5 }));
  return { events: EVENTS, rounds: ROUNDS, table, flights, budgets };
});

function print(table) {
  const ms = (time) => `${time.toFixed(1)} ms`;
  printTable([["widget", "zone", "connections", "source", "rows", "large", "small", "ratio"], ...table.map((row) =>
    [row.widget, row.zone, row.connections, row.source ?? "", row.rows ?? "", ms(row.large_ms), ms(row.small_ms), row.ratio.toFixed(2)])]);
}
