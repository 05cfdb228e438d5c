// A page of every chart in every state, drawn by the built runtime.
import { createServer } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";

import { SAMPLES } from "./samples.mjs";

const ASSETS = process.env.EMBAN_ASSETS_DIR;
const TYPES = { ".js": "text/javascript", ".css": "text/css; charset=utf-8", ".wasm": "application/wasm" };

/** Phone, tablet and desk, in CSS pixels. */
export const WIDTHS = [380, 768, 1440];

const page = (name, manifest) => `<!doctype html><html lang="${SAMPLES[name].surface.locale}"><meta charset="utf-8"><title>${name}</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/${manifest.css}">
<body class="em-page"><nav style="padding:12px 20px 0;font-size:13px;display:flex;flex-wrap:wrap;gap:12px">${Object.keys(SAMPLES).map((other) => `<a href="/${other}">${other}</a>`).join("")}</nav>
<div id="root"></div><script type="module">
import start, { mount } from "/assets/${manifest.runtime_js}";
await start(fetch("/assets/${manifest.runtime_wasm}"));
const { surface, answer } = await (await fetch("/${name}.json")).json();
mount(document.getElementById("root"), { boot: JSON.stringify({ surface, answer }), embedUrl: location.origin + "/embed/dash_gallery?token=none", themeRoot: document.documentElement });
</script>`;

/** Serves the pages, one for each sample, until it is stopped. */
export async function startGallery() {
  const manifest = JSON.parse(readFileSync(join(ASSETS, "manifest.json"), "utf8"));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://gallery");
    const name = pathname.slice(1).replace(/\.json$/, "") || "every";
    const send = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
    if (pathname.startsWith("/assets/") && /^[\w.-]+$/.test(pathname.slice(8))) send(TYPES[extname(pathname)] ?? "text/plain", readFileSync(join(ASSETS, pathname.slice(8))));
    else if (!Object.hasOwn(SAMPLES, name)) response.writeHead(404).end();
    else if (pathname.endsWith(".json")) send("application/json", JSON.stringify(SAMPLES[name]));
    else send("text/html; charset=utf-8", page(name, manifest));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Waits until everything of a page stands as it will. */
export async function settled(page) {
  await page.locator(".em-root[data-live] .em-card").first().waitFor();
  // Charts are drawn anew in the frame after the one that tells their size.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
