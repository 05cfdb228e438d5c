// What is seen before a script has run, and what happens when it takes over.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";

import { number } from "../support/dashboard.mjs";
import { session, until } from "../support/demo.mjs";
import { figures } from "../support/flights.mjs";
import { openDocument } from "../support/pages.mjs";
import { browser, demo } from "../support/stage.mjs";

/** P4 of the budgets: bytes of the demo's document in brotli. */
const DOCUMENT_BYTES = 30 * 1024;

test("the document shows figures and charts without a script", async () => {
  const page = await openDocument(await session(demo, "UA"), { javaScriptEnabled: false });
  const expected = figures("UA", demo.shift, "UTC");
  assert.equal(number(await page.shown.number("Departures")), expected.departures);
  assert.equal(number(await page.shown.number("Cancellations")), expected.cancellations);
  const charts = page.locator(".em-svg");
  assert.ok((await charts.count()) >= 5);
  for (const chart of await charts.all()) assert.ok((await chart.locator("svg :is(path, circle)").count()) > 0);
  assert.equal(await page.locator(".em-skel").count(), 0);
  await page.context().close();
});

test("the document of the demo stays within its bytes", async () => {
  const answer = await fetch(await session(demo, "UA"));
  const bytes = brotliCompressSync(Buffer.from(await answer.arrayBuffer())).length;
  console.log(`# document: ${bytes} bytes in brotli`);
  assert.ok(bytes <= DOCUMENT_BYTES, `${bytes} bytes`);
});

test("the styles that a document leaves out change nothing in it", async () => {
  const page = await browser.page({ javaScriptEnabled: false });
  const url = await session(demo, "UA");
  const sent = await (await fetch(url)).text();
  const folder = process.env.EMBAN_ASSETS_DIR;
  const { first_css } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const all = readFileSync(join(folder, first_css), "utf8");
  const [, styles] = /<style[^>]*>([\s\S]*?)<\/style>/.exec(sent);
  assert.ok(styles.length < all.length, `${styles.length} of ${all.length} letters`);
  for (const [width, colorScheme] of [[1440, "light"], [1000, "dark"], [380, "light"]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const pictures = [];
    for (const css of [styles, all]) {
      await page.route(url, (route) => route.fulfill({ contentType: "text/html", body: sent.replace(styles, () => css) }));
      await page.goto(url);
      pictures.push(await page.screenshot({ fullPage: true }));
      await page.unroute(url);
    }
    assert.ok(pictures[0].equals(pictures[1]), `${width} px, ${colorScheme}`);
  }
  await page.context().close();
});

for (const width of [1280, 1440, 768, 380]) {
  test(`the runtime takes over without a shift or a flash (${width} px)`, async () => {
    const page = await browser.page({ viewport: { width, height: 900 } });
    await page.addInitScript(() => {
      window.shifts = [];
      window.emptied = 0;
      new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((entry) => entry.value)))
        .observe({ type: "layout-shift", buffered: true });
      addEventListener("DOMContentLoaded", () => {
        const headline = document.querySelector(".em-stat-value");
        const charts = document.querySelectorAll(".em-svg > svg").length;
        window.first = headline.textContent;
        new MutationObserver(() => {
          const whole = document.querySelectorAll(".em-svg > svg").length === charts;
          if (!headline.isConnected || headline.textContent !== window.first || !whole) window.emptied += 1;
        }).observe(document.body, { childList: true, subtree: true, characterData: true });
      });
    });
    await page.goto(await session(demo, "UA"));
    await page.locator(".em-root[data-live]").waitFor();
    // Charts of another width than the origin's are drawn anew; two frames later all is settled.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.deepEqual(await page.evaluate(() => [window.shifts, window.emptied]), [[], 0]);
    const fits = await page.locator(".em-plot").evaluateAll((plots) => plots.map((plot) =>
      Math.abs(plot.clientWidth - Number(plot.querySelector("svg").getAttribute("width"))) < 1));
    assert.ok(fits.length > 0 && fits.every(Boolean), "every chart has the width of its card");
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  });
}

for (const width of [380, 1000, 1440]) {
  test(`a first paint fills its cards as the runtime does (${width} px)`, async () => {
    const page = await browser.page({ viewport: { width, height: 900 } });
    let go;
    await page.route(/\.wasm$/, (route) => new Promise((done) => (go = done)).then(() => route.continue()));
    await page.goto(await session(demo, "UA"), { waitUntil: "domcontentloaded" });
    /** Of each chart over time, the box that its shapes fill, and the size of its texts. */
    const drawn = () => page.locator(".em-k-series .em-svg").evaluateAll((charts) => charts.map((chart) => {
      const card = chart.getBoundingClientRect();
      const shapes = [...chart.querySelectorAll("path.eb-grid, path.eb-base")].map((path) => path.getBoundingClientRect());
      const text = chart.querySelector("text").getBoundingClientRect();
      return [card.right - Math.max(...shapes.map((box) => box.right)), text.height].map(Math.round);
    }));
    const [first, wide] = [await drawn(), await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)];
    await until("the runtime is asked for", () => go);
    go();
    await page.locator(".em-root[data-live]").waitFor();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const last = await drawn();
    assert.ok(first.length > 1);
    first.forEach(([right, text], at) => {
      assert.ok(Math.abs(right - last[at][0]) <= 12, `${right} px to the side, then ${last[at][0]}`);
      assert.equal(text, last[at][1], "texts keep their size");
    });
    assert.ok(wide <= 0, "nothing sticks out");
    await page.context().close();
  });
}

/** Clicks in a document whose runtime comes only after it. */
async function clickEarly(page, name) {
  let go;
  await page.route(/\.wasm$/, (route) => new Promise((done) => (go = done)).then(() => route.continue()));
  await page.goto(await session(demo, "UA"), { waitUntil: "domcontentloaded" });
  const month = await page.locator(".em-stat-value").first().innerText();
  const button = page.getByRole("button", { name });
  await button.click();
  await until("the runtime is asked for", () => go);
  go();
  return { month, button };
}

test("a click before the runtime listens is not lost", async () => {
  const page = await browser.page();
  const { month } = await clickEarly(page, "Last 7 days");
  await until("the week is shown", async () => (await page.locator(".em-stat-value").first().innerText()) !== month);
  await page.context().close();
});

test("what a click before the runtime listens has opened stands by its button", async () => {
  const page = await browser.page();
  const { button } = await clickEarly(page, "Custom");
  const panel = page.getByRole("dialog");
  await panel.waitFor();
  const [opened, pressed] = [await panel.boundingBox(), await button.boundingBox()];
  const below = opened.y - pressed.y - pressed.height;
  assert.ok(below > 0 && below < 20, `${below} px below`);
  assert.ok(opened.x < pressed.x + pressed.width && pressed.x < opened.x + opened.width, JSON.stringify([opened, pressed]));
  await page.context().close();
});

test("a click on a chart before the runtime listens tells what is there", async () => {
  const page = await browser.page();
  let go;
  await page.route(/\.wasm$/, (route) => new Promise((done) => (go = done)).then(() => route.continue()));
  await page.goto(await session(demo, "UA"), { waitUntil: "domcontentloaded" });
  const plot = page.locator(".em-card", { has: page.getByRole("heading", { name: "Departures by day" }) }).locator(".em-hits");
  const { x, y, width, height } = await plot.boundingBox();
  await page.mouse.click(x + width / 2, y + height / 2);
  await page.mouse.move(0, 0);
  await until("the runtime is asked for", () => go);
  go();
  await plot.locator(".em-tip").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0, "nothing opens that may belong to another day");
  await page.context().close();
});

for (const [what, files] of [["styles", /embed-\w+\.css$/], ["module", /\.wasm$/], ["script", /runtime-\w+\.js$/]]) {
  test(`a document whose ${what} cannot be had says so in its language, and tries again as it stands`, async () => {
    const page = await browser.page();
    let blocked = true;
    await page.route(files, (route) => (blocked ? route.abort() : route.continue()));
    // A document that opens once: nothing may open it again.
    await page.goto(await session(demo, "UA", { permissions: { locale: "de", single_use: true } }));
    const alert = page.getByRole("alert");
    await alert.getByText("Sie sehen die zuletzt").waitFor();
    assert.ok((await page.locator(".em-stat-value").count()) > 3, "the figures stay");
    await alert.getByRole("button").click();
    await alert.getByText("Sie sehen die zuletzt").waitFor();
    blocked = false;
    await alert.getByRole("button").click();
    await page.locator(".em-root[data-live]").waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
    await page.getByRole("button", { name: /7/ }).first().click();
    await page.locator(".em-busy").waitFor({ state: "detached" });
    await page.context().close();
  });
}

test("a document whose runtime never comes says so", async () => {
  const page = await browser.page();
  await page.clock.install();
  await page.route(/\.wasm$/, () => {});
  await page.goto(await session(demo, "UA"));
  await page.clock.runFor(1_000);
  assert.equal(await page.getByRole("alert").count(), 0);
  await page.clock.runFor(31_000);
  await page.getByRole("alert").getByText("could not be loaded").waitFor();
  await page.context().close();
});

test("texts of a tenant stay texts, drawn by the origin and by the runtime", async () => {
  const hostile = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
  const event = {
    tenant_id: "hostile", event_name: "flight.departed", event_id: "hostile-1", user_id: hostile,
    string_props: { origin: hostile, dest: hostile, status: hostile }, numeric_props: { distance: 5 },
  };
  const sent = await fetch(`${demo.origin}/v1/events`, {
    method: "POST", headers: { authorization: `Bearer ${demo.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ events: [event] }),
  });
  assert.ok(sent.ok, await sent.text());
  const url = await until("the event is counted", async () => {
    const address = await session(demo, "hostile");
    return (await (await fetch(address)).text()).includes("&lt;img src=x") && address;
  }, 30_000);
  for (const javaScriptEnabled of [false, true]) {
    const page = await openDocument(url, { javaScriptEnabled });
    if (javaScriptEnabled) {
      await page.shown.ready();
      await page.shown.table("Top destinations");
      assert.equal(await page.evaluate(() => window.hacked), undefined);
    }
    assert.equal(await page.locator("body img").count(), 0);
    assert.ok((await page.locator("body").innerText()).includes("<img src=x"), "the text is there to be read");
    await page.context().close();
  }
});
