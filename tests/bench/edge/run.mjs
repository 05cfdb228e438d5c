// P3: requests a second and CPU time of a request at the edge, the Rust worker beside the same worker in JavaScript, in
// the same runtime (workerd, as the edge is run on one's own machines), in one run, in turn.
//
// `cargo xtask bench P3` builds the Worker and starts this.
//
// Environment: EMBAN_NPM_TOOLS, BENCH_EDGE; BENCH_JSON, a file that takes what is printed as well.
// Arguments: --quick, --connections N (16), --rounds N, --seconds N.
// Prints one JSON document; nothing is timed before both workers have given the same answers.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EDGE_SECRET, startOrigin } from "../../../edge-worker/tests/support/origin.mjs";
import { claims, signingKey, token } from "../../../edge-worker/tests/support/session.mjs";
import { median } from "../load.mjs";
import { benchmark, env, memory, startWorkerd } from "../stage.mjs";

const { values: given } = parseArgs({ options: {
  quick: { type: "boolean", default: false }, connections: { type: "string", default: "16" },
  rounds: { type: "string" }, seconds: { type: "string" },
} });
const ROUNDS = Number(given.rounds ?? (given.quick ? 1 : 5));
const SECONDS = Number(given.seconds ?? (given.quick ? 1 : 3));
const CONNECTIONS = Number(given.connections);
/** Tenants in turn: more than connections, so that two requests rarely miss the same entry together. */
const TENANTS = 64;
/** More than either worker remembers, so that each is verified anew. */
const NEW_TOKENS = 20_000;
const BODY_BYTES = 20_000;
/** Linux counts CPU time in ticks of 10 ms. */
const TICK_US = 10_000;

/** A response of the runtime that costs nothing to make, from a worker that does nothing else. */
const HELLO = "hello of JavaScript";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const key = signingKey();
const origin = await startOrigin([key]);
origin.fresh = 3600;
const filler = Array.from({ length: BODY_BYTES / 16 }, (_, n) => ["2026-03-01", n]);
origin.embed = (request, session) => ({ body: { tenant: session.tenant, series: filler, expires_in: session.exp - Math.floor(Date.now() / 1000) } });

const get = (path, bearer) => `GET ${path} HTTP/1.1\r\nhost: edge\r\n${bearer ? `authorization: Bearer ${bearer}\r\n` : ""}accept: */*\r\n\r\n`;
const post = (path, bearer, body) =>
  `POST ${path} HTTP/1.1\r\nhost: edge\r\nauthorization: Bearer ${bearer}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const QUESTION = '{"widgets":["w1","w2","w3"],"filters":{"period":"30d","dimensions":{"model":["m-1","m-2"]}}}';
const known = Array.from({ length: TENANTS }, (_, n) => token(key, claims({ tenant: `tenant_${n}` })));
const fresh = Array.from({ length: NEW_TOKENS }, (_, n) => token(key, claims({ tenant: `tenant_${n % TENANTS}` })));

/** What the answer of each tenant must hold, and no other's does. */
const own = known.map((_, n) => `"tenant":"tenant_${n}"`);

/** What is asked; `expected` is looked for in the answers under load; `memory` is the size of the isolate's memory for answers in MiB. */
const ROWS = [
  { name: "hello", requests: [get("/healthz")] },
  { name: "verify, a new token each time", requests: fresh.map((bearer) => get("/embed/dash_other", bearer)) },
  { name: "verify, remembered", requests: known.map((bearer) => get("/embed/dash_other", bearer)) },
  { name: "verify + memory hit, GET 20 KB", requests: known.map((bearer) => get("/v1/embed/surface", bearer)), expected: own },
  { name: "verify + memory hit, POST 20 KB", requests: known.map((bearer) => post("/v1/embed/query", bearer, QUESTION)), expected: own },
  { name: "verify + Cache hit, GET 20 KB", requests: known.map((bearer) => get("/v1/embed/surface", bearer)), expected: own, memory: 0 },
];

benchmark(async (folder) => {
  const rust = await startWorker(folder, "rust", 32);
  const javascript = await startWorker(folder, "javascript", 32);
  const forgetful = await startWorker(folder, "javascript", 32, { NO_MEMO: "1" });
  const rustCache = await startWorker(folder, "rust", 0);
  const javascriptCache = await startWorker(folder, "javascript", 0);
  const workers = [rust, javascript, forgetful, rustCache, javascriptCache];
  await sameAnswers(workers);
  // Another runtime than the one that answers from memory: what it holds must not make it slower.
  const hello = await startWorker(folder, "javascript", 0);
  const loader = fork(here("load.mjs"));
  await once(loader, "message");
  const measured = [];
  for (const row of ROWS) measured.push(await measure(row, loader, row.memory === 0
    ? { rust: rustCache, javascript: javascriptCache, [HELLO]: hello }
    : { rust, javascript, [HELLO]: hello, ...(row.name.startsWith("verify") && { "javascript without a memo": forgetful }) }));
  loader.kill();
  const figures = { ...report(measured, { rust, javascript }), read: workers.reduce((sum, { read }) => sum + read, 0) };
  console.log(JSON.stringify(figures, undefined, 1));
  await origin.stop();
  return { ...figures, budgets: budgets(figures) };
});

/** A runtime of its own with one worker and the cache service that the shipped configuration has. */
async function startWorker(folder, kind, memoryMib, variables = {}) {
  const place = mkdtempSync(join(folder, `${kind}-`));
  const shipped = readFileSync(here("../../../edge-worker/workerd/emban.capnp"), "utf8");
  copyFileSync(here("../../../edge-worker/workerd/cache.js"), join(place, "cache.js"));
  if (kind === "rust") {
    for (const name of ["index.js", "index_bg.wasm"]) copyFileSync(join(env("BENCH_EDGE"), name), join(place, name));
    writeFileSync(join(place, "emban.capnp"), shipped);
  } else {
    copyFileSync(here("worker.js"), join(place, "index.js"));
    const extra = '    (name = "NO_MEMO", fromEnvironment = "NO_MEMO"),\n  ],\n);';
    writeFileSync(join(place, "emban.capnp"), shipped.replace(/ {4}\(name = "index_bg.*\n/, "").replace(/(ANSWER_MEMORY_MIB"\),\n) {2}\],\n\);/, `$1${extra}`));
  }
  const worker = await startWorkerd(place, { ORIGIN_URL: origin.url, EDGE_SECRET, SESSION_REQUESTS_PER_MINUTE: "0", ANSWER_MEMORY_MIB: String(memoryMib), ...variables });
  return { ...worker, kind, answered: 0, read: 0 };
}

/** Each tenant's figures from each worker, twice, so that the second answer is a hit; a forged token from none. */
async function sameAnswers(workers) {
  const answers = await Promise.all(workers.map(async ({ url }) => {
    const told = [];
    for (const bearer of [...known, ...known]) {
      const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
      for (const [path, init] of [["/v1/embed/surface", {}], ["/v1/embed/query", { method: "POST", body: QUESTION }], ["/embed/dash_other", {}]]) {
        const answer = await fetch(url + path, { headers, ...init });
        const { request_id: _, expires_in, ...body } = await answer.json();
        assert.ok(expires_in === undefined || (expires_in > 3000 && expires_in <= 3600));
        told.push([answer.status, answer.headers.get("content-type"), answer.headers.get("cache-control"), body]);
      }
    }
    const forged = token(signingKey("production", key.kid), claims());
    told.push((await fetch(`${url}/v1/embed/surface`, { headers: { authorization: `Bearer ${forged}` } })).status);
    return told;
  }));
  for (const told of answers) assert.deepEqual(told, answers[0]);
  assert.equal(answers[0].at(-1), 401);
  assert.equal(answers[0][0][3].tenant, "tenant_0");
}

/** Rounds in turn, each worker first as often as last; whatever a row asks, the hello says hello. */
async function measure({ name, ...asked }, loader, workers) {
  const rounds = Object.fromEntries(Object.keys(workers).map((worker) => [worker, []]));
  const of = (label) => (label === HELLO ? { requests: [get("/hello")] } : asked);
  for (const [label, worker] of Object.entries(workers)) await load(loader, worker, of(label), Math.min(1, SECONDS));
  for (let round = 0; round < ROUNDS; round += 1) {
    const turn = Object.entries(workers);
    if (round % 2 === 1) turn.reverse();
    for (const [label, worker] of turn) rounds[label].push(await load(loader, worker, of(label), SECONDS));
  }
  return { name, rounds };
}

async function load(loader, worker, { requests, expected }, seconds) {
  const before = cpuTicks(worker.pid);
  // Goes on where the last round ended: what was new must not come again while it is remembered.
  loader.send({ url: worker.url, requests, expected, from: worker.answered, connections: CONNECTIONS, seconds });
  const [done] = await once(loader, "message");
  const us = (cpuTicks(worker.pid) - before) * TICK_US;
  worker.answered += done.requests;
  assert.equal(done.errors, 0, "an answer under load had another status, or was not its tenant's");
  assert.ok(!expected || done.read > 0, "no answer under load was read");
  worker.read += done.read;
  return { per_second: done.requests / done.seconds, cpu_us: us / done.requests };
}

/** User and system time of a process and its threads. */
function cpuTicks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function report(rows, { rust, javascript }) {
  const summed = rows.map(({ name, rounds }) => {
    const helloRate = median(rounds[HELLO].map((round) => round.per_second));
    const workers = Object.fromEntries(Object.entries(rounds).map(([worker, all]) => [worker, summary(all, helloRate)]));
    const { rust: ours, javascript: peer } = workers;
    return { name, workers, ratio_per_second: round(ours.per_second / peer.per_second), ratio_cpu: round(peer.cpu_us / ours.cpu_us) };
  });
  return {
    benchmark: "P3", rounds: ROUNDS, seconds: SECONDS, connections: CONNECTIONS,
    rows: summed,
    memory: Object.fromEntries([rust, javascript].map((worker) => [worker.kind, { requests: worker.answered, resident_mib: memory(worker.pid).resident }])),
  };
}

/** What design.md asks. The isolate's memory (P8) is a test of tests/edge, which can see it apart from its process. */
function budgets({ rows }) {
  const hits = rows.filter(({ name }) => name.includes("hit"));
  return [
    ...hits.map((row) => ({ id: "P3", what: `${row.name}: a second over the worker in JavaScript`, ratio: row.ratio_per_second, atLeast: 1.5 })),
    ...hits.map((row) => ({ id: "P3", what: `${row.name}: a second over a JavaScript hello`, ratio: row.workers.rust.of_hello, atLeast: 0.45 })),
  ];
}

function summary(all, helloRate) {
  const rates = all.map(({ per_second }) => per_second);
  return {
    per_second: Math.round(median(rates)), least: Math.round(Math.min(...rates)), most: Math.round(Math.max(...rates)),
    cpu_us: round(median(all.map(({ cpu_us }) => cpu_us))), of_hello: round(median(rates) / helloRate),
  };
}

function round(number) {
  return Math.round(number * 100) / 100;
}
