// Whether everybody can use it: axe-core finds nothing in any state, and a keyboard reaches everything.
import assert from "node:assert/strict";
import { test } from "node:test";

import { violations } from "../support/axe.mjs";
import { session, until } from "../support/demo.mjs";
import { openDocument, openElements } from "../support/pages.mjs";
import { demo } from "../support/stage.mjs";

const NOBODY = "an airline without flights";

const card = (page, title) => page.shown.root.getByRole("region", { name: title, exact: true });
const tool = async (page, title, name) => {
  await card(page, title).hover();
  await card(page, title).getByRole("button", { name }).click();
};
const closed = async (page) => {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
};

/** States of a dashboard with figures: how to come there, and how to leave. */
const STATES = [
  ["as it opens", async () => {}, async () => {}],
  ["values open", async (page) => {
    await page.locator(".em-btn").and(page.getByRole("button", { name: "Destination", exact: true })).click();
    await page.locator(".em-option").first().waitFor();
  }, closed],
  ["bounds open", (page) => page.locator(".em-btn").and(page.getByRole("button", { name: "Distance, miles" })).click(), closed],
  ["dates open, and refused", async (page) => {
    await page.getByRole("button", { name: "Custom" }).click();
    await page.getByRole("dialog").getByLabel("From").fill("");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("alert").waitFor();
  }, closed],
  ["downloads open", (page) => tool(page, "Departures by day", "Download"), closed],
  ["rows open", async (page) => {
    await tool(page, "Departures by day", "View rows");
    await page.locator(".em-sheet tbody tr").first().waitFor();
  }, closed],
  ["a chart as a table", (page) => tool(page, "Departures by day", "View as table"), (page) => tool(page, "Departures by day", "View as chart")],
  ["a tip shown", async (page) => {
    await card(page, "Departures by day").locator(".em-hits").focus();
    await page.keyboard.press("Home");
    await page.locator(".em-tip").waitFor();
  }, (page) => page.keyboard.press("Escape")],
  ["filtered", async (page) => {
    await page.locator(".em-btn").and(page.getByRole("button", { name: "Destination", exact: true })).click();
    await page.getByRole("checkbox").first().check();
    await closed(page);
    await page.locator(".em-chip").waitFor();
  }, (page) => page.getByRole("button", { name: "Reset", exact: true }).click()],
];

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing in any state (${colorScheme})`, async () => {
    const page = await openDocument(await session(demo, "UA"), { colorScheme, reducedMotion: "reduce" });
    await page.shown.ready();
    for (const [name, come, leave] of STATES) {
      await come(page);
      assert.deepEqual(await violations(page), [], name);
      await leave(page);
    }
    await page.context().close();
  });

  test(`axe finds nothing where there is nothing to see (${colorScheme})`, async () => {
    const options = { colorScheme, reducedMotion: "reduce" };
    const empty = await openDocument(await session(demo, NOBODY), options);
    await empty.shown.ready();
    assert.deepEqual(await violations(empty), [], "no data");
    await empty.route("**/v1/embed/query", (route) => route.fulfill({ status: 503, contentType: "application/json", body: '{"error":"","code":"unavailable"}' }));
    await empty.getByRole("button", { name: "Last 7 days" }).click();
    await empty.getByRole("button", { name: "Try again" }).first().waitFor();
    assert.deepEqual(await violations(empty), [], "every widget failed");
    await empty.unroute("**/v1/embed/query");
    await empty.context().close();

    const element = await openElements([], options);
    const url = await session(demo, "UA");
    await element.evaluate((address) => {
      document.documentElement.lang = "en";
      document.title = "Host";
      const dashboard = document.createElement("emban-dashboard");
      dashboard.embedUrl = address;
      document.body.append(dashboard);
    }, `${url.slice(0, -6)}AAAAAA`);
    await element.locator("emban-dashboard").getByRole("alert").waitFor();
    assert.deepEqual(await violations(element), [], "refused");
    await element.context().close();
  });
}

test("at twice the size all can be read without scrolling sideways, and nothing moves for those who ask", async () => {
  // A window of 1280 pixels at 200 % has the room of 640.
  const page = await openDocument(await session(demo, "UA"), { viewport: { width: 640, height: 512 }, deviceScaleFactor: 2, reducedMotion: "reduce" });
  await page.shown.ready();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
  await page.getByRole("button", { name: "Custom" }).click();
  const moving = await page.locator(".em-root").evaluate((root) => [...root.querySelectorAll("*")].filter((element) => {
    const { animationName, transitionDuration } = getComputedStyle(element);
    return animationName !== "none" || parseFloat(transitionDuration) > 0;
  }).length);
  assert.equal(moving, 0);
  await page.context().close();
});

test("a keyboard opens what a pointer opens, and comes back to where it was", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  const button = page.locator(".em-btn", { hasText: "Destination" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.locator(".em-option").first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.type), "search");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.locator(".em-chip").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.checked), true, "the box stays where it was, and is checked");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await until("the focus is back", () => button.evaluate((element) => element === document.activeElement));
  const view = page.shown.card("Routes").getByRole("button", { name: "View rows" });
  await view.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Rows" }).locator("tbody tr").first().waitFor();
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    const inside = await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest(".em-sheet")));
    assert.ok(inside, "nothing under the sheet is reached");
  }
  await page.context().close();
});

test("dates that Enter takes stay taken, and the focus never falls off the dashboard", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  const press = async (element) => {
    await element.focus();
    await page.keyboard.press("Enter");
  };
  const custom = page.getByRole("button", { name: "Custom" });
  await press(custom);
  const [from, to] = ["From", "To"].map((name) => page.getByRole("textbox", { name, exact: true }));
  const today = await to.getAttribute("max");
  await from.fill(new Date(Date.parse(today) - 9 * 86_400_000).toISOString().slice(0, 10));
  await to.fill(today);
  await press(to);
  await until("ten days are shown", async () => (await page.shown.table("Departures by day")).rows.length === 10);
  assert.equal(await page.getByRole("dialog").count(), 0);

  const place = () => page.evaluate(() => document.activeElement.closest("[data-w], [data-r]")?.matches("[data-w]") ?? "nowhere");
  const list = page.shown.card("Longest average delay by destination");
  await press(list.locator(".em-item-button").nth(3));
  await until("one is left", async () => (await list.locator(".em-item-button").count()) === 1);
  assert.equal(await place(), true, "in the list's card");
  const chip = page.locator(".em-chip-x");
  await press(chip);
  await chip.waitFor({ state: "detached" });
  assert.equal(await place(), false, "beside where the chip was");
  await press(list.locator(".em-item-button").first());
  await chip.waitFor();
  const reset = page.getByRole("button", { name: "Reset", exact: true });
  await press(reset);
  await reset.waitFor({ state: "detached" });
  assert.equal(await place(), false, "beside where the button was");
  await page.context().close();
});

test("a value that is searched for is reached and taken by keys, also before it is here", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  await page.locator(".em-btn", { hasText: "Destination" }).click();
  const boxes = page.locator(".em-check");
  await boxes.first().waitFor();
  const wanted = await boxes.nth(3).getAttribute("data-v");
  let release;
  const held = new Promise((done) => (release = done));
  await page.route("**/v1/embed/values", async (route) => {
    await held;
    await route.continue();
  });
  await page.keyboard.type(wanted);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".em-chip").count(), 0, "nothing that is shown was asked for");
  release();
  const chip = page.locator(".em-chip-x");
  await chip.waitFor();
  assert.equal(await chip.getAttribute("data-v"), wanted);
  const at = () => page.evaluate(() => document.activeElement.dataset.v ?? document.activeElement.type);
  assert.equal(await at(), wanted, "the focus is on the value");

  await page.keyboard.press("Enter");
  await chip.waitFor({ state: "detached" });
  await page.keyboard.press("ArrowUp");
  assert.equal(await at(), "search");
  await page.locator(".em-input").fill("");
  await until("all values are here again", async () => (await boxes.count()) > 3);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await at(), await boxes.nth(1).getAttribute("data-v"));
  await page.keyboard.press("x");
  assert.equal(await page.locator(".em-input").inputValue(), "x", "letters go on with the search");
  // A question that the next choice made needless is given up.
  assert.deepEqual(page.trouble.filter((what) => !what.includes("ERR_ABORTED")), []);
  await page.context().close();
});

test("a filter of one choice is a group of radios, and the arrow keys choose in it", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  await page.locator(".em-btn", { hasText: "Status" }).click();
  const radios = page.getByRole("radiogroup", { name: "Status" }).getByRole("radio");
  await radios.nth(1).waitFor();
  const [first, second] = await radios.evaluateAll((all) => all.map((one) => one.dataset.v));
  const state = () => page.evaluate(() => [document.activeElement.dataset.v, [...document.querySelectorAll(".em-option :checked")].map((one) => one.dataset.v)]);
  const chip = page.locator(".em-chip-x");
  for (const [key, at, chosen] of [
    ["ArrowDown", first, []], ["Space", first, [first]], ["ArrowDown", second, [second]], ["ArrowUp", first, [first]],
    // The browser's own.
    ["ArrowRight", second, [second]], ["Space", second, [second]],
  ]) {
    await page.keyboard.press(key);
    assert.deepEqual(await state(), [at, chosen], key);
    assert.deepEqual(await chip.evaluateAll((all) => all.map((one) => one.dataset.v)), chosen);
  }
  await page.getByRole("button", { name: "Clear" }).click();
  assert.deepEqual((await state())[1], []);
  assert.equal(await chip.count(), 0);
  await page.context().close();
});

test("a session's locale decides words, digits and direction", async () => {
  const page = await openDocument(await session(demo, "UA", { permissions: { locale: "ar-EG" } }));
  await page.shown.ready();
  const root = page.locator(".em-root");
  assert.equal(await root.getAttribute("dir"), "rtl");
  await root.getByText("حُدِّث").waitFor();
  assert.match(await page.locator(".em-stat-value").first().innerText(), /^[٠-٩٬٫]+$/);
  assert.deepEqual(await violations(page), []);
  const button = page.locator('[data-a="filter"]').first();
  await button.click();
  const [panel, opener] = await Promise.all([page.getByRole("dialog").boundingBox(), button.boundingBox()]);
  assert.ok(panel.x >= 0 && Math.abs(panel.x + panel.width - opener.x - opener.width) < 2, "the panel stands under the right end of its button");
  await page.context().close();
});

test("the focus stays in a panel that is open, and leaves it when it closes", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  const button = page.getByRole("button", { name: "Distance, miles" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  const within = () => dialog.evaluate((panel) => panel.contains(document.activeElement));
  for (let at = 0; at < 6; at += 1) {
    assert.ok(await within(), `after ${at} steps`);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await button.evaluate((element) => element === document.activeElement));
  await page.keyboard.press("Tab");
  assert.ok(!(await button.evaluate((element) => element === document.activeElement)), "and goes on from there");
  await page.context().close();
});

test("the panel of dates begins with about what is shown", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  await page.getByRole("button", { name: "Custom" }).click();
  const [first, last] = await page.getByRole("dialog").locator("input").evaluateAll((fields) => fields.map((field) => field.value));
  assert.equal(Date.parse(last) - Date.parse(first), 29 * 86_400_000, `${first} to ${last}`);
  assert.equal(last, new Date().toISOString().slice(0, 10));
  await page.context().close();
});
