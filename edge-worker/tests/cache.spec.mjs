// What is kept, for whom, and for how long.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { documents } from "./support/documents.mjs";
import { RuntimeResponse, served, startEdge, until } from "./support/edge.mjs";
import { claims, scopeDigest, token } from "./support/session.mjs";

const SURFACE = "/v1/embed/surface";
const QUERY = "/v1/embed/query";

test("the first answer is a miss, the next ones are hits with the same body", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  const first = await edge.post(QUERY, session, { widgets: ["w1"] });
  const second = await edge.post(QUERY, session, { widgets: ["w1"] });
  assert.deepEqual([served(first), served(second)], ["miss", "hit"]);
  assert.equal(await first.text(), await second.text());
  assert.equal(edge.origin.asked(QUERY).length, 1);
});

test("internal headers, cookies and the origin's name stay inside", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  for (const ask of [
    () => edge.get(SURFACE, session), () => edge.get(SURFACE, session), () => edge.post("/v1/embed/rows", session, { widget: "w" }),
  ]) {
    const answer = await ask();
    const names = [...answer.headers.keys()];
    assert.deepEqual(names.filter((name) => name.startsWith("x-emban") || name === "set-cookie" || name === "server"), []);
    assert.equal(answer.headers.get("cache-control"), "private, no-store");
  }
});

test("equal questions share an entry however they are spelt, others do not", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  const ask = async (body) => served(await edge.post(QUERY, session, body));
  assert.equal(await ask('{"widgets":["b","a"],"filters":{"dimensions":{"m":["2","1"]}}}'), "miss");
  assert.equal(await ask(' {"filters":{"dimensions":{"m":["1","2","1"]}},"widgets":["a","b"]}'), "hit");
  assert.equal(await ask('{"widgets":["a","b"],"filters":{"dimensions":{"m":"1"}}}'), "miss");
  assert.equal(await ask('{"widgets":["a"],"filters":{"dimensions":{"m":["1","2"]}}}'), "miss");
  assert.equal(edge.origin.asked(QUERY)[0].body, '{"widgets":["a","b"],"filters":{"dimensions":{"m":["1","2"]}}}');
});

test("sessions that may see different things never share an entry", async (t) => {
  const edge = await startEdge(t);
  const scopes = [
    { tenant: "acme" },
    { tenant: "globex" },
    { tenant: "acme", dash: "dash_2" },
    { tenant: "acme", perm: { locked_filters: { plan: "pro" } } },
    { tenant: "acme", perm: { hidden_widgets: ["w1"] } },
    { tenant: "acme", perm: { timezone: "Asia/Tokyo" } },
    { tenant: "acme", perm: { allowed_origins: ["https://app.example"] } },
  ];
  const counters = new Set();
  for (const round of ["miss", "hit"]) {
    for (const scope of scopes) {
      const answer = await edge.post(QUERY, edge.session(scope), {});
      assert.equal(served(answer), round, JSON.stringify(scope));
      const { tenant, counter } = await answer.json();
      assert.equal(tenant, scope.tenant);
      counters.add(counter);
    }
  }
  assert.equal(counters.size, scopes.length);
});

test("sessions of one scope share an entry and each learns its own end", async (t) => {
  const edge = await startEdge(t);
  edge.origin.embed = (request, session) => ({
    body: { name: "Usage", refresh: 15, expires_in: session.exp - Math.floor(Date.now() / 1000) },
  });
  const now = Math.floor(Date.now() / 1000);
  for (const [life, from] of [[3600, "miss"], [120, "hit"], [86_000, "hit"]]) {
    const answer = await edge.get(SURFACE, edge.session({ exp: now + life, perm: { user_id: `u${life}` } }));
    assert.equal(served(answer), from);
    const { name, expires_in } = await answer.json();
    assert.equal(name, "Usage");
    assert.ok(expires_in <= life && expires_in > life - 30, `${expires_in} of ${life}`);
  }
});

test("a document in which the end cannot be told apart is not shared", async (t) => {
  const edge = await startEdge(t);
  edge.origin.embed = () => ({ body: '<p>"expires_in":1</p><script>{"expires_in":60}</script>' });
  for (let n = 0; n < 2; n += 1) assert.equal(served(await edge.get("/embed/dash_1", edge.session())), "miss");
  assert.equal(edge.origin.asked("/embed/dash_1").length, 2);
});

/** The nonces of a policy, and those of a body. */
const noncesOf = async (answer) => [
  [...answer.headers.get("content-security-policy").matchAll(/'nonce-([^']+)'/g)].map(([, nonce]) => nonce),
  [...(await answer.text()).matchAll(/nonce="([^"]+)"/g)].map(([, nonce]) => nonce),
];

test("each answer of a cached document has a nonce of its own, the same in its policy and its body", async (t) => {
  for (const memory of ["32", "0"]) {
    const edge = await startEdge(t, { variables: { ANSWER_MEMORY_MIB: memory } });
    documents(edge);
    const now = Math.floor(Date.now() / 1000);
    const seen = new Set();
    // The last session's seconds are more digits than the cached ones: what stands behind them moves.
    for (const life of [900, 900, 60, 86_000]) {
      const ask = () => edge.get(`/embed/dash_1?token=${edge.session({ exp: now + life })}`);
      const answer = seen.size === 0 ? await ask() : await until(5, ask, (a) => served(a) === "hit");
      assert.equal(served(answer), seen.size === 0 ? "miss" : "hit");
      const body = await answer.clone().text();
      const [inPolicy, inBody] = await noncesOf(answer);
      assert.deepEqual([inPolicy.length, inBody.length], [2, 3], body);
      const [nonce, ...others] = new Set([...inPolicy, ...inBody]);
      assert.deepEqual(others, []);
      assert.match(nonce, /^[\w-]{24}$/);
      assert.ok(!seen.has(nonce), "a nonce came twice");
      seen.add(nonce);
      const seconds = JSON.parse(/>(\{.*?\})</.exec(body)[1]).expires_in;
      assert.ok(seconds <= life && seconds > life - 30, `${seconds} of ${life}`);
      assert.equal(body.replaceAll(nonce, "").replace(/ *\d+\}/, "}"), '<style nonce="">p{}</style><script nonce="">{"expires_in":}</script><script nonce="">é</script>');
    }
    assert.equal(edge.origin.asked("/embed/dash_1").length, 1, "what was asked came from the cache");
    const head = await edge.get("/embed/dash_1", edge.session(), {}, { method: "HEAD" });
    const [[nonce]] = await noncesOf(head);
    assert.ok(nonce.length === 24 && !seen.has(nonce));
  }
});

test("those who wait for one document get a nonce each", async (t) => {
  const edge = await startEdge(t);
  documents(edge);
  const { embed } = edge.origin;
  edge.origin.embed = async (...asked) => (await pause(200), embed(...asked));
  const answers = await Promise.all(Array.from({ length: 8 }, () => edge.get(`/embed/dash_1?token=${edge.session()}`)));
  const nonces = await Promise.all(answers.map(async (answer) => (await noncesOf(answer)).flat()));
  assert.equal(edge.origin.asked("/embed/dash_1").length, 1);
  assert.ok(nonces.every((list) => new Set(list).size === 1));
  assert.equal(new Set(nonces.flat()).size, 8);
});

test("a document that opens once is counted at the origin each time", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session({ perm: { single_use: true } });
  for (let n = 0; n < 2; n += 1) assert.equal(served(await edge.get(`/embed/dash_1?token=${session}`)), "pass");
  assert.equal(edge.origin.asked("/embed/dash_1").length, 2);
});

test("an answer that has aged is served once more while a new one is fetched", async (t) => {
  const edge = await startEdge(t);
  edge.origin.fresh = 1;
  const session = edge.session();
  const first = await (await edge.post(QUERY, session, {})).json();
  const stale = await until(5, () => edge.post(QUERY, session, {}), (answer) => served(answer) === "stale");
  assert.equal((await stale.json()).counter, first.counter);
  const renewed = await until(5, async () => (await edge.post(QUERY, session, {})).json(), (body) => body.counter > first.counter);
  assert.ok(renewed.counter > first.counter);
});

test("an origin that says 0 seconds is asked every time", async (t) => {
  const edge = await startEdge(t);
  edge.origin.fresh = 0;
  const session = edge.session();
  for (let n = 0; n < 3; n += 1) assert.equal(served(await edge.post(QUERY, session, {})), "miss");
  assert.equal(edge.origin.asked(QUERY).length, 3);
});

test("requests that miss the same entry together ask the origin once", async (t) => {
  const edge = await startEdge(t);
  await edge.get(SURFACE, edge.session());
  let release;
  const held = new Promise((resolve) => (release = resolve));
  edge.origin.embed = async () => void (await held);
  const asks = Array.from({ length: 25 }, () => edge.post(QUERY, edge.session(), { widgets: ["w1"] }));
  await until(5, () => edge.origin.asked(QUERY).length, (count) => count > 0);
  release();
  const answers = await Promise.all(asks);
  assert.ok(answers.every((answer) => answer.status === 200));
  assert.equal(new Set(await Promise.all(answers.map((answer) => answer.text()))).size, 1);
  assert.equal(edge.origin.asked(QUERY).length, 1);
});

test("those who wait get their answer although the one who asked has gone", async (t) => {
  const edge = await startEdge(t);
  await edge.get(SURFACE, edge.session());
  let release;
  const held = new Promise((resolve) => (release = resolve));
  edge.origin.embed = async () => void (await held);
  const gone = new AbortController();
  const headers = { authorization: `Bearer ${edge.session()}`, "content-type": "application/json" };
  const leader = fetch(edge.url + QUERY, { method: "POST", headers, body: "{}", signal: gone.signal }).catch((error) => error.name);
  await until(5, () => edge.origin.asked(QUERY).length, (count) => count === 1);
  const follower = edge.post(QUERY, edge.session(), {});
  gone.abort();
  assert.equal(await leader, "AbortError");
  release();
  assert.equal((await follower).status, 200);
  assert.ok(edge.origin.asked(QUERY).length <= 2);
});

test("a reload asks the origin, but not faster than once in two seconds", async (t) => {
  const edge = await startEdge(t);
  const session = edge.session();
  await edge.post(QUERY, session, {});
  const reload = async () => served(await edge.post(QUERY, session, {}, { "cache-control": "no-cache" }));
  assert.equal(await reload(), "miss");
  const rest = [];
  const began = Date.now();
  for (let n = 0; n < 10; n += 1) rest.push(await reload());
  const allowed = Math.floor((Date.now() - began) / 2000) + 1;
  assert.ok(rest.filter((from) => from === "miss").length < allowed + 1 && rest.includes("hit"), rest.join());
  assert.equal(served(await edge.post(QUERY, session, {})), "hit");
});

test("an answer for another scope is thrown away and reported", async (t) => {
  const edge = await startEdge(t);
  const foreign = scopeDigest(claims({ tenant: "globex" }));
  edge.origin.embed = () => ({ headers: { "x-emban-scope": foreign }, body: { secret: "globex's figures" } });
  const session = edge.session();
  for (const ask of [
    () => edge.get(SURFACE, session), () => edge.post(QUERY, session, {}), () => edge.get(`/embed/dash_1?token=${session}`),
    () => edge.post("/v1/embed/rows", session, { widget: "w1" }), () => edge.get("/v1/embed/export?format=csv", session),
  ]) {
    const answer = await ask();
    assert.equal(answer.status, 503);
    const text = await answer.text();
    assert.ok(!text.includes("globex"), text);
    assert.equal(JSON.parse(text).code, "unavailable");
  }
  assert.match(edge.logs.join(""), /scope_mismatch/);
  edge.origin.embed = undefined;
  assert.equal((await (await edge.get(SURFACE, session)).json()).tenant, "acme");
});

test("an entry of another scope in the shared cache is not served", async (t) => {
  const edge = await startEdge(t);
  const acme = claims();
  const digest = createHash("sha256").update("").digest("base64url");
  const url = `${edge.url}/.emban-cache/v2/surface/${scopeDigest(acme)}/0/0/${digest}`;
  const planted = (scope, secret) =>
    new RuntimeResponse(JSON.stringify({ secret }), {
      headers: {
        "cache-control": "public, max-age=60",
        "x-emban-entry": JSON.stringify({
          stored_at_ms: Date.now(), fresh_seconds: 60, scope, own: { expiry: "Absent", nonce: null },
          headers: { "content-type": "application/json" },
        }),
      },
    });
  const cache = await edge.cache();
  await cache.put(url, planted(scopeDigest(acme), "acme's own"));
  const own = await edge.get(SURFACE, token(edge.key, acme));
  assert.equal((await own.json()).secret, "acme's own", "this test plants its entries where the edge looks for them");
  const second = await startEdge(t, { origin: edge.origin, key: edge.key });
  const there = await second.cache();
  await there.put(url.replace(edge.url, second.url), planted(scopeDigest(claims({ tenant: "globex" })), "globex's figures"));
  const answer = await second.get(SURFACE, token(edge.key, acme));
  assert.equal(answer.status, 503);
  assert.ok(!(await answer.text()).includes("globex"));
  assert.match(second.logs.join(""), /scope_mismatch/);
});

test("isolates of one data centre share answers through the Cache API", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "emban-edge-cache-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const first = await startEdge(t, { options: { cachePersist: folder } });
  const body = await (await first.post(QUERY, first.session(), {})).text();
  const cache = await first.cache();
  const digest = createHash("sha256").update('{"filters":{}}').digest("base64url");
  const url = `${first.url}/.emban-cache/v2/query/${scopeDigest(claims())}/0/0/${digest}`;
  await until(5, () => cache.match(url), (found) => found !== undefined);
  const port = Number(new URL(first.url).port);
  await first.dispose();
  const second = await startEdge(t, { origin: first.origin, key: first.key, options: { cachePersist: folder, port } });
  const answer = await second.post(QUERY, second.session(), {});
  assert.equal(served(answer), "hit");
  assert.equal(await answer.text(), body);
  assert.equal(first.origin.asked(QUERY).length, 1);
});
