// Two tenants with the same ids, times and values but for a marker: whatever the edge serves, and from wherever, shows
// the one nothing of the other, and each its own. A route without a case fails.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { assertClean, textOf } from "../support/leaks.mjs";
import { generator } from "../support/random.mjs";
import { operationsOfTheOrigin, pathsOfTheEdge } from "../support/routes.mjs";
import { dashboard, origin, served, startEdge, TENANTS, tokenOf } from "../support/stage.mjs";

/** Seconds after which an answer has aged. */
const REFRESH = 5;

const get = (path, more = {}) => ({ path, ...more });
const post = (path, body, more = {}) => ({ method: "POST", path, body, ...more });
const query = (body, more) => post("/v1/embed/query", body, more);
const exported = (rest) => get(`/v1/embed/export?${rest}`);
const encoded = (value) => encodeURIComponent(JSON.stringify(value));

/**
 * By the path in the edge's table: what a tenant asks there with its own session, what one of the answers has to show at
 * least, and where answers have to have come from. `who` is { tenant, own, foreign, id, token, othersToken, othersCursor }.
 */
const CASES = {
  "/embed/": {
    shows: "own", from: ["hit", "miss", "stale"],
    asks: (who) => [
      get(`/embed/${who.id}`), get(`/embed/${who.id}?token=${who.token}`, { anonymous: true }), get(`/embed/${who.id}`, { method: "HEAD" }),
      get(`/embed/${who.id}`, { headers: { "cache-control": "no-cache" } }),
      get(`/embed/${who.id}?token=${who.othersToken}`), get(`/embed/${who.id}?token=${who.token}&token=${who.othersToken}`, { anonymous: true }),
      get("/embed/dash_unknown"), get(`/embed/${who.id}`, { anonymous: true, headers: { accept: "text/html" } }), post(`/embed/${who.id}`, {}),
    ],
  },
  "/v1/embed/surface": {
    shows: "surface", from: ["hit", "miss", "stale"],
    asks: () => [
      get("/v1/embed/surface"), get("/v1/embed/surface", { method: "HEAD" }), get("/v1/embed/surface?tenant_id=globex"),
      get("/v1/embed/surface", { headers: { origin: "https://other.example" } }), get("/v1/embed/surface", { anonymous: true }),
    ],
  },
  "/v1/embed/query": {
    shows: "own", from: ["hit", "miss", "stale"],
    asks: (who) => [
      query({}), query({ filters: { period: "7d" } }), query({}, { headers: { "cache-control": "no-cache" } }),
      query({ widgets: ["models"], filters: { dimensions: { model: [`${who.foreign} 1`] } } }),
      query({ widgets: ["models"], filters: { dimensions: { model: [`${who.own} 1`, `${who.foreign} 1`] } } }),
      query({ filters: { dimensions: { tenant_id: who.other } } }), query({ tenant_id: who.other }), query({ widgets: ["none"] }),
      query({ filters: { numericRanges: { tokens: { min: 0 } } } }), query("{"), query({}, { anonymous: true }), get("/v1/embed/query"),
    ],
  },
  "/v1/embed/rows": {
    shows: "own", from: ["pass"],
    asks: (who) => [
      post("/v1/embed/rows", { widget: "models" }), post("/v1/embed/rows", { widget: "models", limit: 3 }),
      post("/v1/embed/rows", { widget: "models", cursor: who.othersCursor }),
      post("/v1/embed/rows", { widget: "models", point: { group: [`${who.foreign} 1`] } }), post("/v1/embed/rows", { widget: "none" }),
      post("/v1/embed/rows", { widget: "models", tenant_id: who.other }),
    ],
  },
  "/v1/embed/values": {
    shows: "own", from: ["pass"],
    asks: (who) => [
      post("/v1/embed/values", { dimension: "model" }), post("/v1/embed/values", { dimension: "model", search: who.foreign }),
      post("/v1/embed/values", { dimension: "model", search: "%" }), post("/v1/embed/values", { dimension: "tenant_id" }),
    ],
  },
  "/v1/embed/export": {
    shows: "own", from: ["pass"],
    asks: (who) => [
      exported("format=csv&widget=table"), exported(`format=csv&widget=table&tenant_id=${who.other}&token=${who.othersToken}`),
      exported(`format=csv&widget=table&filters=${encoded({ dimensions: { model: [`${who.foreign} 1`] } })}`),
      exported("format=svg&widget=models"), exported("widget=none"), exported("format=none&widget=table"), exported(""),
      get("/v1/embed/export?format=csv&widget=table", { method: "HEAD" }),
    ],
  },
  "/assets/": { shows: "nothing", asks: (who) => [get(who.asset), get("/assets/none.js")] },
  "/embed.js": { shows: "nothing", asks: () => [get("/embed.js")] },
  "/.well-known/jwks.json": { shows: "nothing", asks: () => [get("/.well-known/jwks.json")] },
  "/healthz": { shows: "nothing", asks: () => [get("/healthz")] },
};

test("each route of the edge has its case, and no other route of the origin exists there", async (t) => {
  assert.deepEqual(Object.keys(CASES).sort(), pathsOfTheEdge().sort(), "add a case to isolation.mjs");
  const edge = await startEdge(t);
  const token = await tokenOf("acme");
  const operations = await operationsOfTheOrigin(origin.url);
  assert.ok(operations.length > 30, "the origin describes its routes");
  for (const { method, path, caller } of operations) {
    const begins = path.split("{")[0];
    if (Object.hasOwn(CASES, begins)) continue;
    assert.notEqual(caller, "session", `${method} ${path} is for sessions, and the edge does not serve it`);
    const answer = await fetch(edge.url + path.replace(/\{\w+\}/g, "x"), { method, headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual([answer.status, (await answer.json()).code], [404, "not_found"], `${method} ${path}`);
  }
  assert.deepEqual(edge.line.seen, [], "none of it reaches the origin");
});

/** Two askers, who look at the same dashboard. */
async function askers(edge, id) {
  const [tokens, cursors] = [{}, {}];
  for (const tenant of Object.keys(TENANTS)) {
    tokens[tenant] = await tokenOf(tenant, id);
    // By the origin: the edge begins with empty caches.
    const page = await fetch(`${origin.url}/v1/embed/rows`, {
      method: "POST", body: JSON.stringify({ widget: "models", limit: 3 }),
      headers: { authorization: `Bearer ${tokens[tenant]}`, "content-type": "application/json" },
    });
    cursors[tenant] = (await page.json()).next_cursor;
    assert.ok(cursors[tenant], "there is a second page");
  }
  const document = await fetch(`${origin.url}/embed/${id}?token=${tokens.acme}`);
  const [asset] = /\/assets\/[\w.-]+\.js/.exec(await document.text());
  return Object.keys(TENANTS).map((tenant) => {
    const other = Object.keys(TENANTS).find((name) => name !== tenant);
    return {
      tenant, other, own: TENANTS[tenant], foreign: TENANTS[other], id, asset,
      token: tokens[tenant], othersToken: tokens[other], othersCursor: cursors[other],
    };
  });
}

function send(edge, who, { method = "GET", path, body, headers = {}, anonymous = false }) {
  const given = { ...(!anonymous && { authorization: `Bearer ${who.token}` }), ...(body !== undefined && { "content-type": "application/json" }), ...headers };
  return fetch(edge.url + path, { method, headers: given, body: typeof body === "object" ? JSON.stringify(body) : body, redirect: "manual" });
}

const SHOWN = {
  own: (who, text) => text.includes(who.own),
  surface: (_, text) => text.includes('"widgets"'),
  nothing: (who, text) => !text.includes(who.own),
};

describe("no route shows a tenant anything of another", { concurrency: true }, () => {
  for (const memory of ["32", "0"]) tour(memory);
});

function tour(memory) {
  const tier = memory === "0" ? "the data centre's cache" : "memory";
  test(`from ${tier} and from the origin, fresh and stale`, async (t) => {
    const edge = await startEdge(t, { ANSWER_MEMORY_MIB: memory, SESSION_REQUESTS_PER_MINUTE: "0" });
    const id = await origin.publish(dashboard({ refresh: REFRESH }));
    const both = await askers(edge, id);
    const asks = both.flatMap((who) => Object.entries(CASES).flatMap(([path, { asks }]) => asks(who).map((ask) => ({ who, path, ask }))));
    const seed = Date.now() | 0;
    t.diagnostic(`seed ${seed}`);
    const pick = generator(seed);
    /** What each tenant was shown at each route, and from where. */
    const seen = new Map();
    const missing = () => asks.filter(({ who, path }) => {
      const { shown = false, from = new Set() } = seen.get(`${who.tenant} ${path}`) ?? {};
      return !shown || !(CASES[path].from ?? []).every((source) => from.has(source));
    }).map(({ who, path }) => `${who.tenant} ${path}`);
    let answers = 0;
    const end = Date.now() + 60_000;
    for (let round = 1; ; round += 1) {
      // Who always asks for fresh data never sees what has aged.
      const now = round < 3 ? asks : asks.filter(({ ask }) => ask.headers?.["cache-control"] === undefined);
      for (const { who, path, ask } of shuffled(now, pick)) {
        const answer = await send(edge, who, ask);
        const text = await textOf(answer);
        answers += 1;
        const label = `${who.tenant} ${ask.method ?? "GET"} ${ask.path} ${JSON.stringify(ask.body)} (${served(answer)})`;
        assertClean(text, who, label);
        assert.ok(answer.status < 500, `${label}: ${text}`);
        const at = `${who.tenant} ${path}`;
        const { shown = false, from = new Set() } = seen.get(at) ?? {};
        if (CASES[path].shows === "nothing") assert.ok(SHOWN.nothing(who, text), label);
        seen.set(at, { shown: shown || SHOWN[CASES[path].shows](who, text), from: from.add(served(answer)) });
      }
      if (missing().length === 0) break;
      assert.ok(Date.now() < end, `not everything was seen: ${[...new Set(missing())].join(", ")}`);
      await pause(round === 2 ? REFRESH * 1000 + 500 : 300);
    }
    const log = edge.logs.join("");
    for (const [tenant, marker] of Object.entries(TENANTS)) {
      assert.ok(!log.includes(marker) && !log.includes(tenant), `the log names ${tenant}`);
    }
    t.diagnostic(`${Object.keys(CASES).length} routes, ${answers} answers looked at, 0 leaks`);
  });
}

function shuffled(list, pick) {
  const rest = [...list];
  return Array.from(list, () => rest.splice(pick(rest.length), 1)[0]);
}
