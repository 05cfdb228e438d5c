// What the edge does when its origin is slow, down or lying, and when its client leaves.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertOwn, dashboard, origin, served, shared, startEdge, tokenOf, until } from "../support/stage.mjs";

const SURFACE = "/v1/embed/surface";
const QUERY = "/v1/embed/query";

describe("trouble between edge and origin", { concurrency: true }, () => {
  test("a slow origin holds up only what is not cached", async (t) => {
    const edge = await startEdge(t);
    const token = await tokenOf("acme");
    await (await edge.post(QUERY, token, {})).text();
    edge.line.delayMs = 2000;
    const slow = edge.post(QUERY, token, { widgets: ["models"] });
    const quick = [];
    for (let n = 0; n < 20; n += 1) quick.push(served(await edge.post(QUERY, token, {})));
    let waiting = true;
    void slow.then(() => (waiting = false));
    assert.deepEqual([...new Set(quick)], ["hit"]);
    assert.ok(waiting, "20 hits were answered while the miss waited");
    const answer = await slow;
    assert.deepEqual([answer.status, served(answer)], [200, "miss"]);
    assertOwn(await answer.text(), "acme");
  });

  test("an aged answer is served at once although the origin is slow", async (t) => {
    const edge = await startEdge(t);
    const token = await tokenOf("acme", await origin.publish(dashboard({ refresh: 5 })));
    const ask = () => edge.post(QUERY, token, {});
    await (await ask()).text();
    edge.line.delayMs = 3000;
    const stale = await until(15, ask, (answer) => served(answer) !== "hit");
    assert.equal(served(stale), "stale");
    await until(10, ask, (answer) => served(answer) === "hit");
  });

  test("an answer with another scope's digest is thrown away and reported, and nothing of it is kept", async (t) => {
    const edge = await startEdge(t);
    const [acme, globex] = [await tokenOf("acme"), await tokenOf("globex")];
    let globexScope;
    edge.line.tamper = (headers) => { globexScope = headers["x-emban-scope"]; };
    assert.equal((await edge.get(SURFACE, globex)).status, 200);
    edge.line.tamper = (headers) => { headers["x-emban-scope"] = globexScope; };
    const asks = [
      () => edge.get(`/embed/${shared}?token=${acme}`), () => edge.get(SURFACE, acme), () => edge.post(QUERY, acme, {}),
      () => edge.post("/v1/embed/rows", acme, { widget: "models" }), () => edge.post("/v1/embed/values", acme, { dimension: "model" }),
    ];
    for (const ask of asks) {
      const answer = await ask();
      assert.equal(answer.status, 503);
      assert.ok(!(await answer.text()).includes("marker-of"));
    }
    await until(5, () => edge.logs.join("").match(/"event":"scope_mismatch"/g)?.length ?? 0, (count) => count === asks.length);
    edge.line.tamper = undefined;
    for (const ask of asks) assert.equal((await ask()).status, 200);
    assertOwn(await (await edge.post(QUERY, acme, {})).text(), "acme");
  });

  test("an answer without a digest is thrown away as well", async (t) => {
    const edge = await startEdge(t);
    const token = await tokenOf("acme");
    edge.line.tamper = (headers) => { delete headers["x-emban-scope"]; };
    assert.equal((await edge.post(QUERY, token, {})).status, 503);
    assert.equal((await edge.post("/v1/embed/rows", token, { widget: "models" })).status, 503);
    edge.line.tamper = undefined;
    assert.equal((await edge.post(QUERY, token, {})).status, 200);
  });

  test("clients that leave cost the others nothing, and their answers are kept", async (t) => {
    const edge = await startEdge(t);
    const token = await tokenOf("acme");
    await (await edge.get(SURFACE, token)).text();
    edge.line.delayMs = 700;
    const question = (n) => ({ widgets: ["models"], filters: { numericRanges: { tokens: { min: n } } } });
    const leave = async (n) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const gone = AbortSignal.timeout(100);
      await assert.rejects(fetch(edge.url + QUERY, { method: "POST", headers, body: JSON.stringify(question(n)), signal: gone }));
    };
    await Promise.all(Array.from({ length: 20 }, (_, n) => leave(n)));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => edge.post(QUERY, token, question(n))));
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assertOwn(await answer.text(), "acme");
    }
    assert.ok(edge.line.asked(QUERY).length <= 20, `${edge.line.asked(QUERY).length} questions reached the origin`);
  });
});

// By itself: every other case needs the origin.
test("a killed origin: cached answers go on, others are 503, and all is well when it is back", async (t) => {
  const edge = await startEdge(t);
  const token = await tokenOf("acme");
  const cached = await (await edge.post(QUERY, token, {})).text();
  await origin.kill();
  try {
    const hit = await edge.post(QUERY, token, {});
    assert.deepEqual([hit.status, await hit.text()], [200, cached]);
    const miss = await edge.post(QUERY, token, { widgets: ["models"] });
    assert.deepEqual([miss.status, (await miss.json()).code], [503, "unavailable"]);
    assert.ok(Number(miss.headers.get("retry-after")) > 0);
    assert.equal((await edge.post("/v1/embed/rows", token, { widget: "models" })).status, 503);
    assert.equal((await edge.get("/healthz")).status, 200);
  } finally {
    await origin.start();
  }
  const back = await until(20, () => edge.post(QUERY, token, { widgets: ["models"] }), (answer) => answer.status === 200);
  assertOwn(await back.text(), "acme");
});

test("emban doctor finds an edge sound, and says what one lacks whose origin is away", async (t) => {
  const edge = await startEdge(t);
  const { sound, report } = await origin.doctor(edge.url);
  assert.ok(sound, report);
  // How many keys there are depends on the cases that rotate them.
  for (const part of ["edge: http", "edge's keys: all ", "edge's way to the origin: it verifies our sessions"]) {
    assert.ok(report.includes(`ok     ${part}`), report);
  }
  await edge.line.stop();
  const broken = await origin.doctor(edge.url);
  assert.equal(broken.sound, false);
  assert.ok(broken.report.includes("BROKEN edge's way to the origin: it does not reach the origin"), broken.report);
});
