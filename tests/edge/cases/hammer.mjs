// Two tenants on the same dashboard at once, and every answer checked against its tenant.
import assert from "node:assert/strict";
import { test } from "node:test";
import { generator } from "../support/random.mjs";
import { dashboard, origin, served, startEdge, TENANTS } from "../support/stage.mjs";

const REQUESTS = 10_000;
const AT_ONCE = 32;
const SESSIONS = 60;

/** One request in a hundred of its kinds: [weight, make(token, random, other's marker) → { ask, own }]. */
const KINDS = [
  [40, (edge, id, token, pick) => ({
    ask: () => edge.post("/v1/embed/query", token, { widgets: [["models"], ["table"], ["table", "models"]][pick(3)], filters: { period: ["7d", "30d"][pick(2)], numericRanges: { tokens: { min: pick(3) } } } }),
    shows: "own",
  })],
  [25, (edge, id, token) => ({ ask: () => edge.get(`/embed/${id}?token=${token}`), shows: "own" })],
  [15, (edge, id, token) => ({ ask: () => edge.get("/v1/embed/surface", token), shows: "surface" })],
  [5, (edge, id, token) => ({ ask: () => edge.get(`/embed/${id}`, token, {}, { method: "HEAD" }), shows: "nothing" })],
  [4, (edge, id, token) => ({ ask: () => edge.post("/v1/embed/query", token, {}, { "cache-control": "no-cache" }), shows: "own" })],
  [3, (edge, id, token) => ({ ask: () => edge.post("/v1/embed/values", token, { dimension: "model" }), shows: "own" })],
  [2, (edge, id, token) => ({ ask: () => edge.post("/v1/embed/rows", token, { widget: "models" }), shows: "own" })],
  [3, (edge, id, token, pick, foreign) => ({
    ask: () => edge.post("/v1/embed/query", token, { widgets: ["models"], filters: { dimensions: { model: `${foreign} ${pick(4)}` } } }),
    shows: "no rows",
  })],
  [3, (edge, id, token) => ({ ask: () => edge.post("/v1/embed/query", token, { tenant_id: "globex" }), shows: "nothing", status: 422 })],
];

test(`${REQUESTS} mixed requests of two tenants, none answered with the other's figures`, async (t) => {
  const edge = await startEdge(t);
  const id = await origin.publish(dashboard({ refresh: 5 }));
  const sessions = [];
  for (let n = 0; n < SESSIONS; n += 1) {
    const tenant = ["acme", "globex"][n % 2];
    sessions.push({ tenant, token: (await origin.session(tenant, id)).token });
  }
  const seed = Date.now() | 0;
  t.diagnostic(`seed ${seed}`);
  const pick = generator(seed);
  const [from, wrong] = [new Map(), []];
  let left = REQUESTS;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const { tenant, token } = sessions[pick(SESSIONS)];
      const foreign = TENANTS[tenant === "acme" ? "globex" : "acme"];
      const { ask, shows, status = 200 } = kind(pick)(edge, id, token, pick, foreign);
      const answer = await ask();
      const text = await answer.text();
      from.set(served(answer) ?? String(answer.status), (from.get(served(answer) ?? String(answer.status)) ?? 0) + 1);
      const fault = judge({ status: answer.status, text, headers: answer.headers }, { shows, status, own: TENANTS[tenant], foreign });
      if (fault) wrong.push(`${tenant} ${shows}: ${fault}: ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  t.diagnostic(`${REQUESTS} requests: ${[...from].map(([name, count]) => `${count} ${name}`).join(", ")}; wrong: ${wrong.length}`);
  assert.deepEqual(wrong.slice(0, 5), []);
  for (const source of ["hit", "miss", "stale", "pass"]) assert.ok(from.get(source) > 0, `no answer was a ${source}`);
});

function kind(pick) {
  let at = pick(100);
  for (const [weight, make] of KINDS) {
    if (at < weight) return make;
    at -= weight;
  }
  throw new Error("the weights are not a hundred");
}

/** What is wrong with an answer, if anything. */
function judge({ status, text, headers }, { shows, status: expected, own, foreign }) {
  const everything = text + [...headers].flat().join();
  if (everything.includes(foreign)) return "the other's marker";
  if (status !== expected) return `status ${status}`;
  if (shows === "own" && !text.includes(own)) return "the own marker is missing";
  if (shows === "surface" && !text.includes('"widgets"')) return "no surface";
  if (shows === "no rows" && JSON.parse(text).results.models.data.rows.length > 0) return "rows for the other's value";
  return undefined;
}
