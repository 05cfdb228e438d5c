// The line between an edge and its origin. It can be slow, cut, or lie: failures that a sound origin does not have.
import { createServer, request } from "node:http";

/** Starts a line to `target()`; each of its members below can be assigned at any time. */
export async function startLine(target) {
  const line = {
    /** Requests seen: { method, path, headers }. */
    seen: [],
    /** Milliseconds that each embed answer waits. */
    delayMs: 0,
    /** Changes the headers of an answer in place. */
    tamper: undefined,
    /** Answers aborted by the edge before they ended. */
    aborted: 0,
    asked(path) {
      return this.seen.filter((seen) => seen.path.split("?")[0] === path);
    },
    async stop() {
      this.server.closeAllConnections();
      await new Promise((resolve) => this.server.close(resolve));
    },
  };
  line.server = createServer((asked, answer) => forward(line, target(), asked, answer));
  await new Promise((resolve) => line.server.listen(0, "127.0.0.1", resolve));
  line.url = `http://127.0.0.1:${line.server.address().port}`;
  return line;
}

function forward(line, target, asked, answer) {
  line.seen.push({ method: asked.method, path: asked.url, headers: asked.headers });
  const isEmbed = asked.url.startsWith("/v1/embed/") || asked.url.startsWith("/embed/");
  answer.on("close", () => { if (!answer.writableFinished) line.aborted += 1; });
  const { host: _, ...headers } = asked.headers;
  const onward = request(target + asked.url, { method: asked.method, headers }, (reply) => {
    const passOn = () => {
      const passed = { ...reply.headers };
      if (isEmbed) line.tamper?.(passed, asked);
      answer.writeHead(reply.statusCode, passed);
      reply.pipe(answer);
    };
    if (isEmbed && line.delayMs > 0) setTimeout(passOn, line.delayMs);
    else passOn();
  });
  onward.on("error", () => answer.destroy());
  asked.pipe(onward);
}
