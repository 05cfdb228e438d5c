// Names of tenants that mean something to SQL, to URLs or to JSON, and names that are nearly another's: each is a
// tenant of its own at the edge, and what no tenant can be called is nobody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { claims as defaults, read, token as sign } from "../../../edge-worker/tests/support/session.mjs";
import { CONTROL_TEXTS, TEXTS } from "../support/attacks.mjs";
import { textOf } from "../support/leaks.mjs";
import { generator } from "../support/random.mjs";
import { dashboard, origin, served, startEdge, tokenOf, until } from "../support/stage.mjs";

/** Names that a careless key would take for one another. */
const NEAR = [
  "victim", "victim/", "victim\u00a0", "victim%20", "victim+", "victim\u0301", "caf\u00e9", "cafe\u0301", "a:b", "a:b:", "a|b", "a/b", "a//b", "a\\b",
  "a.b", "a,b", '{"tenant":"victim"}', "victim\u200d", "victi\u043c", "\ufb01", "fi", "x".repeat(256), "x".repeat(255), "undefined", "null", "[object Object]",
];

const QUERY = "/v1/embed/query";

test("each odd name is a tenant of its own, from the origin and from the cache", async (t) => {
  const edge = await startEdge(t, { SESSION_REQUESTS_PER_MINUTE: "0" });
  const names = [...new Set([...TEXTS, ...NEAR])];
  const event = "odd";
  const document = dashboard({ refresh: 60 });
  for (const widget of document.widgets) widget.query.event_name = event;
  const id = await origin.publish(document);
  // Digits of one length: no marker is part of another.
  const tenants = await Promise.all(names.map(async (name, n) => ({ name, marker: `marker-${1000 + n}`, token: await tokenOf(name, id) })));
  await origin.admin("POST", "/v1/events", {
    events: tenants.map(({ name, marker }) => ({
      tenant_id: name, event_name: event, event_id: "evt_1", timestamp: new Date().toISOString(), user_id: "u1", string_props: { model: marker }, numeric_props: { tokens: 7 },
    })),
  });
  const last = tenants.at(-1);
  const shows = (url) => async () => (await (await fetch(url + QUERY, {
    method: "POST", body: "{}", headers: { authorization: `Bearer ${last.token}`, "content-type": "application/json", "cache-control": "no-cache" },
  })).text()).includes(last.marker);
  await until(20, shows(origin.url), (there) => there);
  const asks = [
    { from: ["miss", "hit"], ask: ({ token }) => edge.post(QUERY, token, {}) },
    { from: ["miss", "hit"], ask: ({ token }) => edge.get(`/embed/${id}?token=${token}`) },
    { from: ["pass"], ask: ({ token }) => edge.post("/v1/embed/rows", token, { widget: "models" }) },
    { from: ["pass"], ask: ({ token }) => edge.post("/v1/embed/values", token, { dimension: "model" }) },
    { from: ["pass"], ask: ({ token }) => edge.get("/v1/embed/export?format=csv&widget=table", token) },
  ];
  const seed = Date.now() | 0;
  t.diagnostic(`seed ${seed}`);
  const pick = generator(seed);
  const sources = new Map();
  for (let round = 0; round < 2; round += 1) {
    const rest = tenants.flatMap((tenant) => asks.map((_, at) => ({ tenant, at })));
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (rest.length > 0) {
        const [{ tenant, at }] = rest.splice(pick(rest.length), 1);
        const answer = await asks[at].ask(tenant);
        const text = await textOf(answer);
        const found = [...new Set(text.match(/marker-\d{4}/g))];
        assert.deepEqual([answer.status, found], [200, [tenant.marker]], `${JSON.stringify(tenant.name)} at ${at} (${served(answer)}): ${text.slice(0, 300)}`);
        const key = `${tenant.marker} ${at}`;
        sources.set(key, (sources.get(key) ?? new Set()).add(served(answer)));
      }
    }));
  }
  for (const { name, marker } of tenants) {
    asks.forEach(({ from }, at) => assert.deepEqual([...sources.get(`${marker} ${at}`)], from, `${JSON.stringify(name)} at ${at}`));
  }
  t.diagnostic(`${names.length} names, ${names.length * asks.length * 2} answers looked at`);
});

test("a signed token whose tenant is no name, or two, is refused at both tiers", async (t) => {
  const edge = await startEdge(t);
  const good = read(await tokenOf("acme"));
  const key = await origin.signingKey();
  const claims = { ...defaults(), ...good };
  const both = (token) => Promise.all([edge.url, origin.url].map(async (url) => {
    const answer = await fetch(`${url}/v1/embed/surface`, { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    assert.ok(!text.includes("globex") && !text.includes("acme"), text);
    return answer.status;
  }));
  assert.deepEqual(await both(sign(key, claims)), [200, 200], "the key is the origin's own");
  const { tenant: _, ...none } = claims;
  const twice = JSON.stringify(claims).replace('"tenant":"acme"', '"tenant":"acme","tenant":"globex"');
  assert.ok(twice.includes("globex"));
  const tenants = [...CONTROL_TEXTS, "x".repeat(257), "\u0085", "\u007f", 7, true, null, ["acme"], { acme: 1 }];
  const forged = [none, twice, { ...none, Tenant: "acme" }, { ...none, "tenant ": "acme" }, ...tenants.map((tenant) => ({ ...claims, tenant }))];
  for (const payload of forged) {
    assert.deepEqual(await both(sign(key, payload)), [401, 401], JSON.stringify(payload.tenant ?? payload));
  }
  for (const more of [{ tenant_id: "globex" }, { perm: { tenant: "globex" } }, { perm: [] }]) {
    const [atEdge, atOrigin] = await both(sign(key, { ...claims, ...more }));
    assert.equal(atEdge, atOrigin, JSON.stringify(more));
  }
});
