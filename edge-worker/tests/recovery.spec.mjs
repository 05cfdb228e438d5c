// A panic ends the requests in flight and nothing else. The panic is a real one: the `worker` crate unwraps the result of
// `waitUntil`, which the module below makes fail when a request asks for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { served, startEdge, until } from "./support/edge.mjs";

const SURFACE = "/v1/embed/surface";
const QUERY = "/v1/embed/query";

/** Calls the Worker as the runtime does. */
const ENTRY = `
import edge from "./index.js";
let requests = 0;
// As what the engine throws for an exhausted stack or memory: no hook of the Worker's runs. It meets the copy of a body
// from memory.
function trapOnce() {
  const { slice } = Uint8Array.prototype;
  Uint8Array.prototype.slice = () => {
    Uint8Array.prototype.slice = slice;
    throw new WebAssembly.RuntimeError("unreachable");
  };
}
export default {
  async fetch(request, env, ctx) {
    requests += 1;
    if (request.headers.has("x-test-trap")) trapOnce();
    const failing = { waitUntil: () => { throw new Error("no waiting"); } };
    const answer = await edge.fetch(request, env, request.headers.has("x-test-panic") ? failing : ctx);
    const counted = new Response(answer.body, answer);
    counted.headers.set("x-test-requests", String(requests));
    return counted;
  },
};`;

/** A request that makes the Worker panic: a miss, which it asks the origin for beyond the life of its client. */
const panic = (edge, n) =>
  edge.post(QUERY, edge.session(), { widgets: [`w${n}`] }, { "x-test-panic": "1", connection: "close" });

const requestsSeen = (answer) => Number(answer.headers.get("x-test-requests"));

test("a panic is a 503 that says when to come back, and the next request is answered by the same isolate", async (t) => {
  const edge = await startEdge(t, { entry: ENTRY });
  const session = edge.session();
  const before = await edge.get(SURFACE, session);
  assert.equal(before.status, 200);
  for (let n = 1; n <= 20; n += 1) {
    const broken = await panic(edge, n);
    assert.equal(broken.status, 503);
    assert.equal(broken.headers.get("retry-after"), "1");
    assert.equal((await broken.json()).code, "unavailable");
    const after = await edge.get(SURFACE, session);
    assert.equal(after.status, 200);
    assert.equal((await after.json()).tenant, "acme");
    assert.equal(requestsSeen(after), requestsSeen(before) + 2 * n, "the isolate was not replaced");
  }
  await until(5, () => edge.logs.join(""), (text) => text.includes("panicked at"));
});

test("a trap that is no panic, in an answer from memory, is a 503 as well and costs one instance", async (t) => {
  const edge = await startEdge(t, { entry: ENTRY });
  edge.origin.embed = (_, session) => ({ body: { tenant: session.tenant, expires_in: 86_400 } });
  const session = edge.session();
  const ask = (headers) => edge.get(SURFACE, session, headers);
  await ask();
  const before = await ask();
  assert.equal(served(before), "hit");
  const broken = await ask({ "x-test-trap": "1" });
  assert.deepEqual([broken.status, broken.headers.get("retry-after")], [503, "1"]);
  const after = await ask();
  assert.deepEqual([after.status, (await after.json()).tenant], [200, "acme"]);
  assert.equal(requestsSeen(after), requestsSeen(before) + 2, "the isolate was not replaced");
});

test("requests in flight at a panic end with 503, those that come later do not", async (t) => {
  const edge = await startEdge(t, { entry: ENTRY });
  const session = edge.session();
  assert.equal((await edge.get(SURFACE, session)).status, 200);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  edge.origin.embed = async () => void (await held);
  const waiting = Array.from({ length: 8 }, (_, n) => edge.post(QUERY, edge.session(), { widgets: [`held${n}`] }));
  await until(5, () => edge.origin.asked(QUERY).length, (count) => count === 8);
  assert.equal((await panic(edge, 0)).status, 503);
  const answers = await Promise.all(waiting);
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [503]);
  release();
  edge.origin.embed = undefined;
  assert.equal((await edge.get(SURFACE, session)).status, 200);
  assert.equal((await edge.post(QUERY, session, { widgets: ["held0"] })).status, 200);
});

test("a revocation outlives a panic", async (t) => {
  const edge = await startEdge(t, { entry: ENTRY });
  const session = edge.session();
  assert.equal((await edge.get(SURFACE, session)).status, 200);
  const { sub } = JSON.parse(Buffer.from(session.split(".")[1], "base64url"));
  edge.origin.tell({ kind: "session_revoked", session: sub, expires_at: "2100-01-01T00:00:00Z" });
  await until(10, () => edge.get(SURFACE, session), (answer) => answer.status === 401);
  assert.equal((await panic(edge, 0)).status, 503);
  assert.equal((await edge.get(SURFACE, session)).status, 401, "the instance is new and must have read the feed");
});
