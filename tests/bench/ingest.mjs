// P6: events a second with the durable answer, by batch and connections, beside the engine's own insert of such
// events; then how long answers take at a tenth of that load, memory, and bytes on disk.
//
// Every event has an id of its own, so nothing is saved by deduplication, and the events are counted at the end:
// a figure of a run that lost or doubled one is void.
import { Agent } from "node:http";
import { join } from "node:path";
import { median, send } from "./load.mjs";
import { ADMIN_KEY, benchmark, engineOf, memory, pause, quick, startEngine as startAnEngine, startOrigin } from "./stage.mjs";

const ROUNDS = quick ? 1 : 3;
const SECONDS = quick ? 2 : 5;
/** Bodies are made before the clock runs; this many bytes of them at most. */
const BODY_BYTES = 768 << 20;
const MOST_BODIES = 60_000;
const BATCHES = [1, 100, 1000];
const CONNECTIONS = [1, 16];
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let serial = 0;
const MODELS = ["m-small", "m-medium", "m-large", "m-vision"];

/** A new event as JSON, and what its properties add to the sums that are compared in the end. */
function event() {
  const n = (serial += 1);
  // A multiplicative hash spreads what a counter would line up.
  const h = Math.imul(n, 2654435761) >>> 0;
  const at = new Date(Date.now() - (h % (7 * 86_400)) * 1000).toISOString();
  const text = `{"tenant_id":"tenant_${h % 200}","event_name":"api.call","timestamp":"${at}","event_id":"evt_${n}",` +
    `"user_id":"u${h % 5000}","string_props":{"model":"${MODELS[h % 4]}","endpoint":"/v1/chat","region":"eu-${h % 3}"},` +
    `"numeric_props":{"tokens":${h % 4000},"latency_ms":${(h % 90000) / 100}}}`;
  return { text, sums: [1, h % 4000, h % 4 === 0 ? 1 : 0] };
}

/** The same sums by the engine: events, tokens, and events of the first model. */
const SUMS = (numbers) => `count(), toInt64(sum(ifNull(${numbers}.tokens.:Int64, 0) + ifNull(${numbers}.tokens.:Float64, 0))), countIf(string_props.model.:String = '${MODELS[0]}')`;
const add = (sums, more) => more.forEach((value, place) => (sums[place] += value));

/** NDJSON bodies of `batch` events with their sums, as many as `most` or the memory allows. */
function bodies(batch, most) {
  const made = [];
  let bytes = 0;
  while (made.length < most && bytes < BODY_BYTES) {
    const sums = [0, 0, 0];
    const lines = Array.from({ length: batch }, () => {
      const { text, sums: own } = event();
      add(sums, own);
      return `${text}\n`;
    });
    const body = Buffer.from(lines.join(""));
    bytes += body.length;
    made.push({ body, sums });
  }
  return made;
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Sends bodies over so many connections until the time or the bodies are at their end; any failure voids the run. */
async function closedLoop(target, batch, connections) {
  const made = bodies(batch, MOST_BODIES);
  const keep = new Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  const begin = performance.now();
  const until = begin + SECONDS * 1000;
  let next = 0;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (next < made.length && performance.now() < until) {
      const { body, sums } = made[next++];
      const sent = performance.now();
      const answer = await send(keep, target.url, { headers: target.headers, body });
      times.push(performance.now() - sent);
      if (answer.status !== 200) throw new Error(`${target.name}: ${answer.status} ${answer.text}`);
      add(target.sent, sums);
    }
  }));
  const answered = (performance.now() - begin) / 1000;
  await target.settled();
  const stored = (performance.now() - begin) / 1000;
  keep.destroy();
  times.sort((a, b) => a - b);
  return {
    answered: (times.length * batch) / answered, stored: (times.length * batch) / stored,
    p50: quantile(times, 0.5), p99: quantile(times, 0.99),
  };
}

/** Sends batches at a fixed rate, whether or not earlier ones are answered. */
async function openLoop(target, batch, perSecond) {
  const seconds = quick ? 3 : 15;
  const made = bodies(batch, Math.ceil((perSecond * seconds) / batch));
  const keep = new Agent({ keepAlive: true, maxSockets: 16 });
  const times = [];
  const begin = performance.now();
  await Promise.all(made.map(async ({ body, sums }, index) => {
    const due = begin + (index * batch * 1000) / perSecond;
    await pause(Math.max(0, due - performance.now()));
    const answer = await send(keep, target.url, { headers: target.headers, body });
    if (answer.status !== 200) throw new Error(`${target.name}: ${answer.status} ${answer.text}`);
    // From when it was due: a generator that comes late must not make the answers look quick.
    times.push(performance.now() - due);
    add(target.sent, sums);
  }));
  await target.settled();
  keep.destroy();
  times.sort((a, b) => a - b);
  return { requests: times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

async function startEmban(folder) {
  const { child, pid, address } = await startOrigin(folder);
  const waiting = async () => {
    const answer = await send(agent, `http://${address}/readyz`, { method: "GET" });
    return answer.status === 200 ? JSON.parse(answer.text).waiting_events : 1;
  };
  return {
    name: "emban", process: child, pid, engine: engineOf(pid), sent: [0, 0, 0], url: `http://${address}/v1/events`,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/x-ndjson" },
    settled: async () => { while ((await waiting()) > 0) await pause(20); },
  };
}

async function startEngine(folder) {
  const engine = await startAnEngine(folder);
  // The columns of Emban's own table, by the names that the bytes have.
  await engine.sql(`CREATE TABLE default.events (tenant_id LowCardinality(String), event_name LowCardinality(String),
    timestamp DateTime64(3, 'UTC'), event_id String, user_id String, string_props JSON, numeric_props JSON)
    ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp) ORDER BY (tenant_id, event_name, timestamp)`);
  const insert = new URLSearchParams({ query: "INSERT INTO default.events FORMAT JSONEachRow", date_time_input_format: "best_effort" });
  return { ...engine, name: "engine", sent: [0, 0, 0], url: `http://${engine.address}/?${insert}`, settled: async () => {} };
}

async function checkCounts(emban, engine, folder) {
  const own = await engine.sql(`SELECT ${SUMS("numeric_props")} FROM default.events`);
  if (own !== engine.sent.join("\t")) throw new Error(`the engine has events, tokens and events of one model ${own}, sent were ${engine.sent}`);
  // Emban's tables are read by an engine of their own, once the origin has ended.
  emban.process.removeAllListeners("exit");
  emban.process.kill("SIGTERM");
  await new Promise((resolve) => emban.process.once("exit", resolve));
  const { sql } = await startAnEngine(join(folder, "clickhouse"));
  const ask = (text) => sql(text, "database=emban_production");
  const stored = await ask(`SELECT ${SUMS("number_props")} FROM events`);
  if (stored !== emban.sent.join("\t")) throw new Error(`emban has events, tokens and events of one model ${stored}, sent were ${emban.sent}`);
  const [count] = emban.sent;
  const ids = Number(await ask("SELECT uniqExact(event_id) FROM events"));
  if (ids !== count) throw new Error(`emban has ${ids} ids of ${count} events`);
  await ask("OPTIMIZE TABLE events FINAL");
  const bytes = await ask("SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE table = 'events' AND active");
  return { events: count, bytesAnEvent: Math.round(Number(bytes)) };
}

/** What design.md asks, at batches of 1000, and of the origin's memory meanwhile. */
function budgets(rows, tenth, origin) {
  const full = rows.filter((row) => row.batch === 1000);
  return [
    ...full.map((row) => ({ id: "P6", what: `events a second with the durable answer over the engine's own insert, ${row.connections} connections`,
      ratio: row.ratio, atLeast: 0.6 })),
    ...full.map((row) => ({ id: "P6", what: `the same until the last one is stored, ${row.connections} connections`, ratio: row.stored_ratio, atLeast: 0.6 })),
    { id: "P6", what: "p99 at a tenth of that load, ms", ratio: tenth.p99, atMost: 100 },
    { id: "P8", what: "origin's memory after the load, MiB", ratio: origin.resident, atMost: 150 },
    { id: "P8", what: "origin's memory at most under ingest, MiB", ratio: origin.most, atMost: 150 },
  ];
}

benchmark(async (folder) => {
  const emban = await startEmban(join(folder, "emban"));
  const engine = await startEngine(join(folder, "engine"));
  console.log(`${ROUNDS} rounds of ${SECONDS} s, medians; an event is ${bodies(1, 1)[0].body.length} bytes of JSON`);
  const rows = [];
  for (const batch of BATCHES) {
    for (const connections of CONNECTIONS) {
      const rounds = { emban: [], engine: [] };
      for (let round = 0; round < ROUNDS; round += 1) {
        const order = round % 2 ? [emban, engine] : [engine, emban];
        for (const target of order) rounds[target.name].push(await closedLoop(target, batch, connections));
      }
      const middle = (name, figure) => median(rounds[name].map((round) => round[figure]));
      const row = { batch, connections };
      for (const name of ["emban", "engine"]) {
        for (const figure of ["answered", "stored", "p50", "p99"]) row[`${name}_${figure}`] = middle(name, figure);
      }
      row.ratio = row.emban_answered / row.engine_answered;
      row.stored_ratio = row.emban_stored / row.engine_answered;
      rows.push(row);
      console.log(`batch ${batch} × ${connections}: emban ${row.emban_answered.toFixed(0)} events/s answered ` +
        `(p50 ${row.emban_p50.toFixed(1)} ms, p99 ${row.emban_p99.toFixed(1)} ms), ${row.emban_stored.toFixed(0)}/s until stored; ` +
        `engine ${row.engine_answered.toFixed(0)}/s (p50 ${row.engine_p50.toFixed(1)} ms, p99 ${row.engine_p99.toFixed(1)} ms); ` +
        `ratio ${row.ratio.toFixed(2)}, until stored ${row.stored_ratio.toFixed(2)}`);
    }
  }
  const full = rows.find((row) => row.batch === 1000 && row.connections === 16);
  const tenth = await openLoop(emban, 100, full.emban_stored / 10);
  console.log(`at a tenth (${(full.emban_stored / 10).toFixed(0)} events/s in batches of 100): ${tenth.requests} requests, ` +
    `p50 ${tenth.p50.toFixed(1)} ms, p99 ${tenth.p99.toFixed(1)} ms`);
  const [origin, helper] = [memory(emban.pid), memory(emban.engine)];
  console.log(`memory: origin ${origin.resident} MiB (most ${origin.most}), its engine ${helper.resident} MiB (most ${helper.most})`);
  const disk = await checkCounts(emban, engine, join(folder, "emban"));
  console.log(`${disk.events} events, each once; ${disk.bytesAnEvent} bytes on disk an event, merged`);
  return { rounds: ROUNDS, seconds: SECONDS, rows, tenth, origin, helper, disk, budgets: budgets(rows, tenth, origin) };
});
