// @hypequery/serve as its documentation sets it up: a JWT names the tenant, tenancy is injected, answers are kept in
// its in-memory cache for five minutes. Prints one line of JSON when it listens.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { createHmac, timingSafeEqual } from "node:crypto";

const packages = createRequire(`${process.env.BENCH_PACKAGES}/package.json`);
const { createQueryBuilder, MemoryCacheProvider, logger, rawAs } = packages("@hypequery/clickhouse");
const { createNodeHandler, initServe } = packages("@hypequery/serve");
const { z } = packages("zod");

const { ENGINE_URL, ENGINE_PASSWORD, DATABASE, JWT_SECRET } = process.env;
// It prints every query otherwise.
logger.configure({ enabled: false });

const db = createQueryBuilder({
  url: ENGINE_URL,
  username: "default",
  password: ENGINE_PASSWORD,
  database: DATABASE,
  cache: {
    mode: "cache-first",
    ttlMs: 300_000,
    provider: new MemoryCacheProvider({ maxEntries: 20_000 }),
  },
});

/** The claims of a JWT signed with HS256, or null. */
function claims(token) {
  const [head, body, signature] = (token ?? "").split(".");
  if (!signature) return null;
  const expected = createHmac("sha256", JWT_SECRET).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const read = JSON.parse(Buffer.from(body, "base64url"));
  return read.exp > Date.now() / 1000 ? read : null;
}

const { query, serve } = initServe({
  basePath: "",
  context: () => ({ db }),
  auth: ({ request }) => {
    const read = claims(request.headers.authorization?.replace(/^Bearer /, ""));
    return read && { userId: read.tenant, tenantId: read.tenant };
  },
  tenant: {
    extract: (auth) => auth.tenantId,
    required: true,
    column: "tenant_id",
    mode: "auto-inject",
  },
});

const series = query({
  input: z.object({ from: z.string(), to: z.string() }),
  query: ({ ctx, input }) =>
    ctx.db
      .table("bench_calls")
      .where("timestamp", "gte", input.from)
      .where("timestamp", "lt", input.to)
      .select([rawAs("toStartOfDay(timestamp)", "day")])
      .count("event_name", "calls")
      .sum("tokens", "tokens")
      .groupBy("day")
      .orderBy("day", "ASC")
      .execute(),
});

const api = serve({ queries: { series } });
api.route("/series", api.queries.series, { method: "POST" });

const server = createServer(createNodeHandler(api.handler));
server.listen(0, "127.0.0.1", () => {
  const { address, port } = server.address();
  console.log(JSON.stringify({ listening: `${address}:${port}` }));
});
