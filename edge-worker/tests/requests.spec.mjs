// What may be asked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { served, startEdge } from "./support/edge.mjs";

async function refused(answer, status, code) {
  assert.equal(answer.status, status);
  const document = await answer.json();
  assert.equal(document.code, code);
  return document;
}

test("an unknown field is refused at the edge and named", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  for (const [path, body, at] of [
    ["/v1/embed/query", { tenant_id: "globex" }, "/tenant_id"],
    ["/v1/embed/query", { filters: { sql: "1=1" } }, "/filters/sql"],
    ["/v1/embed/rows", { widget: "w1", tenant: "globex" }, "/tenant"],
    ["/v1/embed/values", { dimension: "model", where: [] }, "/where"],
  ]) {
    const { details } = await refused(await edge.post(path, session, body), 422, "invalid");
    assert.equal(details[0].path, at);
    assert.match(details[0].message, /unknown field/);
  }
  assert.equal(edge.origin.requests.filter((request) => request.path.startsWith("/v1/embed/")).length, 0);
});

test("what is not JSON, not declared so, or too large is refused at the edge", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  await refused(await edge.post("/v1/embed/query", session, "{"), 400, "malformed");
  await refused(await edge.post("/v1/embed/query", session, ""), 400, "malformed");
  await refused(await edge.post("/v1/embed/query", session, "{}", { "content-type": "text/plain" }), 415, "unsupported_media_type");
  const large = JSON.stringify({ dimension: "x".repeat(70_000) });
  await refused(await edge.post("/v1/embed/values", session, large), 413, "too_large");
  assert.equal(edge.origin.requests.filter((request) => request.path.startsWith("/v1/embed/")).length, 0);
});

test("a large body of unknown length is refused as well", async (t) => {
  const edge = await startEdge(t);
  const stream = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 10; n += 1) controller.enqueue(new TextEncoder().encode("x".repeat(10_000)));
      controller.close();
    },
  });
  const answer = await fetch(`${edge.url}/v1/embed/values`, {
    method: "POST",
    headers: { authorization: `Bearer ${edge.session()}`, "content-type": "application/json" },
    body: stream,
    duplex: "half",
  });
  await refused(answer, 413, "too_large");
});

test("rows, values and exports come from the origin each time", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  for (const ask of [
    () => edge.post("/v1/embed/rows", session, { widget: "w1" }),
    () => edge.post("/v1/embed/values", session, { dimension: "model" }),
    () => edge.get("/v1/embed/export?format=csv&widget=w1&token=x", session),
  ]) {
    const [first, second] = [await (await ask()).json(), await (await ask()).json()];
    assert.ok(second.counter > first.counter, JSON.stringify([first, second]));
    assert.equal(served(await ask()), "pass");
  }
  assert.ok(edge.origin.asked("/v1/embed/export").every((request) => request.search === "?format=csv&widget=w1"));
  assert.equal(edge.origin.asked("/v1/embed/rows")[0].body, '{"widget":"w1"}');
});

test("what the origin refuses is passed on as it is, and not kept", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  edge.origin.embed = () => ({ status: 429, headers: { "retry-after": "7" }, body: { error: "Slow down.", code: "rate_limited" } });
  const answer = await edge.get("/v1/embed/surface", session);
  await refused(answer, 429, "rate_limited");
  assert.equal(answer.headers.get("retry-after"), "7");
  edge.origin.embed = undefined;
  assert.equal((await edge.get("/v1/embed/surface", session)).status, 200);
});

test("an origin that redirects is not followed with a token", async (t) => {
  const edge = await startEdge(t);
  edge.origin.embed = () => ({ status: 302, headers: { location: `${edge.origin.url}/elsewhere` }, body: "" });
  const answer = await edge.get("/v1/embed/surface", edge.session());
  assert.equal(answer.status, 302);
  assert.equal(answer.headers.get("location"), null);
  assert.equal(edge.origin.asked("/elsewhere").length, 0);
});

test("an edge that is not set up says so and names the variable in its log", async (t) => {
  const edge = await startEdge(t, { options: { bindings: { ORIGIN_URL: "http://127.0.0.1:1" } } });
  await refused(await edge.get("/healthz"), 500, "internal");
  assert.match(edge.logs.join(""), /EDGE_SECRET/);
});
