// How much one session may ask, and what every answer carries.
import assert from "node:assert/strict";
import { test } from "node:test";
import { served, startEdge, until } from "./support/edge.mjs";
import { EDGE_SECRET, startOrigin } from "./support/origin.mjs";
import { signingKey } from "./support/session.mjs";

const SURFACE = "/v1/embed/surface";

/** An edge that allows a session so many requests a minute. */
async function limited(t, perMinute) {
  const key = signingKey();
  const origin = await startOrigin([key]);
  const bindings = { ORIGIN_URL: origin.url, EDGE_SECRET, SESSION_REQUESTS_PER_MINUTE: String(perMinute) };
  return startEdge(t, { origin, key, options: { bindings } });
}

test("a session that asks too often is told when to come back, the others are not", async (t) => {
  const edge = await limited(t, 60);
  const [busy, quiet] = [edge.session(), edge.session()];
  const answers = [];
  for (let n = 0; n < 30; n += 1) answers.push(await edge.get(SURFACE, busy, { origin: "https://app.example" }));
  const allowed = answers.filter((answer) => answer.status === 200).length;
  assert.ok(allowed >= 12 && allowed < 30, `${allowed} of 30`);
  const refused = answers.find((answer) => answer.status === 429);
  assert.equal((await refused.json()).code, "rate_limited");
  assert.equal(refused.headers.get("access-control-allow-origin"), "https://app.example", "a script can read why");
  const seconds = Number(refused.headers.get("retry-after"));
  assert.ok(seconds >= 1 && seconds <= 3, `${seconds}`);
  assert.equal((await edge.get(SURFACE, quiet)).status, 200);
  const back = await until(seconds + 2, () => edge.get(SURFACE, busy), (answer) => answer.status === 200);
  assert.equal(served(back), "hit");
});

test("the limit holds for every route of a session and for other tokens' sessions separately", async (t) => {
  const edge = await limited(t, 5);
  const asks = [
    (session) => edge.get(`/embed/dash_1?token=${session}`), (session) => edge.get(SURFACE, session),
    (session) => edge.post("/v1/embed/query", session, {}), (session) => edge.post("/v1/embed/rows", session, { widget: "w" }),
    (session) => edge.post("/v1/embed/values", session, { dimension: "m" }), (session) => edge.get("/v1/embed/export?format=csv", session),
  ];
  for (const ask of asks) {
    const session = edge.session();
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await ask(session)).status);
    assert.equal(statuses[0], 200);
    assert.ok(statuses.includes(429), statuses.join());
  }
});

test("0 is no limit", async (t) => {
  const edge = await limited(t, 0);
  const session = edge.session();
  const statuses = new Set();
  for (let n = 0; n < 300; n += 1) statuses.add((await edge.get(SURFACE, session)).status);
  assert.deepEqual([...statuses], [200]);
});

test("a value that cannot be used is named in the log and nothing is answered", async (t) => {
  const edge = await limited(t, "many");
  assert.equal((await edge.get("/healthz")).status, 500);
  assert.match(edge.logs.join(""), /SESSION_REQUESTS_PER_MINUTE/);
});

test("every answer carries the security headers, whatever it is", async (t) => {
  const edge = await startEdge(t);
  edge.origin.files["/embed.js"] = { body: "export {};", headers: { "content-type": "text/javascript" } };
  const session = edge.session();
  const answers = [
    await edge.get(SURFACE, session), await edge.get(SURFACE, session), await edge.get("/embed.js"), await edge.get("/embed.js"),
    await edge.get("/healthz"), await edge.get("/.well-known/jwks.json"), await edge.get("/nothing"), await edge.get(SURFACE, "bad"),
    await edge.post("/v1/embed/rows", session, { widget: "w" }), await edge.get(SURFACE, session, {}, { method: "OPTIONS" }),
  ];
  for (const answer of answers) {
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff", answer.url);
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer", answer.url);
    assert.equal(answer.headers.get("strict-transport-security"), null, "not over HTTP");
  }
});

test("over HTTPS the browser is told to stay there", async (t) => {
  const edge = await startEdge(t, { options: { upstream: "https://edge.example" } });
  for (const path of ["/healthz", "/nothing"]) {
    assert.equal((await edge.get(path)).headers.get("strict-transport-security"), "max-age=63072000", path);
  }
});

test("an answer tells where it came from and how long the origin took", async (t) => {
  const edge = await startEdge(t);
  edge.origin.embed = () => new Promise((resolve) => setTimeout(resolve, 60, {}));
  const session = edge.session();
  const timing = async (ask) => (await ask()).headers.get("server-timing");
  const miss = await timing(() => edge.get(SURFACE, session));
  assert.match(miss, /^edge;desc=miss, origin;dur=\d+$/);
  assert.ok(Number(miss.split("dur=")[1]) >= 50, miss);
  assert.equal(await timing(() => edge.get(SURFACE, session)), "edge;desc=hit");
  assert.match(await timing(() => edge.post("/v1/embed/rows", session, { widget: "w" })), /^edge;desc=pass, origin;dur=\d+$/);
});
