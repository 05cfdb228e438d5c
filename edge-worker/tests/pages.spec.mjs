// What a frame shows when its session does not hold.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startEdge } from "./support/edge.mjs";
import { claims, token } from "./support/session.mjs";

/** As Chromium asks for a frame. */
const FRAME = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8" };

const hashOf = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const between = (page, tag) => new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)[1];

test("a frame whose session does not hold gets a page that says so, in the same status", async (t) => {
  const edge = await startEdge(t);
  const now = Math.floor(Date.now() / 1000);
  const cases = [
    ["no token", "", 401, "unauthorized", /session is not valid/],
    ["a broken token", "?token=abc", 401, "unauthorized", /session is not valid/],
    ["an ended session", `?token=${edge.session({ iat: now - 100, nbf: now - 100, exp: now - 1 })}`, 401, "session_expired", /session has ended/],
    ["another dashboard", `?token=${edge.session({ dash: "dash_2" })}`, 404, "not_found", /not available/],
  ];
  for (const [name, query, status, code, says] of cases) {
    const answer = await edge.get(`/embed/dash_1${query}`, undefined, FRAME);
    assert.equal(answer.status, status, name);
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(answer.headers.get("cache-control"), "private, no-store");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    const page = await answer.text();
    assert.match(page, says, name);
    assert.ok(page.includes(`data-code="${code}"`), name);
    assert.ok(page.includes(answer.headers.get("x-request-id")), "the page names the request");
    assert.ok(page.length < 3000 && !/https?:|src=/.test(page), "the page is small and loads nothing");
  }
});

test("the page's policy allows its own style and script and nothing else", async (t) => {
  const edge = await startEdge(t);
  const answer = await edge.get("/embed/dash_1", undefined, FRAME);
  const page = await answer.text();
  const policy = answer.headers.get("content-security-policy").split("; ");
  assert.ok(policy.includes("default-src 'none'"));
  assert.ok(policy.includes(`style-src ${hashOf(between(page, "style"))}`), policy.join("\n"));
  assert.ok(policy.includes(`script-src ${hashOf(between(page, "script"))}`), policy.join("\n"));
  assert.ok(policy.includes("frame-ancestors *") && policy.includes("base-uri 'none'") && policy.includes("form-action 'none'"));
});

test("a script gets the document that programs read, at every route", async (t) => {
  const edge = await startEdge(t);
  for (const accept of ["*/*", "application/json", "text/html;q=0, */*"]) {
    const answer = await edge.get("/embed/dash_1", undefined, { accept });
    assert.equal(answer.headers.get("content-type"), "application/json", accept);
    assert.equal((await answer.json()).code, "unauthorized");
  }
  const surface = await edge.get("/v1/embed/surface", undefined, FRAME);
  assert.equal((await surface.json()).code, "unauthorized");
});

test("what the origin says to a frame is passed on as the page that it is", async (t) => {
  const edge = await startEdge(t);
  edge.origin.embed = ({ headers }) => ({
    status: 409,
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" },
    body: `<p>asked for ${headers.accept}</p>`,
  });
  for (const session of [edge.session(), edge.session({ perm: { single_use: true } })]) {
    const answer = await edge.get(`/embed/dash_1?token=${session}`, undefined, FRAME);
    assert.equal(answer.status, 409);
    assert.equal(answer.headers.get("content-security-policy"), "default-src 'none'");
    assert.equal(await answer.text(), "<p>asked for text/html</p>");
  }
});

test("a page for an origin that is down says when to come back", async (t) => {
  const edge = await startEdge(t);
  await edge.get("/v1/embed/surface", edge.session());
  await edge.origin.stop();
  const answer = await edge.get(`/embed/dash_1?token=${token(edge.key, claims())}`, undefined, FRAME);
  assert.equal(answer.status, 503);
  assert.ok(Number(answer.headers.get("retry-after")) > 0);
  assert.match(await answer.text(), /cannot be reached right now/);
});
