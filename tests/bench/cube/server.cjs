// Cube as its documentation sets it up for tenants: a JWT is the security context, `queryRewrite` adds the tenant's
// filter to every query, answers are kept in its in-memory cache for an hour. Without Cube Store (native.cjs says why).
const http = require("node:http");
const { createRequire } = require("node:module");
const path = require("node:path");

const packages = process.env.BENCH_PACKAGES;
require("./native.cjs").install(packages);
const load = createRequire(path.join(packages, "package.json"));
const { CubejsServerCore } = load("@cubejs-backend/server-core");
const express = load("express");

const engine = new URL(process.env.ENGINE_URL);
const model = `cube("Calls", {
  sql_table: "bench_calls",
  refresh_key: { every: "1 hour" },
  measures: { calls: { type: "count" }, tokens: { sql: "tokens", type: "sum" } },
  dimensions: {
    tenant: { sql: "tenant_id", type: "string" },
    event: { sql: "event_name", type: "string" },
    at: { sql: "timestamp", type: "time" },
  },
});`;

const core = new CubejsServerCore({
  apiSecret: process.env.JWT_SECRET,
  driverFactory: () => ({
    type: "clickhouse", host: engine.hostname, port: engine.port, username: "default", password: process.env.ENGINE_PASSWORD, database: process.env.DATABASE,
  }),
  repositoryFactory: () => ({ dataSchemaFiles: async () => [{ fileName: "calls.js", content: model }] }),
  contextToAppId: () => "bench",
  cacheAndQueueDriver: "memory",
  // Its documented default for ClickHouse.
  orchestratorOptions: { queryCacheOptions: { queueOptions: { concurrency: 10 } } },
  queryRewrite: (query, { securityContext }) => {
    if (!securityContext?.tenant) throw new Error("no tenant");
    query.filters.push({ member: "Calls.tenant", operator: "equals", values: [securityContext.tenant] });
    return query;
  },
  scheduledRefreshTimer: false,
  telemetry: false,
  logger: () => {},
});

const app = express();
core.initApp(app).then(() => {
  const server = http.createServer(app).listen(0, "127.0.0.1", () => {
    console.log(JSON.stringify({ listening: `127.0.0.1:${server.address().port}` }));
  });
});
process.stdin.on("end", () => process.exit(0)).resume();
