// The Cache API's other side, in memory: workerd sends it `match` as GET, `put` as PUT with a whole HTTP response as the
// body, and `delete` as PURGE.

/** Bytes kept at most: answers live in the edge's own memory as well, so this holds files above all. */
const BYTES = 64 * 1024 * 1024;

/** By URL, the one used longest ago first. */
const kept = new Map();
let bytes = 0;

export default {
  async fetch(request) {
    switch (request.method) {
      case "GET":
        return match(request.url);
      case "PUT":
        return put(request.url, new Uint8Array(await request.arrayBuffer()));
      case "PURGE":
        return new Response(null, { status: forget(request.url) ? 200 : 404 });
      default:
        return new Response(null, { status: 405 });
    }
  },
};

function match(url) {
  const entry = kept.get(url);
  if (!entry || entry.until <= Date.now()) {
    forget(url);
    return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
  }
  kept.delete(url);
  kept.set(url, entry);
  // The bytes are encoded already, if at all.
  return new Response(entry.body, { status: entry.status, headers: entry.headers, encodeBody: "manual" });
}

function put(url, message) {
  const entry = read(message);
  forget(url);
  if (!entry || entry.until <= Date.now() || entry.body.length > BYTES / 8) return new Response(null, { status: 204 });
  kept.set(url, entry);
  bytes += entry.body.length;
  for (const oldest of kept.keys()) {
    if (bytes <= BYTES) break;
    forget(oldest);
  }
  return new Response(null, { status: 204 });
}

function forget(url) {
  const entry = kept.get(url);
  if (!entry) return false;
  bytes -= entry.body.length;
  return kept.delete(url);
}

/** Takes an HTTP/1.1 response apart (RFC 9112). */
function read(message) {
  const end = headEnd(message);
  if (end < 0) return undefined;
  const [statusLine, ...lines] = new TextDecoder().decode(message.subarray(0, end)).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  // workerd may say "chunked" of the body, but sends its bytes as they are: the request around it has a length of its own.
  for (const name of ["transfer-encoding", "connection", "content-length"]) headers.delete(name);
  headers.set("cf-cache-status", "HIT");
  const seconds = Number(/(?:^|[ ,])max-age=(\d+)/.exec(headers.get("cache-control") ?? "")?.[1] ?? 0);
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    body: message.slice(end + 4),
    until: Date.now() + seconds * 1000,
  };
}

function headEnd(message) {
  for (let at = message.indexOf(13); at >= 0; at = message.indexOf(13, at + 1)) {
    if (message[at + 1] === 10 && message[at + 2] === 13 && message[at + 3] === 10) return at;
  }
  return -1;
}
