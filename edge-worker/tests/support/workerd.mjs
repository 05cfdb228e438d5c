// The shipped folder in workerd by itself.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { until } from "./edge.mjs";
import { EDGE_SECRET, startOrigin } from "./origin.mjs";
import { claims, signingKey, token } from "./session.mjs";

const { default: workerd } = createRequire(join(process.env.EMBAN_NPM_TOOLS, "package.json"))("workerd");
const folder = join(process.env.EMBAN_EDGE_BUNDLE, "../edge-workerd");

/** A port of this machine that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts an edge as OPERATIONS.md says, and its origin; `flags` are more of workerd's. Both end with the test. */
export async function start(t, variables = {}, flags = []) {
  const key = signingKey();
  const origin = await startOrigin([key]);
  const port = await freePort();
  const child = spawn(workerd, ["serve", join(folder, "emban.capnp"), "--socket-addr", `http=127.0.0.1:${port}`, ...flags], {
    env: { ORIGIN_URL: origin.url, EDGE_SECRET, ...variables }, stdio: ["ignore", "inherit", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  t.after(async () => {
    child.kill();
    if (origin.server.listening) await origin.stop();
  });
  await until(10, () => fetch(`${url}/healthz`).then((answer) => answer.status, () => 0), (status) => status === 200);
  const session = token(key, claims());
  return { origin, url, key, session, get: (path, headers = {}) => fetch(url + path, { headers: { authorization: `Bearer ${session}`, ...headers } }) };
}
