// What the edge serves, as its own source has it, and what the origin serves, as it describes itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** The paths of the edge's routing table: each is written out there, whole or as what it begins with. */
export function pathsOfTheEdge() {
  const source = readFileSync(new URL("../../../edge-worker/src/route.rs", import.meta.url), "utf8");
  const table = /\nfn row\(path: &str\)[^]*?\n\}\n/.exec(source);
  assert.ok(table, "route.rs has its table in `fn row`");
  const paths = [...table[0].matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path);
  const arms = /fn name\(&self\)[^]*?\n {4}\}\n/.exec(source)[0].match(/Self::/g);
  assert.equal(paths.length, arms.length, "each route has one path in the table");
  return paths;
}

/** The origin's operations: { method, path, caller }, where `caller` is session, key, edge or nobody. */
export async function operationsOfTheOrigin(url) {
  const { paths } = await (await fetch(`${url}/openapi.json`)).json();
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { security }]) => ({
    method: method.toUpperCase(), path, caller: Object.keys(security?.[0] ?? {})[0],
  })));
}
