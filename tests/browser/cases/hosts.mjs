// Pages that make it hard: strict policies, sandboxes, frameworks that mount twice, parts that are hidden at first, zoom.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { dashboard, number } from "../support/dashboard.mjs";
import { session, until } from "../support/demo.mjs";
import { figures } from "../support/flights.mjs";
import { badCharts } from "../support/looks.mjs";
import { openElements, openFrame, openScript } from "../support/pages.mjs";
import { strictReact } from "../support/react.mjs";
import { browser, demo, host } from "../support/stage.mjs";

const departures = () => figures("UA", demo.shift, "UTC").departures;

/** Every chart has the width of its card. */
const fits = (root) => root.evaluate((top) => [...top.querySelectorAll(".em-plot")].every((plot) => {
  const chart = plot.querySelector("svg");
  return chart !== null && Math.abs(plot.clientWidth - Number(chart.getAttribute("width"))) < 1;
}));

test("a page under a strict policy needs the directives of the documentation and no others", async () => {
  const page = await openScript({ path: "/strict" });
  await page.evaluate((url) => void Emban.mount(document.body, { embedUrl: url, theme: { primaryColor: "rgb(200, 30, 90)" } }), await session(demo, "UA"));
  await page.shown.ready();
  assert.equal(number(await page.shown.number("Departures")), departures());
  await page.shown.root.getByRole("button", { name: "Last 7 days" }).click();
  await until("filters work", async () => number(await page.shown.number("Departures")) < departures());
  const bar = page.shown.card("Top destinations").locator(".eb-bar").first();
  assert.equal(await bar.evaluate((path) => getComputedStyle(path).fill), "rgb(200, 30, 90)", "colours are set");
  await page.shown.root.getByRole("button", { name: "Custom" }).click();
  const [panel, opener] = await Promise.all([page.shown.root.getByRole("dialog").boundingBox(), page.shown.root.getByRole("button", { name: "Custom" }).boundingBox()]);
  assert.ok(Math.abs(panel.y - opener.y - opener.height) < 12, "positions are set");
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

for (const [name, sandbox, permissions] of [
  ["with its origin", "allow-scripts allow-same-origin", () => ({ allowed_origins: [host.origin] })],
  ["without an origin", "allow-scripts", () => ({})],
]) {
  test(`a sandboxed frame works (${name})`, async () => {
    const page = await openFrame(await session(demo, "UA", { permissions: permissions() }), { sandbox });
    await page.shown.ready();
    assert.equal(number(await page.shown.number("Departures")), departures());
    await page.shown.root.getByRole("button", { name: "Last 7 days" }).click();
    await until("filters work", async () => number(await page.shown.number("Departures")) < departures());
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  });
}

test("inside React's StrictMode, which mounts twice, there is one dashboard", async () => {
  const page = await openScript();
  await page.addScriptTag({ content: strictReact() });
  const [first, other] = [await session(demo, "UA"), await session(demo, "HA")];
  await page.evaluate((url) => window.show(url), first);
  await page.shown.ready();
  const mounts = () => page.evaluate(() => window.told.filter(({ type }) => type === "mount").length);
  assert.equal(await mounts(), 2, "React mounted twice");
  assert.equal(await page.locator("emban-dashboard").count(), 1);
  assert.equal(await page.locator(".em-root").count(), 1);
  assert.equal(await page.evaluate(() => window.told.filter(({ type }) => type === "ready").length), 1);
  assert.equal(number(await page.shown.number("Departures")), departures());
  await page.evaluate((url) => window.show(url), other);
  await until("the other tenant is shown", async () => number(await page.shown.number("Departures")) === figures("HA", demo.shift, "UTC").departures);
  assert.equal(await page.locator("emban-dashboard").count(), 1);
  await page.evaluate(() => window.unmount());
  assert.equal(await page.locator("emban-dashboard").count(), 0);
  assert.equal(page.asked.filter((url) => url.endsWith(".wasm")).length, 1);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("filters and a session that the host gives at first hold, as the API answers it", async () => {
  const page = await openScript();
  await page.evaluate((url) => void Emban.mount(document.body, {
    getSession: async () => ({ session_id: "es_1", embed_url: url }), filters: { period: "7d" },
  }), await session(demo, "UA"));
  await page.shown.ready();
  assert.equal(await page.shown.root.getByRole("button", { name: "Last 7 days" }).getAttribute("aria-pressed"), "true");
  const shown = number(await page.shown.number("Departures"));
  assert.ok(shown > 0 && shown < departures(), `${shown} of ${departures()}`);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("an element that moves keeps its dashboard", async () => {
  const page = await openElements([await session(demo, "UA")]);
  await page.shown.ready();
  await page.locator(".em-root").evaluate((root) => (root.marked = true));
  await page.evaluate(() => {
    const place = document.createElement("section");
    document.body.append(place);
    place.append(document.querySelector("emban-dashboard"));
  });
  // The element looks where it is in the next task.
  await page.evaluate(() => new Promise((done) => setTimeout(done)));
  assert.equal(await page.locator("section .em-root").evaluate((root) => root.marked), true);
  await page.context().close();
});

test("a handle of Emban.mount does what the protocol can, and tells what it tells", async () => {
  const page = await openScript();
  await page.evaluate(([url, other]) => {
    const tell = (type) => (detail) => window.told.push({ type, ...detail });
    window.other = other;
    window.handle = Emban.mount(document.body, {
      embedUrl: url, theme: "dark", filters: { period: "7d" },
      onReady: tell("ready"), onResize: tell("resize"), onData: tell("data"), onPeriodChange: tell("period-change"), onFilter: tell("filter"), onError: tell("error"),
    });
  }, [await session(demo, "UA"), await session(demo, "HA")]);
  await page.shown.ready();
  const call = (method, ...args) => page.evaluate(([name, rest]) => void window.handle[name](...rest), [method, args]);
  const shown = async () => number(await page.shown.number("Departures"));
  const ground = () => page.locator(".em-root").evaluate((root) => getComputedStyle(root).backgroundColor);
  assert.ok((await shown()) < departures(), "the filters given at first hold");
  assert.equal(await ground(), "rgb(14, 16, 19)");
  await call("setTheme", "light");
  await until("it is light", async () => (await ground()) === "rgb(246, 247, 249)");
  await call("setTheme", { backgroundColor: "rgb(1, 2, 3)" });
  await until("it has the host's colour", async () => (await ground()) === "rgb(1, 2, 3)");
  await call("setTheme", {});
  await until("the colour is taken back", async () => (await ground()) === "rgb(246, 247, 249)");
  await call("setFilters", { period: "30d" });
  await until("the month is shown", async () => (await shown()) === departures());
  await page.shown.root.getByRole("button", { name: "Last 7 days" }).click();
  assert.equal((await until("the period is told", () => page.told("period-change"))).period, "7d");
  // A question that is overtaken is given up, and the browser calls that a failure.
  await until("the week is shown", async () => (await shown()) < departures());
  await page.forget();
  await call("reload");
  await until("fresh figures are told", () => page.told("data"));
  await page.evaluate(() => window.handle.setEmbedUrl(window.other));
  await until("the other tenant is shown", async () => (await shown()) === figures("HA", demo.shift, "UTC").departures);
  assert.ok((await page.told("resize"))?.height !== 0);
  await call("destroy");
  await call("reload");
  assert.equal(await page.locator("emban-dashboard").count(), 0);
  assert.equal(await page.told("error"), undefined);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("what of a theme is no colour is named, and the rest is taken", async () => {
  const page = await openScript();
  await page.evaluate((url) => {
    const onError = (detail) => window.told.push({ type: "error", ...detail });
    window.handle = Emban.mount(document.body, { embedUrl: url, onError, theme: { primaryColor: "bluish", cardBackground: "rgb(1, 2, 3)" } });
  }, await session(demo, "UA"));
  await page.shown.ready();
  const said = async () => {
    const { code, message } = await until("the host is told", () => page.told("error"));
    await page.forget();
    return [code, message];
  };
  const ground = () => page.shown.card("Departures").evaluate((card) => getComputedStyle(card).backgroundColor);
  assert.deepEqual(await said(), ["malformed", "theme: cannot read primaryColor"]);
  assert.equal(await ground(), "rgb(1, 2, 3)");
  const set = (theme) => page.evaluate((asked) => window.handle.setTheme(asked), theme);
  await set({ textColor: "12px", accent: "red", cardBackground: "rgb(4, 5, 6)" });
  assert.deepEqual(await said(), ["malformed", "theme: cannot read textColor, accent"]);
  assert.equal(await ground(), "rgb(4, 5, 6)");
  for (const [theme, name] of [["blue", "colorScheme"], [{ accent: "red" }, "accent"]]) {
    await set(theme);
    assert.deepEqual(await said(), ["malformed", `theme: cannot read ${name}`]);
    assert.equal(await ground(), "rgb(4, 5, 6)", "nothing to take changes nothing");
  }
  await set({});
  assert.equal(await ground(), "rgb(255, 255, 255)");
  assert.equal(await page.told("error"), undefined);
  await page.context().close();
});

test("a dashboard has its host's letters, and no name but the host's", async () => {
  const page = await openScript();
  await page.evaluate((url) => {
    document.body.style.fontFamily = "Georgia, serif";
    Emban.mount(document.body, { embedUrl: url });
  }, await session(demo, "UA"));
  await page.shown.ready();
  const fonts = await page.locator(".em-root").evaluate((root) => [...new Set([...root.querySelectorAll(".em-title, .em-btn, .em-stat-value, .em-svg text, td")].map((one) => getComputedStyle(one).fontFamily))]);
  assert.deepEqual(fonts, ["Georgia, serif"]);
  assert.doesNotMatch(await page.locator(".em-root").innerText(), /emban/i);
  await page.context().close();
});

test("what is not displayed at first is drawn when it is", async () => {
  const page = await openScript();
  await page.evaluate((url) => {
    document.body.innerHTML = '<div id="tab" style="display:none"></div>';
    Emban.mount(document.getElementById("tab"), { embedUrl: url, onReady: () => window.told.push({ type: "ready" }) });
  }, await session(demo, "UA"));
  await until("it is ready unseen", () => page.told("ready"));
  await page.evaluate(() => (document.getElementById("tab").style.display = ""));
  await until("every chart has its width", () => fits(page.shown.root));
  assert.deepEqual(await badCharts(page.shown.root), []);
  await page.context().close();

  const framed = await openFrame("about:blank");
  await framed.evaluate((url) => {
    const frame = document.querySelector("iframe");
    frame.style.display = "none";
    frame.src = url;
  }, await session(demo, "UA"));
  await until("the frame is ready unseen", () => framed.told("ready"));
  await framed.evaluate(() => (document.querySelector("iframe").style.display = "block"));
  const inside = dashboard(framed.frameLocator("iframe").locator("body"));
  await until("every chart in the frame has its width", () => fits(inside.root));
  await until("the frame has the height of its content", async () =>
    (await framed.locator("iframe").boundingBox()).height === (await framed.told("resize"))?.height);
  assert.deepEqual(framed.trouble, []);
  await framed.context().close();
});

for (const deviceScaleFactor of [1.1, 1.5]) {
  test(`a frame on a page at ${Math.round(deviceScaleFactor * 100)} % finds one height and stays there`, async () => {
    const page = await openFrame(await session(demo, "UA"), { viewport: { width: 1003, height: 701 }, deviceScaleFactor });
    await page.shown.ready();
    const counted = () => page.evaluate(() => window.told.filter(({ type }) => type === "resize").length);
    const frames = (count) => page.evaluate(async (wanted) => {
      for (let at = 0; at < wanted; at += 1) await new Promise(requestAnimationFrame);
    }, count);
    await until("the frame has the height of its content", async () =>
      Math.abs((await page.locator("iframe").boundingBox()).height - ((await page.told("resize"))?.height ?? 0)) < 1);
    await frames(5);
    const settled = await counted();
    await frames(60);
    assert.equal(await counted(), settled, "no height is told any more");
    assert.ok(settled <= 4, `${settled} heights were told`);
    await page.context().close();
  });
}

test("a page in strict TypeScript compiles with the types, and its mistakes do not", () => {
  const compiler = join(process.env.EMBAN_NPM_TOOLS, "node_modules/typescript/bin/tsc");
  const page = new URL("../support/host.ts", import.meta.url).pathname;
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "preserve", "--allowImportingTsExtensions"];
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...options, page], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

test("the types name what the script has", async () => {
  const types = readFileSync(new URL("../../../www/embed/embed.d.ts", import.meta.url), "utf8");
  const named = (head) => {
    const [, body] = types.match(new RegExp(`interface ${head}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`));
    return [...body.matchAll(/^ {2}(?:readonly )?"?([\w-]+)"?\??[:(]/gm)].map(([, name]) => name);
  };
  const events = named("EmbanEvents");
  const page = await openScript();
  const found = await page.evaluate((types) => {
    const read = new Set();
    const options = new Proxy({}, { get: (_, name) => void read.add(name) });
    const { element, ...methods } = Emban.mount(document.body, options);
    element.remove();
    const handlers = types.map((type) => `on${type.replace(/(^|-)(.)/g, (_, dash, letter) => letter.toUpperCase())}`);
    return { options: [...read], methods: Object.keys(methods), handlers, own: Object.getOwnPropertyNames(element.constructor.prototype) };
  }, events);
  const sorted = (names) => [...names].sort();
  assert.deepEqual(sorted(found.options), sorted(named("EmbanOptions")));
  assert.deepEqual(sorted(found.methods), sorted([...named("EmbanMethods"), ...named("EmbanHandle").filter((name) => name !== "element")]));
  assert.deepEqual(sorted(found.handlers), sorted(named("EmbanOptions").filter((name) => name.startsWith("on"))));
  for (const name of [...named("EmbanMethods"), ...named("EmbanDashboardElement")]) assert.ok(found.own.includes(name), name);
  await page.context().close();
});

// On narrow containers the filters take as many lines as they need, which nobody knows before.
for (const [width, within] of [[1280, 16], [700, 60], [380, 60]]) {
  test(`what the script tag shows while it waits has the places of what comes (${width} px)`, async () => {
    const page = await browser.page({ viewport: { width, height: 900 } });
    let go;
    await page.route(/\.wasm$/, (route) => new Promise((done) => (go = done)).then(() => route.continue()));
    await page.goto(host.origin);
    await page.evaluate(([address, script]) => {
      const element = document.createElement("emban-dashboard");
      element.setAttribute("embed-url", address);
      document.body.append(element);
      return import(script);
    }, [await session(demo, "UA"), `${demo.edge}/embed.js`]);
    const element = page.locator("emban-dashboard");
    const top = (selector) => element.locator(selector).first().evaluate((card) =>
      card.getBoundingClientRect().top - document.querySelector("emban-dashboard").getBoundingClientRect().top);
    const waiting = await top("i");
    await until("the runtime is asked for", () => go);
    go();
    await element.locator(".em-stat-value").first().waitFor();
    assert.ok(Math.abs((await top(".em-card")) - waiting) <= within, `${waiting} px, then ${await top(".em-card")}`);
    const shifts = await page.evaluate(() => new Promise((done) => {
      setTimeout(() => done(0), 500);
      new PerformanceObserver((list) => done(list.getEntries().reduce((sum, { value }) => sum + value, 0))).observe({ type: "layout-shift", buffered: true });
    }));
    console.log(`# layout shift by script tag: ${shifts.toFixed(3)}`);
    assert.ok(shifts < 0.1, `layout shift ${shifts}`);
    await page.context().close();
  });
}
