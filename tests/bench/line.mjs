// One kept connection of HTTP/1.1, written by hand: at thousands of answers a second, Node's own client is what is measured.
import { connect } from "node:net";

/** The bytes of a request. */
export function encode({ path, method = "POST", headers, body = "" }) {
  const { host, pathname, search } = new URL(path);
  const content = Buffer.from(body);
  const lines = Object.entries({ host, ...headers, "content-length": content.length }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`), content]);
}

/** A connection to the host of a URL; `ask` resolves to `{ status, body }`, one question at a time. */
export async function openLine(url) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  let [parts, waiting] = [[], undefined];
  const fail = (error) => waiting?.reject(error ?? new Error("the connection was closed"));
  socket.on("error", fail);
  socket.on("close", () => fail());
  socket.on("data", (chunk) => {
    parts.push(chunk);
    const answer = read(parts);
    if (!answer) return;
    parts = [];
    waiting.resolve(answer);
  });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return {
    ask: (wire) => new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      // Nobody would answer, and no event would come.
      if (socket.destroyed) fail();
      else socket.write(wire);
    }),
    close: () => socket.removeAllListeners("close").destroy(),
  };
}

/** The answer in what has come, once it is whole. Leaves one part of all that has come. */
function read(parts) {
  if (parts.length > 1) parts.splice(0, parts.length, Buffer.concat(parts));
  const [all] = parts;
  const end = all.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = all.latin1Slice(0, end);
  const body = bodyOf(head, all.subarray(end + 4));
  return body && { status: Number(head.slice(9, 12)), body, get text() { return body.toString(); } };
}

function bodyOf(head, rest) {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length) return rest.length >= Number(length[1]) ? rest : undefined;
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`an answer without a length:\n${head}`);
  return rest.subarray(-5).equals(Buffer.from("0\r\n\r\n")) ? unchunk(rest) : undefined;
}

/** Whole chunks put together; `undefined` while the last one is on its way. */
function unchunk(rest) {
  const chunks = [];
  for (let at = 0; ;) {
    const line = rest.indexOf("\r\n", at);
    const size = Number.parseInt(rest.latin1Slice(at, line), 16);
    if (size === 0) return Buffer.concat(chunks);
    if (line < 0 || line + 4 + size > rest.length) return undefined;
    chunks.push(rest.subarray(line + 2, line + 2 + size));
    at = line + 4 + size;
  }
}
