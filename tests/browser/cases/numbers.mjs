// The main job, end to end: the numbers that two airlines see on the demo's host page are those of the file.
import assert from "node:assert/strict";
import { test } from "node:test";

import { dashboard, number } from "../support/dashboard.mjs";
import { until } from "../support/demo.mjs";
import { figures } from "../support/flights.mjs";
import { browser, demo } from "../support/stage.mjs";

/** The zone in which the host page's sessions count days. */
const ZONE = "America/New_York";
/** Airports by the names that the dashboard gives them. */
const CODES = { Newark: "EWR", Kennedy: "JFK", LaGuardia: "LGA" };

const WAYS = [
  ["frame", (page) => page.frameLocator("#embed iframe")],
  ["script", (page) => page.locator("#embed emban-dashboard")],
];

/** Waits until the departures are those expected, then compares everything else at once. */
async function compare(shown, airline) {
  const expected = figures(airline, demo.shift, ZONE);
  assert.ok(expected.departures > 0, `${airline} has flights to compare`);
  await until(
    `${airline} sees ${expected.departures} departures`,
    async () => number(await shown.number("Departures")) === expected.departures,
  );
  assert.equal(number(await shown.number("Cancellations")), expected.cancellations);
  assert.equal(number(await shown.number("Aircraft in service")), expected.aircraft);
  assert.equal(await shown.number("Late departures"), `${(expected.late * 100).toFixed(1)}%`);
  const days = await shown.table("Departures by day");
  assert.deepEqual(days.rows.map((row) => number(row[1])), expected.byDay);
  const { rows, foot } = await shown.table("Top destinations");
  const largest = [...expected.destinations.values()].sort((a, b) => b - a).slice(0, 8);
  assert.deepEqual(rows.map((row) => number(row[1])), largest);
  for (const [dest, count] of rows) assert.equal(number(count), expected.destinations.get(dest), dest);
  const rest = expected.departures - largest.reduce((sum, count) => sum + count, 0);
  assert.equal(foot.length ? number(foot[0][1]) : 0, rest);
  const routes = await shown.table("Routes");
  assert.equal(routes.rows.length, Math.min(12, expected.routes.size));
  for (const [airport, dest, count, delay] of routes.rows) {
    const origin = CODES[airport];
    const route = expected.routes.get(`${origin} ${dest}`);
    assert.equal(number(count), route?.count, `${origin} ${dest}`);
    const average = route.delays.reduce((sum, minutes) => sum + minutes, 0) / route.delays.length;
    // The last digit shown is the limit: what is rounded may fall on either side of a half.
    assert.ok(Math.abs(number(delay.replace("−", "-")) - average) <= 0.05 + 1e-9, `${origin} ${dest}: ${delay} for ${average}`);
  }
}

for (const [way, locate] of WAYS) {
  test(`two airlines see their own numbers, one after the other (${way})`, async () => {
    const page = await browser.page();
    await page.goto(`${demo.host}/?mode=${way}&airline=UA`);
    const shown = dashboard(locate(page));
    await shown.ready();
    await compare(shown, "UA");
    // Marked, to see that the session is swapped in what is there.
    const embed = page.locator("#embed > *");
    await embed.evaluate((element) => (element.marked = true));
    await page.selectOption("#airline", "HA");
    await compare(shown, "HA");
    assert.equal(await embed.evaluate((element) => element.marked), true);
    await page.selectOption("#airline", "UA");
    await compare(shown, "UA");
    assert.deepEqual(page.trouble, []);
    const elsewhere = page.asked.filter((url) => ![demo.host, demo.edge].includes(new URL(url).origin));
    assert.deepEqual(elsewhere, [], "the page asks the host and the edge, nobody else");
    await page.context().close();
  });
}

for (const [way, locate] of WAYS) {
  test(`what the page says of bad filters goes with the next good ones, and with a reset (${way})`, async () => {
    const page = await browser.page();
    await page.goto(`${demo.host}/?mode=${way}&airline=UA`);
    const shown = dashboard(locate(page));
    await shown.ready();
    const notice = page.locator("#notice");
    const setFilters = (filters) => page.evaluate((asked) => {
      const embed = document.querySelector("#embed > *");
      if (embed.setFilters) embed.setFilters(asked);
      else embed.contentWindow.postMessage({ _emban: true, type: "setFilters", filters: asked }, "*");
    }, filters);
    const backwards = { dateRanges: { timestamp: { from: "2013-06-02T00:00:00Z", to: "2013-06-01T00:00:00Z" } } };
    const departures = await shown.number("Departures");
    await setFilters(backwards);
    await notice.getByText("from must lie before to in timestamp").waitFor();
    assert.equal(await shown.number("Departures"), departures, "the figures stay");
    await setFilters({ period: "7d", dimensions: { origin: ["JFK"] } });
    await notice.waitFor({ state: "hidden" });
    await setFilters({ dimensions: "no object" });
    await notice.getByText("cannot read dimensions").waitFor();
    await shown.root.getByRole("button", { name: "Reset", exact: true }).click();
    await notice.waitFor({ state: "hidden" });
    await page.context().close();
  });
}

test("the two ways can be switched on the page", async () => {
  const page = await browser.page();
  await page.goto(`${demo.host}/?airline=DL`);
  await dashboard(page.frameLocator("#embed iframe")).ready();
  await page.getByText("Script tag").click();
  const shown = dashboard(page.locator("#embed emban-dashboard"));
  await shown.ready();
  assert.equal(await page.locator("#embed iframe").count(), 0);
  assert.equal(number(await shown.number("Departures")), figures("DL", demo.shift, ZONE).departures);
  await page.context().close();
});
