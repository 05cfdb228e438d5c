// How the dashboard looks: pictures for people, and measures of what they would notice.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { before, test } from "node:test";

import { session, until } from "../support/demo.mjs";
import { badCharts, cut, faint, overflow } from "../support/looks.mjs";
import { openDocument, openElements } from "../support/pages.mjs";
import { demo } from "../support/stage.mjs";

const SCREENSHOTS = fileURLToPath(new URL("../../../target/screenshots/", import.meta.url));
const NOBODY = "an airline without flights";
const permissions = { timezone: "America/New_York" };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

before(() => void mkdirSync(SCREENSHOTS, { recursive: true }));

const shoot = (page, name, options = {}) => page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: "disabled", ...options });

/** A document whose charts are drawn. */
async function open(airline, options) {
  const page = await openDocument(await session(demo, airline, { permissions }), options);
  await page.shown.ready();
  await page.evaluate(() => document.fonts.ready);
  if (airline !== NOBODY) {
    const charts = page.locator(".em-svg");
    await until("all charts are drawn", async () =>
      (await charts.count()) > 0 && charts.evaluateAll((all) => all.every((one) => one.querySelector("svg"))));
  }
  return page;
}

const LOOKS = [
  ["dashboard", {}],
  ["dark", { colorScheme: "dark" }],
  ["phone", PHONE],
  ["wall", { viewport: { width: 1920, height: 1080 } }],
];

for (const [name, options] of LOOKS) {
  test(`all can be read, and nothing stands out of its place (${name})`, async () => {
    const page = await open("UA", options);
    await shoot(page, name, { fullPage: true });
    assert.ok((await overflow(page)) <= 0, `${await overflow(page)} px beyond the window`);
    assert.deepEqual(await badCharts(page.shown.root), []);
    assert.deepEqual(await cut(page.shown.root), []);
    assert.deepEqual(await faint(page.shown.root), []);
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  });
}

test("dark is dark, unless the host says light", async () => {
  const page = await open("UA", { colorScheme: "dark" });
  const ground = () => page.locator(".em-root").evaluate((root) => getComputedStyle(root).backgroundColor);
  assert.equal(await ground(), "rgb(14, 16, 19)");
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await ground(), "rgb(246, 247, 249)");
  await page.context().close();
});

const PANELS = [
  ["values", (root) => root.getByRole("button", { name: "Destination", exact: true }).and(root.locator(".em-btn")).click(), ".em-option"],
  ["bounds", (root) => root.getByRole("button", { name: "Distance, miles" }).and(root.locator(".em-btn")).click(), ".em-pop input"],
  ["dates", (root) => root.getByRole("button", { name: "Custom" }).click(), ".em-pop input"],
  ["rows", async (root) => {
    const card = root.getByRole("region", { name: "Departures by day", exact: true });
    await card.hover();
    await card.getByRole("button", { name: "View rows" }).click();
  }, ".em-sheet tbody tr"],
];

for (const [scheme, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", PHONE]]) {
  test(`what opens over the dashboard can be read and closed (${scheme})`, async () => {
    const page = await open("UA", options);
    for (const [name, show, content] of PANELS) {
      await show(page.shown.root);
      await page.locator(content).first().waitFor();
      const panel = page.getByRole("dialog");
      await shoot(page, `${name}-${scheme}`);
      assert.deepEqual(await faint(panel), [], name);
      const box = await panel.boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= page.viewportSize().width, `${name} is inside the window`);
      await page.keyboard.press("Escape");
      await panel.waitFor({ state: "detached" });
    }
    await page.context().close();
  });
}

test("a chart tells the value under the pointer, and the arrow keys read it out", async () => {
  const page = await open("UA");
  const card = page.shown.card("Departures by day");
  const plot = card.locator(".em-hits");
  const { width, height } = await plot.boundingBox();
  await plot.hover({ position: { x: width * 0.4, y: height / 2 } });
  const tip = card.locator(".em-tip");
  await tip.waitFor();
  await shoot(page, "tip");
  const { rows } = await page.shown.table("Departures by day");
  const lines = async () => (await tip.innerText()).split("\n").map((line) => line.trim()).filter(Boolean);
  await plot.hover({ position: { x: width * 0.4, y: height / 2 } });
  const [day, , departures] = await lines();
  assert.deepEqual(rows.find((row) => row[0] === day)?.[1], departures, "the tip and the table say the same");
  await plot.focus();
  await page.keyboard.press("Home");
  const [first, , count] = await lines();
  assert.deepEqual([first, count], rows[0].slice(0, 2));
  await until("a screen reader is told", async () => (await page.locator("[aria-live]").innerText()).includes(`Departures ${count}`));
  await page.context().close();
});

test("a tenant without data is told so by every chart", async () => {
  const page = await open(NOBODY);
  const charts = page.locator(".em-card:not(.em-k-kpi)");
  await until("all say so", async () => (await charts.getByText("No data in this period").count()) === (await charts.count()));
  assert.equal(await charts.count(), 7);
  assert.equal(await page.shown.number("Departures"), "0");
  await shoot(page, "empty", { fullPage: true });
  await page.context().close();
});

test("an element shows what it waits for, and what went wrong", async () => {
  const url = await session(demo, "UA", { permissions });
  const page = await openElements([]);
  let answer;
  await page.route("**/v1/embed/surface", (route) => new Promise((go) => (answer = go)).then(() => route.continue()));
  await page.evaluate((address) => {
    const element = document.createElement("emban-dashboard");
    element.embedUrl = address;
    document.body.append(element);
  }, url);
  await page.getByRole("status", { name: "Loading" }).waitFor();
  await until("the surface is asked for", () => answer);
  await shoot(page, "loading");
  answer();
  await page.shown.ready();
  await page.unroute("**/v1/embed/surface");
  await page.evaluate((address) => document.querySelector("emban-dashboard").setEmbedUrl(address), `${url.slice(0, -6)}AAAAAA`);
  const alert = page.locator("emban-dashboard").getByRole("alert");
  await alert.getByText("cannot be opened").waitFor();
  await shoot(page, "refused");
  assert.deepEqual(await faint(alert), []);
  await page.context().close();
});

test("a range of dates has its room on a phone, in every language", async () => {
  const day = 86_400_000;
  const [from, to] = [60, 3].map((ago) => new Date(Math.floor(Date.now() / day - ago) * day).toISOString());
  for (const [locale, width] of [["en", 320], ["de", 380], ["ar", 380]]) {
    const page = await openElements([await session(demo, "UA", { permissions: { locale } })], { viewport: { width, height: 844 } });
    const element = page.locator("emban-dashboard");
    const chosen = element.locator(".em-seg-item.em-on[data-a=dates]");
    await element.locator(".em-seg").waitFor();
    await element.evaluate((one, timestamp) => one.setFilters({ dateRanges: { timestamp } }), { from, to });
    await chosen.waitFor();
    const out = await element.locator(".em-head").evaluate((head) => {
      const room = head.getBoundingClientRect();
      return [...head.querySelectorAll(".em-seg-item")].filter((item) => {
        const box = item.getBoundingClientRect();
        return box.left < room.left - 1 || box.right > room.right + 1 || item.scrollWidth > item.clientWidth + 1;
      }).map((item) => item.textContent);
    });
    assert.deepEqual(out, [], `${locale} at ${width}`);
    assert.ok((await overflow(page)) <= 0, locale);
    await page.context().close();
  }
});
