// A tenant that is named where none belongs: in a header, the query, the path, the body. The other tenant's answers lie
// in the same caches meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTROL_TEXTS, TEXTS } from "../support/attacks.mjs";
import { assertClean } from "../support/leaks.mjs";
import { origin, served, shared, startEdge, TENANTS, tokenOf } from "../support/stage.mjs";
import { bytes, exchange } from "../support/wire.mjs";

const WHO = { tenant: "acme", own: TENANTS.acme, other: "globex", foreign: TENANTS.globex };
/** Stands in what is smuggled, so that it is known again wherever it comes out. */
const TAG = "smuggled-7f3a";
const QUERY = "/v1/embed/query";

/** What the edge itself tells the origin, and what the runtime adds. */
const ONWARD = new Set(["host", "connection", "authorization", "accept", "accept-encoding", "cache-control", "content-type", "content-length", "x-request-id", "cf-worker"]);

/** The routes of a session, as it asks them. */
const asks = () => [
  { path: `/embed/${shared}`, shows: WHO.own },
  { path: "/v1/embed/surface", shows: '"widgets"' },
  { method: "POST", path: QUERY, body: "{}", shows: WHO.own },
  { method: "POST", path: "/v1/embed/rows", body: '{"widget":"models"}', shows: WHO.own },
  { method: "POST", path: "/v1/embed/values", body: '{"dimension":"model"}', shows: WHO.own },
  { path: "/v1/embed/export?format=csv&widget=table", shows: WHO.own },
];

/** Without what differs from answer to answer by itself. */
const settled = ({ body }) => body.replace(/"expires_in": *\d+/, "").replace(/nonce="[\w-]+"/g, "").replace(/"freshness":"[^"]+"/g, "");

/** An edge whose caches hold what both tenants see, and the tokens of both. */
async function warmEdge(t) {
  const edge = await startEdge(t, { SESSION_REQUESTS_PER_MINUTE: "0" });
  const [token, others] = [await tokenOf("acme"), await tokenOf("globex")];
  let scope;
  edge.line.tamper = (headers, asked) => { if (asked.headers.authorization.endsWith(others)) scope = headers["x-emban-scope"]; };
  for (const bearer of [others, token]) {
    for (const ask of asks()) {
      const answer = await edge.get(ask.path, bearer, { "content-type": "application/json" }, { method: ask.method, body: ask.body });
      assert.equal(answer.status, 200, ask.path);
    }
  }
  edge.line.tamper = undefined;
  edge.line.seen.length = 0;
  assert.equal(served(await edge.post(QUERY, others, {})), "hit");
  const send = async ({ method, path, body, headers = {} }, bearer = token) => {
    const given = { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }) };
    const answer = await exchange(edge.url, { method, path, body, headers: { ...given, ...headers } });
    const label = `${method ?? "GET"} ${path} ${JSON.stringify(headers)} ${String(body).slice(0, 80)}`;
    assertClean(answer.text, WHO, label);
    assert.ok(!answer.text.includes(TAG), `${label} says again what was smuggled: ${answer.text}`);
    // What the runtime refuses by itself, before the Worker, is a 500 that says no more.
    const byRuntime = answer.status === 500 && answer.body === "Internal Server Error";
    assert.ok(answer.status < 500 || byRuntime, `${label}: ${answer.status} ${answer.text}`);
    return Object.assign(answer, { label });
  };
  return { edge, token, others, scope, send };
}

/** The other tenant still sees its own from the cache, and nothing of this one. */
async function assertUnharmed({ edge, others }) {
  const answer = await edge.post(QUERY, others, {});
  const text = await answer.text();
  assert.ok(text.includes(WHO.foreign) && !text.includes(WHO.own) && !text.includes(TAG), text.slice(0, 300));
}

/** Nothing that was smuggled has gone on to the origin, and no header but those that the edge writes. */
function assertOnward(edge, secret) {
  assert.ok(edge.line.seen.length > 0);
  for (const { method, path, headers } of edge.line.seen) {
    const label = `${method} ${path} ${JSON.stringify(headers)}`;
    assert.deepEqual(Object.keys(headers).filter((name) => !ONWARD.has(name)), [], label);
    assert.ok(!label.includes(TAG) && !label.includes(secret), `the origin is told what was smuggled: ${label}`);
  }
}

const smuggledHeaders = ({ others, scope }) => [
  ["x-tenant-id", "globex"], ["x-emban-tenant", "globex"], ["x-emban-session", others], ["x-emban-scope", scope],
  ["x-emban-version", "1"], ["x-emban-fresh", "86400"], ["x-emban-entry", JSON.stringify({ scope, stored_at_ms: 0, fresh_seconds: 9 })],
  ["x-forwarded-user", "globex"], ["x-forwarded-host", `${TAG}.globex.example`], ["x-forwarded-server", `${TAG}.example`],
  ["x-forwarded-proto", "https"], ["x-forwarded-port", "1"], ["x-forwarded-for", `${TAG}, 127.0.0.1`], ["x-forwarded-prefix", `/${TAG}`],
  ["x-forwarded-uri", `/embed/${shared}?token=${others}`], ["forwarded", `for=${TAG};host=${TAG}.example;proto=https`],
  ["x-original-url", `/embed/${shared}?token=${others}`], ["x-original-uri", "/internal/feed"], ["x-original-host", `${TAG}.example`],
  ["x-rewrite-url", "/internal/feed?after=0"], ["x-http-method-override", "DELETE"], ["x-method-override", "POST"],
  ["cookie", `token=${others}; tenant=globex; ${TAG}=1`], ["proxy-authorization", `Bearer ${others}`], ["x-authorization", `Bearer ${others}`],
  ["x-access-token", others], ["x-api-key", others], ["x-forwarded-authorization", `Bearer ${others}`],
  ["host", `${TAG}.globex.example`], ["referer", `https://host.example/?token=${others}&${TAG}`], ["x-request-id", `${TAG}-globex`],
  ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"], ["cf-connecting-ip", "127.0.0.1"], ["cf-worker", `${TAG}.example`],
  ["true-client-ip", TAG], ["range", "bytes=0-3"], ["if-none-match", "*"], ["accept-language", `${TAG}, globex`], ["user-agent", TAG],
  ["connection", "authorization"], ["te", "trailers"], ["upgrade-insecure-requests", "1"], ["accept", `application/${TAG}`],
];

test("a tenant named in a header is not heard, by the edge or by the origin, and leaves nothing in a cache", async (t) => {
  const stage = await warmEdge(t);
  const { edge, others, send } = stage;
  const plain = new Map();
  for (const ask of asks()) plain.set(ask.path, settled(await send(ask)));
  let tried = 0;
  for (const [name, value] of smuggledHeaders(stage)) {
    // Fresh from the origin as well, so that what is said there would be kept.
    const variants = asks().flatMap((ask) => [{}, { "cache-control": "no-cache" }].map((more) => ({ ...ask, headers: { ...more, [name]: value } })));
    await Promise.all(variants.map(async (ask) => {
      const answer = await send(ask);
      assert.equal(answer.status, 200, answer.label);
      assert.ok(answer.body.includes(ask.shows), `${answer.label}: its own is missing`);
      assert.equal(settled(answer), plain.get(ask.path), answer.label);
      tried += 1;
    }));
    const without = await send({ path: "/v1/embed/surface", headers: { [name]: value } }, null);
    assert.equal(without.status, 401, `${without.label} is a credential`);
  }
  assertOnward(edge, others);
  await assertUnharmed(stage);
  for (const ask of asks()) assert.equal(settled(await send(ask)), plain.get(ask.path), `${ask.path} afterwards`);
  t.diagnostic(`${tried} requests with a smuggled header, 0 heard`);
});

test("a tenant or a token named in the query is not heard", async (t) => {
  const stage = await warmEdge(t);
  const { edge, token, others, send } = stage;
  const document = `/embed/${shared}`;
  for (const rest of [`tenant_id=globex&tenant=globex&sub=x&perm={}`, `token=${others}`, `token=${others}&token=${others}`, `t%6Fken=${others}`, `access_token=${others}`]) {
    for (const ask of asks()) {
      const answer = await send({ ...ask, path: `${ask.path}${ask.path.includes("?") ? "&" : "?"}${rest}` });
      // The export takes its question from the query, and none with a member that it does not know.
      if (ask.path.includes("?") && answer.status === 422) continue;
      assert.equal(answer.status, 200, answer.label);
      assert.ok(answer.body.includes(ask.shows), `${answer.label}: its own is missing`);
    }
  }
  for (const rest of [
    `token=${token}&token=${others}`, `token=${others}&token=${token}`, `token=&token=${others}`, `t%6Fken=${others}`, `token%3D${others}`,
    `TOKEN=${others}`, `token[]=${others}`, `;token=${others}`, `x=1;token=${others}`, `token=%20${others}`, `token=${token},${others}`,
    `token=${token}%26token=${others}`, `#?token=${others}`, `access_token=${others}`,
  ]) {
    const answer = await send({ path: `${document}?${rest}` }, null);
    assert.equal(answer.status, 401, answer.label);
  }
  const own = await send({ path: `${document}?x=${TAG}&token=${token}&tenant=globex` }, null);
  assert.ok(own.status === 200 && own.body.includes(WHO.own), own.label);
  for (const path of ["/v1/embed/surface", "/v1/embed/export"]) {
    assert.equal((await send({ path: `${path}?token=${token}&widget=table&format=csv` }, null)).status, 401, path);
  }
  await assertUnharmed(stage);
  for (const { path } of edge.line.seen) assert.ok(!/[?&]token=/.test(path), `the origin's URL holds a token: ${path}`);
});

test("a path that means another one is not served, and none but the embed's reaches the origin", async (t) => {
  const { edge, send } = await warmEdge(t);
  const { href } = new URL("/v1/dashboards", origin.url);
  for (const path of [
    "//v1/embed/surface", "/v1//embed/surface", "/v1/embed/surface/", "/v1/embed/surface;x", "/v1/embed/%73urface", "/V1/EMBED/SURFACE",
    "/v1/embed/surface%00", "/v1/embed/surface%3Ftoken=x", "/v1/embed/..%2f..%2finternal/feed", "/v1/embed/../../internal/feed",
    "/v1/embed/%2e%2e/%2e%2e/internal/feed", "/v1/embed\\..\\..\\internal\\feed", "/internal/feed", "/internal/feed?after=0",
    `/embed/${shared}/../../internal/feed`, `/embed/${shared}%2f..%2f..%2finternal%2ffeed`, `/embed/${shared}%0d%0aX-Emban-Tenant:globex`,
    `/embed/${shared}%3Ftoken=x`, "/embed/..%2finternal%2ffeed", "/assets/..%2finternal%2ffeed", "/assets/../internal/feed", "/assets//internal/feed",
    "/.emban-cache/v2/query/x", "/.emban-cache/files/br/embed.js", "/v1/dashboards", href, "/v1/embed-sessions", "/openapi.json", "/metrics", "/readyz",
    "*", `@${new URL(origin.url).host}/v1/dashboards`, `/${TAG}`,
  ]) {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const answer = await send({ method, path });
      assert.ok([400, 404, 405, 500].includes(answer.status), `${answer.label}: ${answer.status}`);
    }
  }
  const embed = ["/.well-known/jwks.json", "/internal/feed", `/embed/${shared}`, "/v1/embed/surface", QUERY, "/v1/embed/rows", "/v1/embed/values", "/v1/embed/export"];
  const feed = edge.line.asked("/internal/feed");
  assert.ok(feed.every(({ path, headers }) => /\?after=\d+$/.test(path) && headers["user-agent"] === undefined), JSON.stringify(feed));
  assert.deepEqual([...new Set(edge.line.seen.map(({ path }) => path.split("?")[0]))].filter((path) => !embed.includes(path)), []);
});

const UNKNOWN = [
  [QUERY, { tenant: "globex" }], [QUERY, { tenant_id: "globex" }], [QUERY, { sql: "SELECT * FROM events" }], [QUERY, { token: "x" }],
  [QUERY, { filters: { tenant_id: "globex" } }], [QUERY, '{"__proto__":{"tenant":"globex"}}'], [QUERY, '{"constructor":{"tenant":"globex"}}'],
  [QUERY, '{"filters":{"dimensions":{"model":{"tenant":"globex"}}}}'], [QUERY, '{"widgets":["calls"],"widgets":["models"]}'],
  ["/v1/embed/rows", { widget: "models", tenant_id: "globex" }], ["/v1/embed/rows", { widget: "models", point: { tenant: "globex" } }],
  ["/v1/embed/values", { dimension: "model", tenant_id: "globex" }],
];

/** Bodies that reach for another property, for SQL, or for a fault, with a text in every place that takes one. */
const withText = (text) => [
  [QUERY, { widgets: [text] }], [QUERY, { filters: { period: text } }], [QUERY, { filters: { dimensions: { [text]: ["x"] } } }],
  [QUERY, { filters: { dimensions: { model: text } } }], [QUERY, { filters: { numericRanges: { [text]: { min: 0 } } } }],
  [QUERY, { filters: { dateRanges: { timestamp: { from: text, to: text } } } }],
  ["/v1/embed/rows", { widget: text }], ["/v1/embed/rows", { widget: "models", cursor: text }],
  ["/v1/embed/rows", { widget: "models", point: { group: [text] } }], ["/v1/embed/values", { dimension: text }],
  ["/v1/embed/values", { dimension: "model", search: text }],
];

test("a body names no tenant, no SQL and no property that is not the dashboard's", async (t) => {
  const stage = await warmEdge(t);
  // What the origin admits of one session a minute is less than this.
  const tokens = await Promise.all(Array.from({ length: 12 }, () => tokenOf("acme")));
  const text = (body) => (typeof body === "string" ? body : JSON.stringify(body));
  for (const [path, body] of UNKNOWN) {
    const answer = await stage.send({ method: "POST", path, body: text(body) });
    assert.equal(answer.status, 422, `${answer.label}: ${answer.text}`);
  }
  let tried = UNKNOWN.length;
  for (const hostile of [...TEXTS, ...CONTROL_TEXTS]) {
    const bodies = withText(hostile).map(([path, body]) => ({ method: "POST", path, body: text(body) }));
    const filters = [hostile, JSON.stringify({ dimensions: { model: hostile } }), JSON.stringify({ dimensions: { [hostile]: "x" } })];
    const urls = [{ widget: hostile }, { widget: "table", format: hostile }, ...filters.map((value) => ({ widget: "table", filters: value }))];
    for (const ask of [...bodies, ...urls.map((parameters) => ({ path: `/v1/embed/export?${new URLSearchParams(parameters)}` }))]) {
      const answer = await stage.send(ask, tokens[tried % tokens.length]);
      assert.ok([200, 400, 403, 404, 422].includes(answer.status), `${answer.label}: ${answer.status} ${answer.text}`);
      tried += 1;
    }
  }
  await assertUnharmed(stage);
  t.diagnostic(`${tried} bodies and URLs tried, 0 leaks`);
});

test("bytes that are no question are refused, and the same isolate goes on", async (t) => {
  const stage = await warmEdge(t);
  const deep = (open, close, depth) => `${open.repeat(depth)}1${close.repeat(depth)}`;
  for (const body of [
    "", "{", "\u0000", "{}{}", "NaN", "null", "[]", '"{}"', "{\"filters\":{\"numericRanges\":{\"tokens\":{\"min\":1e999}}}}",
    deep("[", "]", 30_000), deep('{"a":', "}", 10_000), `{"filters":{"dimensions":{"model":${deep("[", "]", 20_000)}}}}`,
    "\ufeff{}", "{}\u0000", "{\"widgets\":[\"\ud800\"]}",
  ]) {
    const answer = await stage.send({ method: "POST", path: QUERY, body });
    assert.ok([400, 422].includes(answer.status), `${answer.label}: ${answer.status} ${answer.text}`);
    assert.equal(typeof JSON.parse(answer.body).code, "string", answer.label);
  }
  const large = await stage.send({ method: "POST", path: QUERY, body: deep("[", "]", 100_000) });
  assert.equal(large.status, 413);
  assert.equal(served(await stage.edge.post(QUERY, stage.token, {})), "hit", "what was in memory is still there");
  assert.ok(!stage.edge.logs.join("").includes("panicked"));
});

test("requests that two readers would cut differently end at the edge", async (t) => {
  const { edge, token, others } = await warmEdge(t);
  const before = edge.line.seen.length;
  const hidden = `GET /v1/embed/surface?${TAG} HTTP/1.1\r\nhost: edge\r\nauthorization: Bearer ${others}\r\n\r\n`;
  const head = (lines) => `POST ${QUERY} HTTP/1.1\r\nhost: edge\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n${lines.join("\r\n")}\r\n\r\n`;
  const chunk = `0\r\n\r\n${hidden}`;
  const cases = Object.entries({
    "length and chunks": head([`content-length: ${chunk.length}`, "transfer-encoding: chunked"]) + chunk,
    "chunks and length": head(["transfer-encoding: chunked", "content-length: 5"]) + chunk,
    "two lengths": head(["content-length: 2", `content-length: ${2 + hidden.length}`]) + `{}${hidden}`,
    "a coding that is none": head(["transfer-encoding: xchunked", "content-length: 2"]) + "{}",
    "a space before the colon": head([`content-length : ${2 + hidden.length}`]) + `{}${hidden}`,
    "a folded line": head(["x-a: b\r\n authorization: Bearer x", "content-length: 2"]) + "{}",
    "two credentials": `GET /v1/embed/surface HTTP/1.1\r\nhost: edge\r\nauthorization: Bearer ${token}\r\nauthorization: Bearer ${others}\r\n\r\n`,
    "two hosts": `GET /v1/embed/surface HTTP/1.1\r\nhost: edge\r\nhost: ${TAG}\r\n\r\n`,
    "a bare line feed": `GET /v1/embed/surface HTTP/1.1\nhost: edge\nx: y\n authorization: Bearer ${others}\n\n`,
  });
  await Promise.all(cases.map(async ([name, text]) => {
    const answer = await bytes(edge.url, text);
    // A second answer on the connection is to a request of its own, with the credential that it brought: nothing of it
    // may be what the first one asked.
    const [first = ""] = answer.split(/(?=HTTP\/1\.1 \d)/).filter(Boolean);
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(first)?.[1]);
    assertClean(first, WHO, name);
    assert.ok([400, 401, 500].includes(status) || (status === 200 && first.includes(WHO.own)), `${name}: ${first}`);
    t.diagnostic(`${name}: ${status}`);
  }));
  for (const { path } of edge.line.seen.slice(before)) assert.ok(!path.includes(TAG), `the origin is asked ${path}`);
  assert.equal((await edge.get("/healthz")).status, 200);
});
