// Which pages may read an answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startEdge } from "./support/edge.mjs";

const APP = "https://app.example";
const OTHER = "https://other.example";

test("a preflight allows what a script-tag embed sends", async (t) => {
  const edge = await startEdge(t);
  const ask = { origin: APP, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" };
  const answer = await edge.get("/v1/embed/query", undefined, ask, { method: "OPTIONS" });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get("access-control-allow-origin"), APP);
  assert.match(answer.headers.get("access-control-allow-methods"), /POST/);
  for (const header of ["authorization", "content-type", "cache-control"]) {
    assert.ok(answer.headers.get("access-control-allow-headers").split(", ").includes(header), header);
  }
  assert.equal(answer.headers.get("access-control-allow-credentials"), null);
  assert.match(answer.headers.get("vary"), /origin/);
  assert.deepEqual(edge.origin.requests, []);
});

test("without a list any page may read, with a list only those on it", async (t) => {
  const edge = await startEdge(t);
  const open = edge.session();
  const listed = edge.session({ perm: { allowed_origins: [APP] } });
  for (const [session, origin, expect] of [[open, APP, APP], [open, OTHER, OTHER], [listed, APP, APP]]) {
    const answer = await edge.get("/v1/embed/surface", session, { origin });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("access-control-allow-origin"), expect);
    assert.match(answer.headers.get("vary"), /origin/);
  }
  const refused = await edge.get("/v1/embed/surface", listed, { origin: OTHER });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get("access-control-allow-origin"), null);
  assert.equal((await refused.json()).code, "not_permitted");
  const sandboxed = await edge.get("/v1/embed/surface", listed, { origin: "null" });
  assert.equal(sandboxed.status, 403);
});

test("one cached answer names each page that reads it, not the first one", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  const origins = [APP, OTHER, ...Array.from({ length: 12 }, (_, n) => `https://${n}.example`), APP];
  for (const origin of origins) {
    const answer = await edge.get("/v1/embed/surface", session, { origin });
    assert.equal(answer.headers.get("access-control-allow-origin"), origin);
  }
  const bare = await edge.get("/v1/embed/surface", session);
  assert.equal(bare.headers.get("access-control-allow-origin"), null);
  assert.equal(edge.origin.asked("/v1/embed/surface").length, 1);
});

test("the document in an iframe calls from the edge's own origin, whoever may frame it", async (t) => {
  const edge = await startEdge(t);
  const listed = edge.session({ perm: { allowed_origins: [APP] } });
  const answer = await edge.post("/v1/embed/query", listed, {}, { origin: edge.url });
  assert.equal(answer.status, 200);
  const [asked] = edge.origin.asked("/v1/embed/query");
  assert.equal(asked.headers.origin, undefined, "the edge has checked it; the origin is not asked to again");
});

test("a page may read why it is refused, unless it is refused itself", async (t) => {
  const edge = await startEdge(t);
  const answer = await edge.get("/v1/embed/surface", "not-a-token", { origin: APP });
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.get("access-control-allow-origin"), APP);
});

test("answers that are passed through carry the same rules", async (t) => {
  const edge = await startEdge(t);
  const answer = await edge.post("/v1/embed/rows", edge.session(), { widget: "w1" }, { origin: APP });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("access-control-allow-origin"), APP);
  assert.equal(answer.headers.get("cache-control"), "private, no-store");
});
