// Runs the bundled Worker on this machine, in the runtime that Cloudflare uses (workerd, by miniflare).
//
// Environment: EMBAN_NPM_TOOLS (folder with node_modules), EMBAN_EDGE_BUNDLE (folder of index.js),
// EMBAN_LISTEN (address and port); the variables of wrangler.toml become the Worker's.
// Prints {"listening":"127.0.0.1:PORT"} when it serves.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const OPTIONAL = ["SESSION_REQUESTS_PER_MINUTE", "ANSWER_MEMORY_MIB"];
const COMPATIBILITY_DATE = "2026-04-01";

function required(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} is not set`);
    process.exit(2);
  }
  return value;
}

const requireTool = createRequire(join(required("EMBAN_NPM_TOOLS"), "package.json"));
const { Miniflare } = requireTool("miniflare");
const bundle = required("EMBAN_EDGE_BUNDLE");
const listen = new URL(`http://${required("EMBAN_LISTEN")}`);

const edge = new Miniflare({
  host: listen.hostname,
  port: Number(listen.port || 80),
  cf: false,
  telemetry: { enabled: false },
  compatibilityDate: COMPATIBILITY_DATE,
  modulesRoot: bundle,
  modules: [
    { type: "ESModule", path: join(bundle, "index.js"), contents: readFileSync(join(bundle, "index.js"), "utf8") },
    { type: "CompiledWasm", path: join(bundle, "index_bg.wasm"), contents: readFileSync(join(bundle, "index_bg.wasm")) },
  ],
  bindings: {
    ORIGIN_URL: required("ORIGIN_URL"),
    EDGE_SECRET: required("EDGE_SECRET"),
    ORGANISATION: process.env.ORGANISATION ?? "default",
    ...Object.fromEntries(OPTIONAL.filter((name) => process.env[name]).map((name) => [name, process.env[name]])),
  },
});

async function stop() {
  await edge.dispose();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

try {
  const url = await edge.ready;
  console.log(JSON.stringify({ listening: url.host }));
} catch (error) {
  console.error(error);
  process.exit(1);
}
