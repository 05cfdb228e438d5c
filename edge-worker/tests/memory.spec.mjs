// What an isolate holds when more has been asked than it may keep: Cloudflare ends it at 128 MB.
import assert from "node:assert/strict";
import { test } from "node:test";
import { heldMib } from "./support/isolate.mjs";
import { claims, token } from "./support/session.mjs";
import { freePort, start } from "./support/workerd.mjs";

/** Answers of 20 KB: half as much again as the 32 MiB that are kept. REQUESTS asks for them more often. */
const TENANTS = 2400;
const REQUESTS = Number(process.env.REQUESTS ?? TENANTS);
const BODY_BYTES = 20_000;
const AT_ONCE = 32;
/** The answers that are kept and a quarter more for all else. The Worker's own wasm memory, about 5 MiB, is not counted. */
const MOST_MIB = 40;

test("an isolate that was asked for more than it may keep holds a third of what Cloudflare grants", async (t) => {
  const inspector = await freePort();
  const edge = await start(t, { SESSION_REQUESTS_PER_MINUTE: "0" }, [`--inspector-addr=127.0.0.1:${inspector}`]);
  const filler = "x".repeat(BODY_BYTES);
  edge.origin.embed = (_, session) => ({ body: { tenant: session.tenant, filler, expires_in: 3600 } });
  const tokens = Array.from({ length: TENANTS }, (_, n) => token(edge.key, claims({ tenant: `tenant_${n}` })));
  let asked = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (asked < REQUESTS) {
      const bearer = tokens[asked % TENANTS];
      asked += 1;
      const answer = await fetch(`${edge.url}/v1/embed/surface`, { headers: { authorization: `Bearer ${bearer}` } });
      assert.equal(answer.status, 200);
      assert.ok((await answer.text()).length > BODY_BYTES);
    }
  }));
  const held = await heldMib(inspector);
  const all = Object.values(held).reduce((sum, size) => sum + size);
  t.diagnostic(`${REQUESTS} requests: ${all.toFixed(1)} MiB held: ${JSON.stringify(held)}`);
  assert.ok(all > 20, "the answers are among what was counted");
  assert.ok(all < MOST_MIB, `${all} MiB`);
});
