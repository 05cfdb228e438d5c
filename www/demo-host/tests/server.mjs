// The example backend against a stand-in for Emban that records what it is asked.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const ADMIN_KEY = "eb_adm_only_for_this_test";
const EMBED_URL = "http://127.0.0.1:1/embed/dash_1?token=t";
const asked = [];
let emban;
let host;
let url;

before(async () => {
  emban = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push({ url: request.url, authorization: request.headers.authorization, body: JSON.parse(body) });
    response.writeHead(201, { "content-type": "application/json" });
    response.end(JSON.stringify({ embed_url: EMBED_URL, token: "t", expires_at: "2026-01-01T00:00:00Z" }));
  }).listen(0, "127.0.0.1");
  await once(emban, "listening");
  host = spawn(process.execPath, [fileURLToPath(new URL("../server.mjs", import.meta.url))], {
    env: {
      EMBAN_URL: `http://127.0.0.1:${emban.address().port}`,
      EMBAN_EDGE_URL: "http://127.0.0.1:1",
      EMBAN_ADMIN_KEY: ADMIN_KEY,
      EMBAN_DASHBOARD_ID: "dash_1",
      HOST_LISTEN: "127.0.0.1:0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: host.stdout }), "line");
  url = `http://${JSON.parse(line).listening}`;
});

after(() => {
  host.kill();
  emban.close();
});

function postSession(body, headers = {}) {
  return fetch(`${url}/session`, { method: "POST", headers, body: JSON.stringify(body) });
}

test("a session is made for the airline, with this page as the only one that may embed it", async () => {
  const answer = await postSession({ tenant_id: "DL" });
  assert.equal(answer.status, 201);
  assert.equal((await answer.json()).embed_url, EMBED_URL);
  const call = asked.at(-1);
  assert.equal(call.url, "/v1/embed-sessions");
  assert.equal(call.authorization, `Bearer ${ADMIN_KEY}`);
  assert.equal(call.body.tenant_id, "DL");
  assert.ok(call.body.permissions.allowed_origins.includes(url));
});

test("an airline that is no customer gets no session", async () => {
  const before = asked.length;
  assert.equal((await postSession({ tenant_id: "XX" })).status, 400);
  assert.equal((await postSession({ tenant_id: { code: "DL" } })).status, 400);
  assert.equal(asked.length, before);
});

test("another site cannot ask for a session", async () => {
  const before = asked.length;
  const answer = await postSession({ tenant_id: "DL" }, { "sec-fetch-site": "cross-site" });
  assert.equal(answer.status, 403);
  assert.equal(asked.length, before);
});

test("no file or answer holds the admin key, and pages allow no inline script", async () => {
  for (const path of ["/", "/app.js", "/airlines.js", "/app.css", "/server.mjs", "/../server.mjs"]) {
    const answer = await fetch(url + path);
    assert.ok(!(await answer.text()).includes(ADMIN_KEY), path);
    if (answer.ok) assert.doesNotMatch(answer.headers.get("content-security-policy"), /unsafe-inline|'unsafe-eval'|\*/);
  }
});
