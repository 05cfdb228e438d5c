// What an isolate holds, by the inspector of its workerd (`--inspector-addr=127.0.0.1:PORT`).
import { createRequire } from "node:module";
import { join } from "node:path";

const { WebSocket } = createRequire(join(process.env.EMBAN_NPM_TOOLS, "package.json"))("ws");

/** What lives in the Worker's isolate after a collection, in MiB. */
export async function heldMib(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/edge`);
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  const call = (id, method) => new Promise((resolve) => {
    socket.on("message", (text) => {
      const message = JSON.parse(text);
      if (message.id === id) resolve(message.result);
    });
    socket.send(JSON.stringify({ id, method }));
  });
  // Collects first, which workerd does not do when it is asked to.
  await call(1, "HeapProfiler.takeHeapSnapshot");
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await call(2, "Runtime.getHeapUsage");
  socket.close();
  return Object.fromEntries(Object.entries({ usedSize, embedderHeapUsedSize, backingStorageSize }).map(([name, size]) => [name, size / 2 ** 20]));
}
