// Times a dashboard's widgets for the largest and the smallest tenant, every answer made anew.
import { Agent } from "node:http";
import { load, median, send } from "../load.mjs";
import { pause } from "../stage.mjs";

/** The origin reads its list of rollups anew every 15 s. */
const SETTLED_MS = 20_000;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const question = (origin, token, { widgets, time = { period: "30d" } } = {}) => ({
  path: `http://${origin.address}/v1/embed/query`,
  headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "cache-control": "no-cache" },
  body: JSON.stringify({ filters: time, ...(widgets && { widgets }) }),
});

/** The figures of an answer by widget; a widget without figures voids the run. */
function figuresOf({ status, text }) {
  const { results } = JSON.parse(text);
  const failed = Object.entries(results ?? { answer: text }).filter(([, result]) => result.status !== "ok");
  if (status !== 200 || failed.length) throw new Error(JSON.stringify(failed).slice(0, 500));
  return Object.fromEntries(Object.entries(results).map(([widget, { data }]) => [widget, data]));
}

/** Milliseconds of one answer, and its figures by widget. */
export async function ask(origin, token, asking) {
  const begin = performance.now();
  const { path, ...asked } = question(origin, token, asking);
  const answer = await send(agent, path, asked);
  return { took: performance.now() - begin, figures: figuresOf(answer) };
}

/** Where each widget's figures come from, once no rollup is on its way any more: those of hours and days come last. */
export async function settledPlan(origin, engine, database, id) {
  const begin = performance.now();
  const onTheirWay = `SELECT countIf(last = 'building') FROM
    (SELECT argMax(state, changed_at) AS last FROM rollup_catalog GROUP BY rollup_id)`;
  for (let since = begin; performance.now() - begin < 1_200_000; await pause(1000)) {
    const { widgets } = await origin.admin("GET", `/v1/dashboards/${id}/plan`);
    const isReady = widgets.every(({ source, why }) => source === "rollup" || !/still being filled|no rollup of the event/.test(why));
    if (!isReady || (await engine.sql(onTheirWay, `database=${database}`)) !== "0") since = performance.now();
    else if (performance.now() - since >= SETTLED_MS) return widgets;
  }
  throw new Error("the rollups do not come");
}

/** Rows that the engine has read for others so far; asking reads rows, too. */
const rowsRead = async (engine) => Number(await engine.sql("SELECT value FROM system.events WHERE event = 'SelectedRows'"));

/** Rows that the engine reads for an answer, of three answers the least: the origin looks after its rollups meanwhile. */
async function rowsFor(engine, question) {
  const read = [];
  for (let round = 0; round < 3; round += 1) {
    const [idle, before] = [await rowsRead(engine), await rowsRead(engine)];
    await question();
    read.push((await rowsRead(engine)) - before - (before - idle));
  }
  return Math.min(...read);
}

/** Filters of a viewer who wants only what has at least so much of a numeric property. */
export const atLeast = ({ prop, min }) => ({ period: "30d", numericRanges: { [prop]: { min } } });

/**
 * Rows of a table, one a widget and zone and two of the whole dashboard, the second under a viewer's `filter` by a number,
 * `{ prop, min }`: for each of `zones` the sessions of the large and the small tenant. Every answer must be the first one
 * again.
 */
export async function timeWidgets({ origin, engine, widgets, zones, rounds, filter }) {
  const sessions = zones.flatMap(({ large, small }) => [large, small]);
  const table = [];
  const dashboards = [{ widget: "dashboard", asking: {} },
    { widget: `dashboard, ${filter.prop} from ${filter.min}`, asking: { time: atLeast(filter) } }];
  for (const { widget, source, asking = { widgets: [widget] } } of [...widgets, ...dashboards]) {
    const times = sessions.map(() => []);
    for (let round = -2; round < rounds; round += 1) {
      for (const [place, token] of sessions.entries()) {
        const { took, figures } = await ask(origin, token, asking);
        same(`${token} ${widget}`, figures);
        if (round >= 0) times[place].push(took);
      }
    }
    for (const [place, { zone }] of zones.entries()) {
      const [large, small] = [median(times[2 * place]), median(times[2 * place + 1])];
      const read = [];
      for (const token of sessions.slice(2 * place, 2 * place + 2)) read.push(await rowsFor(engine, () => ask(origin, token, asking)));
      table.push({ widget, zone, connections: 1, source, read, large_ms: large, small_ms: small, ratio: large / small });
    }
  }
  return table;
}

/** Months of the last 90 days, each from one midnight of the zone to another. */
async function months(origin, token, line) {
  const { figures } = await ask(origin, token, { widgets: [line], time: { period: "90d" } });
  const days = figures[line].series[0].points.map(([at]) => at);
  return days.slice(0, -30).map((from, place) => ({ dateRanges: { timestamp: { from, to: days[place + 30] } } }));
}

/**
 * Rows of the same table: the whole dashboard, asked for by 16 connections at once. Each asks for a month of its own: the
 * origin asks the engine only once what several ask at the same time. `line` is a widget that shows days.
 */
export async function timeAtOnce({ origin, zones, line, rounds, seconds }) {
  const table = [];
  for (const { zone, large, small } of zones) {
    const times = [[], []];
    const all = await months(origin, large, line);
    let asked = 0;
    for (let round = -1; round < rounds; round += 1) {
      for (const [place, token] of [large, small].entries()) {
        const next = () => {
          const time = all[(asked += 1) % all.length];
          const check = (answer) => same(`${token} ${JSON.stringify(time)}`, figuresOf(answer));
          return { ...question(origin, token, { time }), check };
        };
        const found = await load({ connections: 16, seconds: round < 0 ? 1 : seconds, next });
        if (found.wrong.length) throw new Error(`void: ${found.wrong[0]}`);
        if (round >= 0) times[place].push(found.p50);
      }
    }
    const [large_ms, small_ms] = times.map(median);
    table.push({ widget: "dashboard", zone, connections: 16, large_ms, small_ms, ratio: large_ms / small_ms });
  }
  return table;
}

const first = new Map();

/** What was asked in the same words is answered in the same words. */
function same(key, figures) {
  const text = JSON.stringify(figures);
  if (!first.has(key)) first.set(key, text);
  if (first.get(key) !== text) throw new Error(`${key.slice(-80)} was answered in two ways (a day that ends meanwhile does that, too)`);
}
