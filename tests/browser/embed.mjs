// The embed in a browser: what it keeps, what it tells its host, how it looks when things are not as usual.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";

import { dashboard, number } from "./support/dashboard.mjs";
import { admin, session, startBrowser, startDemo, until } from "./support/demo.mjs";
import { figures } from "./support/flights.mjs";

const SCREENSHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
let demo;
let browser;

before(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  demo = await startDemo();
  browser = await startBrowser();
});

after(async () => {
  await browser?.stop();
  await demo?.stop();
});

/** Opens a document as an iframe would, by itself. */
async function open(url, options) {
  const page = await browser.page(options);
  await page.goto(url);
  return page;
}

/** A page of the host with the script tag's element for each address. */
async function openScript(urls, options) {
  const page = await browser.page(options);
  await page.goto(`${demo.host}/?mode=script&airline=UA`);
  await dashboard(page.locator("#embed emban-dashboard")).ready();
  await page.evaluate((addresses) => {
    window.told = [];
    document.querySelector("#embed").replaceChildren(...addresses.map((address) => {
      const element = document.createElement("emban-dashboard");
      for (const type of ["ready", "error", "data", "session-expired"]) {
        element.addEventListener(`emban:${type}`, ({ detail }) => window.told.push({ type, ...detail }));
      }
      element.setAttribute("embed-url", address);
      return element;
    }));
  }, urls);
  return page;
}

test("the token leaves the address bar, and nothing is kept in the browser", async () => {
  const url = await session(demo, "UA");
  const page = await open(url);
  await dashboard(page.locator("body")).ready();
  assert.equal(page.url(), url.split("?")[0]);
  const kept = await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, ["", 0, 0]);
  assert.ok(!(await page.content()).includes(url.split("token=")[1]), "the token is not in the document");
  assert.deepEqual(page.trouble, []);
  assert.ok(page.asked.every((asked) => asked.startsWith(demo.edge) || asked.startsWith("data:")), page.asked.join("\n"));
  await page.context().close();
});

test("a dashboard outlives the collection of garbage", async () => {
  const page = await open(await session(demo, "UA"));
  const shown = dashboard(page.locator("body"));
  await shown.ready();
  const before = await shown.number("Departures");
  for (let turn = 0; turn < 3; turn += 1) await page.requestGC();
  // A finaliser runs some time after the collection: a filter's round trip lets it.
  await page.getByText("7d", { exact: true }).click();
  await until("the week is shown", async () => (await shown.number("Departures")) !== before);
  await page.context().close();
});

test("a frame follows its host and tells it what happens", async () => {
  const page = await browser.page();
  await page.goto(`${demo.host}/?mode=frame&airline=UA`);
  const shown = dashboard(page.frameLocator("#embed iframe"));
  await shown.ready();
  await page.evaluate(() => {
    window.told = [];
    window.addEventListener("message", ({ data, origin }) => window.told.push({ origin, ...data }));
  });
  const before = number(await shown.number("Departures"));
  const send = (message) => page.evaluate(
    ([text, origin]) => document.querySelector("iframe").contentWindow.postMessage({ _emban: true, ...text }, origin), [message, demo.edge]);
  const told = (type) => page.evaluate((wanted) => window.told.find((message) => message.type === wanted), type);
  await send({ type: "setFilters", filters: { period: "7d" } });
  const week = await until("a week is shown", async () => {
    const now = number(await shown.number("Departures"));
    return now < before && now;
  });
  assert.ok(week > 0);
  assert.equal((await until("the host hears of data", () => told("data"))).origin, demo.edge);
  await send({ type: "setFilters", filters: { period: "30d", dimensions: { origin: ["EWR", "LGA"] } } });
  await until("two airports are shown", async () => {
    const now = number(await shown.number("Departures"));
    return now > week && now < before;
  });
  await send({ type: "setTheme", theme: { primaryColor: "rgb(255, 0, 0)" } });
  const bars = shown.card("Top destinations").locator("svg rect, svg path").last();
  await until("the colour is the host's", async () => (await page.frameLocator("#embed iframe").locator("html").getAttribute("style"))?.includes("255, 0, 0"));
  await bars.waitFor();
  await send({ type: "setFilters", filters: { tenant_id: "DL" } });
  assert.equal((await until("the host hears of the mistake", () => told("error"))).code, "malformed");
  await page.context().close();
});

test("two dashboards on one page share one runtime and keep their tenants apart", async () => {
  const urls = [await session(demo, "UA"), await session(demo, "HA")];
  const page = await openScript(urls);
  const all = page.locator("emban-dashboard");
  for (const [at, airline] of ["UA", "HA"].entries()) {
    const shown = dashboard(all.nth(at));
    await shown.ready();
    assert.equal(number(await shown.number("Departures")), figures(airline, demo.shift.days, "UTC").departures);
  }
  assert.equal(page.asked.filter((url) => url.endsWith(".wasm")).length, 1);
  await page.evaluate(() => document.querySelector("emban-dashboard").remove());
  await dashboard(all.first()).ready();
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("a session that does not hold shows a card and tells the host", async () => {
  const url = await session(demo, "UA");
  const page = await openScript([`${url.slice(0, -6)}AAAAAA`]);
  await page.locator("emban-dashboard").getByRole("alert").or(page.locator("emban-dashboard .em-whole")).first().waitFor();
  await until("the host hears of it", () => page.evaluate(() => window.told.find(({ type }) => type === "session-expired")));
  await page.locator("#embed").screenshot({ path: join(SCREENSHOTS, "refused.png") });
  await page.context().close();
});

test("a revoked session ends within ten seconds at the edge", async () => {
  const url = await session(demo, "UA");
  const token = new URL(url).searchParams.get("token");
  const ask = () => fetch(`${demo.edge}/v1/embed/surface`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await ask()).status, 200);
  const { sessions } = await admin(demo, "GET", "/v1/embed-sessions?tenant_id=UA");
  const id = JSON.parse(Buffer.from(token.split(".")[1], "base64url")).sub;
  assert.ok(sessions.some(({ session_id }) => session_id === id));
  await admin(demo, "DELETE", `/v1/embed-sessions/${id}`);
  await until("the edge refuses it", async () => (await ask()).status === 401, 10_000);
});

const LOOKS = [
  ["dashboard", "UA", {}],
  ["dark", "UA", { colorScheme: "dark" }],
  ["phone", "UA", { viewport: { width: 390, height: 844 } }],
  ["empty", "an airline without flights", {}],
];

for (const [name, airline, options] of LOOKS) {
  test(`nothing is cut off or empty without saying so (${name})`, async () => {
    const page = await open(await session(demo, airline, { permissions: { timezone: "America/New_York" } }), options);
    const shown = dashboard(page.locator("body"));
    await shown.ready();
    await page.evaluate(() => document.fonts.ready);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${overflow} px beyond the window`);
    const card = shown.card("Departures by day");
    if (name === "empty") await card.locator(".em-notice").waitFor();
    else await until("a line is drawn", async () => (await card.locator("svg path").count()) > 0);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  });
}
