// The tables and plots of docs/PERFORMANCE.md, from the figures of each benchmark.
const whole = (number) => Math.round(number).toLocaleString("en-US");
const table = (head, rows) => [head, head.map((_, place) => (place ? "---:" : "---")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const on = ({ machine: { cpus, cpu, load, busy, at, commit } }, what) =>
  `${what}, on ${cpus} × ${cpu} at load ${load.map((one) => one.toFixed(1)).join(" → ")}, ${(100 * busy).toFixed(0)} % of them in other hands, ${at.slice(0, 10)}${
    commit ? `, commit ${commit}` : ""}.`;

const LABELS = { emban: "Emban", raw: "engine's own HTTP", hypequery: "@hypequery/serve", cube: "Cube", engine: "engine's own insert",
  static: "static HTML file", demo_document: "document of the demo dashboard", echarts: "page with ECharts", chartjs: "page with Chart.js", uplot: "page with uPlot" };

const answers = (found) => {
  const raw = ({ mode, connections }) => found.table.find((o) => o.name === "raw" && o.mode === mode && o.connections === connections);
  return `${table(["asked", "question", "connections", "p50 ms", "p95 ms", "answers/s", "least–most", "p50 over the engine's"], found.table.map((row) =>
    [LABELS[row.name], row.mode === "hit" ? "asked before" : "new", row.connections, row.p50_ms.toFixed(2), row.p95_ms.toFixed(2), whole(row.per_second),
      row.spread.map(whole).join("–"), (row.p50_ms / raw(row).p50_ms).toFixed(2)]))}

${on(found, `Medians of ${found.rounds} rounds of ${found.seconds} s; ${whole(found.rows)} events; ${whole(found.compared)} new answers under load compared with the engine's; resident after it: ${
    Object.entries(found.resident).map(([name, mib]) => `${LABELS[name]} ${mib} MiB`).join(", ")}`)}`;
};

const edge = (found) => `${table(["asked", "worker", "a second", "least–most", "CPU µs", "of a hello"], found.rows.flatMap(({ name, workers }) =>
  Object.entries(workers).map(([worker, one]) => [name, worker, whole(one.per_second), `${whole(one.least)}–${whole(one.most)}`, one.cpu_us, one.of_hello])))}

${on(found, `Medians of ${found.rounds} rounds of ${found.seconds} s, ${found.connections} connections; ${whole(found.read)} answers under load were read whole, each its tenant's`)}`;

const ingest = (found) => `${table(["batch", "connections", "Emban answered/s", "until stored/s", "p50 ms", "p99 ms", "engine/s", "p50 ms", "p99 ms", "answered ×", "stored ×"],
  found.rows.map((row) => [row.batch, row.connections, whole(row.emban_answered), whole(row.emban_stored), row.emban_p50.toFixed(1), row.emban_p99.toFixed(1),
    whole(row.engine_answered), row.engine_p50.toFixed(1), row.engine_p99.toFixed(1), row.ratio.toFixed(2), row.stored_ratio.toFixed(2)]))}

At a tenth of the rate until stored of the last row, in batches of 100: p50 ${found.tenth.p50.toFixed(1)} ms, p99 ${found.tenth.p99.toFixed(1)} ms. Origin ${found.origin.resident} MiB after it (${
  found.origin.most} at most), its engine ${found.helper.resident} MiB. ${whole(found.disk.events)} events counted, each once; ${found.disk.bytesAnEvent} bytes on disk an event.
A round sends for ${found.seconds} s, or as many events as 768 MiB of bodies hold, about three million. Answers come from the log, which fills meanwhile; "until stored" is what lasts.

${on(found, `Medians of ${found.rounds} rounds`)}`;

const paint = (found) => {
  const still = (line) => found.table.find((row) => row.name === "static" && row.line === line).painted_ms;
  return `${table(["page", "line", "painted ms", "least–most", "over the static file", "bytes by then", "usable ms", "bytes by then"], found.table.map((row) =>
    [LABELS[row.name], row.line, whole(row.painted_ms), row.spread.map(whole).join("–"), (row.painted_ms / still(row.line)).toFixed(2), whole(row.wire_bytes),
      row.usable_ms === undefined ? "" : whole(row.usable_ms), row.usable_bytes === undefined ? "" : whole(row.usable_bytes)]))}

Bytes in brotli: ${Object.entries(found.bytes).map(([name, size]) => `${LABELS[name] ?? name} ${whole(size)}`).join(", ")}.
${on(found, `Medians of ${found.compared.join(" and ")} rounds, of the libraries' pages of ${found.rounds.join(" and ")}`)}`;
};

const widgets = (large, small, rows) => table(["widget", "zone", "connections", "from", "rows read", "of the small one", large, small, "ratio"], rows.map((row) =>
  [row.widget, row.zone, row.connections, row.source ?? "", ...row.read?.map(whole) ?? ["", ""], row.large_ms.toFixed(1), row.small_ms.toFixed(1), row.ratio.toFixed(2)]));

const skewed = (found) => `${widgets("tenant of 2 million, ms", "tenant of 1000, ms", found.table)}

The flights of 2013 under the demo's dashboard, moved so that they end now; figures are those computed from the file:

${widgets("UA (58,665 flights), ms", "HA (342 flights), ms", found.flights)}

${on(found, `Medians of ${found.rounds} rounds, ${whole(found.events)} events of 1000 tenants`)}`;

const viewers = (found) => `${table(["by", "at once", "answers/s", "p50 ms", "p95 ms", "answers", "refused"], Object.entries(found.ways).flatMap(([way, steps]) =>
  steps.map((one) => [way, one.connections, whole(one.perSecond), one.p50.toFixed(1), one.p95.toFixed(1), whole(one.requests), one.refused])))}

The knee: ${found.knee.edge} at once through the edge, ${found.knee.origin} without. At most ${found.resident.origin.most} MiB in the origin, ${
  found.resident.edge.most} in workerd, whose isolate holds ${found.isolate.toFixed(1)}. ${on(found, `Steps of ${found.seconds.toFixed(1)} s, ${whole(found.events)} events of 1000 tenants`)}`;

const time = (ns) => (ns >= 1e6 ? `${(ns / 1e6).toFixed(2)} ms` : ns >= 1e3 ? `${(ns / 1e3).toFixed(2)} µs` : `${ns.toFixed(0)} ns`);

const micro = (found) => `${table(["operation", "median", "least–most", "instructions"], found.operations.map(({ name, ns, spread, instructions }) =>
  [name, time(ns), spread.map(time).join("–"), instructions ? whole(instructions) : ""]))}

${on(found, "Medians of batches; instructions by callgrind, under which SHA-256 runs in software though this processor has instructions for it: verifying and keys count more there than they run")}`;

const WRITERS = { answers, "edge-run": edge, ingest, paint, skewed, viewers, micro };

const painted = (table, line, said) => ({ title: `First chart on the screen, ${said} (ms)`,
  rows: table.filter((row) => row.line === line).sort((a, b) => a.painted_ms - b.painted_ms)
    .map((row) => ({ label: LABELS[row.name], value: row.painted_ms, text: `${whole(row.painted_ms)} ms`, ours: row.name === "emban" })) });

const PLOTS = {
  answers: ({ table }) => ({ hits: { title: "Answers from cache a second, 16 connections",
    rows: table.filter((row) => row.mode === "hit" && row.connections === 16 && row.name !== "raw").sort((a, b) => b.per_second - a.per_second)
      .map((row) => ({ label: LABELS[row.name], value: row.per_second, text: `${whole(row.per_second)}/s`, ours: row.name === "emban" })) } }),
  paint: ({ table }) => ({ paint: painted(table, "slow", "slow line and processor"), "paint-fast": painted(table, "fast", "fast line") }),
  "edge-run": ({ rows }) => ({ edge: { title: "Answers of the edge a second, 16 connections",
    rows: rows.filter(({ name }) => name.includes("hit")).flatMap(({ name, workers }) => ["rust", "javascript"].map((worker) => ({
      label: `${name.replace("verify + ", "")}, ${worker === "rust" ? "Emban" : "JS"}`, value: workers[worker].per_second,
      text: whole(workers[worker].per_second), ours: worker === "rust" }))) } }),
  ingest: ({ rows }) => ({ ingest: { title: "Events a second, batches of 1000, 16 connections",
    rows: rows.filter((row) => row.batch === 1000 && row.connections === 16).flatMap((row) => [
      { label: "Emban, until stored", value: row.emban_stored, text: whole(row.emban_stored), ours: true },
      { label: "Emban, answered (log fills)", value: row.emban_answered, text: whole(row.emban_answered), ours: true },
      { label: LABELS.engine, value: row.engine_answered, text: whole(row.engine_answered) }]) } }),
};

/** The texts by their place in the document, and the plots by file name. */
export function sections(found) {
  const texts = Object.fromEntries(Object.entries(found).map(([name, figures]) => [name.replace("-run", ""), WRITERS[name](figures)]));
  const plots = Object.assign({}, ...Object.entries(found).map(([name, figures]) => PLOTS[name]?.(figures)));
  return { texts, plots };
}
