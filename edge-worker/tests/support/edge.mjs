// The bundled Worker in the real runtime (workerd, by miniflare), in front of a scripted origin.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EDGE_SECRET, startOrigin } from "./origin.mjs";
import { claims, signingKey, token } from "./session.mjs";

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask test\``);
  return value;
}

const miniflare = createRequire(join(required("EMBAN_NPM_TOOLS"), "package.json"))("miniflare");
/** A response as the runtime's own caches take it. */
export const RuntimeResponse = miniflare.Response;
const bundle = required("EMBAN_EDGE_BUNDLE");
const script = readFileSync(join(bundle, "index.js"), "utf8");
const wasm = readFileSync(join(bundle, "index_bg.wasm"));

/**
 * Starts an edge and its origin; both end with the test. `variables` are the Worker's, `options` go to miniflare; `entry`
 * is the source of a module that stands between the runtime and the Worker, `./index.js`.
 *
 * `session(claims)` makes a token, `get` and `post` send it; `logs` is what the Worker wrote.
 */
export async function startEdge(test, { variables = {}, options = {}, origin: given, key: givenKey, entry } = {}) {
  const key = givenKey ?? signingKey();
  const origin = given ?? (await startOrigin([key]));
  const logs = [];
  const collect = (stream) => stream.on("data", (chunk) => logs.push(chunk.toString()));
  const runtime = new miniflare.Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    compatibilityDate: "2026-04-01",
    modulesRoot: bundle,
    modules: [
      ...(entry ? [{ type: "ESModule", path: join(bundle, "entry.js"), contents: entry }] : []),
      { type: "ESModule", path: join(bundle, "index.js"), contents: script },
      { type: "CompiledWasm", path: join(bundle, "index_bg.wasm"), contents: wasm },
    ],
    bindings: { ORIGIN_URL: origin.url, EDGE_SECRET, ...variables },
    handleRuntimeStdio: (stdout, stderr) => [stdout, stderr].forEach(collect),
    ...options,
  });
  const url = (await runtime.ready).origin;
  let disposed = false;
  const edge = {
    origin, key, url, logs,
    /** The Cache API's default cache, seen from outside. */
    cache: async () => (await runtime.getCaches()).default,
    session: (over) => token(key, claims(over)),
    get: (path, bearer, headers = {}, init = {}) =>
      fetch(url + path, { headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers }, redirect: "manual", ...init }),
    post: (path, bearer, body, headers = {}) =>
      fetch(url + path, {
        method: "POST",
        headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async dispose() {
      if (!disposed) await runtime.dispose();
      disposed = true;
    },
  };
  test.after(async () => {
    await edge.dispose();
    if (origin.server.listening) await origin.stop();
  });
  return edge;
}

/** Asks again until `so` holds of an answer, or the deadline has passed; gives the last answer. */
export async function until(seconds, ask, so) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (await so(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not so within ${seconds} s`);
    await pause(100);
  }
}

/** Where the edge took an answer from. */
export const served = (response) => /edge;desc=(\w+)/.exec(response.headers.get("server-timing") ?? "")?.[1];
