// What an embed keeps of its session, and what it does when there is none.
import assert from "node:assert/strict";
import { test } from "node:test";

import { dashboard, number } from "../support/dashboard.mjs";
import { admin, session, until } from "../support/demo.mjs";
import { figures } from "../support/flights.mjs";
import { openDocument, openElements, openFrame } from "../support/pages.mjs";
import { browser, demo, host } from "../support/stage.mjs";

test("the token leaves the address bar, and nothing is kept in the browser", async () => {
  const url = await session(demo, "UA");
  const page = await openDocument(url);
  await page.shown.ready();
  assert.equal(page.url(), url.split("?")[0]);
  const kept = await page.evaluate(async () => [
    document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length,
  ]);
  assert.deepEqual(kept, ["", 0, 0, 0, 0]);
  assert.deepEqual(await page.context().cookies(), []);
  assert.ok(!(await page.content()).includes(url.split("token=")[1]), "the token is not in the document");
  assert.deepEqual(page.trouble, []);
  assert.ok(page.asked.every((asked) => asked.startsWith(demo.edge) || asked.startsWith("data:")), page.asked.join("\n"));
  await page.context().close();
});

test("a dashboard outlives the collection of garbage", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  const before = await page.shown.number("Departures");
  for (let turn = 0; turn < 3; turn += 1) await page.requestGC();
  // A finaliser runs some time after the collection: a filter's round trip lets it.
  await page.getByText("7d", { exact: true }).click();
  await until("the week is shown", async () => (await page.shown.number("Departures")) !== before);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("two dashboards on one page share one runtime and keep their tenants apart", async () => {
  const airlines = ["UA", "HA"];
  const page = await openElements(await Promise.all(airlines.map((airline) => session(demo, airline))));
  const all = page.locator("emban-dashboard");
  for (const [at, airline] of airlines.entries()) {
    const shown = dashboard(all.nth(at));
    await shown.ready();
    assert.equal(number(await shown.number("Departures")), figures(airline, demo.shift, "UTC").departures);
  }
  assert.equal(page.asked.filter((url) => url.endsWith(".wasm")).length, 1);
  await page.evaluate(() => document.querySelector("emban-dashboard").remove());
  await page.evaluate(() => document.querySelector("emban-dashboard").setFilters({ period: "7d" }));
  const left = dashboard(all.first());
  await until("the other one still answers", async () => number(await left.number("Departures")) < 20);
  const kept = await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, ["", 0, 0]);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("what was done to the cards of one tenant is not done to the next one's", async () => {
  const permissions = { timezone: "America/New_York" };
  const [first, second] = await Promise.all(["UA", "DL"].map((airline) => session(demo, airline, { permissions })));
  const page = await openElements([first]);
  await page.shown.ready();
  const routes = page.shown.card("Routes");
  const sorted = () => routes.locator("th[aria-sort=ascending], th[aria-sort=descending]").count();
  const punctuality = page.shown.card("Punctuality by day");
  const off = () => punctuality.locator(".em-key.em-off").count();
  await routes.locator("th button").last().click();
  await punctuality.locator(".em-key").first().click();
  await routes.hover();
  await routes.getByRole("button", { name: "View rows" }).click();
  const sheet = page.getByRole("dialog", { name: "Rows" });
  await sheet.locator("tbody tr").first().waitFor();
  await until("it is sorted, and a series is off", async () => (await sorted()) === 1 && (await off()) === 1);
  const departures = await page.shown.number("Departures");
  await page.evaluate((url) => document.querySelector("emban-dashboard").setEmbedUrl(url), second);
  await until("the other airline is shown", async () => (await page.shown.card("Departures").locator(".em-stat-value").count()) > 0 && (await page.shown.number("Departures")) !== departures);
  assert.deepEqual([await sheet.count(), await sorted(), await off()], [0, 0, 0]);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

/** The ways to give a dashboard another address: how to open one, and how to say it. */
const SWAPS = [
  ["element", (url) => openElements([url]), (page) => (url) => page.evaluate((next) => document.querySelector("emban-dashboard").setEmbedUrl(next), url)],
  ["frame", openFrame, (page) => (embedUrl) => page.say("setSession", { embedUrl })],
];

for (const [way, open, saying] of SWAPS) {
  test(`an address that cannot be followed is named and leaves what is shown, unless it is another tenant's (${way})`, async () => {
    const [url, again, other] = await Promise.all(["UA", "UA", "HA"].map((airline) => session(demo, airline)));
    const page = await open(url);
    await page.shown.ready();
    const swap = saying(page);
    const departures = await page.shown.number("Departures");
    const elsewhere = (address) => address.replace(demo.edge, "https://analytics.example");
    const refused = async (address, message) => {
      await page.forget();
      await swap(address);
      const error = await until("the host is told", () => page.told("error"));
      assert.deepEqual([error.code, error.message], ["malformed", message]);
    };
    const [nothing, foreign] = ["embedUrl is not the address of an embed", "embedUrl belongs to another origin"];
    for (const [address, message] of [
      ["undefined", nothing], [`${demo.edge}/dashboards/1`, nothing], [`${url.split("token=")[0]}token=abc`, nothing],
      [`${url.split("token=")[0]}token=a.b.c`, nothing], [elsewhere(again), foreign],
    ]) {
      await refused(address, message);
      assert.equal(await page.shown.number("Departures"), departures, address);
    }
    await page.shown.root.getByRole("button", { name: "Last 7 days" }).click();
    await until("the session is still asked", async () => (await page.shown.number("Departures")) !== departures);

    await refused(elsewhere(other), foreign);
    await page.shown.root.getByRole("alert").waitFor();
    assert.equal(await page.shown.root.locator(".em-stat-value").count(), 0, "no figure of the former tenant stays");
    await swap(other);
    await page.shown.ready();
    assert.equal(number(await page.shown.number("Departures")), figures("HA", demo.shift, "UTC").departures);
    await refused(again.replace("/embed/", "/"), nothing);
    await page.shown.root.getByRole("alert").waitFor();
    assert.equal(await page.shown.root.locator(".em-stat-value").count(), 0);
    assert.deepEqual(page.trouble.filter((what) => !what.includes("ERR_ABORTED")), []);
    await page.context().close();
  });
}

test("an address whose session is refused shows the end, not the former figures", async () => {
  const url = await session(demo, "UA");
  const page = await openElements([url]);
  await page.shown.ready();
  await page.evaluate((next) => document.querySelector("emban-dashboard").setEmbedUrl(next), `${url.slice(0, -6)}AAAAAA`);
  await page.locator("emban-dashboard").getByRole("alert").waitFor();
  assert.equal(await page.locator("emban-dashboard .em-stat-value").count(), 0);
  await until("the host hears that it needs another session", () => page.told("session-expired"));
  await page.context().close();
});

test("a token that does not hold shows a card and tells the host", async () => {
  const url = await session(demo, "UA");
  const page = await openElements([`${url.slice(0, -6)}AAAAAA`]);
  await page.locator("emban-dashboard").getByRole("alert").getByText("cannot be opened").waitFor();
  const error = await until("the host hears of it", () => page.told("error"));
  assert.equal(error.code, "unauthorized");
  assert.equal(await page.told("session-expired"), undefined, "what never began does not end");
  assert.equal(await page.locator("emban-dashboard .em-card").count(), 0);
  assert.equal(await page.told("ready"), undefined);
  await page.context().close();
});

test("a frame whose session does not hold says so to its viewer and to its host", async () => {
  const url = await session(demo, "UA");
  const page = await openFrame(`${url.slice(0, -6)}AAAAAA`);
  await page.shown.root.getByRole("alert").getByText("This session is not valid").waitFor();
  const error = await until("the host is told", () => page.told("error"));
  assert.deepEqual([error.code, error.origin], ["unauthorized", demo.edge]);
  await until("the host hears that it needs another session", () => page.told("session-expired"));
  assert.equal(await page.shown.root.evaluate(() => location.search), "", "the token leaves the frame's address");
  assert.deepEqual(page.trouble.filter((text) => !text.includes("401")), []);
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

test("a host page replaces a session that was taken away", async () => {
  const page = await browser.page();
  await page.goto(`${demo.host}/?mode=frame&airline=B6`);
  const shown = dashboard(page.frameLocator("#embed iframe"));
  await shown.ready();
  const asked = () => page.asked.filter((url) => url === `${demo.host}/session`).length;
  assert.equal(asked(), 1);
  await admin(demo, "DELETE", "/v1/tenants/B6/embed-sessions");
  const refresh = shown.root.getByRole("button", { name: "Refresh" });
  await until("the page asks for another session", async () => {
    await refresh.click();
    return asked() > 1;
  });
  await shown.root.getByText("Session ended").waitFor({ state: "detached" });
  await page.context().close();
});

const RUNTIME = /\/assets\/.*\.wasm$/;

test("a host page does not notice that the runtime of its element fails to load", async () => {
  const page = await openElements([]);
  await page.route(RUNTIME, (route) => route.abort());
  await page.evaluate((url) => {
    const element = document.createElement("emban-dashboard");
    element.addEventListener("emban:error", ({ detail }) => window.told.push({ type: "error", ...detail }));
    element.embedUrl = url;
    document.body.append(element);
  }, await session(demo, "UA"));
  await page.locator("emban-dashboard").getByRole("alert").waitFor();
  assert.equal((await until("the host is told", () => page.told("error"))).code, "load_failed");
  assert.deepEqual(page.trouble.filter((text) => !text.includes("ERR_FAILED")), []);
  // What failed is tried again with the next element.
  await page.unroute(RUNTIME);
  await page.evaluate((url) => {
    const element = document.createElement("emban-dashboard");
    element.embedUrl = url;
    document.body.replaceChildren(element);
  }, await session(demo, "UA"));
  await page.shown.ready();
  await page.context().close();
});

test("a frame whose runtime fails to load says so to its viewer and to its host", async () => {
  const page = await openFrame("about:blank");
  await page.route(RUNTIME, (route) => route.abort());
  await page.evaluate((url) => { document.querySelector("iframe").src = url; }, await session(demo, "UA"));
  await page.shown.root.getByRole("alert").getByText("could not be loaded").waitFor();
  const error = await until("the host is told", () => page.told("error"));
  assert.deepEqual([error.code, error.origin], ["load_failed", demo.edge]);
  assert.equal(page.url(), `${host.origin}/`);
  await page.context().close();
});
