// The edge as one would write it in JavaScript: the same checks, tiers and headers, with WebCrypto in place of wasm.
// `/hello` is the least that a Worker can do.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const json = { "content-type": "application/json" };

/** What an isolate remembers, as the Rust worker does. */
const memo = new Map();
const memory = new Map();
const buckets = new Map();
const flights = new Map();
let memoryBytes = 0;
let keys;
let keysAt = 0;
let feed = { sequence: 0, at: 0, revoked: new Set(), tenants: new Map(), live: new Map() };
let reading;

const MEMO_TOKENS = 8000;
const FEED_MS = 2000;
const KEYS_MS = 60_000;

export default {
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/hello":
        return new Response("hello");
      case "/healthz":
        return new Response('{"status":"ok"}', {
          headers: { ...json, ...ALWAYS, "cache-control": "no-store", "access-control-allow-origin": "*" },
        });
      default:
        return embed(request, url, env, ctx);
    }
  },
};

const ALWAYS = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };
const PRIVATE = { ...ALWAYS, "cache-control": "private, no-store" };

async function embed(request, url, env, ctx) {
  const authorization = request.headers.get("authorization");
  const token = authorization?.startsWith("Bearer ") ? authorization.slice(7) : url.searchParams.get("token");
  if (!token) return problem(401, "unauthorized", "A valid session is required.");
  const now = Date.now();
  if (!keys || now - keysAt > KEYS_MS) await readKeys(env);
  const session = await verify(token, env, now);
  if (!session) return problem(401, "unauthorized", "A valid session is required.");
  if (now - feed.at > FEED_MS) await readFeed(env);
  const { claims } = session;
  const cutoff = feed.tenants.get(claims.tenant);
  if (feed.revoked.has(claims.sub) || (cutoff && claims.iat * 1000 <= cutoff)) {
    return problem(401, "session_revoked", "The session was revoked.");
  }
  const isDocument = url.pathname.startsWith("/embed/");
  if (isDocument && url.pathname.slice(7) !== claims.dash) return problem(404, "not_found", "Not found.");
  const origin = isDocument ? null : request.headers.get("origin");
  const allowed = claims.perm.allowed_origins;
  if (origin && allowed && origin !== url.origin && !allowed.includes(origin)) return problem(403, "not_permitted", "The session does not allow this origin.");
  if (!take(claims.sub, Number(env.SESSION_REQUESTS_PER_MINUTE ?? 600), now)) return problem(429, "rate_limited", "This session asks too often.");
  const body = request.method === "POST" ? canonical(await request.text()) : "";
  const digest = body === "" ? EMPTY : await sha256(encoder.encode(body));
  const version = feed.live.get(claims.dash) ?? 0;
  const key = `v1${url.pathname}/${session.scope}/${version}/${digest}`;
  const { entry, from } = await find(key, { request, url, env, ctx, session, body, token });
  if (!entry || entry.scope !== session.scope) return problem(503, "unavailable", "The dashboard cannot be reached right now.");
  const headers = { ...PRIVATE, "content-type": entry.type, "server-timing": `edge;desc=${from}` };
  if (!isDocument) headers.vary = "origin";
  if (origin) headers["access-control-allow-origin"] = origin;
  return new Response(entry.expiry ? spliced(entry, claims.exp - Math.floor(now / 1000)) : entry.body, { headers });
}

async function find(key, asked) {
  const now = Date.now();
  const remembered = memory.get(key);
  if (remembered && remembered.until > now) return { entry: remembered, from: "hit" };
  const cacheUrl = `${asked.url.origin}/.cache/${key}`;
  const cached = await caches.default.match(cacheUrl);
  if (cached) {
    const entry = await entryOf(cached, Number(cached.headers.get("x-stored-at")));
    remember(key, entry, asked.env);
    if (entry.until > now) return { entry, from: "hit" };
  }
  let flight = flights.get(key);
  if (!flight) {
    flight = ask(asked).finally(() => flights.delete(key));
    flights.set(key, flight);
  }
  const entry = await flight;
  if (entry) {
    remember(key, entry, asked.env);
    const kept = new Response(entry.body, {
      headers: { "content-type": entry.type, "cache-control": `public, max-age=${entry.fresh + 60}`, "x-emban-scope": entry.scope, "x-emban-fresh": String(entry.fresh), "x-stored-at": String(now) },
    });
    asked.ctx.waitUntil(caches.default.put(cacheUrl, kept));
  }
  return { entry, from: "miss" };
}

async function ask({ request, url, env, body, token }) {
  const answer = await fetch(env.ORIGIN_URL + url.pathname, {
    method: request.method, redirect: "manual", signal: AbortSignal.timeout(10_000),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(request.method === "POST" && { body }),
  });
  return answer.status === 200 ? entryOf(answer, Date.now()) : undefined;
}

async function entryOf(response, storedAt) {
  const body = new Uint8Array(await response.arrayBuffer());
  const fresh = Number(response.headers.get("x-emban-fresh") ?? 15);
  const at = decoder.decode(body).search(/(?<="expires_in":)\d+/);
  const expiry = at >= 0 && { start: at, end: at + /^\d+/.exec(decoder.decode(body.subarray(at)))[0].length };
  return { body, fresh, until: storedAt + fresh * 1000, scope: response.headers.get("x-emban-scope"), type: response.headers.get("content-type"), expiry };
}

function remember(key, entry, env) {
  const limit = Number(env.ANSWER_MEMORY_MIB ?? 32) * 1024 * 1024;
  if (entry.body.length > limit / 8) return;
  memory.set(key, entry);
  memoryBytes += entry.body.length;
  for (const [oldest, { body }] of memory) {
    if (memoryBytes <= limit) break;
    memory.delete(oldest);
    memoryBytes -= body.length;
  }
}

/** A copy of the body with the session's own seconds. */
function spliced({ body, expiry: { start, end } }, seconds) {
  const digits = encoder.encode(String(Math.max(seconds, 0)));
  const copy = new Uint8Array(body.length - (end - start) + digits.length);
  copy.set(body.subarray(0, start));
  copy.set(digits, start);
  copy.set(body.subarray(end), start + digits.length);
  return copy;
}

async function verify(token, env, now) {
  const remembered = env.NO_MEMO ? undefined : memo.get(token);
  if (remembered) return remembered.claims.exp * 1000 > now ? remembered : undefined;
  if (token.length > 8192) return undefined;
  const [head, payload, signature, rest] = token.split(".");
  if (!signature || rest !== undefined) return undefined;
  const header = JSON.parse(decoder.decode(bytes(head)));
  const known = keys.get(header.kid);
  if (header.alg !== "EdDSA" || header.typ !== "emban-embed+jwt" || !known) return undefined;
  const good = await crypto.subtle.verify("Ed25519", known.key, bytes(signature), encoder.encode(`${head}.${payload}`));
  if (!good) return undefined;
  const claims = JSON.parse(decoder.decode(bytes(payload)));
  const seconds = now / 1000;
  if (claims.iss !== `emban:${env.ORGANISATION ?? "default"}` || claims.aud !== "emban-embed" || claims.env !== known.env) return undefined;
  if (claims.exp <= seconds || claims.nbf > seconds + 30 || claims.iat > seconds + 30 || claims.exp - claims.iat > 86_400) return undefined;
  const session = { claims, scope: await scopeOf(claims) };
  memo.set(token, session);
  if (memo.size > MEMO_TOKENS) memo.delete(memo.keys().next().value);
  return session;
}

async function scopeOf({ org, env, tenant, dash, perm }) {
  const { user_id: _, ...permissions } = perm;
  const parts = [org, env, tenant, dash, JSON.stringify(permissions)].map((part) => encoder.encode(part));
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + 8 + part.length, 0));
  const view = new DataView(whole.buffer);
  let at = 0;
  for (const part of parts) {
    view.setBigUint64(at, BigInt(part.length), true);
    whole.set(part, at + 8);
    at += 8 + part.length;
  }
  return sha256(whole);
}

async function sha256(text) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const EMPTY = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Equal questions get equal texts. */
function canonical(text) {
  const { widgets, filters = {}, ...unknown } = JSON.parse(text);
  if (Object.keys(unknown).length > 0) throw new Error("unknown field");
  const dimensions = filters.dimensions && Object.fromEntries(Object.entries(filters.dimensions).sort().map(([name, chosen]) => [name, [...new Set([chosen].flat())].sort()]));
  return JSON.stringify({ ...(widgets && { widgets: [...new Set(widgets)].sort() }), filters: { ...filters, ...(dimensions && { dimensions }) } });
}

function take(session, perMinute, now) {
  if (perMinute === 0) return true;
  const interval = 60_000 / perMinute;
  const next = Math.max(buckets.get(session) ?? 0, now) + interval;
  if (next - now > Math.max(12_000, interval)) return false;
  buckets.set(session, next);
  if (buckets.size > 4096) buckets.clear();
  return true;
}

async function readKeys(env) {
  const { keys: list } = await (await fetch(`${env.ORIGIN_URL}/.well-known/jwks.json`)).json();
  const imported = list.map(async (jwk) => [jwk.kid, { env: jwk.env, key: await crypto.subtle.importKey("jwk", { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, "Ed25519", false, ["verify"]) }]);
  keys = new Map(await Promise.all(imported));
  keysAt = Date.now();
}

async function readFeed(env) {
  // Those who come meanwhile go on with what is known, as long as it is known at all.
  if (reading && feed.at > 0) return;
  reading = true;
  try {
    const { sequence, entries } = await (await fetch(`${env.ORIGIN_URL}/internal/feed?after=${feed.sequence}`, { headers: { authorization: `Bearer ${env.EDGE_SECRET}` } })).json();
    for (const entry of entries) {
      if (entry.kind === "session_revoked") feed.revoked.add(entry.session);
      if (entry.kind === "tenant_revoked") feed.tenants.set(entry.tenant, Date.parse(entry.issued_until));
      if (entry.kind === "published") feed.live.set(entry.dashboard, entry.version);
    }
    feed.sequence = sequence;
    feed.at = Date.now();
  } finally {
    reading = false;
  }
}

function problem(status, code, error) {
  const id = crypto.randomUUID();
  return new Response(JSON.stringify({ error, code, request_id: id }), { status, headers: { ...json, ...PRIVATE, "x-request-id": id } });
}
