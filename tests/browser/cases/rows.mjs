// The events behind a number: what opens them, and how a viewer goes through them and back.
import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "../support/demo.mjs";
import { openGallery } from "../support/gallery.mjs";

/** Three pages of rows, one after the other. */
const paged = ({ cursor }) => {
  const page = Number(cursor ?? 0);
  return {
    columns: [{ key: "n", type: "number" }],
    rows: Array.from({ length: 40 }, (_, row) => [page * 40 + row]),
    next_cursor: page < 2 ? String(page + 1) : null,
  };
};

/** What has the focus: its place in the sheet, or its tag. */
const focused = (page) => page.evaluate(() => {
  const { activeElement } = document;
  return activeElement.closest(".em-sheet") ? "sheet" : activeElement.tagName;
});

for (const way of ["keyboard", "pointer"]) {
  test(`after the last page of rows the sheet still closes by Escape, and the focus goes back (${way})`, async () => {
    const page = await openGallery("every", { rows: paged });
    const opener = page.shown.card("Requests").getByRole("button", { name: "View rows" });
    const press = async (button) => {
      if (way === "pointer") return button.click();
      await button.focus();
      await page.keyboard.press("Enter");
    };
    await page.shown.card("Requests").hover();
    await press(opener);
    const sheet = page.getByRole("dialog", { name: "Rows" });
    const more = sheet.getByRole("button", { name: "Load more" });
    for (const rows of [80, 120]) {
      await more.waitFor();
      await press(more);
      await until(`${rows} rows are here`, async () => (await sheet.locator("tbody tr").count()) === rows);
      assert.equal(await focused(page), "sheet", `${rows} rows`);
    }
    assert.equal(await more.count(), 0);
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "detached" });
    assert.equal(await opener.evaluate((button) => button === document.activeElement), true);
    await page.context().close();
  });
}

test("Escape closes the sheet wherever in it was clicked", async () => {
  const page = await openGallery("every", { rows: paged });
  await page.shown.card("Requests").hover();
  await page.shown.card("Requests").getByRole("button", { name: "View rows" }).click();
  const sheet = page.getByRole("dialog", { name: "Rows: Requests", exact: true });
  await sheet.locator(".em-sheet-title").click();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.context().close();
});

/** Cards of the gallery, and the rows that a click on the place at (x, y) of their plot asks for. */
const POINTS = [
  // Weeks begin on Sunday in en-US; the plot holds 7 rows of 24 hours beside their labels and above the key.
  ["Hours of use", 1, { group: ["7", "0"] }],
  ["Hours of use", 26, { group: ["1", "1"] }],
  ["Sign-up steps", 2, { group: ["2"] }],
  ["Sign-ups", 1, { time: "2026-03-17T00:00:00Z" }],
  ["Net new seats", 2, { time: "2026-03-22T00:00:00Z" }],
];

for (const [title, steps, point] of POINTS) {
  test(`Enter on a place of a chart opens the rows behind it (${title}, ${steps})`, async () => {
    const page = await openGallery("every");
    await page.shown.card(title).locator(".em-hits").focus();
    for (let step = 0; step < steps; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Rows" }).locator("tbody tr").waitFor();
    assert.deepEqual(page.asked("rows").map((question) => question.point), [point]);
    await page.context().close();
  });
}

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

for (const [way, options] of [["mouse", {}], ["touch", PHONE]]) {
  test(`an hour of a heatmap and a cell of a pivot open their rows, a value that is no filter too (${way})`, async () => {
    const page = await openGallery("every", options);
    const press = (place, at) => (way === "touch" ? place.tap(at) : place.click(at));
    const sheet = page.getByRole("dialog", { name: "Rows" });
    const opens = async (point, title) => {
      await sheet.locator("tbody tr").waitFor();
      assert.deepEqual(page.asked("rows").at(-1).point, point);
      assert.equal(await sheet.locator(".em-sheet-title").innerText(), title);
      await page.keyboard.press("Escape");
      await sheet.waitFor({ state: "detached" });
    };
    const hours = page.shown.card("Hours of use").locator(".em-hits");
    await hours.scrollIntoViewIfNeeded();
    const { width } = await hours.boundingBox();
    const last = { position: { x: width - 2, y: 4 } };
    await press(hours, last);
    // A finger's first touch shows the value.
    if (way === "touch") await press(hours, last);
    await opens({ group: ["7", "23"] }, "Hours of use · Sun 11\u00a0PM");
    const pivot = page.shown.card("Regions and plans");
    await press(pivot.getByRole("button", { name: "7,250" }));
    await opens({ group: ["us-east", "pro"] }, "Regions and plans · us-east · pro");
    await press(pivot.getByRole("button", { name: "eu-central" }));
    await opens({ group: ["eu-central"] }, "Regions and plans · eu-central");
    assert.deepEqual(page.asked("query"), [], "the region is no filter of the dashboard");
    await page.context().close();
  });
}

test("what looks as if it acted acts, and nothing else looks so", async () => {
  const page = await openGallery("every");
  const cursor = (place) => place.evaluate((element) => getComputedStyle(element).cursor);
  const bars = page.shown.card("Top models").locator(".em-hits");
  const { width, height } = await bars.boundingBox();
  for (const [row, expect] of [[0, "pointer"], [5, "pointer"], [6, "auto"]]) {
    await bars.hover({ position: { x: width * 0.3, y: (height * (row + 0.5)) / 7 } });
    assert.equal(await cursor(bars), expect, `row ${row}; the last stands for all that are not listed`);
  }
  for (const title of ["Seats used", "Quota", "Tenants"]) {
    const plot = page.shown.card(title).locator(".em-hits");
    await plot.hover({ position: { x: 2, y: 2 } });
    assert.equal(await cursor(plot), "auto", title);
  }
  // A table's number does nothing, and its row does not look so; a value of its grouping does, all over its cell.
  const row = page.shown.card("Models").locator("tbody tr").first();
  const [name, number] = [row.locator("td").first(), row.locator("td").nth(1)];
  await number.hover();
  assert.deepEqual(await number.evaluate((cell) => [getComputedStyle(cell).cursor, getComputedStyle(cell).backgroundColor]), ["auto", "rgba(0, 0, 0, 0)"]);
  const box = await name.boundingBox();
  await name.click({ position: { x: box.width - 3, y: 3 } });
  await until("figures are asked for", () => page.asked("query").at(-1));
  assert.deepEqual(page.asked("query").at(-1).filters.dimensions, { model: ["aurora-large"] });
  await page.context().close();
});

test("the head over the row labels of a pivot is seen, named by their property, and sorts by them", async () => {
  const page = await openGallery("every");
  const pivot = page.shown.card("Regions and plans");
  const head = pivot.getByRole("columnheader").first();
  const labels = () => pivot.locator("tbody tr td:first-child").allInnerTexts();
  assert.equal(await head.innerText(), "Region");
  assert.ok((await head.getByRole("button", { name: "Region", exact: true }).boundingBox()).width > 30);
  for (const [order, expect] of [["ascending", ["eu-central", "us-east", "(none)"]], ["descending", ["us-east", "eu-central", "(none)"]]]) {
    await head.getByRole("button").click();
    await until(order, async () => (await head.getAttribute("aria-sort")) === order);
    assert.deepEqual(await labels(), expect);
  }
  await page.context().close();
});

test("a double click does what a click does", async () => {
  const page = await openGallery("every");
  await page.shown.card("Top endpoints").getByRole("button", { name: "borealis" }).dblclick();
  await page.locator(".em-chip").waitFor();
  await until("figures are asked for", () => page.asked("query").length > 0);
  assert.deepEqual(page.asked("query").at(-1).filters.dimensions, { model: ["borealis"] });
  const hours = page.shown.card("Hours of use").locator(".em-hits");
  await hours.scrollIntoViewIfNeeded();
  for (const open of [() => hours.dblclick({ position: { x: 200, y: 60 } }), () => page.shown.card("Regions and plans").getByRole("button", { name: "7,250" }).dblclick()]) {
    await open();
    const sheet = page.getByRole("dialog", { name: "Rows" });
    await sheet.locator("tbody tr").waitFor();
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "detached" });
  }
  await page.context().close();
});
