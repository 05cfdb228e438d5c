// What charts look like once colours and style sheet are on them, compared with pictures that were looked at.
//
// A picture is kept as the mean colours of 16 × 8 fields, without its texts: fonts and the smoothing of edges differ from
// machine to machine and browser to browser, a missing bar, a colour or a place does not. A thin dashed line may be missed:
// the snapshots of scenes hold it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { settled } from "../../gallery/server.mjs";
import { browser, gallery } from "../support/stage.mjs";

const KEPT = new URL("../../gallery/pictures.json", import.meta.url);
const FOUND = fileURLToPath(new URL("../../../target/gallery/pictures.json", import.meta.url));
const FIELDS = [16, 8];
/** Of 255. A line that is missing changes a field by more, and so does a bar of another colour or two pixels off. */
const MOST = 8;
const MEAN = 1;
const PAGES = [["every", "light"], ["every", "dark"], ["odd", "light"]];

const found = {};

after(() => {
  mkdirSync(new URL(".", `file://${FOUND}`), { recursive: true });
  writeFileSync(FOUND, `${JSON.stringify(found, null, 1)}\n`);
});

/** Mean red, green and blue of each field of a picture. */
const fields = (page, png) => page.evaluate(async ([base64, [columns, rows]]) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height }).getContext("2d");
  context.drawImage(image, 0, 0);
  const means = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [left, right] = [column, column + 1].map((at) => Math.round((at * image.width) / columns));
      const [top, bottom] = [row, row + 1].map((at) => Math.round((at * image.height) / rows));
      const { data } = context.getImageData(left, top, right - left, bottom - top);
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (let at = channel; at < data.length; at += 4) sum += data[at];
        means.push(Math.round((sum * 4) / data.length));
      }
    }
  }
  return means;
}, [png.toString("base64"), FIELDS]);

for (const [name, colorScheme] of PAGES) {
  test(`charts look as they did when they were looked at (${name}, ${colorScheme})`, async () => {
    const kept = JSON.parse(readFileSync(KEPT, "utf8"))[`${name}-${colorScheme}`] ?? {};
    const page = await browser.page({ colorScheme, reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });
    await page.goto(`${gallery.origin}/${name}`);
    await settled(page);
    // How many lines a legend has is the font's doing, too, and leaves the chart more room or less.
    await page.addStyleTag({ content: ".em-svg text { visibility: hidden } .em-legend { display: none }" });
    await settled(page);
    const now = {};
    for (const chart of await page.locator(".em-svg").all()) {
      const title = await chart.evaluate((holder) => holder.closest(".em-card").querySelector(".em-card-title").textContent);
      now[title] = await fields(page, await chart.screenshot());
    }
    found[`${name}-${colorScheme}`] = Object.fromEntries(Object.entries(now).map(([title, means]) => [title, Buffer.from(means).toString("base64")]));
    const others = Object.entries(now).filter(([title, means]) => {
      const before = Buffer.from(kept[title] ?? "", "base64");
      const off = means.map((mean, at) => Math.abs(mean - (before[at] ?? 0)));
      return Math.max(...off) > MOST || off.reduce((sum, one) => sum + one, 0) / off.length > MEAN;
    }).map(([title]) => title);
    assert.deepEqual(others, [], `look at \`cargo xtask gallery --screenshots\`; if they are right, ${FOUND} takes the place of tests/gallery/pictures.json`);
    assert.deepEqual(Object.keys(now).sort(), Object.keys(kept).sort());
    await page.context().close();
  });
}
