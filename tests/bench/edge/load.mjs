// A load of a fixed number of connections, each with one request under way. Reads its orders from its parent, one at a
// time: { url, requests: [the text of each in turn], expected: [what its answer must hold], from, connections, seconds }
// → { requests, seconds, errors, read }. One of `EVERY` answers is read whole, which costs the generator time.
import { connect } from "node:net";

const EVERY = 50;

process.on("message", async (order) => process.send(await run(order)));
process.send("ready");

async function run({ url, requests, expected, from, connections, seconds }) {
  const { hostname, port } = new URL(url);
  const texts = requests.map((text) => Buffer.from(text));
  const began = process.hrtime.bigint();
  const until = began + BigInt(Math.round(seconds * 1e9));
  const total = { done: 0, errors: 0, read: 0, next: from };
  await Promise.all(Array.from({ length: connections }, () => client({ hostname, port, texts, expected, until, total })));
  return { requests: total.done, errors: total.errors, read: total.read, seconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

function client({ hostname, port, texts, expected, until, total }) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    let pending;
    let left = -1;
    let asked = 0;
    let body;
    const send = () => {
      if (process.hrtime.bigint() >= until) {
        socket.end();
        resolve();
        return;
      }
      asked = total.next++;
      body = asked % EVERY === 0 && expected ? [] : undefined;
      socket.write(texts[asked % texts.length]);
    };
    const finish = () => {
      total.done += 1;
      if (body) {
        total.read += 1;
        if (!Buffer.concat(body).includes(expected[asked % texts.length])) total.errors += 1;
      }
      pending = undefined;
      left = -1;
      send();
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      if (left >= 0) {
        body?.push(chunk);
        left -= chunk.length;
        if (left <= 0) finish();
        return;
      }
      pending = pending ? Buffer.concat([pending, chunk]) : chunk;
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = pending.latin1Slice(0, end);
      const length = /\r\ncontent-length: (\d+)/i.exec(head);
      if (!length) return reject(new Error(`an answer without a length:\n${head}`));
      if (!/^HTTP\/1.1 (200|404) /.test(head)) total.errors += 1;
      left = Number(length[1]) - (pending.length - end - 4);
      body?.push(pending.subarray(end + 4));
      if (left <= 0) finish();
    });
  });
}
