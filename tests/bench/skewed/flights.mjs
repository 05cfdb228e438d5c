// The real data: a year of flights, moved so that it ends now, sent as any company would, under the demo's dashboard.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { figures } from "../../browser/support/flights.mjs";
import { databaseOf, startEngine, startOrigin } from "../stage.mjs";
import { ask, settledPlan, timeAtOnce, timeWidgets } from "./measure.mjs";

const ZONE = "America/New_York";
const LARGE = "UA";
const SMALL = "HA";
const DAY_MS = 86_400_000;
/** A viewer's filter: long flights. */
const FILTER = { prop: "distance", min: 1000 };
const BATCH = 1000;
const TEXTS = ["origin", "dest", "status"];
const NUMBERS = ["dep_delay", "arr_delay", "air_time", "distance"];
const data = (name) => readFileSync(new URL(`../../../www/demo-data/${name}`, import.meta.url));

/** The flights as events, and by how many days they were moved. */
function read() {
  const [head, ...lines] = gunzipSync(data("flights.csv.gz")).toString().trimEnd().split("\n").map((line) => line.split(","));
  const rows = lines.map((line) => Object.fromEntries(head.map((name, place) => [name, line[place]])));
  const newest = rows.reduce((latest, { timestamp }) => Math.max(latest, Date.parse(timestamp)), 0);
  const days = Math.floor((Date.now() - newest) / DAY_MS);
  const some = (row, names, as) => Object.fromEntries(names.filter((name) => row[name] !== "").map((name) => [name, as(row[name])]));
  const events = rows.map((row, number) => ({
    tenant_id: row.tenant_id, event_name: row.event_name, event_id: `flight-${number}`, ...(row.user_id && { user_id: row.user_id }),
    timestamp: new Date(Date.parse(row.timestamp) + days * DAY_MS).toISOString(),
    string_props: some(row, TEXTS, String), numeric_props: some(row, NUMBERS, Number) }));
  return { events, days };
}

/** The answers must be those computed from the file alone. */
async function check(origin, tenant, token, days) {
  const expected = figures(tenant, { days }, ZONE);
  const found = (await ask(origin, token)).figures;
  const told = { departures: found.departures.value, aircraft: found.aircraft.value, cancellations: found.cancellations.value, late: found.late_share.value,
    byDay: found.by_day.series[0].points.map(([, count]) => count) };
  for (const [name, value] of Object.entries(told)) {
    if (JSON.stringify(value) !== JSON.stringify(expected[name])) throw new Error(`${name} of ${tenant}: ${value}, the file says ${expected[name]}`);
  }
  for (const [dest, count] of found.destinations.rows) {
    if (count !== expected.destinations.get(dest)) throw new Error(`flights of ${tenant} to ${dest}: ${count}, the file says ${expected.destinations.get(dest)}`);
  }
  for (const [from, to, count, delay] of found.routes.rows) {
    const { count: flights, delays } = expected.routes.get(`${from} ${to}`);
    const right = delays.reduce((sum, one) => sum + one, 0) / delays.length;
    if (count !== flights || !(Math.abs(delay - right) < 1e-9)) throw new Error(`${from} to ${to} of ${tenant}: ${count} and ${delay}, the file says ${flights} and ${right}`);
  }
}

/** Sends the flights and publishes the demo's dashboard: its id, and by how many days the flights were moved. */
export async function publishFlights(origin) {
  const { events, days } = read();
  for (let from = 0; from < events.length; from += BATCH) await origin.admin("POST", "/v1/events", { events: events.slice(from, from + BATCH) });
  return { id: await origin.publish(JSON.parse(data("dashboard.json"))), days };
}

export async function measureFlights(folder, { rounds, seconds }) {
  const engine = await startEngine(join(folder, "flights-engine"));
  const origin = await startOrigin(join(folder, "flights-origin"), engine);
  const { id, days } = await publishFlights(origin);
  const database = await databaseOf(engine);
  const widgets = await settledPlan(origin, engine, database, id);
  const [large, small] = await Promise.all([LARGE, SMALL].map((tenant) => origin.token(tenant, id, { timezone: ZONE })));
  for (const [tenant, token] of [[LARGE, large], [SMALL, small]]) await check(origin, tenant, token, days);
  const zones = [{ zone: ZONE, large, small }];
  const one = await timeWidgets({ origin, engine, widgets, zones, rounds, filter: FILTER });
  return [...one, ...await timeAtOnce({ origin, zones, line: "by_day", rounds: 3, seconds })];
}
