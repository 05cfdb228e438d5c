// P4 and P5: bytes until the first chart, and the time until it is painted, in a browser with an empty cache: the embed
// behind a warm edge, a static HTML file with the same SVG, and pages that fetch the same figures and draw them with
// ECharts, Chart.js or uPlot. Once on this machine's own line, once on a slow one with a slow processor.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { median } from "./load.mjs";
import { publishFlights } from "./skewed/flights.mjs";
import { atEnd, benchmark, env, pause, printTable, quick, SECRET, startEdge, startEngine, startOrigin } from "./stage.mjs";

// Rounds on the fast line and on the slow one. What the budget compares is loaded far more often: the median of 20 loads on
// a slow line is off by 8 ms of 200 (its standard error), which is half of what the budget allows.
const ROUNDS = quick ? [3, 2] : [15, 7];
const COMPARED = ["static", "emban"];
const COMPARED_ROUNDS = quick ? ROUNDS : [150, 75];
const DAYS = 90;
/** A line of 9 Mbit/s and 60 ms there and back, and a processor four times slower. */
const SLOW = { latency: 60, downloadThroughput: (9e6 / 8), uploadThroughput: (9e6 / 8), offline: false };
const LIBRARIES = ["echarts", "chartjs", "uplot"];
const { chromium } = createRequire(join(env("EMBAN_NPM_TOOLS"), "package.json"))("playwright-core");

/** One number a day, with a weekly swing: of so many days ago. */
const calls = (day) => 40 + 20 * ((day * 5) % 7) + day;
/** What every page shows, oldest first: the instant and the number. */
const POINTS = Array.from({ length: DAYS }, (_, place) => DAYS - 1 - place)
  .map((day) => [new Date(Date.now() - day * 86_400_000 - 60_000).toISOString(), calls(day)]);

async function startOurs(folder) {
  const engine = await startEngine(join(folder, "engine"));
  const origin = await startOrigin(join(folder, "origin"), engine, { EMBAN_EDGE_SECRET: SECRET });
  const { url: edge } = await startEdge(origin);
  const events = POINTS.map(([timestamp, calls]) => ({ tenant_id: "acme", event_name: "call", event_id: timestamp,
    timestamp, numeric_props: { calls } }));
  await origin.admin("POST", "/v1/events", { events });
  const id = await origin.publish({ name: "Calls", widgets: [{ id: "w", kind: "timeseries", chart: "area", title: "Calls",
    layout: { x: 0, y: 0, w: 12, h: 6 },
    query: { event_name: "call", metric: "sum", numeric_prop: "calls", granularity: "day", period: `${DAYS}d` } }] });
  const embedUrl = async () => `${edge}/embed/${id}?token=${await origin.token("acme", id)}`;
  // The figures are there, and the edge is warm.
  for (let tries = 0; ; tries += 1) {
    const document = await (await fetch(await embedUrl())).text();
    const svg = /<svg class="eb-chart[\s\S]*?<\/svg>(?=<\/div>)/.exec(document)?.[0];
    if (svg?.includes("<path")) {
      await checkPoints(origin, id);
      return { origin, edge, embedUrl, svg };
    }
    if (tries > 100) throw new Error(`no chart in the document: ${document.slice(0, 500)}`);
    await pause(200);
  }
}

/** What the embed shows must be what the other pages are given. */
async function checkPoints(origin, id) {
  const answer = await fetch(`http://${origin.address}/v1/embed/query`, { method: "POST", body: "{}",
    headers: { authorization: `Bearer ${await origin.token("acme", id)}`, "content-type": "application/json" } });
  const { results } = await answer.json();
  const found = results.w.data.series[0].points.map(([, value]) => value);
  const expected = POINTS.map(([, value]) => value);
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`the embed shows ${found}, the other pages ${expected}`);
}

/** Bytes of the demo dashboard's document in brotli, as a browser may ask for it, all flights of its largest airline in it. */
async function demoDocument({ origin, edge }) {
  const { id } = await publishFlights(origin);
  while ((await origin.admin("GET", "/readyz")).waiting_events > 0) await pause(50);
  const url = `${edge}/embed/${id}?token=${await origin.token("UA", id)}`;
  const asked = request(url, { headers: { "accept-encoding": "br" } }).end();
  const [answer] = await once(asked, "response");
  if (answer.headers["content-encoding"] !== "br") throw new Error(`the document comes as ${answer.headers["content-encoding"]}`);
  const body = Buffer.concat(await answer.toArray());
  const charts = brotliDecompressSync(body).toString().split('<svg class="eb-chart').length - 1;
  if (charts < 5) throw new Error(`${charts} charts in the demo's document`);
  return body.length;
}

/** The page of a library, bundled for production. */
function bundle(name) {
  const [packages, tools] = [env("BENCH_PAINT"), env("EMBAN_NPM_TOOLS")];
  return execFileSync(join(tools, "node_modules/.bin/esbuild"),
    [new URL(`paint/${name}.js`, import.meta.url).pathname, "--bundle", "--minify", "--format=esm", "--define:process.env.NODE_ENV=\"production\""],
    { env: { ...process.env, NODE_PATH: join(packages, "node_modules") }, maxBuffer: 1 << 26 });
}

/** Pages of one's own, as fast as a file can be served: compressed beforehand, from memory. */
async function startPages(svg) {
  // The figures are on their way beside the script, not after it.
  const page = (body) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><link rel="preload" as="fetch" crossorigin href="/points.json"><style>body{margin:0}#chart{width:1000px;height:400px}</style><div id="chart"></div>${body}`;
  const files = { "/static": ["text/html", `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><style>body{margin:0}</style>${svg}`],
    "/points.json": ["application/json", JSON.stringify(POINTS)] };
  for (const name of LIBRARIES) {
    files[`/${name}`] = ["text/html", page(`<script type="module" src="/${name}.js"></script>`)];
    files[`/${name}.js`] = ["text/javascript", bundle(name)];
  }
  for (const file of Object.values(files)) file.push(brotliCompressSync(Buffer.from(file[1])));
  const server = createServer((asked, answer) => {
    const file = files[asked.url];
    answer.writeHead(file ? 200 : 404, file && { "content-type": file[0], "content-encoding": "br", "cache-control": "no-store" });
    answer.end(file?.[2]);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  const bytes = (paths) => paths.reduce((sum, path) => sum + files[path][2].length, 0);
  return { origin, bytes, stop: () => server.close() };
}

/**
 * Runs in the page before anything else: notes the first frame that shows a chart. The pages of the libraries say
 * themselves when they have drawn; an SVG is looked for.
 */
function watch() {
  const isWide = (path) => path.getBoundingClientRect().width > 200;
  const drawn = () => globalThis.drawn || [...document.querySelectorAll("svg path")].some(isWide);
  // Resolves to the milliseconds since the navigation began.
  window.painted = new Promise((resolve, reject) => {
    const look = () => {
      // What a frame's callbacks see is on the screen with that frame: the next one begins after it.
      if (document.documentElement && drawn()) requestAnimationFrame(() => resolve(performance.now()));
      else requestAnimationFrame(look);
    };
    look();
    setTimeout(() => reject(new Error("not within 15 seconds")), 15_000);
  });
  // And to those until something answers the pointer: a library's page does so with its chart, the embed with its runtime.
  window.usable = new Promise((resolve) => {
    const look = () => {
      if (globalThis.drawn || document.querySelector("[data-live]")) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** Whether the canvases of a page hold what they say they do. */
function hasPixels() {
  return [...document.querySelectorAll("canvas")].every((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, canvas.height / 2, canvas.width, Math.min(60, canvas.height / 2));
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] && Math.abs(data[at] - data[at + 2]) > 40) return true;
    return false;
  });
}

/** In a tab of a window that is open: Chromium loads pages of its own for a new window, beside the one that is measured. */
async function open(window, name, url, slow, picture) {
  const page = await window.newPage();
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  await page.addInitScript(watch);
  const client = await window.newCDPSession(page);
  let bytes = 0;
  await client.send("Network.enable");
  await client.send("Network.clearBrowserCache");
  client.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  if (slow) {
    await client.send("Network.emulateNetworkConditions", SLOW);
    await client.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  }
  await page.goto(url, { waitUntil: "commit" });
  const painted = await page.evaluate(() => window.painted).catch((error) => {
    throw new Error(`${url.split("?")[0]}: no chart (${error.message}; ${trouble})`);
  });
  const wire = bytes;
  const usable = name === "static" ? undefined : await page.evaluate(() => window.usable);
  const usableWire = bytes;
  if (!(await page.evaluate(hasPixels))) throw new Error(`${name} says that it has drawn, and has not`);
  if (picture) await page.screenshot({ path: picture });
  await page.close();
  if (trouble.length) throw new Error(`${url.split("?")[0]}: ${trouble}`);
  return { painted, wire, usable: Math.max(painted, usable), usableWire };
}

benchmark(async (folder) => {
  const ours = await startOurs(folder);
  const pages = await startPages(ours.svg);
  const browser = await chromium.launch({ executablePath: env("EMBAN_CHROMIUM"), args: ["--no-sandbox"] });
  atEnd(() => browser.close());
  const window = await browser.newContext({ viewport: { width: 1100, height: 700 } });
  await window.newPage();
  const names = ["static", "emban", ...LIBRARIES];
  const url = async (name) => (name === "emban" ? ours.embedUrl() : `${pages.origin}/${name}`);
  const table = [];
  for (const slow of [false, true]) {
    const found = Object.fromEntries(names.map((name) => [name, []]));
    const line = Number(slow);
    for (let round = -1; round < COMPARED_ROUNDS[line]; round += 1) {
      for (const name of (round < ROUNDS[line] ? [...names] : [...COMPARED]).sort(() => Math.random() - 0.5)) {
        // The round that warms up leaves a picture of each page, to be looked at.
        const picture = round < 0 && !slow && process.env.BENCH_JSON?.replace(/\.json$/, `-${name}.png`);
        const one = await open(window, name, await url(name), slow, picture);
        if (round >= 0) found[name].push(one);
      }
    }
    for (const name of names) {
      const times = found[name].map(({ painted }) => painted);
      table.push({ name, line: slow ? "slow" : "fast", painted_ms: median(times), spread: [Math.min(...times), Math.max(...times)],
        wire_bytes: median(found[name].map(({ wire }) => wire)),
        ...(name !== "static" && { usable_ms: median(found[name].map(({ usable }) => usable)),
          usable_bytes: median(found[name].map(({ usableWire }) => usableWire)) }) });
    }
  }
  pages.stop();
  const of = (name, line) => table.find((row) => row.name === name && row.line === line);
  const ratio = (row) => row.painted_ms / of("static", row.line).painted_ms;
  printTable([["page", "line", "painted ms", "from-to", "over static", "bytes before", "usable ms", "bytes before"], ...table.map((row) => [row.name, row.line,
    row.painted_ms.toFixed(0), row.spread.map((ms) => ms.toFixed(0)).join("-"), ratio(row).toFixed(2), row.wire_bytes,
    row.usable_ms?.toFixed(0) ?? "", row.usable_bytes ?? ""])]);
  const assets = env("BENCH_ASSETS");
  const manifest = JSON.parse(readFileSync(join(assets, "manifest.json"), "utf8"));
  const size = (...members) => members.reduce((sum, member) => sum + readFileSync(join(assets, `${manifest[member]}.br`)).length, 0);
  const bytes = { demo_document: await demoDocument(ours), runtime: size("runtime_js", "runtime_wasm"), embed_js: size("embed_js"), css: size("css"),
    ...Object.fromEntries(LIBRARIES.map((name) => [name, pages.bytes([`/${name}.js`])])) };
  console.log(`brotli: ${Object.entries(bytes).map(([name, size]) => `${name} ${size}`).join(", ")} (a library's is one chart's part of it)`);
  return { rounds: ROUNDS, compared: COMPARED_ROUNDS, table, bytes, budgets: [
    { id: "P4", what: "runtime with all charts, brotli KiB", ratio: bytes.runtime / 1024, atMost: 150 },
    { id: "P4", what: "embed.js, brotli KiB", ratio: bytes.embed_js / 1024, atMost: 5 },
    { id: "P4", what: "document of the demo dashboard, brotli KiB", ratio: bytes.demo_document / 1024, atMost: 30 },
    ...["fast", "slow"].map((line) => ({ id: "P5", what: `first chart painted over a static file's, ${line} line`, ratio: ratio(of("emban", line)), atMost: 1.3 })),
  ] };
});
