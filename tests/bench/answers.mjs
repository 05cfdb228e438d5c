// P1 (answered from cache) and P2 (not in cache): the origin, @hypequery/serve and the engine's own HTTP, on one
// engine, one table, one question: calls and tokens of 90 days by day, of the tenant that the token names.
import { createHmac } from "node:crypto";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { load, median, send } from "./load.mjs";

const env = (name) => {
  if (!process.env[name]) throw new Error(`${name} must be set`);
  return process.env[name];
};
const quick = process.argv.includes("--quick");
const ROWS = quick ? 500_000 : 2_000_000;
const ROUNDS = quick ? 3 : 7;
const SECONDS = quick ? 2 : 4;
const TENANTS = 20;
const FROM = Date.UTC(2026, 7, 1);
const DAY = 86_400_000;
const SECRET = "a-secret-of-the-benchmark-only";
const ADMIN_KEY = "eb_adm_benchmark0benchmark0benchmark0benchmark0";
const children = [];

/** Starts a program and resolves to the address of its ready line. */
function start(program, args, variables) {
  const child = spawn(program, args, { env: { ...process.env, ...variables }, stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`${program} ended (${code})`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith('{"') && line.includes('"listening"')) resolve(JSON.parse(line).listening);
    });
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const engineHeaders = { "x-clickhouse-user": "default", "x-clickhouse-key": SECRET };
async function sql(engine, text, query = "") {
  const answer = await send(agent, `http://${engine}/?${query}`, { headers: engineHeaders, body: text });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.text;
}

async function fill(engine, database) {
  // Tenants by a skewed law: the first has an eighth of all events, the 200th a thousandth.
  await sql(engine, `INSERT INTO events (tenant_id, event_name, timestamp, event_id, user_id, string_props, number_props)
    SELECT concat('tenant_', toString(toUInt32(pow(200, rand(1) / 4294967296)))), 'call',
      toDateTime64('2026-08-01 00:00:00', 3, 'UTC') + toIntervalSecond(rand(2) % (95 * 86400)), toString(number),
      toString(rand(3) % 1000), '{"model":"m"}', concat('{"tokens":', toString(rand(4) % 1000), '.5}')
    FROM numbers(${ROWS})`, `database=${database}`);
  await sql(engine, `CREATE VIEW bench_calls AS SELECT tenant_id, event_name, timestamp,
    ifNull(number_props.tokens.:Float64, 0) AS tokens FROM events`, `database=${database}`);
}

const RAW = `SELECT toStartOfDay(timestamp) AS day, count() AS calls, sum(tokens) AS tokens FROM bench_calls
  WHERE tenant_id = {tenant:String} AND event_name = 'call' AND timestamp >= parseDateTimeBestEffort({from:String}, 'UTC')
  AND timestamp < parseDateTimeBestEffort({to:String}, 'UTC') GROUP BY day ORDER BY day FORMAT JSONCompact`;

/** The totals and the number of days: equal for all, or the run is void. */
const totals = {
  raw: (body) => sum(JSON.parse(body).data.map(([, calls, tokens]) => [calls, tokens])),
  hypequery: (body) => sum(JSON.parse(body).map(({ calls, tokens }) => [calls, tokens])),
  emban: (body) => {
    const [calls, tokens] = JSON.parse(body).results.w.data.series;
    return sum(calls.points.map(([, count], index) => [count, tokens.points[index][1]]).filter(([count]) => count > 0));
  },
};
const sum = (days) =>
  days.reduce(([n, a, b], [calls, tokens]) => [n + 1, a + Number(calls), b + Number(tokens)], [0, 0, 0]).join(" ");

const text = (ms) => new Date(ms).toISOString().slice(0, 19);
function jwt(tenant) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256" })}.${part({ tenant, exp: Math.floor(Date.now() / 1000) + 7200 })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

function peers({ engine, database, hypequery, origin, tokens }) {
  const json = (token) => ({ authorization: `Bearer ${token}`, "content-type": "application/json" });
  const jwts = tokens.map((_, index) => jwt(`tenant_${index + 1}`));
  return {
    raw: {
      ask: (tenant, from) => {
        const parameters = new URLSearchParams({
          database, param_tenant: `tenant_${tenant + 1}`, param_from: text(from), param_to: text(from + 90 * DAY) });
        return { path: `http://${engine}/?${parameters}`, headers: engineHeaders, body: RAW };
      },
    },
    hypequery: {
      ask: (tenant, from) => ({
        path: `http://${hypequery}/series`, headers: json(jwts[tenant]),
        body: JSON.stringify({ from: text(from).replace("T", " "), to: text(from + 90 * DAY).replace("T", " ") }) }),
    },
    emban: {
      ask: (tenant, from) => ({
        path: `http://${origin}/v1/embed/query`, headers: json(tokens[tenant]),
        body: JSON.stringify({ widgets: ["w"], filters: { dateRanges: { timestamp: {
          from: `${text(from)}Z`, to: `${text(from + 90 * DAY)}Z` } } } }) }),
    },
  };
}

/** A random tenant, the first ones more often. */
const tenant = () => Math.min(TENANTS - 1, Math.floor(TENANTS ** Math.random()) - 1);
const MODES = {
  hit: () => FROM,
  // 5 days of seconds and 20 tenants: no two alike in practice.
  miss: () => FROM + Math.floor(Math.random() * 5 * 86_400) * 1000,
};

async function measure(all) {
  // Same answers first.
  const truth = [];
  for (let index = 0; index < TENANTS; index += 1) {
    for (const [name, peer] of Object.entries(all)) {
      const { path, ...asked } = peer.ask(index, FROM);
      const answer = await send(agent, path, asked);
      if (answer.status !== 200) throw new Error(`${name} answered ${answer.status}: ${answer.text}`);
      const found = totals[name](answer.text);
      truth[index] ??= found;
      if (found !== truth[index]) throw new Error(`${name} says ${found} of tenant ${index}, raw says ${truth[index]}`);
    }
  }
  const table = [];
  for (const connections of [1, 16]) {
    for (const mode of Object.keys(MODES)) {
      const rounds = {};
      for (let round = -1; round < ROUNDS; round += 1) {
        const names = Object.keys(all).sort(() => Math.random() - 0.5);
        for (const name of names) {
          const found = await load({ connections, seconds: round < 0 ? 1 : SECONDS, next: () => {
            const who = tenant();
            return { ...all[name].ask(who, MODES[mode]()), check: (answer) => {
              if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.text}`);
              if (mode === "hit" && totals[name](answer.text) !== truth[who]) throw new Error(`${name}: wrong`);
            } };
          } });
          if (found.wrong.length) throw new Error(`void: ${found.wrong.length} failures, such as ${found.wrong[0]}`);
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
  return table;
}

async function main(folder) {
  const engine = await start(env("BENCH_HELPER"), ["--lib", env("BENCH_LIBCHDB"), "--data-dir", join(folder, "engine")],
    { EMBAN_CLICKHOUSE_SECRET: SECRET });
  const origin = await start(env("BENCH_ORIGIN"), ["serve"], {
    EMBAN_LISTEN: "127.0.0.1:0", EMBAN_PUBLIC_URL: "http://127.0.0.1:1", EMBAN_DATA_DIR: join(folder, "origin"),
    EMBAN_ASSETS_DIR: env("BENCH_ASSETS"), EMBAN_CLICKHOUSE_URL: `http://${engine}`, EMBAN_CLICKHOUSE_USER: "default",
    EMBAN_CLICKHOUSE_PASSWORD: SECRET, EMBAN_BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, RUST_LOG: "warn" });
  const database = (await sql(engine, "SELECT database FROM system.tables WHERE name = 'events' AND database LIKE 'emban%'")).trim();
  await fill(engine, database);
  const admin = async (path, body) => {
    const answer = await send(agent, `http://${origin}${path}`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" }, body: JSON.stringify(body) });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
    return answer.text && JSON.parse(answer.text);
  };
  const { id } = await admin("/v1/dashboards", { name: "Bench", filters: { date_range: true }, widgets: [
    { id: "w", kind: "timeseries", chart: "dual_axis", title: "Calls", layout: { x: 0, y: 0, w: 12, h: 4 },
      query: { event_name: "call", metric: "count", second_metric: "sum", second_numeric_prop: "tokens",
        granularity: "day" } }] });
  await admin(`/v1/dashboards/${id}/publish`, {});
  const tokens = [];
  for (let index = 1; index <= TENANTS; index += 1) {
    tokens.push((await admin("/v1/embed-sessions", { tenant_id: `tenant_${index}`, dashboard_id: id, expires_in: 7200 })).token);
  }
  const hypequery = await start(process.execPath, [new URL("hypequery/server.mjs", import.meta.url).pathname], {
    BENCH_PACKAGES: env("BENCH_HYPEQUERY"), ENGINE_URL: `http://${engine}`, ENGINE_PASSWORD: SECRET,
    DATABASE: database, JWT_SECRET: SECRET, NODE_ENV: "production" });
  const before = loadavg()[0];
  const table = await measure(peers({ engine, database, hypequery, origin, tokens }));
  const result = { cpus: cpus().length, cpu: cpus()[0].model, load: [before, loadavg()[0]], rows: ROWS, rounds: ROUNDS,
    seconds: SECONDS, table };
  if (process.env.BENCH_JSON) writeFileSync(process.env.BENCH_JSON, JSON.stringify(result, null, 2));
  for (const line of table) {
    const raw = table.find((o) => o.name === "raw" && o.mode === line.mode && o.connections === line.connections);
    console.log([line.connections, line.mode, line.name, `p50 ${line.p50_ms.toFixed(2)} ms`, `p95 ${line.p95_ms.toFixed(2)} ms`,
      `${line.per_second.toFixed(0)}/s (${line.spread.map((n) => n.toFixed(0)).join("-")})`,
      `p50/raw ${(line.p50_ms / raw.p50_ms).toFixed(2)}`].join("\t"));
  }
  console.log(`${result.cpus} x ${result.cpu}; load ${result.load.map((n) => n.toFixed(1)).join(" -> ")}; 0 wrong answers`);
}

const folder = mkdtempSync(join(tmpdir(), "emban-bench-"));
let code = 0;
try {
  await main(folder);
} catch (error) {
  console.error(error);
  code = 1;
}
for (const child of children.reverse()) {
  child.removeAllListeners("exit");
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
rmSync(folder, { recursive: true, force: true });
process.exit(code);
