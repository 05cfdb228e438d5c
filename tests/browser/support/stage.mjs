// The demo, the browser, the gallery and a host page without code of its own, once for all cases of a process.
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before } from "node:test";

import { startGallery } from "../../gallery/server.mjs";
import { startBrowser, startDemo } from "./demo.mjs";

export let demo;
export let browser;
export let host;
export let gallery;

before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  host = await startHost();
  gallery = await startGallery();
});

after(async () => {
  gallery?.stop();
  host?.stop();
  await browser?.stop();
  await demo?.stop();
});

/** The policy that docs/API.md asks of a page with the script tag, and nothing besides. */
const strict = () => `default-src 'none'; script-src ${demo.edge} 'wasm-unsafe-eval'; connect-src ${demo.edge}; img-src data:`;

/** An empty page at two origins, which are one server under two names; at `/strict` under a strict policy, with the script tag. */
async function startHost() {
  const server = createServer((request, answer) => {
    answer.setHeader("content-type", "text/html");
    if (request.url === "/strict") {
      answer.setHeader("content-security-policy", strict());
      answer.end(`<!doctype html><link rel="icon" href="data:,"><script type="module" src="${demo.edge}/embed.js"></script><body>`);
      return;
    }
    answer.end('<!doctype html><link rel="icon" href="data:,"><body style="margin:0">');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return {
    origin: `http://127.0.0.1:${port}`,
    foreign: `http://localhost:${port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
