// What a viewer gets, and from where.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { raw } from "../../../edge-worker/tests/support/raw.mjs";
import { assertOwn, dashboard, EVENTS, origin, served, shared, startEdge, tokenOf, until } from "../support/stage.mjs";

const SURFACE = "/v1/embed/surface";
const QUERY = "/v1/embed/query";

test("document, surface and query are a miss and then a hit, each tenant's own", async (t) => {
  const edge = await startEdge(t);
  for (const tenant of ["acme", "globex"]) {
    const token = await tokenOf(tenant);
    const asks = [
      () => edge.get(`/embed/${shared}?token=${token}`),
      () => edge.get(SURFACE, token),
      () => edge.post(QUERY, token, { filters: { period: "7d" } }),
    ];
    for (const ask of asks) {
      const first = await ask();
      assert.deepEqual([first.status, served(first)], [200, "miss"]);
      const text = await first.text();
      const second = await ask();
      assert.equal(served(second), "hit");
      assert.equal(second.headers.get("content-type"), first.headers.get("content-type"));
      // What is each answer's own.
      const shared = (body) => body.replace(/"expires_in":\d+/, "").replace(/nonce="[\w-]+"/g, "");
      assert.equal(shared(await second.text()), shared(text));
      if (ask !== asks[1]) assertOwn(text, tenant);
    }
  }
  for (const path of [`/embed/${shared}`, SURFACE, QUERY]) assert.equal(edge.line.asked(path).length, 2, path);
});

test("rows and values pass, each tenant's own", async (t) => {
  const edge = await startEdge(t);
  for (const tenant of ["acme", "globex"]) {
    const token = await tokenOf(tenant);
    for (const [path, body] of [["/v1/embed/rows", { widget: "models" }], ["/v1/embed/values", { dimension: "model" }]]) {
      const answer = await edge.post(path, token, body);
      assert.deepEqual([answer.status, served(answer)], [200, "pass"]);
      assertOwn(await answer.text(), tenant);
    }
  }
});

test("an answer that has aged is stale once and then new", async (t) => {
  const edge = await startEdge(t);
  const token = await tokenOf("acme", await origin.publish(dashboard({ refresh: 5 })));
  const ask = () => edge.post(QUERY, token, {});
  const freshness = async (answer) => (await answer.json()).results.calls.freshness;
  const first = await freshness(await ask());
  const stale = await until(15, ask, (answer) => served(answer) === "stale");
  assert.equal(await freshness(stale), first);
  const renewed = await until(10, async () => freshness(await ask()), (at) => at !== first);
  assert.ok(Date.parse(renewed) > Date.parse(first));
});

test("the document keeps its policy, and both tiers say the same of a session", async (t) => {
  const edge = await startEdge(t);
  const token = await tokenOf("acme", shared, { permissions: { allowed_origins: ["https://app.example"] } });
  for (const round of ["miss", "hit"]) {
    const answer = await edge.get(`/embed/${shared}?token=${token}`);
    assert.equal(served(answer), round);
    assert.match(answer.headers.get("content-security-policy"), /frame-ancestors https:\/\/app\.example$/);
    assert.match(answer.headers.get("content-security-policy"), /^default-src 'none'/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    assert.equal(answer.headers.get("cache-control"), "private, no-store");
  }
  const foreign = { origin: "https://other.example" };
  const edgeSays = await edge.get(SURFACE, token, foreign);
  const originSays = await fetch(origin.url + SURFACE, { headers: { authorization: `Bearer ${token}`, ...foreign } });
  assert.deepEqual([edgeSays.status, originSays.status], [403, 403]);
  const own = await edge.get(SURFACE, token, { origin: "https://app.example" });
  assert.equal(own.headers.get("access-control-allow-origin"), "https://app.example");
});

test("viewers of one cached document have a nonce each, and nothing of the policy is lost by it", async (t) => {
  const edge = await startEdge(t);
  const nonces = new Set();
  const policies = new Set();
  const ask = async (url) => {
    const answer = await fetch(`${url}/embed/${shared}?token=${await tokenOf("acme")}`);
    const policy = answer.headers.get("content-security-policy");
    const inBody = [...(await answer.text()).matchAll(/nonce="([^"]*)"/g)].map(([, nonce]) => nonce);
    const inPolicy = [...policy.matchAll(/'nonce-([^']*)'/g)].map(([, nonce]) => nonce);
    // The one style and the one script; data that no browser runs needs none.
    assert.deepEqual([inBody.length, inPolicy.length], [2, 2], `${inBody} ${inPolicy}`);
    assert.equal(new Set([...inBody, ...inPolicy]).size, 1, "one nonce in all places");
    nonces.add(inPolicy[0]);
    policies.add(policy.replaceAll(inPolicy[0], ""));
    return served(answer);
  };
  await ask(origin.url);
  const from = [];
  for (let n = 0; n < 5; n += 1) from.push(await ask(edge.url));
  assert.deepEqual(from, ["miss", "hit", "hit", "hit", "hit"]);
  assert.equal(nonces.size, 6);
  assert.equal(policies.size, 1);
});

test("HEAD has the headers of GET and no body, from the origin and from the cache", async (t) => {
  const edge = await startEdge(t);
  const token = await tokenOf("acme");
  for (const path of [`/embed/${shared}`, SURFACE]) {
    for (const round of ["miss", "hit"]) {
      const head = await edge.get(path, token, {}, { method: "HEAD" });
      assert.deepEqual([head.status, served(head)], [200, round], path);
      assert.equal(await head.text(), "");
      assert.ok(head.headers.get("content-type"));
    }
    const get = await edge.get(path, token);
    assert.equal(served(get), "hit");
    assert.ok((await get.text()).length > 100, "a HEAD must not leave an empty body in the cache");
  }
});

test("a part or a condition of an answer with figures is the whole answer", async (t) => {
  const edge = await startEdge(t);
  const token = await tokenOf("acme");
  const whole = await (await edge.get(`/embed/${shared}`, token)).text();
  const part = await edge.get(`/embed/${shared}`, token, { range: "bytes=0-9", "if-none-match": "*", "if-modified-since": new Date().toUTCString() });
  assert.deepEqual([part.status, part.headers.get("content-range")], [200, null]);
  assert.equal((await part.text()).length, whole.length);
});

test("the runtime comes in brotli, gzip and as it is, the same file each time", async (t) => {
  const edge = await startEdge(t);
  const page = await (await edge.get(`/embed/${shared}`, await tokenOf("acme"))).text();
  const names = [...page.matchAll(/\/assets\/[\w.-]+\.(?:js|wasm)/g)].map(([name]) => name);
  assert.ok(names.some((name) => name.endsWith(".js")) && names.some((name) => name.endsWith(".wasm")), names.join());
  // Each name stands beside what the browser holds the file to.
  const held = [...page.matchAll(/"(\/assets\/[\w.-]+)", (?:\{ integrity: )?"sha384-([^"]+)"/g)];
  assert.equal(held.length, 3, "script, wasm and styles");
  for (const [, name, digest] of held) {
    const file = Buffer.from(await (await edge.get(name)).arrayBuffer());
    assert.equal(createHash("sha384").update(file).digest("base64"), digest, name);
    names.push(name);
  }
  const decode = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body) => body };
  for (const name of [...new Set(names), "/embed.js"]) {
    const plain = (await raw(origin.url + name, {})).body;
    for (const [encoding, decoded] of Object.entries(decode)) {
      for (const round of ["from the origin", "from the cache"]) {
        const answer = await raw(edge.url + name, { "accept-encoding": encoding });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers["content-encoding"] ?? "identity", encoding, `${name} ${round}`);
        assert.ok(decoded(answer.body).equals(plain), `${name} in ${encoding} ${round}`);
        assert.equal(answer.headers["cache-control"].includes("immutable"), name !== "/embed.js");
      }
    }
  }
});

test("a browser that has a file is not sent it again, and a part of one is the whole", async (t) => {
  const edge = await startEdge(t);
  const first = await edge.get("/embed.js");
  const etag = first.headers.get("etag");
  assert.match(etag, /^(W\/)?"[^"]+"$/);
  const length = (await first.arrayBuffer()).byteLength;
  for (const known of [etag, `"other", ${etag}`, "*"]) {
    const again = await edge.get("/embed.js", undefined, { "if-none-match": known });
    assert.equal(again.status, 304, known);
    assert.equal(again.headers.get("etag"), etag);
    assert.equal(await again.text(), "");
  }
  const other = await edge.get("/embed.js", undefined, { "if-none-match": '"other"', range: "bytes=0-9" });
  assert.equal(other.status, 200);
  assert.equal((await other.arrayBuffer()).byteLength, length);
});

test("each session of a cached surface learns its own end", async (t) => {
  const edge = await startEdge(t);
  const seconds = async (expiresIn) => {
    const answer = await edge.get(SURFACE, await tokenOf("acme", shared, { expiresIn }));
    return [served(answer), (await answer.json()).expires_in];
  };
  const [first, long] = await seconds(3600);
  const [second, short] = await seconds(60);
  assert.deepEqual([first, second], ["miss", "hit"]);
  assert.ok(long > 3500 && long <= 3600 && short > 30 && short <= 60, `${long} ${short}`);
});

test("the numbers at the edge are the origin's", async (t) => {
  const edge = await startEdge(t);
  const token = await tokenOf("globex");
  const { results } = await (await edge.post(QUERY, token, {})).json();
  assert.equal(results.calls.data.value, EVENTS);
});
