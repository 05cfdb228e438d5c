// What every chart answers to a pointer, a finger and a key, on the gallery's pages: there is no server behind them but ours.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SAMPLES } from "../../gallery/samples.mjs";
import { WIDTHS } from "../../gallery/server.mjs";
import { session, until } from "../support/demo.mjs";
import { openGallery } from "../support/gallery.mjs";
import { openDocument } from "../support/pages.mjs";
import { demo } from "../support/stage.mjs";

/** Titles of the widgets with a chart that can be pointed at. */
const CHARTS = SAMPLES.every.surface.widgets
  .filter(({ kind, chart }) => !["kpi", "text", "table"].includes(kind) && chart !== "list").map(({ title }) => title);

for (const name of ["every", "arabic"]) {
  test(`the arrow keys read every chart out, and a table shows the same (${name})`, async () => {
    const page = await openGallery(name);
    for (const title of CHARTS) {
      const card = page.shown.card(title);
      const plot = card.locator(".em-hits");
      await plot.focus();
      await page.keyboard.press("Home");
      const first = await card.locator(".em-tip").innerText();
      await page.keyboard.press("ArrowRight");
      const second = await card.locator(".em-tip").innerText();
      assert.ok(first.trim() && second.trim() && first !== second, `${title}: ${first} | ${second}`);
      const spoken = await page.locator("[aria-live]").innerText();
      assert.ok(second.split("\n").filter((line) => line.trim()).every((line) => spoken.includes(line.trim())), `${title}: ${spoken} | ${second}`);
      await page.keyboard.press("Escape");
      await card.locator(".em-tip").waitFor({ state: "detached" });
      assert.match(await card.locator(".em-svg svg").getAttribute("aria-label"), new RegExp(`^${title}: .{12}`), "the chart has a summary");
      const tools = card.locator('[data-a="table"]');
      await tools.click();
      assert.ok((await card.locator("tbody tr").count()) > 0, title);
      await tools.click();
      await card.locator(".em-svg svg").waitFor();
    }
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  });
}

test("a legend switches series off and on, and never all of them", async () => {
  const page = await openGallery("every");
  const card = page.shown.card("Tokens by model");
  const key = (name) => card.getByRole("button", { name, exact: true });
  const drawn = (slot) => card.locator(`.em-svg .eb-bar.${slot}`).count();
  assert.ok((await drawn("eb-s1")) > 0);
  await key("borealis").click();
  assert.equal(await drawn("eb-s1"), 0);
  assert.ok((await drawn("eb-s2")) > 0, "the others keep their colours");
  assert.equal(await key("borealis").getAttribute("aria-pressed"), "false");
  await key("borealis").click();
  assert.ok((await drawn("eb-s1")) > 0);
  for (const name of ["aurora", "borealis", "cirrus", "drift"]) await key(name).click();
  assert.ok((await drawn("eb-s3")) > 0, "an empty chart says nothing");
  await page.context().close();
});

test("a group keeps its colour and its name when a filter leaves it alone, and so does a slice", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  const [bars, ring] = [page.shown.card("Punctuality by day"), page.shown.card("Departures by airport")];
  const colors = () => bars.locator(".em-key").evaluateAll((keys) => Object.fromEntries(keys.map((key) =>
    [key.textContent.trim(), /eb-s\d+/.exec(key.querySelector(".em-swatch").className)[0]])));
  const slices = () => ring.locator("path.eb-bar").evaluateAll((paths) => paths.map((path) => /eb-s\d+/.exec(path.getAttribute("class"))[0]));
  const [before, airports] = [await colors(), await slices()];
  const [name, color] = Object.entries(before).find(([, slot]) => slot === "eb-s1");
  assert.ok(airports.length > 1, "several airports");
  await page.getByRole("button", { name: "Status" }).click();
  await page.getByRole("radio", { name }).click();
  await until("one status is left", async () => JSON.stringify(await colors()) === JSON.stringify({ [name]: color }));
  assert.ok((await bars.locator(`.em-svg .eb-bar.${color}`).count()) > 0, "it is drawn in that colour");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Reset", exact: true }).click();
  await until("all are back", async () => Object.keys(await colors()).length > 1);
  assert.deepEqual(await colors(), before);
  // The second slice, by its line of the key.
  const second = await ring.locator(".em-svg text").nth(3).boundingBox();
  await page.mouse.click(second.x + 5, second.y + second.height / 2);
  await until("one airport is left", async () => (await slices()).length === 1);
  assert.deepEqual(await slices(), [airports[1]]);
  await page.context().close();
});

test("a series that is off stays off when another order comes", async () => {
  const page = await openDocument(await session(demo, "UA"));
  await page.shown.ready();
  const card = page.shown.card("Punctuality by day");
  const off = () => card.locator('.em-key[aria-pressed="false"]').allInnerTexts();
  await card.locator(".em-key").nth(1).click();
  const [name] = await off();
  // One of the others goes, so that it stands first.
  const first = await card.locator(".em-key").first().innerText();
  await page.route("**/v1/embed/query", async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    answer.results.punctuality.data.series.reverse();
    await route.fulfill({ response, json: answer });
  });
  await page.getByRole("button", { name: "Last 7 days" }).click();
  await until("the order is another", async () => (await card.locator(".em-key").first().innerText()) !== first);
  assert.deepEqual(await off(), [name]);
  await page.getByRole("button", { name: "Status" }).click();
  await page.getByRole("radio", { name }).click();
  await until("it is left alone", async () => (await card.locator(".em-key").count()) === 1);
  assert.deepEqual(await off(), [], "and drawn");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Reset", exact: true }).click();
  await until("the others are back", async () => (await card.locator(".em-key").count()) > 1);
  assert.deepEqual(await off(), [name]);
  await page.context().close();
});

test("a legend with one more line than it shows has a shade there, until its end", async () => {
  const page = await openGallery("odd");
  const legend = page.shown.card("As many series as there can be").locator(".em-legend");
  const beyond = await legend.evaluate((box) => {
    while (box.scrollHeight > box.clientHeight + 30) box.lastElementChild.remove();
    return box.scrollHeight - box.clientHeight;
  });
  assert.ok(beyond > 10, `${beyond} pixels more`);
  await page.addStyleTag({ content: ".em-key { visibility: hidden }" });
  /** Mean of red, green and blue at the lower edge, in its middle. */
  const lowest = async () => page.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height }).getContext("2d");
    context.drawImage(image, 0, 0);
    const [red, green, blue] = context.getImageData(image.width / 2, image.height - 2, 1, 1).data;
    return (red + green + blue) / 3;
  }, (await legend.screenshot()).toString("base64"));
  assert.ok((await lowest()) < 242, `${await lowest()}`);
  await legend.evaluate((box) => { box.scrollTop = box.scrollHeight; });
  assert.ok((await lowest()) > 250, `${await lowest()}`);
  await page.context().close();
});

test("a click on a bar filters, its chip says so, and takes the filter back", async () => {
  const page = await openGallery("every");
  const plot = page.shown.card("Top models").locator(".em-hits");
  const { width, height } = await plot.boundingBox();
  await plot.click({ position: { x: width * 0.3, y: height / 14 } });
  const filtered = await until("figures are asked for", () => page.asked("query").at(-1));
  assert.deepEqual(filtered.filters.dimensions, { model: ["aurora-large"] });
  const chip = page.locator(".em-chip");
  assert.equal((await chip.locator(".em-chip-text").innerText()).trim(), "Model: aurora-large");
  await chip.getByRole("button").click();
  await until("and asked for again", () => page.asked("query").length === 2);
  assert.deepEqual(page.asked("query").at(-1).filters.dimensions ?? {}, {});
  assert.equal(await chip.count(), 0);
  await page.context().close();
});

for (const width of WIDTHS) {
  test(`a choice moves nothing (${width})`, async () => {
    const page = await openGallery("every", { viewport: { width, height: 1_400 } });
    const top = () => page.locator(".em-grid").evaluate((grid) => grid.getBoundingClientRect().top + scrollY);
    const before = await top();
    const plot = page.shown.card("Top models").locator(".em-hits");
    const box = await plot.boundingBox();
    for (const row of [0, 1, 2, 3]) {
      await plot.click({ position: { x: box.width * 0.3, y: box.height * (row + 0.5) / 7 } });
      await until("it is chosen", async () => (await page.locator(".em-chip").count()) === row + 1);
      assert.equal(await top(), before, `${row + 1} chosen`);
    }
    await page.getByRole("button", { name: "Reset", exact: true }).click();
    await page.locator(".em-chip").first().waitFor({ state: "detached" });
    assert.equal(await top(), before);
    await page.context().close();
  });
}

test("a line of a donut's key does what its slice does", async () => {
  const page = await openGallery("every");
  const card = page.shown.card("Share of models");
  const name = await card.locator("text", { hasText: "borealis" }).boundingBox();
  const [x, y] = [name.x + name.width / 2, name.y + name.height / 2];
  await page.mouse.move(x, y);
  assert.match(await card.locator(".em-tip").innerText(), /borealis\s+22,050/);
  assert.equal(await card.locator(".em-hits").evaluate((element) => getComputedStyle(element).cursor), "pointer");
  await page.mouse.click(x, y);
  await until("figures are asked for", () => page.asked("query").length > 0);
  assert.deepEqual(page.asked("query").at(-1).filters.dimensions, { model: ["borealis"] });
  await page.context().close();
});

test("the first click on a chart acts, wherever the focus was", async () => {
  const page = await openGallery("every");
  const bars = page.shown.card("Top models").locator(".em-hits");
  const { width, height } = await bars.boundingBox();
  for (const elsewhere of [page.getByRole("button", { name: "Refresh" }), page.shown.card("Sign-ups").locator(".em-hits")]) {
    await elsewhere.focus();
    const before = page.asked("query").length;
    await bars.click({ position: { x: width * 0.3, y: height / 14 } });
    await until("figures are asked for", () => page.asked("query").length > before);
    await page.locator(".em-busy").waitFor({ state: "detached" });
  }
  await page.context().close();
});

test("a click on a day opens the rows of that day", async () => {
  const page = await openGallery("every");
  const plot = page.shown.card("Sign-ups").locator(".em-hits");
  const { width, height } = await plot.boundingBox();
  await plot.click({ position: { x: width - 4, y: height / 2 } });
  const sheet = page.getByRole("dialog", { name: "Rows" });
  await sheet.locator("tbody tr").waitFor();
  const [question] = page.asked("rows");
  assert.equal(question.point.time, "2026-03-30T00:00:00Z");
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.context().close();
});

test("a finger's first touch shows the value, its second acts", async () => {
  const page = await openGallery("every", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const card = page.shown.card("Top models");
  const plot = card.locator(".em-hits");
  await plot.scrollIntoViewIfNeeded();
  const position = { x: 150, y: 12 };
  await plot.tap({ position });
  await card.locator(".em-tip").waitFor();
  assert.match(await card.locator(".em-tip").innerText(), /aurora-large/);
  assert.equal(page.asked("query").length, 0, "looking is not filtering");
  await plot.tap({ position });
  const filtered = await until("figures are asked for", () => page.asked("query").at(-1));
  assert.deepEqual(filtered.filters.dimensions, { model: ["aurora-large"] });
  await page.context().close();
});

test("the change of a share is said in points, and whether it is good follows what the widget says", async () => {
  const page = await openGallery("every");
  const pill = (title) => page.shown.card(title).locator(".em-pill");
  const told = async (title) => [(await pill(title).innerText()).replace(/\s+/g, " ").trim(), (await pill(title).getAttribute("class")).split(" ")[1]];
  assert.deepEqual(await told("Error rate"), ["+0.3 pp worse", "em-bad"]);
  assert.deepEqual(await told("Requests"), ["+12.4% better", "em-good"]);
  await page.context().close();
});

/** Mean brightness, of 255, of a strip of a page. */
async function brightness(page, clip) {
  const png = await page.screenshot({ clip });
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height }).getContext("2d");
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return data.reduce((sum, value, at) => (at % 4 === 3 ? sum : sum + value), 0) / (data.length * 0.75);
  }, png.toString("base64"));
}

for (const [title, region] of [["Models", ".em-scroll"], ["Top endpoints", ".em-list"]]) {
  test(`what has more rows than room says so at its lower edge until its end, and scrolls by keys (${title})`, async () => {
    const page = await openGallery("every");
    await page.addStyleTag({ content: ".em-card { max-block-size: 190px } .em-table *, .em-list * { color: transparent !important; border-color: transparent !important } .em-item-track { visibility: hidden } .em-card :focus-visible { outline: 0 }" });
    const rows = page.shown.card(title).locator(region);
    assert.equal(await rows.getAttribute("aria-label"), title);
    await rows.scrollIntoViewIfNeeded();
    const edge = async () => {
      const { x, y, width, height } = await rows.boundingBox();
      const foot = await rows.evaluate((element) => element.querySelector("tfoot")?.getBoundingClientRect().height ?? 0);
      return brightness(page, { x: x + width / 4, y: y + height - foot - 5, width: width / 2, height: 4 });
    };
    const more = await edge();
    await rows.focus();
    await page.keyboard.press("End");
    await until("its end is seen", () => rows.evaluate((element) => element.scrollTop > 0 && element.scrollTop + element.clientHeight >= element.scrollHeight - 1));
    const end = await edge();
    assert.ok(more < end - 8, `${more} with more below, ${end} at the end`);
    await page.context().close();
  });
}

test("while dates are typed neither field offers a day beyond the other", async () => {
  const page = await openGallery("every");
  await page.getByRole("button", { name: "Custom" }).click();
  const [from, to] = ["From", "To"].map((name) => page.getByRole("textbox", { name, exact: true }));
  const today = await to.getAttribute("max");
  assert.equal(await from.getAttribute("max"), today);
  await from.fill("2026-03-05");
  assert.equal(await to.getAttribute("min"), "2026-03-05");
  await to.fill("2026-03-09");
  assert.equal(await from.getAttribute("max"), "2026-03-09");
  await to.fill("");
  assert.equal(await from.getAttribute("max"), today);
  await page.context().close();
});
