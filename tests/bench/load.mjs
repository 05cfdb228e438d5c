// A closed-loop load generator: every connection sends its next request when the last one is answered.
import { request } from "node:http";
import { encode, openLine } from "./line.mjs";

/** Sends one request over a kept connection; resolves to its status and body. */
export function send(agent, url, { method = "POST", headers, body }) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, method, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, text: Buffer.concat(parts).toString() }));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/**
 * Keeps `connections` busy for `seconds`; `next()` makes a question with its `check(answer)`, which throws when the
 * answer is wrong, and returns "refused" when it is none: those are counted apart from the answers and their times. All
 * questions go to one host; one with its bytes in `wire` is not encoded again. Times in ms. Whatever fails is counted,
 * never dropped.
 */
export async function load({ connections, seconds, next }) {
  const times = [];
  const wrong = [];
  let refused = 0;
  const first = next();
  const lines = await Promise.all(Array.from({ length: connections }, () => openLine(first.path)));
  const begin = performance.now();
  const until = begin + seconds * 1000;
  const connection = async (line) => {
    while (performance.now() < until) {
      const question = next();
      const wire = question.wire ?? encode(question);
      const sent = performance.now();
      try {
        const answer = await line.ask(wire);
        const took = performance.now() - sent;
        if (question.check(answer) === "refused") refused += 1;
        else times.push(took);
      } catch (error) {
        wrong.push(String(error));
        if (wrong.length > 100) return;
      }
    }
  };
  await Promise.all(lines.map(connection));
  const elapsed = (performance.now() - begin) / 1000;
  for (const line of lines) line.close();
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { perSecond: times.length / elapsed, p50: at(0.5), p95: at(0.95), requests: times.length, refused, wrong };
}
/** The middle one, or the mean of the middle two. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}
