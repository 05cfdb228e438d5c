// P7: one dashboard for a tenant of two million events among ten million of a thousand tenants, and for a tenant of a
// thousand events; from rollups and, by widgets that no rollup holds, from events. Every answer is made anew.
import { Agent } from "node:http";
import { join } from "node:path";
import { send, median } from "./load.mjs";
import { fillSkewed, LARGE, SMALL } from "./skewed/events.mjs";
import { dashboard } from "./skewed/dashboard.mjs";
import { benchmark, databaseOf, pause, printTable, quick, startEngine, startOrigin } from "./stage.mjs";

const EVENTS = quick ? 200_000 : 10_000_000;
const ROUNDS = quick ? 3 : 15;
/** The origin reads its list of rollups anew every 15 s. */
const SETTLED_MS = 20_000;
const ZONES = ["UTC", "Europe/Berlin"];
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Milliseconds of one answer that is made anew, and its results by widget. */
async function ask(origin, token, widgets) {
  const begin = performance.now();
  const answer = await send(agent, `http://${origin.address}/v1/embed/query`, {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "cache-control": "no-cache" },
    body: JSON.stringify({ filters: { period: "30d" }, ...(widgets && { widgets }) }),
  });
  const took = performance.now() - begin;
  const { results } = JSON.parse(answer.text);
  const failed = Object.entries(results ?? { answer: answer.text }).filter(([, result]) => result.status !== "ok");
  if (answer.status !== 200 || failed.length) throw new Error(JSON.stringify(failed).slice(0, 500));
  return { took, results };
}

/** The counts of each tenant must be those of the engine. */
async function check(origin, engine, database, sessions) {
  for (const { tenant, zone, token } of sessions) {
    const { results } = await ask(origin, token, ["calls", "by_day"]);
    const total = results.by_day.data.series[0].points.reduce((sum, [, count]) => sum + count, 0);
    const from = results.by_day.data.series[0].points[0][0];
    const truth = Number(await engine.sql(`SELECT count() FROM events WHERE tenant_id = '${tenant}' AND event_name = 'api.call'
      AND timestamp >= parseDateTimeBestEffort('${from}') AND timestamp < parseDateTimeBestEffort('${new Date().toISOString()}')`, `database=${database}`));
    if (total !== truth) throw new Error(`${tenant} in ${zone}: ${total} calls by day, the engine has ${truth}`);
  }
}

/** Where each widget's figures come from, once no rollup is on its way any more: those of hours and days come last. */
async function settledPlan(origin, engine, database, id) {
  const begin = performance.now();
  const onTheirWay = `SELECT countIf(last = 'building') FROM
    (SELECT argMax(state, changed_at) AS last FROM rollup_catalog GROUP BY rollup_id)`;
  for (let since = begin; performance.now() - begin < 1_200_000; await pause(1000)) {
    const { widgets } = await origin.admin("GET", `/v1/dashboards/${id}/plan`);
    const isReady = widgets.every(({ source, why }) => source === "rollup" || why.includes("percentile"));
    if (!isReady || (await engine.sql(onTheirWay, `database=${database}`)) !== "0") since = performance.now();
    else if (performance.now() - since >= SETTLED_MS) return widgets;
  }
  throw new Error("the rollups do not come");
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
  const sessions = [];
  for (const zone of ZONES) {
    for (const tenant of [LARGE, SMALL]) sessions.push({ tenant, zone, token: await origin.token(tenant, id, { timezone: zone }) });
  }
  await check(origin, engine, database, sessions);
  const table = [];
  for (const { widget, source, estimated_rows: rows } of [...widgets, { widget: "dashboard" }]) {
    const times = sessions.map(() => []);
    for (let round = -2; round < ROUNDS; round += 1) {
      for (const [place, { token }] of sessions.entries()) {
        const { took } = await ask(origin, token, widget === "dashboard" ? undefined : [widget]);
        if (round >= 0) times[place].push(took);
      }
    }
    for (const [place, zone] of ZONES.entries()) {
      const [large, small] = [median(times[2 * place]), median(times[2 * place + 1])];
      table.push({ widget, zone, source, rows, large_ms: large, small_ms: small, ratio: large / small });
    }
  }
  const ms = (time) => `${time.toFixed(1)} ms`;
  printTable([["widget", "zone", "source", "rows", "2 million", "1000", "ratio"], ...table.map((row) =>
    [row.widget, row.zone, row.source ?? "", row.rows ?? "", ms(row.large_ms), ms(row.small_ms), row.ratio.toFixed(2)])]);
  const budgets = table.filter((row) => row.widget === "dashboard").map((row) => ({
    id: "P7", what: `dashboard of a tenant of 2 million events over one of 1000, zone ${row.zone}`, ratio: row.ratio, atMost: 1.5 }));
  return { events: EVENTS, rounds: ROUNDS, table, budgets };
});
