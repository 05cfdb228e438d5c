// Answers as they come over the wire, where fetch would decode them.
import { request } from "node:http";

/** Status, headers and the bytes as they were encoded. */
export function raw(url, headers, method = "GET") {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
    });
    asked.on("error", reject).end();
  });
}
