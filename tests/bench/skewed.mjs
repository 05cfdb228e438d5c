// P7: one dashboard for a tenant of two million events among ten million of a thousand tenants, and for a tenant of a
// thousand events; from rollups and, by widgets that no rollup holds, from events. Every answer is made anew.
import { join } from "node:path";
import { fillSkewed, LARGE, SMALL } from "./skewed/events.mjs";
import { dashboard } from "./skewed/dashboard.mjs";
import { measureFlights } from "./skewed/flights.mjs";
import { settledPlan, timeAtOnce, timeWidgets } from "./skewed/measure.mjs";
import { check } from "./skewed/truth.mjs";
import { benchmark, databaseOf, printTable, quick, startEngine, startOrigin } from "./stage.mjs";

const EVENTS = quick ? 200_000 : 10_000_000;
const ROUNDS = quick ? 3 : 15;
/** Of one round of 16 connections. */
const SECONDS = quick ? 1 : 5;
/** A viewer's, by a number: no rollup holds each event's. */
const FILTER = { prop: "tokens", min: 1000 };
const ZONES = ["UTC", "Europe/Berlin"];

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
    for (const [tenant, token] of [[LARGE, large], [SMALL, small]]) {
      for (const filter of [undefined, FILTER]) await check(origin, engine, database, { tenant, zone, token, filter });
    }
    zones.push({ zone, large, small });
  }
  const table = await timeWidgets({ origin, engine, widgets, zones, rounds: ROUNDS, filter: FILTER });
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
  printTable([["widget", "zone", "connections", "source", "rows read", "of small", "large", "small", "ratio"], ...table.map((row) =>
    [row.widget, row.zone, row.connections, row.source ?? "", ...row.read ?? ["", ""], ms(row.large_ms), ms(row.small_ms), row.ratio.toFixed(2)])]);
}
