// A session's end is put off whatever the viewer's clock says and however the host answers.
import assert from "node:assert/strict";
import { test } from "node:test";

import { session, until } from "../support/demo.mjs";
import { openScript } from "../support/pages.mjs";
import { demo } from "../support/stage.mjs";

const DAY_MS = 86_400_000;
/** Of the sessions here, in seconds; half of it is left when a new one is asked for. */
const LIFE = 120;

/** Timers of the clock that is installed have numbers beyond 32 bits, which no browser's have and a wasm module cannot hold. */
function smallIds() {
  const [set, clear, ids] = [window.setTimeout, window.clearTimeout, [0]];
  window.setTimeout = (...args) => ids.push(set(...args)) - 1;
  window.clearTimeout = (id) => clear(ids[id]);
}

/** Mounts a dashboard that renews by itself under a clock of ours. `host` says, each time it is asked, how it answers. */
async function mounted({ skewMs = 0, host = () => "give" } = {}) {
  let asked = 0;
  const page = await openScript({
    async prepare(page) {
      await page.clock.install({ time: Date.now() + skewMs });
      await page.addInitScript(smallIds);
      await page.exposeFunction("answerOfHost", () => {
        asked += 1;
        return host(asked);
      });
      await page.exposeFunction("freshSession", () => session(demo, "UA", { expiresIn: LIFE }));
    },
  });
  let surfaces = 0;
  page.on("response", (response) => (surfaces += Number(response.url().endsWith("/v1/embed/surface") && response.ok())));
  await page.evaluate((first) => {
    const tell = (type) => (detail) => window.told.push({ type, ...detail });
    Emban.mount(document.body, {
      embedUrl: first,
      async getSession() {
        const answer = await window.answerOfHost();
        if (answer === "give") return window.freshSession();
        if (answer === "never") return new Promise(() => {});
        if (answer === "late") return new Promise((done) => { window.answerLate = async () => done(await window.freshSession()); });
        throw new Error("the backend is down");
      },
      onError: tell("error"), onData: tell("data"), onSessionExpiring: tell("session-expiring"), onSessionExpired: tell("session-expired"),
    });
  }, await session(demo, "UA", { expiresIn: LIFE }));
  await page.shown.ready();
  return Object.assign(page, {
    calls: () => asked,
    /** How many sessions have begun. */
    surfaces: () => surfaces,
    /** Lets so many seconds pass, and whatever they make due be done. */
    pass: (seconds) => page.clock.fastForward(seconds * 1000),
    /** How often a type was told. */
    count: (type) => page.evaluate((wanted) => window.told.filter((message) => message.type === wanted).length, type),
    banner: page.locator("emban-dashboard").getByText("Session ended"),
  });
}

for (const [name, skewMs] of [["a year ahead", 365 * DAY_MS], ["a year behind", -365 * DAY_MS]]) {
  test(`a clock that is ${name} neither ends a session nor keeps it`, async () => {
    const page = await mounted({ skewMs });
    await page.pass(LIFE / 2 - 5);
    assert.equal(page.calls(), 0, "nothing is asked before its time");
    await page.pass(10);
    await until("the host is asked", () => page.calls() === 1);
    await until("the new session is here", () => page.surfaces() === 2);
    let passed = 0;
    await until("and asked again", async () => {
      await page.pass(5);
      passed += 5;
      return page.calls() === 2;
    });
    assert.ok(passed >= LIFE / 2 - 5 && passed <= LIFE / 2 + 20, `asked again after ${passed} seconds`);
    assert.deepEqual([await page.count("session-expired"), await page.count("error")], [0, 0]);
    assert.equal(await page.count("session-expiring"), 2);
    await page.context().close();
  });
}

test("a host that fails is asked again, later each time, and the figures stay", async () => {
  const page = await mounted({ host: (time) => (time < 3 ? "fail" : "give") });
  await page.pass(LIFE / 2 + 1);
  await until("the first failure is told", async () => (await page.count("error")) === 1);
  assert.equal((await page.told("error")).code, "get_session_failed");
  await page.pass(1);
  assert.equal(page.calls(), 1, "two seconds are waited");
  await page.pass(2);
  await until("the second failure is told", async () => (await page.count("error")) === 2);
  await page.pass(3);
  assert.equal(page.calls(), 2, "then four");
  await page.pass(2);
  await until("the third answer is a session", () => page.surfaces() === 2);
  assert.equal(await page.count("session-expired"), 0);
  assert.equal(await page.locator("emban-dashboard .em-stat-value").count() > 0, true);
  await page.context().close();
});

test("a host that is down at the end is asked on, and the dashboard comes back with it", async () => {
  let down = true;
  const page = await mounted({ host: () => (down ? "fail" : "give") });
  await page.pass(LIFE / 2 + 1);
  await until("the failure is told", async () => (await page.count("error")) > 0);
  await page.pass(LIFE / 2);
  await until("the end is told", async () => (await page.count("session-expired")) === 1);
  await page.banner.waitFor();
  down = false;
  await until("the dashboard is back", async () => {
    await page.pass(70);
    return (await page.banner.count()) === 0;
  });
  assert.equal(await page.count("session-expired"), 1, "an end is told once");
  await page.context().close();
});

test("a host that never answers is asked again, and the end is not hidden", async () => {
  const page = await mounted({ host: (time) => (time === 1 ? "never" : "fail") });
  await page.pass(LIFE / 2 + 1);
  await until("the host is asked", () => page.calls() === 1);
  await page.pass(21);
  await until("the wait ends", async () => (await page.count("error")) === 1);
  await page.pass(3);
  await until("it is asked again", () => page.calls() >= 2);
  await page.pass(LIFE / 2);
  await page.banner.waitFor();
  assert.equal(await page.count("session-expired"), 1);
  await page.context().close();
});

test("a late answer is an answer", async () => {
  const page = await mounted({ host: () => "late" });
  await page.pass(LIFE / 2 + 1);
  await until("the host is asked", () => page.calls() === 1);
  await page.pass(LIFE / 2);
  await page.banner.waitFor();
  await page.evaluate(() => window.answerLate());
  await page.banner.waitFor({ state: "detached" });
  await until("the session is here", () => page.surfaces() === 2);
  await page.context().close();
});

test("an element that was taken off the page asks nobody for anything", async () => {
  const page = await mounted();
  await page.evaluate(() => document.querySelector("emban-dashboard").remove());
  // The element is gone with the next task.
  await page.pass(1);
  const before = [page.calls(), page.asked.length];
  for (let minute = 0; minute < 10; minute += 1) await page.pass(60);
  assert.deepEqual([page.calls(), page.asked.length], before, "hosts and servers asked");
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("figures come by themselves when they are due, and not for a tab that nobody sees", async () => {
  const page = await mounted();
  const queries = () => page.asked.filter((url) => url.endsWith("/v1/embed/query")).length;
  const opened = queries();
  await page.pass(20);
  await until("they are asked for", () => queries() === opened + 1);
  const hide = (hidden) => page.evaluate((now) => {
    Object.defineProperty(document, "hidden", { value: now, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await until("they are here", async () => (await page.count("data")) === 2);
  await hide(true);
  await page.pass(20);
  await page.pass(20);
  assert.equal(queries(), opened + 1);
  await hide(false);
  await until("whoever comes back sees new ones", () => queries() > opened + 1);
  await page.context().close();
});

test("a dashboard without a connection says so, keeps its figures, and mends itself", async () => {
  const page = await mounted();
  const shown = await page.shown.number("Departures");
  await page.context().setOffline(true);
  await page.shown.root.getByRole("button", { name: "Refresh" }).click();
  const notice = page.shown.root.getByText("No connection").first();
  await notice.waitFor();
  assert.equal(await page.shown.number("Departures"), shown);
  await page.context().setOffline(false);
  await notice.waitFor({ state: "detached" });
  await page.context().close();
});
