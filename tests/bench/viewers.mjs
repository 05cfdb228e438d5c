// The load test: viewers of a thousand tenants ask for a dashboard of thirteen widgets, through the edge and without it,
// ever more of them at once, until more of them get no more answers. Four of five questions are ones that others have
// asked before; the fifth is for a range of dates of its own. Each answer's count is compared with the engine's. One step
// of each way in warms up.
import { join } from "node:path";
import { heldMib } from "../../edge-worker/tests/support/isolate.mjs";
import { load } from "./load.mjs";
import { dashboard } from "./skewed/dashboard.mjs";
import { fillSkewed, TENANTS } from "./skewed/events.mjs";
import { benchmark, databaseOf, freePort, memory, printTable, quick, SECRET, startEdge, startEngine, startOrigin } from "./stage.mjs";

const EVENTS = quick ? 100_000 : 2_000_000;
const AT_ONCE = quick ? [1, 16] : [1, 2, 4, 8, 16, 32, 64, 128];
/** A minute for each of the two ways in. */
const SECONDS = 60 / AT_ONCE.length / (quick ? 10 : 1);
const HOUR = 3_600_000;
const NEW_QUESTIONS = 0.2;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const KNOWN = { from: NOW - 30 * 24 * HOUR, to: NOW };

/** A tenant, the first ones more often. */
const tenantOf = () => Math.min(TENANTS - 1, Math.floor(TENANTS ** Math.random()) - 1);

/** A range of whole hours that hardly anybody else asks for. */
function newRange() {
  const from = NOW - Math.ceil((20 + 60 * Math.random()) * 24) * HOUR;
  return { from, to: from + Math.ceil((1 + 18 * Math.random()) * 24) * HOUR };
}

/** Calls of each tenant before each hour, so that those of a range are a difference. */
async function countsOf(engine, database) {
  const rows = await engine.sql(`SELECT toUInt32(substring(tenant_id, 8)), toUnixTimestamp(toStartOfHour(timestamp)), count()
    FROM events WHERE event_name = 'api.call' GROUP BY 1, 2 ORDER BY 1, 2`, `database=${database}`);
  const counts = Array.from({ length: TENANTS }, () => []);
  for (const row of rows.split("\n")) {
    const [tenant, hour, count] = row.split("\t").map(Number);
    counts[tenant].push([hour * 1000, count]);
  }
  return (tenant, { from, to }) => counts[tenant].reduce((sum, [hour, count]) => sum + (hour >= from && hour < to ? count : 0), 0);
}

async function step(url, tokens, truth, connections) {
  const next = () => {
    const tenant = tenantOf();
    const range = Math.random() < NEW_QUESTIONS ? newRange() : KNOWN;
    const [from, to] = [range.from, range.to].map((time) => new Date(time).toISOString());
    return {
      path: `${url}/v1/embed/query`, headers: { authorization: `Bearer ${tokens[tenant]}`, "content-type": "application/json" },
      body: JSON.stringify({ filters: { dateRanges: { timestamp: { from, to } } } }),
      check: (answer) => {
        if (answer.status === 429 || answer.status === 503) return "refused";
        const results = answer.status === 200 ? JSON.parse(answer.text).results : {};
        const failed = Object.entries(results).find(([, result]) => result.status !== "ok");
        if (answer.status !== 200 || failed) throw new Error(`${answer.status} ${answer.text.slice(0, 200)} ${JSON.stringify(failed ?? "").slice(0, 200)}`);
        const count = results.calls.data.value;
        if (count !== truth(tenant, range)) throw new Error(`tenant ${tenant} has ${truth(tenant, range)} calls from ${from} to ${to}, the answer says ${count}`);
      },
    };
  };
  const found = await load({ connections, seconds: SECONDS, next });
  if (found.wrong.length) throw new Error(`void: ${found.wrong.length} failures, such as ${found.wrong[0]}`);
  return { connections, ...found, wrong: 0 };
}

/** The last step that brought a tenth more answers than any before it. */
function knee(steps) {
  let best = steps[0];
  for (const one of steps) if (one.perSecond >= 1.1 * best.perSecond) best = one;
  return best.connections;
}

benchmark(async (folder) => {
  const engine = await startEngine(join(folder, "engine"));
  const origin = await startOrigin(join(folder, "origin"), engine, {
    EMBAN_EDGE_SECRET: SECRET, EMBAN_RATE_PER_SESSION: "1000000", EMBAN_RATE_PER_KEY: "1000000" });
  const inspector = await freePort();
  const edge = await startEdge(origin, [`--inspector-addr=127.0.0.1:${inspector}`]);
  const database = await databaseOf(engine);
  await fillSkewed(engine, database, EVENTS);
  const truth = await countsOf(engine, database);
  const id = await origin.publish({ ...dashboard(), refresh: 60 });
  const tokens = [];
  for (let tenant = 0; tenant < TENANTS; tenant += 1) tokens.push(await origin.token(`tenant_${tenant}`, id));
  const ways = { edge: [], origin: [] };
  const urls = { edge: edge.url, origin: `http://${origin.address}` };
  for (const url of Object.values(urls)) await step(url, tokens, truth, 4);
  for (const [place, connections] of AT_ONCE.entries()) {
    // Each way goes first as often as last: the origin's own memory of answers serves both.
    const turn = Object.keys(ways);
    if (place % 2) turn.reverse();
    for (const way of turn) ways[way].push(await step(urls[way], tokens, truth, connections));
  }
  printTable([["by", "at once", "answers/s", "p50 ms", "p95 ms", "answers", "refused"], ...Object.entries(ways).flatMap(([way, steps]) =>
    steps.map((one) => [way, one.connections, one.perSecond.toFixed(0), one.p50.toFixed(1), one.p95.toFixed(1), one.requests, one.refused]))]);
  const resident = { origin: memory(origin.pid), edge: memory(edge.pid) };
  for (const [way, steps] of Object.entries(ways)) console.log(`${way}: more than ${knee(steps)} at once bring no more answers`);
  const isolate = Object.values(await heldMib(inspector)).reduce((sum, mib) => sum + mib);
  console.log(`most memory: origin ${resident.origin.most} MiB, workerd ${resident.edge.most} MiB, of which its isolate holds ${isolate.toFixed(1)}; 0 wrong answers`);
  return { events: EVENTS, seconds: SECONDS, ways, knee: { edge: knee(ways.edge), origin: knee(ways.origin) }, resident, isolate, budgets: [
    { id: "P8", what: "origin's memory at most under viewers, MiB", ratio: resident.origin.most, atMost: 150 },
    { id: "P8", what: "what the edge's isolate holds after the viewers, MiB", ratio: isolate, atMost: 128 },
  ] };
});
