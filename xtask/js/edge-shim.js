// What workerd loads: it starts the wasm instance and replaces it after a panic.
//
// The worker is compiled with panic=abort, so a panic leaves the instance's memory in a state that
// nobody may use. A panic in a task that the executor runs does not even reject the request's
// promise: it would hang until the runtime cancels it. So every request in flight at that moment
// gets 503, and the next request starts with a new instance.
import module from "./index_bg.wasm";
import * as worker from "./edge.js";

worker.initSync({ module });

/** Bytes of a body that is read before the worker is asked: those of a sensible question, a copy of which costs little. */
const READ_AHEAD_BYTES = 65_536;

// Made by the `worker` crate; its panic hook sets `criticalError`.
const state = worker.__worker_init_state();
let broken = false;
/**
 * Ends each request in flight with 503, with the time at which it came. Promises and responses belong to the request that
 * made them, so each has its own.
 */
const inFlight = new Map();
/** Milliseconds after which no request is in flight any more: an export has 60 s. One whose client leaves never ends. */
const LONGEST_MS = 90_000;

function markBroken() {
  broken = true;
  for (const giveUp of inFlight.keys()) giveUp();
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
  code: "unavailable",
});

function unavailable() {
  return new Response(BODY, {
    status: 503,
    headers: { "content-type": "application/json", "cache-control": "no-store", "retry-after": "1" },
  });
}

/** A trap breaks the instance and is a 503; any other error is the runtime's to report. */
function trapped(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  markBroken();
  return unavailable();
}

const encoder = new TextEncoder();

/**
 * What every request is asked for, in one piece: each crossing into wasm costs, and a string is copied there letter by
 * letter, which bytes are not.
 */
function head(request) {
  const { headers } = request;
  const line = (name) => headers.get(name) ?? "";
  return encoder.encode(
    `${request.method}\n${request.url}\n${line("authorization")}\n${line("origin")}\n${line("cache-control")}\n${line("content-type")}`,
  );
}

async function answer(request, lines, body, env, ctx) {
  let giveUp;
  const gaveUp = new Promise((resolve) => {
    giveUp = resolve;
  });
  const now = Date.now();
  for (const [gone, came] of inFlight) {
    if (now - came < LONGEST_MS) break;
    inFlight.delete(gone);
  }
  inFlight.set(giveUp, now);
  try {
    return await Promise.race([worker.answer(request, lines, body, env, ctx), gaveUp.then(unavailable)]);
  } finally {
    inFlight.delete(giveUp);
  }
}

function serve(request, body, env, ctx) {
  try {
    rebuildIfBroken();
    const lines = head(request);
    const hit = worker.answerAtOnce(request, lines, body, Date.now());
    return hit ?? answer(request, lines, body, env, ctx).catch(trapped);
  } catch (error) {
    return trapped(error);
  }
}

async function serveWithBody(request, env, ctx) {
  return serve(request, new Uint8Array(await request.arrayBuffer()), env, ctx);
}

export default {
  fetch(request, env, ctx) {
    const length = request.method === "POST" ? request.headers.get("content-length") : null;
    // The runtime holds a body to its declared length.
    if (length !== null && Number(length) <= READ_AHEAD_BYTES) return serveWithBody(request, env, ctx);
    return serve(request, undefined, env, ctx);
  },
};
