// One origin with two tenants, and edges in front of it, once for all cases of a process.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { startEdge as startEdgeBefore, until } from "../../../edge-worker/tests/support/edge.mjs";
import { startLine } from "./line.mjs";
import { startOrigin } from "./origin.mjs";

export { served, until } from "../../../edge-worker/tests/support/edge.mjs";

/** Two tenants with the same ids, times and values but one marker, which stands in the values of a property. */
export const TENANTS = { acme: "marker-of-acme-71c4", globex: "marker-of-globex-e09b" };
export const EVENTS = 40;

export let origin;
/** The dashboard that most cases look at; cases that change one publish their own. */
export let shared;

before(async () => {
  origin = await startOrigin();
  const timestamp = new Date().toISOString();
  for (const [tenant, marker] of Object.entries(TENANTS)) {
    const events = Array.from({ length: EVENTS }, (_, n) => ({
      tenant_id: tenant, event_name: "call", event_id: `evt_${n}`, timestamp, user_id: `u${n % 5}`,
      string_props: { model: `${marker} ${n % 4}` }, numeric_props: { tokens: n },
    }));
    await origin.admin("POST", "/v1/events", { events });
  }
  shared = await origin.publish(dashboard());
  await until(20, () => value(origin.url, "acme"), (number) => number === EVENTS);
});

after(() => origin?.stop());

async function value(url, tenant) {
  const { token } = await origin.session(tenant, shared);
  const answer = await fetch(`${url}/v1/embed/query`, {
    method: "POST", body: "{}",
    // Fresh data: what the origin keeps may be older than what is awaited.
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "cache-control": "no-cache" },
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).results.calls.data.value;
}

/** A number, a list and a table that show the marker; `refresh` in seconds. */
export function dashboard({ refresh = 60, name = "Calls" } = {}) {
  const widget = (id, kind, chart, query, y) => ({ id, kind, chart, title: id, query, layout: { x: 0, y, w: 12, h: 2 } });
  return {
    name, refresh,
    filters: { dimensions: [{ prop: "model", label: "Model", multi: true }], numeric_ranges: [{ prop: "tokens", label: "Tokens" }], date_range: true },
    widgets: [
      widget("calls", "kpi", "stat", { event_name: "call", metric: "count" }, 0),
      widget("models", "breakdown", "list", { event_name: "call", metric: "count", group_by: "model" }, 2),
      widget("table", "table", "table", { event_name: "call", metric: "sum", numeric_prop: "tokens", group_by: "model" }, 4),
    ],
  };
}

/** An edge, with `variables` of its own, and a line of its own to the origin; both end with the test. */
export async function startEdge(test, variables = {}) {
  const line = await startLine(() => origin.url);
  const edge = await startEdgeBefore(test, { origin: line, key: {}, variables });
  return Object.assign(edge, { line });
}

/** The token of a session. */
export const tokenOf = async (tenant, id = shared, options = {}) => (await origin.session(tenant, id, options)).token;

/** Fails unless a text shows the tenant's own marker and not the other's. */
export function assertOwn(text, tenant) {
  for (const [other, marker] of Object.entries(TENANTS)) {
    assert.equal(text.includes(marker), other === tenant, `${other}'s marker in an answer to ${tenant}: ${text.slice(0, 300)}`);
  }
}
