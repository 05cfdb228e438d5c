// A scripted origin: answers like the real one, and fails as it is told. The tests of all tiers together run against
// the real one; what is needed here are failures that it does not have.
import { createServer } from "node:http";
import { read, scopeDigest } from "./session.mjs";

export const EDGE_SECRET = "the-secret-of-these-tests";

/** Starts an origin that knows `keys`. Everything it does can be replaced by assigning to the object. */
export async function startOrigin(keys) {
  const origin = {
    keys,
    requests: [],
    feed: [],
    feedStatus: 200,
    fresh: 60,
    version: undefined,
    counter: 0,
    /** Replaces the answer of any embed route: (request, session) => { status?, headers?, body? } or a promise. */
    embed: undefined,
    /** Files by path: { body, headers }. */
    files: {},
    asked(path) {
      return this.requests.filter((request) => request.path === path);
    },
    /** Tells the edges something. */
    tell(event) {
      this.feed.push({ sequence: this.feed.length + 1, environment: "production", ...event });
    },
    async stop() {
      this.server.closeAllConnections();
      await new Promise((resolve) => this.server.close(resolve));
    },
    async start() {
      this.server = createServer((request, response) => serve(this, request, response));
      await new Promise((resolve) => this.server.listen(this.port ?? 0, "127.0.0.1", resolve));
      this.port = this.server.address().port;
      this.url = `http://127.0.0.1:${this.port}`;
    },
  };
  await origin.start();
  return origin;
}

async function serve(origin, request, response) {
  const url = new URL(request.url, origin.url);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const seen = { method: request.method, path: url.pathname, search: url.search, headers: request.headers, body };
  origin.requests.push(seen);
  const { status = 200, headers = {}, body: answer = "" } = await route(origin, seen, url);
  response.writeHead(status, headers);
  response.end(typeof answer === "string" || Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
}

async function route(origin, request, url) {
  const json = { "content-type": "application/json" };
  if (url.pathname === "/.well-known/jwks.json") {
    return { headers: json, body: { keys: origin.keys.map((key) => key.jwk) } };
  }
  if (url.pathname === "/internal/feed") return feed(origin, request, url);
  if (url.pathname.startsWith("/v1/embed/") || url.pathname.startsWith("/embed/")) return embed(origin, request);
  return origin.files[url.pathname] ?? { status: 404, headers: json, body: { error: "Not found.", code: "not_found" } };
}

function feed(origin, request, url) {
  if (request.headers.authorization !== `Bearer ${EDGE_SECRET}`) return { status: 401 };
  if (origin.feedStatus !== 200) return { status: origin.feedStatus };
  const after = Number(url.searchParams.get("after"));
  const entries = origin.feed.filter((entry) => entry.sequence > after);
  return { headers: { "content-type": "application/json" }, body: { sequence: origin.feed.length, entries } };
}

async function embed(origin, request) {
  const session = read(request.headers.authorization?.replace("Bearer ", "") ?? "");
  const scoped = {
    "content-type": "application/json",
    "x-emban-scope": scopeDigest(session),
    "x-emban-fresh": String(origin.fresh),
    "x-emban-internal": "not for browsers",
    "set-cookie": "not=for-browsers",
    server: "not for browsers",
    ...(origin.version && { "x-emban-version": String(origin.version) }),
  };
  const own = (await origin.embed?.(request, session, scoped)) ?? {};
  origin.counter += 1;
  const figures = { tenant: session.tenant, path: request.path, asked: request.body, counter: origin.counter };
  return { ...own, headers: { ...scoped, ...own.headers }, body: own.body ?? figures };
}
