// Who is let in.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startEdge, until } from "./support/edge.mjs";
import { claims, read, signingKey, token } from "./support/session.mjs";

test("a valid session gets the origin's answer", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  const answer = await edge.get("/v1/embed/surface", session);
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).tenant, "acme");
  const [asked] = edge.origin.asked("/v1/embed/surface");
  assert.equal(asked.headers.authorization, `Bearer ${session}`);
  assert.match(asked.headers["x-request-id"], /^[0-9a-f-]{36}$/);
});

test("a document takes its token from the query and the origin's URL does not carry it", async (t) => {
  const edge = await startEdge(t);
  edge.origin.embed = () => ({
    headers: { "content-type": "text/html", "content-security-policy": "frame-ancestors https://app.example" },
    body: "<!doctype html><p>acme's figures</p>",
  });
  const answer = await edge.get(`/embed/dash_1?token=${edge.session()}&theme=dark`);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /acme's figures/);
  assert.equal(answer.headers.get("content-security-policy"), "frame-ancestors https://app.example");
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.equal(answer.headers.get("cache-control"), "private, no-store");
  const [asked] = edge.origin.asked("/embed/dash_1");
  assert.equal(asked.search, "");
  assert.ok(edge.origin.requests.every((request) => !request.search.includes("token")));
});

test("HEAD of a document has its headers and no body", async (t) => {
  const edge = await startEdge(t);
  const answer = await edge.get(`/embed/dash_1?token=${edge.session()}`, undefined, {}, { method: "HEAD" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(await answer.text(), "");
});

test("every forgery is refused with 401 and one line of the log, and the good token is not", async (t) => {
  const { jwk, good, forgeries } = JSON.parse(readFileSync(process.env.EMBAN_FORGERIES, "utf8"));
  const edge = await startEdge(t, { key: { jwk, kid: jwk.kid } });
  assert.equal((await edge.get("/v1/embed/surface", good)).status, 200);
  const asked = edge.origin.asked("/v1/embed/surface").length;
  const refusals = () => edge.logs.join("").split("\n").filter((line) => line.includes('"event":"refused"'));
  const told = new Set();
  const expected = [];
  for (const { name, token: forged, reasons } of forgeries) {
    // What cannot stand in a header can stand in the document's URL.
    const ways = [() => edge.get(`/embed/dash_1?token=${encodeURIComponent(forged)}`)];
    if (/^[\x21-\x7e]+$/.test(forged)) ways.push(() => edge.get("/v1/embed/surface", forged));
    for (const ask of ways) {
      const answer = await ask();
      assert.equal(answer.status, 401, name);
      const { request_id, ...document } = await answer.json();
      assert.match(request_id, /^[0-9a-f-]{36}$/);
      told.add(JSON.stringify(document));
      expected.push({ name, reasons });
    }
  }
  assert.deepEqual([...told].sort(), [
    '{"error":"A valid session is required.","code":"unauthorized"}',
    '{"error":"The session has expired.","code":"session_expired"}',
  ]);
  await until(10, refusals, (lines) => lines.length >= expected.length);
  const lines = refusals();
  assert.equal(lines.length, expected.length);
  expected.forEach(({ name, reasons }, index) =>
    assert.ok(reasons.some((reason) => lines[index].includes(reason)), `${name}: ${lines[index]}`));
  assert.equal(edge.origin.asked("/v1/embed/surface").length, asked, "none reached the origin");
  assert.ok(forgeries.every(({ token: forged }) => forged.length < 100 || !lines.join("").includes(forged.slice(-40))));
  t.diagnostic(`${forgeries.length} forgeries tried, 0 accepted`);
});

test("a session of another environment's key, or none, is refused", async (t) => {
  const edge = await startEdge(t);
  const development = token(edge.key, claims({ env: "development" }));
  for (const bearer of [undefined, development]) {
    const answer = await edge.get("/v1/embed/surface", bearer);
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).code, "unauthorized");
  }
  assert.equal((await edge.get("/v1/embed/surface", edge.session())).status, 200);
});

test("an expired session is told so and does not reach the origin", async (t) => {
  const edge = await startEdge(t);
  const now = Math.floor(Date.now() / 1000);
  const answer = await edge.get("/v1/embed/surface", edge.session({ iat: now - 100, nbf: now - 100, exp: now }));
  assert.equal(answer.status, 401);
  assert.equal((await answer.json()).code, "session_expired");
  assert.equal(edge.origin.asked("/v1/embed/surface").length, 0);
});

test("a session that was good ends on time, cached answers or not", async (t) => {
  const edge = await startEdge(t);
  const now = Math.floor(Date.now() / 1000);
  const session = edge.session({ iat: now, nbf: now, exp: now + 2 });
  assert.equal((await edge.get("/v1/embed/surface", session)).status, 200);
  const answer = await until(5, () => edge.get("/v1/embed/surface", session), (a) => a.status !== 200);
  assert.equal(answer.status, 401);
  assert.ok(Date.now() / 1000 >= now + 2);
  assert.equal((await answer.json()).code, "session_expired");
});

test("the log names the reason and holds no token and no query", async (t) => {
  const edge = await startEdge(t);
  const forged = token(signingKey("production", edge.key.kid), claims());
  await edge.get(`/embed/dash_1?token=${forged}&secret=of-the-query`);
  const line = await until(5, () => edge.logs.join(""), (text) => text.includes("bad signature"));
  assert.match(line, /"event":"refused","route":"document","status":401/);
  assert.ok(!line.includes(forged.split(".")[2]) && !line.includes("of-the-query"), line);
});

test("a token in the query of any other route does not count", async (t) => {
  const edge = await startEdge(t);
  assert.equal((await edge.get(`/v1/embed/surface?token=${edge.session()}`)).status, 401);
  assert.equal((await edge.get(`/v1/embed/export?format=csv&token=${edge.session()}`)).status, 401);
});

test("a session opens no other dashboard than its own", async (t) => {
  const edge = await startEdge(t);
  const answer = await edge.get(`/embed/dash_2?token=${edge.session()}`);
  assert.equal(answer.status, 404);
  assert.equal((await answer.json()).code, "not_found");
  assert.equal(edge.origin.asked("/embed/dash_2").length, 0);
});

test("the control plane does not exist at the edge", async (t) => {
  const edge = await startEdge(t);
  const paths = [
    "/v1/events", "/v1/keys", "/v1/embed-sessions", "/v1/dashboards", "/v1/dashboards/dash_1/publish", "/v1/query",
    "/v1/discover", "/v1/embed/../events", "/v1/embed/%2e%2e/events", "//v1/events", "/internal/feed?after=0",
    "/readyz", "/metrics", "/", "/.emban-cache/v2/surface/x",
  ];
  for (const path of paths) {
    for (const method of ["GET", "POST", "DELETE"]) {
      const answer = await edge.get(path, edge.session(), {}, { method });
      assert.equal(answer.status, 404, `${method} ${path}`);
      assert.equal((await answer.json()).code, "not_found");
    }
  }
  const asked = edge.origin.requests.map((request) => request.path);
  assert.deepEqual(asked.filter((path) => path !== "/internal/feed" && path !== "/.well-known/jwks.json"), []);
});

test("a wrong method names the right ones", async (t) => {
  const edge = await startEdge(t);
  const answer = await edge.get("/v1/embed/query", edge.session());
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get("allow"), "POST, OPTIONS");
  assert.equal((await answer.json()).code, "method_not_allowed");
});

test("a rotated key is taken up, the old one holds during the overlap and ends after it", async (t) => {
  const edge = await startEdge(t);
  const [old, fresh] = [edge.key, signingKey()];
  const sessions = { old: token(old, claims()), fresh: token(fresh, claims()) };
  assert.equal((await edge.get("/v1/embed/surface", sessions.old)).status, 200);
  edge.origin.keys = [fresh, old];
  await until(10, () => edge.get("/v1/embed/surface", sessions.fresh), (a) => a.status === 200);
  assert.equal((await edge.get("/v1/embed/surface", sessions.old)).status, 200);
  const next = signingKey();
  edge.origin.keys = [next, fresh];
  await until(10, () => edge.get("/v1/embed/surface", token(next, claims())), (a) => a.status === 200);
  assert.equal((await edge.get("/v1/embed/surface", sessions.old)).status, 401, "a remembered session outlived its key");
  assert.equal((await edge.get("/v1/embed/surface", sessions.fresh)).status, 200);
});

test("forged key ids do not make the edge hammer the origin", async (t) => {
  const edge = await startEdge(t);
  const began = Date.now();
  await edge.get("/v1/embed/surface", edge.session());
  const forged = () => edge.get("/v1/embed/surface", token(signingKey(), claims()));
  const answers = await Promise.all(Array.from({ length: 40 }, forged));
  assert.ok(answers.every((answer) => answer.status === 401));
  const reads = edge.origin.asked("/.well-known/jwks.json").length;
  const allowed = 2 + Math.floor((Date.now() - began) / 5000);
  assert.ok(reads <= allowed, `${reads} reads, ${allowed} allowed`);
});

test("known keys go on while the origin is down, and an edge that never saw any says so", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  assert.equal((await edge.get("/v1/embed/surface", session)).status, 200);
  await edge.origin.stop();
  const again = token(edge.key, { ...claims(), sub: "es_other" });
  assert.equal((await edge.get("/v1/embed/surface", again)).status, 200, "from the cache, with keys in memory");
  const second = await startEdge(t, { origin: edge.origin, key: edge.key });
  const answer = await second.get("/v1/embed/surface", session);
  assert.equal(answer.status, 503);
  assert.ok(Number(answer.headers.get("retry-after")) > 0);
  assert.equal(read(session).tenant, "acme");
});
