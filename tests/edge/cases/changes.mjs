// What changes at the origin and when it holds at the edge.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { claims as defaults, read, token as sign } from "../../../edge-worker/tests/support/session.mjs";
import { dashboard, origin, served, shared, startEdge, tokenOf, until } from "../support/stage.mjs";

const SURFACE = "/v1/embed/surface";
const QUERY = "/v1/embed/query";
/** Seconds in which a revocation has to hold at every tier: the contract's section 6. */
const BOUND = 10;

describe("changes at the origin", { concurrency: true }, () => {
  test("a revoked session ends within 10 s although its answers are cached, and others go on", async (t) => {
    const edge = await startEdge(t);
    const [ended, other] = [await origin.session("acme", shared), await origin.session("acme", shared)];
    for (const { token } of [ended, other]) assert.equal((await edge.get(SURFACE, token)).status, 200);
    await origin.admin("DELETE", `/v1/embed-sessions/${ended.session_id}`);
    const answer = await until(BOUND, () => edge.get(SURFACE, ended.token), (a) => a.status !== 200);
    assert.deepEqual([answer.status, (await answer.json()).code], [401, "session_revoked"]);
    assert.equal((await edge.get(`/embed/${shared}?token=${ended.token}`)).status, 401);
    assert.equal((await edge.get(SURFACE, other.token)).status, 200);
  });

  test("revocations at ten moments hold at the origin and within 10 s at the edge", async (t) => {
    const edge = await startEdge(t);
    const trial = async (_, n) => {
      const { token, session_id } = await origin.session("acme", shared);
      const ask = (url) => fetch(url + SURFACE, { headers: { authorization: `Bearer ${token}` } });
      for (const url of [origin.url, edge.url]) assert.equal((await ask(url)).status, 200);
      // Spread over the time between two readings of the feed.
      await pause(n * 600);
      await origin.admin("DELETE", `/v1/embed-sessions/${session_id}`);
      const began = performance.now();
      const held = async (url) => {
        await until(BOUND, () => ask(url), (answer) => answer.status === 401);
        return Math.round(performance.now() - began);
      };
      return Promise.all([held(origin.url), held(edge.url)]);
    };
    const times = await Promise.all(Array.from({ length: 10 }, trial));
    const list = (at) => times.map((pair) => pair[at]).join(" ");
    t.diagnostic(`ms until a revocation holds: origin ${list(0)}; edge ${list(1)}`);
  });

  test("all sessions of a tenant end, and those of the other tenant and later ones do not", async (t) => {
    const edge = await startEdge(t);
    const id = await origin.publish(dashboard());
    const [umbrella, acme] = [await tokenOf("umbrella", id), await tokenOf("acme", id)];
    for (const token of [umbrella, acme]) assert.equal((await edge.get(SURFACE, token)).status, 200);
    await origin.admin("DELETE", "/v1/tenants/umbrella/embed-sessions");
    await until(BOUND, () => edge.get(SURFACE, umbrella), (a) => a.status === 401);
    assert.equal((await edge.get(SURFACE, acme)).status, 200);
    const later = await tokenOf("umbrella", id);
    await until(BOUND, () => edge.get(SURFACE, later), (a) => a.status === 200);
  });

  test("an unpublished dashboard is offline within 10 s and comes back when it is published anew", async (t) => {
    const edge = await startEdge(t);
    const id = await origin.publish(dashboard({ name: "First" }));
    const token = await tokenOf("acme", id);
    const name = async (answer) => (await answer.json()).name;
    assert.equal(await name(await edge.get(SURFACE, token)), "First");
    await origin.admin("POST", `/v1/dashboards/${id}/unpublish`);
    const off = await until(BOUND, () => edge.get(SURFACE, token), (a) => a.status !== 200);
    assert.deepEqual([off.status, (await off.json()).code], [409, "not_published"]);
    await origin.admin("PUT", `/v1/dashboards/${id}`, dashboard({ name: "Second" }));
    await origin.admin("POST", `/v1/dashboards/${id}/publish`);
    const on = await until(BOUND, () => edge.get(SURFACE, token), (a) => a.status === 200);
    assert.equal(await name(on), "Second");
    await until(BOUND, () => edge.get(SURFACE, token), (a) => served(a) === "hit");
  });

  test("a new version shows within 10 s, also where the former one is cached as fresh", async (t) => {
    const edge = await startEdge(t);
    const id = await origin.publish(dashboard({ name: "First", refresh: 3600 }));
    const token = await tokenOf("acme", id);
    const name = async () => (await (await edge.get(SURFACE, token)).json()).name;
    assert.equal(await name(), "First");
    assert.equal(await name(), "First");
    await origin.admin("PUT", `/v1/dashboards/${id}`, dashboard({ name: "Second", refresh: 3600 }));
    assert.equal(await name(), "First", "a draft is not live");
    await origin.admin("POST", `/v1/dashboards/${id}/publish`);
    await until(BOUND, name, (shown) => shown === "Second");
  });

  test("a rotated signing key breaks no session, and the new one is taken up", async (t) => {
    const edge = await startEdge(t);
    const old = await tokenOf("acme");
    assert.equal((await edge.get(SURFACE, old)).status, 200);
    const kid = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).kid;
    origin.rotate(randomBytes(32), 10);
    const fresh = await until(30, () => tokenOf("acme"), (token) => kid(token) !== kid(old));
    const answer = await until(BOUND, () => edge.get(SURFACE, fresh), (a) => a.status === 200);
    assert.equal(answer.status, 200);
    assert.equal((await edge.get(SURFACE, old)).status, 200);
  });

  test("an issuer whose clock is 20 s ahead is believed at both tiers, one of a minute at none", async (t) => {
    const edge = await startEdge(t);
    const good = read(await tokenOf("acme"));
    const key = await origin.signingKey();
    const now = Math.floor(Date.now() / 1000);
    const skewed = (seconds, life = 600) =>
      sign(key, { ...defaults(), ...good, iat: now + seconds, nbf: now + seconds, exp: now + seconds + life });
    const both = (token) => Promise.all([edge.url, origin.url].map(async (url) =>
      (await fetch(url + SURFACE, { headers: { authorization: `Bearer ${token}` } })).status));
    assert.deepEqual(await both(skewed(0)), [200, 200]);
    assert.deepEqual(await both(skewed(20)), [200, 200]);
    assert.deepEqual(await both(skewed(60)), [401, 401]);
    assert.deepEqual(await both(skewed(-600, 590)), [401, 401], "no grace after the end");
  });

  test("a question that many ask at once reaches the origin once", async (t) => {
    const edge = await startEdge(t);
    const tokens = await Promise.all(Array.from({ length: 5 }, () => tokenOf("globex")));
    await edge.get(SURFACE, tokens[0]);
    edge.line.delayMs = 300;
    const asks = Array.from({ length: 40 }, (_, n) => edge.post(QUERY, tokens[n % 5], { widgets: ["models"] }));
    const answers = await Promise.all(asks);
    assert.ok(answers.every((answer) => answer.status === 200));
    assert.equal(new Set(await Promise.all(answers.map((answer) => answer.text()))).size, 1);
    assert.equal(edge.line.asked(QUERY).length, 1);
  });
});
