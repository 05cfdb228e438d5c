// What workerd loads: it starts the wasm instance and replaces it after a panic.
//
// The worker is compiled with panic=abort, so a panic leaves the instance's memory in a state that
// nobody may use. A panic in a task that the executor runs does not even reject the request's
// promise: it would hang until the runtime cancels it. So every request in flight at that moment
// gets 503, and the next request starts with a new instance.
import module from "./index_bg.wasm";
import * as worker from "./edge.js";

worker.initSync({ module });

// Made by the `worker` crate; its panic hook sets `criticalError`.
const state = worker.__worker_init_state();
let broken = false;
/** Ends each request in flight with 503. Promises and responses belong to the request that made them, so each has its own. */
const inFlight = new Set();

function markBroken() {
  broken = true;
  for (const giveUp of inFlight) giveUp();
  inFlight.clear();
}

function rebuildIfBroken() {
  if (!broken) return;
  broken = false;
  worker.__wbg_reset_state();
  state.instanceId += 1;
}

Object.defineProperty(state, "criticalError", {
  get: () => broken,
  set: (value) => {
    if (value) markBroken();
  },
});
// A trap that is no panic (out of memory, stack overflow) runs no hook.
for (const kind of ["error", "unhandledrejection"]) {
  addEventListener(kind, (event) => {
    if ((event.error ?? event.reason) instanceof WebAssembly.RuntimeError) markBroken();
  });
}

const BODY = JSON.stringify({
  error: "The edge had to restart while it answered. Try again.",
  code: "edge_restarting",
});

function unavailable() {
  return new Response(BODY, {
    status: 503,
    headers: { "content-type": "application/json", "cache-control": "no-store", "retry-after": "1" },
  });
}

async function run(request, env, ctx) {
  try {
    return await worker.fetch.call({ env, ctx }, request, env, ctx);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    markBroken();
    return unavailable();
  }
}

export default {
  async fetch(request, env, ctx) {
    rebuildIfBroken();
    let giveUp;
    const gaveUp = new Promise((resolve) => {
      giveUp = resolve;
    });
    inFlight.add(giveUp);
    try {
      return await Promise.race([run(request, env, ctx), gaveUp.then(unavailable)]);
    } finally {
      inFlight.delete(giveUp);
    }
  },
};
