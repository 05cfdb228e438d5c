// Every chart in every state at every width, light and dark: drawn, readable, and usable by everybody.
import assert from "node:assert/strict";
import { test } from "node:test";

import { SAMPLES } from "../../gallery/samples.mjs";
import { WIDTHS, settled } from "../../gallery/server.mjs";
import { violations } from "../support/axe.mjs";
import { badCharts, clipped, faint, overflow, overlaps } from "../support/looks.mjs";
import { browser, gallery } from "../support/stage.mjs";

/** Cards that show something else than their state asks for. */
const strangers = (root, name) => root.evaluate((top, state) => [...top.querySelectorAll(".em-card")].filter((card) => {
  const has = (selector) => card.querySelector(selector) !== null;
  if (card.classList.contains("em-k-text")) return !has(".em-text");
  if (state === "empty") return !/No data in this period/.test(card.textContent) || has("svg :is(.eb-bar, .eb-line)");
  if (state === "failed") return !has("[data-a=retry]");
  if (state === "waiting") return !has(".em-skeleton");
  return !(has(".em-svg svg :is(path, circle)") || has(".em-stat-value") || has(".em-list li") || has("tbody td") || has(".em-notice-title"));
}).map((card) => card.textContent), name);

for (const name of Object.keys(SAMPLES)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`every card of the page "${name}" is drawn and can be read (${colorScheme})`, async () => {
      const page = await browser.page({ colorScheme, reducedMotion: "reduce", viewport: { width: WIDTHS[0], height: 900 } });
      await page.goto(`${gallery.origin}/${name}`);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await settled(page);
        const root = page.locator(".em-root");
        assert.equal(await root.locator(".em-card").count(), SAMPLES[name].surface.widgets.length);
        const found = {
          strangers: await strangers(root, name),
          beyond: await overflow(page) > 0,
          badCharts: await badCharts(root),
          overlaps: await overlaps(root),
          clipped: await clipped(root),
          faint: await faint(root),
          axe: await violations(page),
        };
        const nothing = { strangers: [], beyond: false, badCharts: [], overlaps: [], clipped: [], faint: [], axe: [] };
        assert.deepEqual(found, nothing, `${width} px`);
      }
      assert.deepEqual(page.trouble, []);
      await page.context().close();
    });
  }
}

test("a number is seen whole, however many digits it has", async () => {
  const page = await browser.page({ reducedMotion: "reduce" });
  await page.goto(`${gallery.origin}/${Object.keys(SAMPLES)[0]}`);
  for (const width of [...WIDTHS, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await settled(page);
    const root = page.locator(".em-root");
    // The classes that `paint` gives to numbers of so many letters: 8, 12, 17 and 20.
    for (const [text, size] of [["€8888.88", ""], ["€8,888,888.8", "em-long"], ["€888,888,888,888.", "em-longer"], ["-888.888.888.888,88 €", "em-longest"]]) {
      const numbers = await root.evaluate((top, [text, size]) => {
        const all = [...top.querySelectorAll(".em-stat-value")];
        for (const one of all) Object.assign(one, { className: `em-stat-value ${size}`, textContent: text });
        return all.length;
      }, [text, size]);
      assert.ok(numbers > 0);
      assert.deepEqual((await clipped(root)).filter((one) => one.startsWith("em-stat-value")), [], `${text} at ${width}`);
    }
  }
  await page.context().close();
});
