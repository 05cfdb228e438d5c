// What the feed tells, and what holds when the origin is gone. Each bound is the contract's.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { served, startEdge, until } from "./support/edge.mjs";
import { claims, token } from "./support/session.mjs";

const SURFACE = "/v1/embed/surface";
const QUERY = "/v1/embed/query";

// They mostly wait, each for an edge of its own.
describe("the feed and the origin's absence", { concurrency: true }, () => {
  test("a revoked session ends within 10 s although its answers are cached", async (t) => {
    const edge = await startEdge(t);
    const [revoked, other] = [claims(), claims()];
    const [one, two] = [token(edge.key, revoked), token(edge.key, other)];
    for (const session of [one, two]) assert.equal((await edge.get(SURFACE, session)).status, 200);
    edge.origin.tell({ kind: "session_revoked", session: revoked.sub, expires_at: "2100-01-01T00:00:00Z" });
    const answer = await until(10, () => edge.get(SURFACE, one), (a) => a.status !== 200);
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).code, "session_revoked");
    assert.equal((await edge.get(`/embed/dash_1?token=${one}`)).status, 401);
    assert.equal((await edge.post("/v1/embed/rows", one, { widget: "w1" })).status, 401);
    assert.equal((await edge.get(SURFACE, two)).status, 200);
  });

  test("after a pause the feed is read before anything is served from a cache", async (t) => {
    const edge = await startEdge(t);
    const revoked = claims();
    const session = token(edge.key, revoked);
    assert.equal((await edge.get(SURFACE, session)).status, 200);
    const read = edge.origin.asked("/internal/feed").length;
    edge.origin.tell({ kind: "session_revoked", session: revoked.sub, expires_at: "2100-01-01T00:00:00Z" });
    await new Promise((resolve) => setTimeout(resolve, 5500)); // the pause itself is what is tested: nobody asks for 5 s
    assert.equal(edge.origin.asked("/internal/feed").length, read);
    assert.equal((await edge.get(SURFACE, session)).status, 401);
  });

  test("a tenant's cutoff ends its sessions and spares later ones", async (t) => {
    const edge = await startEdge(t);
    const now = Math.floor(Date.now() / 1000);
    const old = edge.session({ iat: now - 10, nbf: now - 10 });
    const globex = edge.session({ tenant: "globex", iat: now - 10, nbf: now - 10 });
    for (const session of [old, globex]) assert.equal((await edge.get(SURFACE, session)).status, 200);
    edge.origin.tell({ kind: "tenant_revoked", tenant: "acme", issued_until: new Date((now - 5) * 1000).toISOString() });
    await until(10, () => edge.get(SURFACE, old), (a) => a.status === 401);
    assert.equal((await edge.get(SURFACE, edge.session())).status, 200);
    assert.equal((await edge.get(SURFACE, globex)).status, 200);
  });

  test("what was cached of a tenant before its cutoff is not shown to later sessions", async (t) => {
    const edge = await startEdge(t);
    const now = Math.floor(Date.now() / 1000);
    const old = edge.session({ iat: now - 10, nbf: now - 10 });
    const globex = edge.session({ tenant: "globex", iat: now - 10, nbf: now - 10 });
    const ask = async (session) => (await edge.post(QUERY, session, {})).json();
    const [before, others] = [await ask(old), await ask(globex)];
    assert.equal((await ask(old)).counter, before.counter);
    edge.origin.tell({ kind: "tenant_revoked", tenant: "acme", issued_until: new Date((now - 5) * 1000).toISOString() });
    await until(10, () => edge.post(QUERY, old, {}), (a) => a.status === 401);
    assert.ok((await ask(edge.session())).counter > before.counter);
    assert.equal((await ask(globex)).counter, others.counter);
  });

  test("publishing makes former answers unreachable", async (t) => {
    const edge = await startEdge(t);
    const session = edge.session();
    const before = await (await edge.post(QUERY, session, {})).json();
    edge.origin.tell({ kind: "published", dashboard: "dash_1", version: 2 });
    const after = await until(10, async () => (await edge.post(QUERY, session, {})).json(), (b) => b.counter > before.counter);
    assert.ok(after.counter > before.counter);
  });

  test("an answer of a version that the feed has not named yet is served but not kept", async (t) => {
    const edge = await startEdge(t);
    edge.origin.tell({ kind: "published", dashboard: "dash_1", version: 1 });
    edge.origin.version = 2;
    const session = edge.session();
    for (let n = 0; n < 2; n += 1) assert.equal(served(await edge.post(QUERY, session, {})), "miss");
    assert.equal(edge.origin.asked(QUERY).length, 2);
  });

  test("an unpublished dashboard is offline within 10 s, in the origin's words", async (t) => {
    const edge = await startEdge(t);
    const session = edge.session();
    assert.equal((await edge.get(SURFACE, session)).status, 200);
    edge.origin.embed = () => ({ status: 409, body: { error: "Not published.", code: "not_published" } });
    edge.origin.tell({ kind: "unpublished", dashboard: "dash_1" });
    const answer = await until(10, () => edge.get(SURFACE, session), (a) => a.status !== 200);
    assert.equal(answer.status, 409);
    assert.equal((await answer.json()).code, "not_published");
    edge.origin.embed = undefined;
    edge.origin.tell({ kind: "published", dashboard: "dash_1", version: 2 });
    await until(10, () => edge.get(SURFACE, session), (a) => a.status === 200 && ["hit", "miss"].includes(served(a)));
  });

  test("an origin that counts its feed anew is read from the start", async (t) => {
    const edge = await startEdge(t);
    const revoked = claims();
    const session = token(edge.key, revoked);
    for (let n = 0; n < 5; n += 1) edge.origin.tell({ kind: "published", dashboard: "dash_9", version: n + 1 });
    assert.equal((await edge.get(SURFACE, session)).status, 200);
    edge.origin.feed = [];
    edge.origin.tell({ kind: "session_revoked", session: revoked.sub, expires_at: "2100-01-01T00:00:00Z" });
    await until(10, () => edge.get(SURFACE, session), (a) => a.status === 401);
  });

  test("an edge that cannot read the feed keeps nothing and asks the origin", async (t) => {
    const edge = await startEdge(t);
    edge.origin.feedStatus = 500;
    const session = edge.session();
    for (let n = 0; n < 3; n += 1) assert.equal(served(await edge.get(SURFACE, session)), "pass");
    assert.equal(edge.origin.asked(SURFACE).length, 3);
    await edge.origin.stop();
    const answer = await edge.get(SURFACE, session);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
  });

  test("a silent origin is given up after 10 s", async (t) => {
    const edge = await startEdge(t);
    assert.equal((await edge.get(SURFACE, edge.session())).status, 200);
    edge.origin.embed = () => new Promise(() => {});
    const answer = await edge.post(QUERY, edge.session(), {});
    assert.equal(answer.status, 503);
    assert.equal((await answer.json()).code, "unavailable");
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
  });

  test("without its origin an edge serves what it has for a minute, then 503, and recovers", async (t) => {
    const edge = await startEdge(t);
    edge.origin.fresh = 2;
    const session = edge.session();
    assert.equal((await edge.post(QUERY, session, {})).status, 200);
    await edge.origin.stop();
    const down = Date.now();
    const ask = () => edge.post(QUERY, session, {});
    assert.equal((await until(10, ask, (a) => served(a) === "stale")).status, 200);
    const uncached = await edge.post(QUERY, session, { widgets: ["w9"] });
    assert.equal(uncached.status, 503);
    let last = down;
    const answer = await until(75, ask, (a) => {
      if (a.status === 200) last = Date.now();
      return a.status !== 200;
    });
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
    assert.ok(last - down > 50_000 && last - down < 66_000, `served for ${last - down} ms`);
    await edge.origin.start();
    await until(10, ask, (a) => a.status === 200);
  });
});
