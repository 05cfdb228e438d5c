// What a frame and its host tell each other.
import assert from "node:assert/strict";
import { test } from "node:test";

import { number } from "../support/dashboard.mjs";
import { session, until } from "../support/demo.mjs";
import { openFrame } from "../support/pages.mjs";
import { demo, host } from "../support/stage.mjs";

/** Waits until the headline number passes a check, and answers with it. */
const departures = (page, passes) => until("the number of departures changes", async () => {
  const now = number(await page.shown.number("Departures"));
  return passes(now) && now;
});

test("a frame tells its host when it is ready, how high it is and how old its data are", async () => {
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  const [ready, resize, data] = await until("all three are told", async () => {
    const all = await Promise.all(["ready", "resize", "data"].map(page.told));
    return all.every(Boolean) && all;
  });
  assert.deepEqual([ready, resize, data].map(({ origin, _emban }) => [origin, _emban]), Array(3).fill([demo.edge, true]));
  assert.ok(Date.parse(data.freshness) <= Date.now(), data.freshness);
  await until("the frame is as high as its content", async () => {
    const { height } = await page.told("resize");
    return height === await page.frames()[1].evaluate(() => document.documentElement.scrollHeight);
  });
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("a frame grows with its content and shrinks with it", async () => {
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  const height = async () => (await page.told("resize")).height;
  const settled = (what, passes) => until(what, async () => {
    const now = await height();
    return passes(now) && now;
  });
  const wide = await settled("it has a height", (now) => now > 1000);
  await page.setViewportSize({ width: 420, height: 900 });
  await settled("cards below each other are higher", (now) => now > wide * 1.4);
  await page.setViewportSize({ width: 1280, height: 900 });
  await settled("beside each other they are as before", (now) => now === wide);
  await page.say("setFilters", { filters: { period: "30d", dimensions: { origin: ["EWR"] } } });
  await page.shown.root.locator(".em-chip").waitFor();
  assert.equal(await height(), wide, "a choice stands in a line that is there already");
  await page.context().close();
});

test("a frame takes filters from its host, and says what is wrong with them", async () => {
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  const month = number(await page.shown.number("Departures"));
  await page.say("setFilters", { filters: { period: "7d" } });
  const week = await departures(page, (now) => now < month);
  assert.ok(week > 0);
  await page.say("setFilters", { filters: { period: "30d", dimensions: { origin: ["EWR", "LGA"] } } });
  const two = await departures(page, (now) => now > week && now < month);
  const airports = await page.shown.table("Departures by airport");
  assert.deepEqual(airports.rows.map(([airport]) => airport).sort(), ["LaGuardia", "Newark"]);
  assert.equal(airports.rows.reduce((sum, [, count]) => sum + number(count), 0), two);
  await page.forget();
  await page.say("setFilters", { filters: { tenant_id: "DL" } });
  const error = await until("the host hears of the mistake", () => page.told("error"));
  assert.deepEqual([error.code, error.origin], ["malformed", demo.edge]);
  assert.equal(number(await page.shown.number("Departures")), two);
  const many = Array.from({ length: 201 }, (_, at) => `A${at}`);
  for (const [filters, named] of [[{ dimensions: { status: ["on_time", "delayed"] } }, "status (too many values)"],
    [{ dimensions: { origin: many } }, "origin (too many values)"]]) {
    await page.forget();
    await page.say("setFilters", { filters });
    const refused = await until("the host hears of what is too much", () => page.told("error"));
    assert.deepEqual([refused.code, refused.message], ["not_permitted", `filters: not offered by this session: ${named}`]);
    assert.equal(number(await page.shown.number("Departures")), two, "what was there stays");
  }
  await page.context().close();
});

test("a frame tells its host what its viewer does", async () => {
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  const month = number(await page.shown.number("Departures"));
  await page.shown.root.getByRole("button", { name: "Last 7 days" }).click();
  assert.equal((await until("the period is told", () => page.told("period-change"))).period, "7d");
  await departures(page, (now) => now < month);
  const bars = page.shown.card("Top destinations").locator(".em-hits");
  await bars.click({ position: { x: 120, y: (await bars.boundingBox()).height / 20 } });
  // The period is a filter, too.
  const filters = await until("the filter is told", async () => {
    const now = (await page.told("filter"))?.filters;
    return now?.dimensions && now;
  });
  assert.deepEqual([filters.period, Object.keys(filters.dimensions), filters.dimensions.dest.length], ["7d", ["dest"], 1]);
  const card = page.shown.card("Departures by day");
  await card.hover();
  await card.getByRole("button", { name: "View rows" }).click();
  const drill = await until("the rows are told", () => page.told("drill"));
  assert.equal(typeof drill.widget, "string");
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("a frame takes colours from its host", async () => {
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  const bar = page.shown.card("Top destinations").locator(".eb-bar.eb-s0").first();
  await bar.waitFor({ state: "attached" });
  const painted = async () => ({
    primaryColor: await bar.evaluate((path) => getComputedStyle(path).fill),
    ...await page.shown.card("Departures").evaluate((card) => ({
      backgroundColor: getComputedStyle(card.closest(".em-root")).backgroundColor,
      cardBackground: getComputedStyle(card).backgroundColor,
      cardBorder: getComputedStyle(card).borderTopColor,
      textColor: getComputedStyle(card.querySelector(".em-stat-value")).color,
      mutedColor: getComputedStyle(card.querySelector(".em-stat-previous")).color,
    })),
  });
  const theme = {
    primaryColor: "rgb(200, 30, 90)", backgroundColor: "rgb(250, 240, 230)", cardBackground: "rgb(255, 252, 250)",
    cardBorder: "rgb(230, 220, 210)", textColor: "rgb(40, 20, 30)", mutedColor: "rgb(110, 90, 100)",
  };
  await page.say("setTheme", { theme });
  await until("all six colours are the host's", async () => {
    const now = await painted();
    return Object.keys(theme).every((token) => now[token] === theme[token]);
  });
  await page.context().close();
});

test("a window that does not embed the frame is not heard", async () => {
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  const month = await page.shown.number("Departures");
  await until("data came", () => page.told("data"));
  await page.forget();
  // A frame of another origin beside ours, and one of the host's own origin: neither is the window above.
  for (const origin of [host.foreign, host.origin]) {
    await page.evaluate((address) => new Promise((loaded) => {
      const frame = document.createElement("iframe");
      frame.onload = loaded;
      frame.src = address;
      document.body.append(frame);
    }), `${origin}/beside`);
    const beside = page.frames().find((frame) => frame.url() === `${origin}/beside`);
    await beside.evaluate((edge) => {
      for (const message of [{ type: "setFilters", filters: { period: "24h" } }, { type: "setTheme", theme: { textColor: "red" } }]) {
        parent.frames[0].postMessage({ _emban: true, ...message }, edge);
      }
    }, demo.edge);
  }
  // What the host says afterwards is heard, so what was said before would have been.
  await page.say("reload");
  await until("the host's reload came through", () => page.told("data"));
  assert.equal(await page.told("filter"), undefined);
  assert.equal(await page.shown.number("Departures"), month);
  await page.context().close();
});

test("only a host that the session names may frame it", async () => {
  const permissions = { allowed_origins: [host.origin] };
  const named = await openFrame(await session(demo, "UA", { permissions }));
  await named.shown.ready();
  assert.deepEqual(named.trouble, []);
  const stranger = await openFrame(await session(demo, "UA", { permissions }), { origin: host.foreign });
  await until("the browser refuses", () => stranger.trouble.some((text) => text.includes("frame-ancestors")));
  assert.equal(await stranger.shown.root.locator(".em-root").count(), 0);
  assert.equal(await stranger.told("ready"), undefined);
  await named.context().close();
  await stranger.context().close();
});

test("another session takes the place of the first without a moment that shows both", async () => {
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  const inside = page.frames()[1];
  const headlines = () => inside.evaluate(() => [...document.querySelectorAll(".em-stat-value")].map((one) => one.textContent));
  const united = await headlines();
  await inside.evaluate(() => {
    window.seen = [];
    const note = () => window.seen.push([...document.querySelectorAll(".em-stat-value")].map((one) => one.textContent));
    new MutationObserver(note).observe(document.body, { childList: true, characterData: true, subtree: true });
  });
  await page.say("setSession", { embedUrl: await session(demo, "HA") });
  await departures(page, (now) => now < number(united[0]));
  const hawaiian = await headlines();
  // Numbers that both have tell nothing.
  const only = (mine, other) => mine.filter((text) => !other.includes(text));
  const has = (shown, texts) => shown.some((text) => texts.includes(text));
  const seen = await inside.evaluate(() => window.seen);
  assert.ok(seen.some((shown) => has(shown, only(hawaiian, united))), "the change was watched");
  const mixed = seen.filter((shown) => has(shown, only(united, hawaiian)) && has(shown, only(hawaiian, united)));
  assert.deepEqual(mixed, []);
  // What stays is what a dashboard shows that never had another session.
  const fresh = await openFrame(await session(demo, "HA"));
  await fresh.shown.ready();
  const text = async ({ shown }) => (await shown.root.innerText()).replace(/Updated .*/, "");
  const alone = await text(fresh);
  await until("nothing of the first is left", async () => (await text(page)) === alone);
  await fresh.context().close();
  assert.equal(page.frames()[1], inside);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("rows open where the viewer looks, and give the focus back", async () => {
  const page = await openFrame(await session(demo, "UA"), { viewport: { width: 1280, height: 700 } });
  await page.shown.ready();
  await until("the frame follows its content", async () => (await page.locator("iframe").boundingBox()).height > 1500);
  const card = page.shown.card("Routes");
  const button = card.getByRole("button", { name: "View rows" });
  await card.hover();
  await button.click();
  const sheet = page.shown.root.getByRole("dialog", { name: "Rows" });
  await sheet.locator("tbody tr").first().waitFor();
  const title = await sheet.getByRole("heading", { name: "Routes" }).boundingBox();
  assert.ok(title.y >= 0 && title.y + title.height <= 700, `the title stands at ${title.y} of 700`);
  await sheet.getByRole("button", { name: "Close" }).click();
  await sheet.waitFor({ state: "detached" });
  assert.ok(await button.evaluate((element) => element === document.activeElement));
  await page.context().close();
});
