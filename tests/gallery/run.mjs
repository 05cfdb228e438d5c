// Serves a page of every chart in every state, drawn by the built runtime; with a folder, takes pictures of all instead.
import { createServer } from "node:http";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";

import { SAMPLES } from "./samples.mjs";

const ASSETS = process.env.EMBAN_ASSETS_DIR;
const manifest = JSON.parse(readFileSync(join(ASSETS, "manifest.json"), "utf8"));
const TYPES = { ".js": "text/javascript", ".css": "text/css; charset=utf-8", ".wasm": "application/wasm" };
const WIDTHS = [380, 768, 1440];

const page = (name) => `<!doctype html><html lang="${SAMPLES[name].surface.locale}"><meta charset="utf-8"><title>${name}</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/${manifest.css}">
<body class="em-page"><nav style="padding:12px 20px 0;font-size:13px;display:flex;flex-wrap:wrap;gap:12px">${Object.keys(SAMPLES).map((other) => `<a href="/${other}">${other}</a>`).join("")}</nav>
<div id="root"></div><script type="module">
import start, { mount } from "/assets/${manifest.runtime_js}";
await start({ module_or_path: "/assets/${manifest.runtime_wasm}" });
const { surface, answer } = await (await fetch("/${name}.json")).json();
mount(document.getElementById("root"), { boot: JSON.stringify({ surface, answer }), embedUrl: location.origin + "/embed/dash_gallery?token=none", themeRoot: document.documentElement });
</script>`;

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://gallery");
  const name = pathname.slice(1).replace(/\.json$/, "") || "every";
  const send = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
  if (pathname.startsWith("/assets/") && /^[\w.-]+$/.test(pathname.slice(8))) send(TYPES[extname(pathname)] ?? "text/plain", readFileSync(join(ASSETS, pathname.slice(8))));
  else if (!Object.hasOwn(SAMPLES, name)) response.writeHead(404).end();
  else if (pathname.endsWith(".json")) send("application/json", JSON.stringify(SAMPLES[name]));
  else send("text/html; charset=utf-8", page(name));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const origin = `http://127.0.0.1:${server.address().port}`;

const folder = process.argv[2];
if (folder) {
  await shoot(folder);
  server.close();
} else {
  console.log(`Gallery: ${origin}/every\nStop with Ctrl-C.`);
}

async function shoot(folder) {
  const { chromium } = createRequire(join(process.env.EMBAN_NPM_TOOLS, "package.json"))("playwright-core");
  const browser = await chromium.launch({ executablePath: process.env.EMBAN_CHROMIUM, args: ["--no-sandbox"] });
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(SAMPLES)) {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of WIDTHS) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce" });
        await page.goto(`${origin}/${name}`);
        await page.locator(".em-root[data-live] .em-card").first().waitFor();
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
        await page.close();
      }
    }
  }
  await browser.close();
  console.log(`${folder}: ${Object.keys(SAMPLES).length * 2 * WIDTHS.length} pictures`);
}
