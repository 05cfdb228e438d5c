// Stands in for the addon of @cubejs-backend/native, which its package downloads from GitHub: it turns the rows of a
// driver into the answer's JSON. Everything else of that addon (SQL API, Tesseract planner, Python, YAML) is off.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const time = (value) => (typeof value === "string" && value.length === 10 ? `${value}T00:00:00.000` : value);

/** One row an object, named by members; a time dimension has a column by its granularity and one without, as Cube's. */
function rows({ aliasToMemberNameMap, annotation, query }, { members, columns }) {
  const count = columns[0]?.length ?? 0;
  const data = Array.from({ length: count }, () => ({}));
  members.forEach((alias, place) => {
    const member = aliasToMemberNameMap[alias] ?? alias;
    const values = columns[place];
    const timed = annotation[member]?.type === "time";
    const bare = query.timeDimensions?.find((one) => one.granularity && `${one.dimension}.${one.granularity}` === member)?.dimension;
    for (let row = 0; row < count; row += 1) {
      const value = timed ? time(values[row]) : values[row];
      data[row][member] = value;
      if (bare) data[row][bare] = value;
    }
  });
  return data;
}

const answer = (transform, raw, result) => ({ ...result, data: rows(transform, JSON.parse(raw.toString())) });
const addon = {
  isFallbackBuild: () => true,
  setupLogger: () => {},
  newJinjaEngine: () => ({}),
  getFinalQueryResult: async (transform, raw, result) => Buffer.from(JSON.stringify(answer(transform, raw, result))),
  getFinalQueryResultMulti: async (transforms, raws, { results, ...rest }) => Buffer.from(JSON.stringify({
    ...rest, results: results.map((result, place) => answer(transforms[place], raws[place], result)),
  })),
};

/** Puts the addon where the packages under `packages` look for it. */
exports.install = (packages) => {
  const file = path.join(packages, "node_modules/@cubejs-backend/native/index.node");
  if (!fs.existsSync(file)) fs.writeFileSync(file, "");
  const load = Module._extensions[".node"];
  Module._extensions[".node"] = (module, name) => (name === file ? void (module.exports = addon) : load(module, name));
};
