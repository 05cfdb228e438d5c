// What the dashboard must show, computed from the file alone.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const FILE = fileURLToPath(new URL("../../../www/demo-data/flights.csv.gz", import.meta.url));
const DAY_MS = 86_400_000;
const DAYS = 30;

/**
 * The figures of one airline in the last 30 calendar days of a time zone, today among them, of the flights until `until`
 * (Unix time in seconds), moved by `days`.
 */
export function figures(airline, { days: shiftDays, until = Infinity }, timeZone, now = Date.now()) {
  const dateOf = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
  const day = (ms) => dateOf.format(ms);
  // Noon of the days, so that no change of the clocks moves one.
  const noon = Date.parse(`${day(now)}T12:00:00Z`);
  const days = Array.from({ length: DAYS }, (_, at) => day12(noon - (DAYS - 1 - at) * DAY_MS));
  const wanted = new Map(days.map((date) => [date, 0]));
  const flights = lines(airline)
    .map((fields) => ({ ...fields, ms: Date.parse(fields.timestamp) + shiftDays * DAY_MS }))
    .filter(({ ms }) => ms > now - (DAYS + 2) * DAY_MS && ms <= Math.min(now, until * 1000) && wanted.has(day(ms)));
  const departed = flights.filter(({ event }) => event === "flight.departed");
  for (const { ms } of departed) wanted.set(day(ms), wanted.get(day(ms)) + 1);
  return {
    departures: departed.length,
    cancellations: flights.length - departed.length,
    aircraft: new Set(departed.map(({ user }) => user).filter(Boolean)).size,
    late: departed.filter(({ status }) => status === "delayed").length / departed.length,
    byDay: [...wanted.values()],
    destinations: counted(departed.map(({ dest }) => dest)),
    routes: routes(departed),
  };
}

function day12(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

function lines(airline) {
  const all = gunzipSync(readFileSync(FILE)).toString().trimEnd().split("\n");
  return all.slice(1).map((line) => line.split(",")).filter((fields) => fields[1] === airline)
    .map(([timestamp, , event, user, origin, dest, status, , arrDelay]) => ({ timestamp, event, user, origin, dest, status, arrDelay }));
}

function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** By `origin dest`: departures, and the average arrival delay of those whose delay is known. */
function routes(departed) {
  const found = new Map();
  for (const { origin, dest, arrDelay } of departed) {
    const route = found.get(`${origin} ${dest}`) ?? { count: 0, delays: [] };
    route.count += 1;
    if (arrDelay !== "") route.delays.push(Number(arrDelay));
    found.set(`${origin} ${dest}`, route);
  }
  return found;
}
