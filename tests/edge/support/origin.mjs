// The real origin (`emban serve`) with its embedded engine, started and killed as the cases need it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { EDGE_SECRET } from "../../../edge-worker/tests/support/origin.mjs";
import { signingKeyOf } from "./keys.mjs";

const ADMIN_KEY = "eb_adm_of_the_edge_tests_0123456789";
const READY_MS = 60_000;

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask test\``);
  return value;
}

/** Starts an origin on a data folder of its own. */
export async function startOrigin() {
  const folder = mkdtempSync(join(tmpdir(), "emban-edge-origin-"));
  const helper = required("EMBAN_CLICKHOUSE_HELPER");
  const origin = {
    url: undefined,
    log: "",
    async start() {
      // `env` of its own: the origin refuses names that it does not know.
      this.child = spawn(join(dirname(helper), "emban"), ["serve"], {
        env: {
          EMBAN_LISTEN: this.url ? new URL(this.url).host : "127.0.0.1:0",
          EMBAN_DATA_DIR: join(folder, "data"),
          EMBAN_ASSETS_DIR: required("EMBAN_ASSETS_DIR"),
          EMBAN_CLICKHOUSE_HELPER: helper,
          EMBAN_LIBCHDB: required("EMBAN_LIBCHDB"),
          EMBAN_BOOTSTRAP_ADMIN_KEY: ADMIN_KEY,
          EMBAN_EDGE_SECRET: EDGE_SECRET,
          EMBAN_LOG: "info",
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      this.ended = once(this.child, "exit");
      this.child.stderr.on("data", (chunk) => (this.log += chunk));
      const lines = createInterface({ input: this.child.stdout });
      const [line] = await Promise.race([
        once(lines, "line", { signal: AbortSignal.timeout(READY_MS) }),
        this.ended.then(([code]) => { throw new Error(`the origin ended with ${code}:\n${this.log}`); }),
      ]);
      this.url = `http://${JSON.parse(line).listening}`;
    },
    /** What `emban doctor` says of an edge. */
    async doctor(edge) {
      const child = spawn(join(dirname(helper), "emban"), ["doctor"], {
        env: {
          EMBAN_DATA_DIR: join(folder, "data"),
          EMBAN_LIBCHDB: required("EMBAN_LIBCHDB"),
          EMBAN_ASSETS_DIR: required("EMBAN_ASSETS_DIR"),
          EMBAN_EDGE_SECRET: EDGE_SECRET,
          EMBAN_PUBLIC_URL: edge,
        },
        stdio: ["ignore", "pipe", "ignore"],
      });
      let report = "";
      child.stdout.on("data", (chunk) => (report += chunk));
      const [code] = await once(child, "close");
      return { sound: code === 0, report };
    },
    /** As a power cut would. */
    async kill() {
      this.child.kill("SIGKILL");
      await this.ended;
    },
    async stop() {
      this.child.kill("SIGTERM");
      await this.ended;
      rmSync(folder, { recursive: true, force: true });
    },
    /** Calls a route with the admin key; anything but success is an error. */
    async admin(method, path, body) {
      const answer = await fetch(this.url + path, {
        method,
        headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
        body: body && JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text && JSON.parse(text);
    },
    /** Mints a session. */
    session(tenant, dashboard, { permissions = {}, expiresIn = 3600 } = {}) {
      return this.admin("POST", "/v1/embed-sessions", {
        tenant_id: tenant, dashboard_id: dashboard, permissions, expires_in: expiresIn,
      });
    },
    /** Creates and publishes a dashboard. */
    async publish(document) {
      const { id } = await this.admin("POST", "/v1/dashboards", document);
      await this.admin("POST", `/v1/dashboards/${id}/publish`);
      return id;
    },
    /** A key that the origin publishes, for tokens of an issuer whose clock is wrong: one just rotated in may not be read yet. */
    async signingKey() {
      const signing = join(folder, "data/signing");
      const { keys } = await (await fetch(`${this.url}/.well-known/jwks.json`)).json();
      for (const name of readdirSync(signing).filter((name) => name.startsWith("production."))) {
        const key = signingKeyOf(Buffer.from(readFileSync(join(signing, name), "utf8").trim(), "base64url"));
        const published = keys.find(({ x }) => x === key.x);
        if (published) return { ...key, kid: published.kid };
      }
      throw new Error("the origin publishes none of its keys");
    },
    /** Adds a key as a rotation some minutes ago would have: it signs as soon as it is read. */
    rotate(seed, minutesAgo) {
      const since = Date.now() - minutesAgo * 60_000;
      writeFileSync(join(folder, `data/signing/production.${since}.key`), seed.toString("base64url"), { mode: 0o600 });
    },
  };
  await origin.start();
  return origin;
}
