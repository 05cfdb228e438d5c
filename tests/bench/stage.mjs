// What the benchmarks start, and how they ask it: an engine of its own, the origin on it, peers beside them.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { Agent } from "node:http";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { send } from "./load.mjs";

export const SECRET = "a-secret-of-the-benchmark-only";
export const ADMIN_KEY = "eb_adm_benchmark0benchmark0benchmark0benchmark0";
export const quick = process.argv.includes("--quick");
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** More of the processors' time than this in other hands, and the figures say so. */
const BUSY = 0.1;
const children = [];
const endings = [];
/** What is done when everything is measured: the time that a program has used is not known once it has ended by itself. */
export const atEnd = (end) => endings.push(end);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

export function env(name) {
  if (!process.env[name]) throw new Error(`${name} must be set`);
  return process.env[name];
}

/** Starts a program; resolves to its process and the address of its ready line. */
export function start(program, args, variables) {
  const child = spawn(program, args, { env: { PATH: process.env.PATH, ...variables }, stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${program} ended (${code})`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith('{"') && line.includes('"listening"')) resolve({ child, address: JSON.parse(line).listening });
    });
  });
}

/** The embedded engine over HTTP, on a folder. */
export async function startEngine(folder) {
  const { child, address } = await start(env("BENCH_HELPER"), ["--lib", env("BENCH_LIBCHDB"), "--listen", "127.0.0.1:0",
    "--exit-with-parent", "--wait-for-data-dir", "20", "--data-dir", folder], { EMBAN_CLICKHOUSE_SECRET: SECRET });
  const headers = { "x-clickhouse-user": "default", "x-clickhouse-key": SECRET };
  const sql = async (text, query = "") => {
    const answer = await send(agent, `http://${address}/?${query}`, { headers, body: text });
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.text.trim();
  };
  return { child, pid: child.pid, address, headers, sql };
}

/** The origin on an engine, or on one that it starts itself in its folder. */
export async function startOrigin(folder, engine, variables = {}) {
  const warehouse = engine
    ? { EMBAN_CLICKHOUSE_URL: `http://${engine.address}`, EMBAN_CLICKHOUSE_USER: "default", EMBAN_CLICKHOUSE_PASSWORD: SECRET }
    : { EMBAN_CLICKHOUSE_HELPER: env("BENCH_HELPER"), EMBAN_LIBCHDB: env("BENCH_LIBCHDB") };
  const { child, address } = await start(env("BENCH_ORIGIN"), ["serve"], {
    EMBAN_LISTEN: "127.0.0.1:0", EMBAN_PUBLIC_URL: "http://127.0.0.1:1", EMBAN_DATA_DIR: folder, EMBAN_LOG: "warn",
    EMBAN_ASSETS_DIR: env("BENCH_ASSETS"), EMBAN_BOOTSTRAP_ADMIN_KEY: ADMIN_KEY, ...warehouse, ...variables });
  const admin = async (method, path, body) => {
    const answer = await send(agent, `http://${address}${path}`, { method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" }, body: body && JSON.stringify(body) });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
    return answer.text && JSON.parse(answer.text);
  };
  const publish = async (document) => {
    const { id } = await admin("POST", "/v1/dashboards", document);
    await admin("POST", `/v1/dashboards/${id}/publish`, {});
    return id;
  };
  const token = async (tenant, dashboard, permissions) =>
    (await admin("POST", "/v1/embed-sessions", { tenant_id: tenant, dashboard_id: dashboard, expires_in: 7200, permissions })).token;
  return { child, pid: child.pid, address, admin, publish, token };
}

/** The Worker in workerd as one's own machines run it, in front of an origin. */
export const startEdge = (origin, args) => startWorkerd(env("BENCH_EDGE"), {
  ORIGIN_URL: `http://${origin.address}`, EDGE_SECRET: SECRET, SESSION_REQUESTS_PER_MINUTE: "0", ANSWER_MEMORY_MIB: "32" }, args);

/** A workerd with the configuration in a folder; resolves to its URL when it answers. */
export async function startWorkerd(folder, variables, args = []) {
  const { default: workerd } = createRequire(join(env("EMBAN_NPM_TOOLS"), "package.json"))("workerd");
  const port = await freePort();
  const child = spawn(workerd, ["serve", join(folder, "emban.capnp"), `--socket-addr=http=127.0.0.1:${port}`, ...args], {
    env: { PATH: process.env.PATH, ...variables },
    // What workers log must not stand in the middle of the result.
    stdio: ["ignore", 2, 2],
  });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    if (await fetch(`${url}/healthz`).then(() => true, () => false)) return { url, pid: child.pid };
    if (tries > 200) throw new Error("workerd does not answer");
    await pause(50);
  }
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The database in which the origin on an engine keeps its events. */
export const databaseOf = (engine) =>
  engine.sql("SELECT database FROM system.tables WHERE name = 'events' AND database LIKE 'emban%'");

/** Resident now and at most, in MiB. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)[1]) / 1024);
  return { resident: mib("VmRSS"), most: mib("VmHWM") };
}

/** The engine that an origin has started. */
export function engineOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ids = threads.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" "));
  return Number(ids.find(Boolean));
}

/** Ticks of the processors so far: that were idle, that interrupts took (nobody's own), and all of them. */
function machineTicks() {
  const [user, nice, system, idle, wait, irq, soft, steal] = readFileSync("/proc/stat", "utf8").split("\n")[0].split(/\s+/).slice(1).map(Number);
  return { idle: idle + wait, interrupts: irq + soft, all: user + nice + system + idle + wait + irq + soft + steal };
}

/** Ticks of this process, of all that it has started, and of theirs that have ended. */
function ownTicks() {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      // Fields after the name, which may hold anything: state, parent, …, user, system, and those of ended children.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
      return [{ pid: Number(pid), parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) }];
    } catch {
      return [];
    }
  });
  const of = (pid) => processes.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + child.ticks + of(child.pid), 0);
  return of(process.pid) + processes.find(({ pid }) => pid === process.pid).ticks;
}

/** Starts to watch the processors; what it returns tells the share of their time that others have had since. */
function watchOthers() {
  const [machine, own] = [machineTicks(), ownTicks()];
  return () => {
    const now = machineTicks();
    const [idle, interrupts, all] = ["idle", "interrupts", "all"].map((name) => now[name] - machine[name]);
    return Math.max(0, (all - idle - interrupts - (ownTicks() - own)) / all);
  };
}

const warn = (busy) =>
  busy > BUSY && console.warn(`warning: other programs use ${(100 * busy).toFixed(0)} % of the processors; figures of a busy machine are no use`);

/** The commit that is measured, with a mark when files differ from it; nothing outside a repository. */
function commit() {
  const git = (...args) => execFileSync("git", ["-C", import.meta.dirname, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "--untracked-files=no") && " with changes");
  } catch {
    return undefined;
  }
}

/**
 * Runs a benchmark in a folder of its own and ends whatever it started. `main` returns the figures, and in `budgets`
 * what design.md asks of them: `{ id, what, ratio, atLeast | atMost }`. They go to BENCH_JSON with the machine and its load.
 */
export async function benchmark(main) {
  const folder = mkdtempSync(join(tmpdir(), "emban-bench-"));
  const before = loadavg()[0];
  const atStart = watchOthers();
  await pause(1000);
  warn(atStart());
  const others = watchOthers();
  let code = 0;
  try {
    const figures = await main(folder);
    const busy = others();
    warn(busy);
    const machine = { cpus: cpus().length, cpu: cpus()[0].model, load: [before, loadavg()[0]], busy, isBusy: busy > BUSY,
      at: new Date().toISOString(), commit: commit(), quick };
    console.log(`${machine.cpus} x ${machine.cpu}; load ${machine.load.map((load) => load.toFixed(1)).join(" -> ")}`);
    if (process.env.BENCH_JSON) writeFileSync(process.env.BENCH_JSON, `${JSON.stringify({ machine, ...figures }, null, 1)}\n`);
  } catch (error) {
    console.error(error);
    code = 1;
  }
  for (const end of endings) await end();
  for (const child of children.reverse()) {
    child.removeAllListeners("exit");
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGTERM");
    await Promise.race([ended, pause(10_000).then(() => child.kill("SIGKILL"))]);
  }
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

/** Lines with their cells below each other. */
export function printTable(rows) {
  const widths = rows[0].map((_, place) => Math.max(...rows.map((row) => String(row[place]).length)));
  for (const row of rows) console.log(row.map((cell, place) => place ? String(cell).padStart(widths[place]) : String(cell).padEnd(widths[place])).join("  "));
}
