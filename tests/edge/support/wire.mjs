// Requests as nobody's `fetch` would send them.
import { request } from "node:http";
import { connect } from "node:net";

/** One request with exactly these headers; `path` goes onto the wire as it is. */
export function exchange(url, { method = "GET", path, headers = {}, body }) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const lines = Object.entries(response.headers).map((line) => line.join(": "));
      resolve({ status: response.statusCode, headers: response.headers, body: text, text: `${lines.join("\n")}\n${text}` });
    });
    asked.on("error", reject).end(body);
  });
}

/** All that comes back for these bytes, until the other side closes or is silent for a second. */
export function bytes(url, text) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (chunk) => (answer += chunk)).on("error", () => {}).on("close", () => resolve(answer));
  });
}
