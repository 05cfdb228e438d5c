// What a dashboard keeps of sessions that are gone.
import assert from "node:assert/strict";
import { test } from "node:test";

import { session } from "../support/demo.mjs";
import { openElements } from "../support/pages.mjs";
import { browser, demo, host } from "../support/stage.mjs";

const SWAPS = 100;
const WARM_UP = 20;

/** Bytes of the page's heap and of the runtime's memory, and what the page holds, after a collection. */
async function held(page, devtools) {
  for (let turn = 0; turn < 3; turn += 1) await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners } = await devtools.send("Memory.getDOMCounters");
  const wasm = await page.evaluate(() => window.wasmMemory.buffer.byteLength);
  return { heap: usedSize, nodes, listeners: jsEventListeners, wasm };
}

async function watched() {
  const page = await browser.page();
  await page.addInitScript(() => {
    const real = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...args) => {
      const made = await real.apply(WebAssembly, args);
      window.wasmMemory = made.instance.exports.memory;
      return made;
    };
  });
  await page.goto(host.origin);
  await page.addScriptTag({ type: "module", url: `${demo.edge}/embed.js` });
  return { page, devtools: await page.context().newCDPSession(page) };
}

test("a hundred sessions one after the other leave nothing behind", async () => {
  // More sessions than two, since the edge limits what one of them asks.
  const urls = await Promise.all(["UA", "HA", "UA", "HA", "UA", "HA"].map((airline) => session(demo, airline)));
  const { page, devtools } = await watched();
  await page.evaluate((url) => new Promise((ready) => {
    const element = document.createElement("emban-dashboard");
    element.addEventListener("emban:ready", ready, { once: true });
    element.embedUrl = url;
    document.body.append(element);
  }), urls[1]);
  const swap = (count) => page.evaluate(async ([addresses, times]) => {
    const element = document.querySelector("emban-dashboard");
    for (let at = 0; at < times; at += 1) {
      const answered = new Promise((done) => element.addEventListener("emban:data", done, { once: true }));
      element.setEmbedUrl(addresses[at % addresses.length]);
      await answered;
      await new Promise((drawn) => requestAnimationFrame(drawn));
    }
  }, [urls, count]);
  await swap(WARM_UP);
  const before = await held(page, devtools);
  await swap(SWAPS);
  const after = await held(page, devtools);
  console.log(`# ${SWAPS} swaps: heap ${before.heap} to ${after.heap} bytes, wasm ${before.wasm} to ${after.wasm}, nodes ${before.nodes} to ${after.nodes}`);
  assert.equal(after.wasm, before.wasm);
  assert.ok(after.heap - before.heap < 100 * 1024, `${after.heap - before.heap} bytes more`);
  assert.ok(after.nodes <= before.nodes + 10, `${after.nodes - before.nodes} nodes more`);
  assert.ok(after.listeners <= before.listeners, `${after.listeners - before.listeners} listeners more`);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("dashboards that are taken off the page leave nothing behind", async () => {
  const url = await session(demo, "UA");
  const { page, devtools } = await watched();
  const mount = (count) => page.evaluate(async ([address, times]) => {
    for (let at = 0; at < times; at += 1) {
      const element = document.createElement("emban-dashboard");
      const ready = new Promise((done) => element.addEventListener("emban:ready", done, { once: true }));
      element.embedUrl = address;
      document.body.append(element);
      await ready;
      element.remove();
      await new Promise((done) => setTimeout(done, 20));
    }
  }, [url, count]);
  await mount(10);
  const before = await held(page, devtools);
  await mount(30);
  const after = await held(page, devtools);
  console.log(`# 30 mounts: heap ${before.heap} to ${after.heap} bytes, wasm ${before.wasm} to ${after.wasm}, nodes ${before.nodes} to ${after.nodes}`);
  assert.equal(after.wasm, before.wasm);
  assert.ok(after.heap - before.heap < 100 * 1024, `${after.heap - before.heap} bytes more`);
  assert.ok(after.nodes <= before.nodes + 10, `${after.nodes - before.nodes} nodes more`);
  await page.context().close();
});
