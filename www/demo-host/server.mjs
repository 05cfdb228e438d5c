// The backend of Skylane, a made-up SaaS product that shows each airline its own dashboard.
//
// This is the part that a company writes to embed Emban: one route that asks Emban for a session.
// It needs Node.js 20 and nothing else. Environment:
//   EMBAN_URL           the origin of Emban, which this backend calls
//   EMBAN_EDGE_URL      the public URL of Emban, which browsers load the dashboard from
//   EMBAN_ADMIN_KEY     stays here; a browser never sees it
//   EMBAN_DASHBOARD_ID  the published dashboard; without it the page names one by ?dashboard=
//   HOST_LISTEN         address and port, such as 127.0.0.1:8080
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

import { AIRLINES } from "./public/airlines.js";

const SESSION_SECONDS = 3600;
const BODY_BYTES = 4096;
const EMBAN_TIMEOUT_MS = 10_000;

const config = {
  emban: required("EMBAN_URL"),
  edge: new URL(required("EMBAN_EDGE_URL")).origin,
  adminKey: required("EMBAN_ADMIN_KEY"),
  dashboard: process.env.EMBAN_DASHBOARD_ID,
  listen: new URL(`http://${required("HOST_LISTEN")}`),
};

// The strictest policy under which both ways of embedding work: the frame needs frame-src, the
// script tag needs script-src with wasm, and connect-src for its queries. No inline script or style.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src 'self' ${config.edge} 'wasm-unsafe-eval'`,
  `connect-src 'self' ${config.edge}`,
  `frame-src ${config.edge}`,
  `style-src 'self' ${config.edge}`,
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const FILES = new Map([
  ["/", ["index.html", "text/html; charset=utf-8"]],
  ["/app.js", ["app.js", "text/javascript; charset=utf-8"]],
  ["/airlines.js", ["airlines.js", "text/javascript; charset=utf-8"]],
  ["/app.css", ["app.css", "text/css; charset=utf-8"]],
  ["/mark.svg", ["mark.svg", "image/svg+xml"]],
]);

const server = createServer(async (request, response) => {
  try {
    const path = new URL(request.url, "http://host").pathname;
    if (path === "/session" && request.method === "POST") {
      await createSession(request, response);
    } else if (FILES.has(path) && (request.method === "GET" || request.method === "HEAD")) {
      await sendFile(path, response);
    } else {
      sendJson(response, 404, { error: "There is nothing here." });
    }
  } catch (error) {
    console.error(error);
    sendJson(response, 502, { error: "The dashboard cannot be opened at the moment." });
  }
});

async function createSession(request, response) {
  // Another site must not be able to ask for sessions with this visitor's cookies.
  if ((request.headers["sec-fetch-site"] ?? "same-origin") !== "same-origin") {
    return sendJson(response, 403, { error: "This request came from another site." });
  }
  const asked = await readJson(request);
  // In a real product the tenant is the one that the visitor is logged in to, never one that the
  // request names. Here the airline picker stands in for the login.
  const airline = AIRLINES.find(({ code }) => code === asked?.tenant_id);
  const dashboard = config.dashboard ?? asked?.dashboard_id;
  if (!airline || typeof dashboard !== "string") {
    return sendJson(response, 400, { error: "Unknown airline or dashboard." });
  }
  const answer = await fetch(`${config.emban}/v1/embed-sessions`, {
    method: "POST",
    headers: { authorization: `Bearer ${config.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({
      tenant_id: airline.code,
      dashboard_id: dashboard,
      expires_in: SESSION_SECONDS,
      permissions: { allowed_origins: ownOrigins(), timezone: "America/New_York" },
    }),
    signal: AbortSignal.timeout(EMBAN_TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`Emban answered ${answer.status}: ${await answer.text()}`);
  const { embed_url, expires_at } = await answer.json();
  sendJson(response, 201, { embed_url, expires_at });
}

/** The origins from which this page is opened: the only ones that may embed its sessions. */
function ownOrigins() {
  const { port } = server.address();
  return [`http://${config.listen.hostname}:${port}`, `http://localhost:${port}`];
}

async function readJson(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > BODY_BYTES) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function sendFile(path, response) {
  const [name, type] = FILES.get(path);
  const body = await readFile(new URL(`./public/${name}`, import.meta.url));
  response.writeHead(200, {
    "content-type": type,
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
  });
  response.end(body);
}

function sendJson(response, status, value) {
  if (response.headersSent) return response.end();
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(value));
}

function required(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`${name} is not set`);
    process.exit(2);
  }
  return value;
}

server.listen(Number(config.listen.port || 80), config.listen.hostname, () => {
  console.log(JSON.stringify({ listening: `${config.listen.hostname}:${server.address().port}` }));
});
