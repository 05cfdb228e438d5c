// A dashboard on paper: all of it, and none of what can only be clicked.
import assert from "node:assert/strict";
import { test } from "node:test";

import { session } from "../support/demo.mjs";
import { badCharts, faint, overflow } from "../support/looks.mjs";
import { openDocument } from "../support/pages.mjs";
import { demo } from "../support/stage.mjs";

/** A4 and Letter at 96 pixels an inch, upright, without margins of 10 mm; and A4 lying. */
const PAPERS = [["A4", 718], ["Letter", 740], ["A4 lying", 1047]];

for (const [paper, width] of PAPERS) {
  test(`all of a dashboard is printed, and nothing to click (${paper})`, async () => {
    const page = await openDocument(await session(demo, "UA"));
    await page.shown.ready();
    // Charts keep the size that the window gave them: printing does not wait for new ones.
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width, height: 900 });
    assert.ok((await overflow(page)) <= 0);
    assert.deepEqual(await badCharts(page.shown.root), []);
    assert.deepEqual(await faint(page.shown.root), []);
    const seen = await page.locator(".em-root").evaluate((root) => [...root.querySelectorAll(".em-controls button, .em-chips button, .em-tools")].filter((part) => part.checkVisibility())
      .map((part) => [part.textContent, getComputedStyle(part, "::after").content]));
    assert.deepEqual(seen, [["30d", '"Last 30 days"']], "paper names the time and has nothing to click");
    const cut = await page.locator(".em-root").evaluate((root) => [...root.querySelectorAll(".em-card")].filter((card) => {
      const bounds = card.getBoundingClientRect();
      return [...card.querySelectorAll("td, .em-item, .em-key, .em-stat-value")].some((part) => {
        const box = part.getBoundingClientRect();
        return box.bottom > bounds.bottom + 1 || box.right > bounds.right + 1 || part.scrollWidth > part.clientWidth + 1;
      });
    }).map((card) => card.querySelector(".em-card-title").textContent));
    assert.deepEqual(cut, [], "cards that are cut or spill over");
    await page.context().close();
  });
}

test("a dashboard that is dark by its host's wish is printed so that it can be read", async () => {
  const page = await openDocument(await session(demo, "UA"), { colorScheme: "dark" });
  await page.shown.ready();
  // Browsers print in light colours whatever the system's; what the host has set stays.
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  assert.equal(await page.locator(".em-root").evaluate((root) => getComputedStyle(root).backgroundColor), "rgba(0, 0, 0, 0)");
  await page.evaluate(() => document.documentElement.setAttribute("data-eb-theme", "dark"));
  assert.equal(await page.locator(".em-root").evaluate((root) => getComputedStyle(root).backgroundColor), "rgb(14, 16, 19)");
  assert.equal(await page.locator(".em-root").evaluate((root) => getComputedStyle(root).printColorAdjust), "exact");
  assert.deepEqual(await faint(page.shown.root), []);
  const file = await page.pdf({ format: "A4" });
  assert.equal(file.subarray(0, 5).toString(), "%PDF-");
  await page.context().close();
});
