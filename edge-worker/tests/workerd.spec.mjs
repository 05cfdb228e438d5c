// The shipped way to run the edge outside of Cloudflare: workerd, its configuration and its cache service.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from "node:zlib";
import { documents } from "./support/documents.mjs";
import { served, until } from "./support/edge.mjs";
import { raw } from "./support/raw.mjs";
import { start } from "./support/workerd.mjs";

test("the shipped folder serves, and answers come from memory", async (t) => {
  const edge = await start(t);
  const first = await edge.get("/v1/embed/surface");
  const second = await edge.get("/v1/embed/surface");
  assert.deepEqual([served(first), served(second)], ["miss", "hit"]);
  assert.equal(await first.text(), await second.text());
});

test("without memory for answers they come from the cache service, each with its scope", async (t) => {
  const edge = await start(t, { ANSWER_MEMORY_MIB: "0" });
  const first = await (await edge.get("/v1/embed/surface")).json();
  const hit = await until(5, () => edge.get("/v1/embed/surface"), (answer) => served(answer) === "hit");
  assert.deepEqual(await hit.json(), first);
  assert.equal(first.tenant, "acme");
  assert.equal((await edge.get("/.emban-cache/v2/surface/x")).status, 404);
});

test("a document is compressed for whoever accepts it, where nobody else does", async (t) => {
  const edge = await start(t);
  documents(edge);
  const ask = (headers, method) => raw(`${edge.url}/embed/dash_1?token=${edge.session}`, headers, method);
  const letters = (body) => body.toString().replace(/nonce="[^"]+"/g, "").replace(/ *\d+\}/, "}");
  const plain = await ask({});
  assert.match(letters(plain.body), /^<style >p\{\}.*é<\/script>$/);
  const decoders = { br: brotliDecompressSync, gzip: gunzipSync };
  for (const [accept, expect] of [["gzip, deflate, br", "gzip"], ["br", "br"], ["gzip", "gzip"], ["br;q=0", undefined], ["identity", undefined]]) {
    const { headers, body } = await ask({ "accept-encoding": accept });
    assert.equal(headers["content-encoding"], expect, accept);
    assert.match(headers.vary, /accept-encoding/);
    assert.equal(letters((decoders[expect] ?? ((bytes) => bytes))(body)), letters(plain.body), accept);
  }
  const head = await ask({ "accept-encoding": "br" }, "HEAD");
  assert.deepEqual([head.status, head.headers["content-encoding"], head.body.length], [200, undefined, 0]);
});

test("a document is compressed once, and each viewer's values stand in it as they are", async (t) => {
  const edge = await start(t);
  documents(edge);
  const ask = async () => {
    const { headers, body } = await raw(`${edge.url}/embed/dash_1?token=${edge.session}`, { "accept-encoding": "gzip" });
    const nonces = [...gunzipSync(body).toString().matchAll(/nonce="([^"]+)"/g)].map(([, nonce]) => nonce);
    assert.equal(nonces.length, 3);
    assert.ok(nonces.every((nonce) => headers["content-security-policy"].includes(`'nonce-${nonce}'`)));
    return { headers, body, nonce: nonces[0] };
  };
  // The first viewer's is compressed by the runtime, as it goes.
  const made = await ask();
  assert.equal(made.headers["content-length"], undefined);
  const kept = [await ask(), await ask()];
  for (const { headers, body, nonce } of kept) {
    assert.equal(headers["content-length"], String(body.length));
    assert.ok(body.includes(nonce));
  }
  assert.notEqual(kept[0].nonce, kept[1].nonce);
});

test("files come from the cache service as they were compressed, also without the origin", async (t) => {
  const edge = await start(t);
  const name = "/assets/emban-0123456789abcdef_bg.wasm";
  const body = brotliCompressSync(Buffer.from("a file that compresses well ".repeat(4000)));
  edge.origin.files[name] = { body, headers: { "content-type": "application/wasm", "content-encoding": "br" } };
  const ask = () => raw(edge.url + name, { "accept-encoding": "br" });
  assert.ok((await ask()).body.equals(body));
  await until(5, async () => {
    const before = edge.origin.asked(name).length;
    await ask();
    return edge.origin.asked(name).length - before;
  }, (fetched) => fetched === 0);
  await edge.origin.stop();
  const cached = await ask();
  assert.equal(cached.status, 200);
  assert.equal(cached.headers["content-encoding"], "br");
  assert.ok(cached.body.equals(body), `${cached.body.length} bytes`);
});

test("behind a proxy that ends TLS the document calls from its own origin", async (t) => {
  const edge = await start(t);
  const { host } = new URL(edge.url);
  const answer = await edge.get("/v1/embed/surface", { origin: `https://${host}`, "x-forwarded-proto": "https" });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("strict-transport-security"), "max-age=63072000");
});
