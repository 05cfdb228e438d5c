// What a viewer takes away: figures and pictures.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { session, until } from "../support/demo.mjs";
import { figures } from "../support/flights.mjs";
import { openDocument, openFrame } from "../support/pages.mjs";
import { demo } from "../support/stage.mjs";

/** Saves a widget of a page, and answers with the file. */
async function saved(page, root, title, name) {
  const card = root.getByRole("region", { name: title, exact: true });
  await card.hover();
  await card.getByRole("button", { name: "Download" }).click();
  const download = page.waitForEvent("download");
  await root.getByRole("dialog", { name: "Download" }).getByRole("button", { name }).click();
  const file = await download;
  await root.getByRole("dialog").waitFor({ state: "detached" });
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

/** The name of a file of the last thirty days. */
function named(widget, end) {
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  return new RegExp(`^${widget}_${day(29)}_${day(0)}\\.${end}$`);
}

test("the figures of a widget are saved whole, and the host is told", async () => {
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  const { name, bytes } = await saved(page, page.shown.root, "Top destinations", "Data as CSV");
  assert.match(name, named("top-destinations", "csv"));
  const [head, ...lines] = bytes.toString().trim().split(/\r?\n/);
  assert.equal(head, "Destination,Departures");
  const { destinations } = figures("UA", demo.shift, "UTC");
  assert.equal(lines.length, destinations.size, "all destinations, not only those shown");
  const told = await until("the host is told", () => page.told("export"));
  assert.equal(told.format, "csv");
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("the times of a file are the session's days", async () => {
  const page = await openFrame(await session(demo, "UA", { permissions: { timezone: "America/New_York" } }));
  await page.shown.ready();
  const { name, bytes } = await saved(page, page.shown.root, "Departures by day", "Data as CSV");
  const [head, first, ...rest] = bytes.toString().trim().split(/\r?\n/);
  const dates = [first, rest.at(-1)].map((line) => line.split(",")[0]);
  assert.equal(name, `departures-by-day_${dates.join("_")}.csv`);
  assert.equal(head, "Time,Departures,Departures (previous)");
  assert.match(first, /^\d{4}-\d{2}-\d{2},\d+,\d+$/);
  await page.context().close();
});

test("a chart is saved as a picture with its title, in the page's colours", async () => {
  const page = await openDocument(await session(demo, "UA"), { colorScheme: "dark" });
  await page.shown.ready();
  const svg = await saved(page, page.shown.root, "Departures by day", "Image as SVG");
  assert.match(svg.name, named("departures-by-day", "svg"));
  const shown = await page.evaluate((text) => {
    const picture = new DOMParser().parseFromString(text, "image/svg+xml");
    const keys = [...picture.documentElement.children].filter((part) => part.matches("path, rect[rx]")).map((key) => [key.localName, key.getAttribute("stroke-dasharray")]);
    return { keys, wrong: picture.querySelector("parsererror")?.textContent, title: picture.querySelector("text").textContent, ground: picture.querySelector("rect").getAttribute("fill"), marks: picture.querySelectorAll("g path").length };
  }, svg.bytes.toString());
  assert.equal(shown.wrong, undefined);
  assert.deepEqual(shown.keys, [["rect", null], ["path", "4 4"]], "the earlier period is a dashed line, and so is its key");
  assert.equal(shown.title, "Departures by day");
  assert.equal(shown.ground, "rgb(22, 24, 29)");
  assert.ok(shown.marks > 0);
  const png = await saved(page, page.shown.root, "Departures by day", "Image as PNG");
  assert.match(png.name, named("departures-by-day", "png"));
  assert.deepEqual([...png.bytes.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join(""), "PNG");
  const [width, height] = [png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)];
  assert.ok(width > 800 && height > 300, `${width} × ${height}`);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("a session that may not export offers no files, and a refusal is said where it was asked and to the host", async () => {
  const none = await openDocument(await session(demo, "UA", { permissions: { allow_export: false } }));
  await none.shown.ready();
  assert.equal(await none.getByRole("button", { name: "Download" }).count(), 0);
  await none.context().close();
  const page = await openFrame(await session(demo, "UA"));
  await page.shown.ready();
  await page.route("**/v1/embed/export*", (route) => route.fulfill({ status: 429, contentType: "application/json", body: '{"error":"","code":"rate_limited"}' }));
  const card = page.shown.card("Routes");
  await card.hover();
  await card.getByRole("button", { name: "Download" }).click();
  const panel = page.shown.root.getByRole("dialog", { name: "Download" });
  assert.equal(await panel.getByRole("button", { name: "Image as PNG" }).count(), 0, "a table has no picture");
  await panel.getByRole("button", { name: "Data as CSV" }).click();
  await panel.getByRole("alert").getByText("Too many requests").waitFor();
  const told = await until("the host is told", () => page.told("error"));
  assert.equal(told.code, "rate_limited");
  await page.context().close();
});
