// Serves a page of every chart in every state, drawn by the built runtime; with a folder, takes pictures of all instead.
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { SAMPLES } from "./samples.mjs";
import { WIDTHS, settled, startGallery } from "./server.mjs";

const gallery = await startGallery();
/** Pictures that the documentation shows. */
const SHOWN = ["every-light-1440", "every-dark-1440", "every-light-380"];
const [folder, docs] = process.argv.slice(2);
if (folder) {
  await shoot(folder);
  mkdirSync(docs, { recursive: true });
  for (const name of SHOWN) copyFileSync(join(folder, `${name}.png`), join(docs, `${name}.png`));
  gallery.stop();
} else {
  console.log(`Gallery: ${gallery.origin}/every\nStop with Ctrl-C.`);
}

async function shoot(folder) {
  const { chromium } = createRequire(join(process.env.EMBAN_NPM_TOOLS, "package.json"))("playwright-core");
  const browser = await chromium.launch({ executablePath: process.env.EMBAN_CHROMIUM, args: ["--no-sandbox"] });
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(SAMPLES)) {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of WIDTHS) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce" });
        await page.goto(`${gallery.origin}/${name}`);
        await settled(page);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        await page.close();
      }
    }
  }
  await browser.close();
  console.log(`${folder}: ${Object.keys(SAMPLES).length * 2 * WIDTHS.length} pictures`);
}
