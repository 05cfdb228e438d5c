// The demo as a user starts it, and a headless Chromium in front of it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask test\``);
  return value;
}

const { chromium } = createRequire(join(required("EMBAN_NPM_TOOLS"), "package.json"))("playwright-core");
const START_MS = 120_000;

/** Starts the demo on an empty data folder; answers with its addresses and how to stop it. */
export async function startDemo() {
  const dataDir = mkdtempSync(join(tmpdir(), "emban-demo-"));
  const demo = spawn(required("EMBAN_XTASK"), ["demo", "--no-build", "--data-dir", dataDir], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(demo, "exit");
  let said = "";
  for (const stream of [demo.stdout, demo.stderr]) stream.on("data", (chunk) => (said += chunk));
  await until("the demo runs", () => {
    assert.equal(demo.exitCode, null, `the demo ended:\n${said}`);
    return said.includes("Stop with Ctrl-C");
  }, START_MS);
  const address = (label) => said.match(new RegExp(`^ *${label} +(http\\S+)`, "m"))[1];
  const keys = JSON.parse(readFileSync(join(dataDir, "keys.json"), "utf8"));
  return {
    host: address("Host page"),
    edge: address("Edge"),
    origin: address("Origin"),
    adminKey: keys.admin_key,
    ...JSON.parse(readFileSync(join(dataDir, "demo.json"), "utf8")),
    async stop() {
      demo.kill("SIGINT");
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The browser, and pages in it that remember what went wrong. */
export async function startBrowser() {
  const browser = await chromium.launch({ executablePath: required("EMBAN_CHROMIUM"), args: ["--no-sandbox"] });
  return {
    async page(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 1400 }, locale: "en-US", ...options });
      const page = await context.newPage();
      const trouble = [];
      const asked = [];
      page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
      page.on("pageerror", (error) => trouble.push(String(error)));
      page.on("requestfailed", (request) => trouble.push(`${request.failure().errorText} ${request.url()}`));
      page.on("request", (request) => asked.push(request.url()));
      return Object.assign(page, { trouble, asked });
    },
    stop: () => browser.close(),
  };
}

/** Asks the demo's origin for a session. */
export async function session(demo, tenant, { dashboard = demo.dashboard, permissions = {}, expiresIn = 3600 } = {}) {
  return (await admin(demo, "POST", "/v1/embed-sessions", {
    tenant_id: tenant, dashboard_id: dashboard, permissions, expires_in: expiresIn,
  })).embed_url;
}

/** Calls the demo's origin with its admin key. */
export async function admin(demo, method, path, body) {
  const answer = await fetch(demo.origin + path, {
    method,
    headers: { authorization: `Bearer ${demo.adminKey}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

/** Waits until something holds, for a limited time. */
export async function until(what, holds, limitMs = 15_000) {
  const end = Date.now() + limitMs;
  let value;
  while (!(value = await holds())) {
    assert.ok(Date.now() < end, `not in time: ${what}`);
    await pause(50);
  }
  return value;
}
