// Files, keys and health.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import { startEdge, until } from "./support/edge.mjs";
import { raw } from "./support/raw.mjs";

const NAME = "/assets/emban-0123456789abcdef_bg.wasm";
const PLAIN = Buffer.from("a file that compresses well ".repeat(400));
const BODIES = { br: brotliCompressSync(PLAIN), gzip: gzipSync(PLAIN), identity: PLAIN };

/** An origin that keeps each file in three encodings, as the real one does. */
function withFiles(edge) {
  const file = (headers) => ({
    get [NAME]() {
      const accept = edge.origin.requests.at(-1).headers["accept-encoding"] ?? "";
      const encoding = ["br", "gzip"].find((name) => accept.includes(name)) ?? "identity";
      return { body: BODIES[encoding], headers: { ...headers, ...(encoding !== "identity" && { "content-encoding": encoding }) } };
    },
  });
  edge.origin.files = file({ "content-type": "application/wasm", "set-cookie": "a=b" });
}

test("a file's bytes pass through as the origin compressed them", async (t) => {
  const edge = await startEdge(t);
  withFiles(edge);
  for (const round of ["from the origin", "from the cache"]) {
    const answer = await raw(edge.url + NAME, { "accept-encoding": "br" });
    assert.equal(answer.status, 200, round);
    assert.equal(answer.headers["content-encoding"], "br", round);
    assert.ok(answer.body.equals(BODIES.br), `${round}: ${answer.body.length} bytes`);
    assert.equal(answer.headers["content-type"], "application/wasm");
    assert.equal(answer.headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(answer.headers["access-control-allow-origin"], "*");
    assert.equal(answer.headers["cross-origin-resource-policy"], "cross-origin");
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    assert.match(answer.headers.vary, /accept-encoding/i);
    assert.equal(answer.headers["set-cookie"], undefined);
  }
});

// Before a Worker Cloudflare says `br, gzip` for every client and afterwards fits the answer to the real one;
// miniflare does the same. So what counts for the others is that they get the right file.
test("a client that knows less gets the same file", async (t) => {
  const edge = await startEdge(t);
  withFiles(edge);
  for (const [accept, decode] of [["gzip", gunzipSync], ["identity", (body) => body]]) {
    for (let round = 0; round < 2; round += 1) {
      const answer = await raw(edge.url + NAME, { "accept-encoding": accept });
      assert.equal(answer.headers["content-encoding"] ?? "identity", accept);
      assert.ok(decode(answer.body).equals(PLAIN), accept);
    }
  }
});

test("a file is fetched once and then served without its origin", async (t) => {
  const edge = await startEdge(t);
  withFiles(edge);
  const ask = () => raw(edge.url + NAME, { "accept-encoding": "br" });
  await ask();
  await until(5, async () => {
    const before = edge.origin.asked(NAME).length;
    await ask();
    return edge.origin.asked(NAME).length - before;
  }, (fetched) => fetched === 0);
  await edge.origin.stop();
  const answer = await ask();
  assert.equal(answer.status, 200);
  assert.ok(answer.body.equals(BODIES.br));
  const head = await raw(edge.url + NAME, { "accept-encoding": "br" }, "HEAD");
  assert.equal(head.status, 200);
  assert.equal(head.body.length, 0);
  const other = await raw(`${edge.url}/assets/emban-fedcba9876543210.js`, {});
  assert.equal(other.status, 503);
});

test("the loader keeps the origin's caching and is not sent to those who have it", async (t) => {
  const edge = await startEdge(t);
  edge.origin.files["/embed.js"] = {
    body: "export {};",
    headers: { "content-type": "text/javascript", "cache-control": "public, max-age=120", etag: '"v1"' },
  };
  const answer = await edge.get("/embed.js");
  assert.equal(await answer.text(), "export {};");
  assert.equal(answer.headers.get("cache-control"), "public, max-age=120");
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  assert.equal((await edge.get("/embed.js", undefined, { "if-none-match": '"v1"' })).status, 304);
  assert.equal((await edge.get("/embed.js", undefined, { "if-none-match": '"v0"' })).status, 200);
});

test("a file that does not exist is a problem document and is not kept", async (t) => {
  const edge = await startEdge(t);
  const answer = await edge.get(NAME);
  assert.equal(answer.status, 404);
  assert.equal((await answer.json()).code, "not_found");
  withFiles(edge);
  assert.equal((await edge.get(NAME)).status, 200);
});

test("the public keys are served and nothing else of them", async (t) => {
  const edge = await startEdge(t);
  const answer = await edge.get("/.well-known/jwks.json");
  assert.equal(answer.headers.get("cache-control"), "public, max-age=60");
  assert.deepEqual(await answer.json(), { keys: [edge.key.jwk] });
});

test("the edge's health does not depend on the origin's", async (t) => {
  const edge = await startEdge(t);
  await edge.origin.stop();
  const answer = await edge.get("/healthz");
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { status: "ok" });
});
