// Compares the figures of the benchmarks with the budgets of design.md; where all of them were measured, in full, it
// writes docs/PERFORMANCE.md and its plots. A part of them must not wipe out the rest of the document, and figures of a busy
// machine must not get into it.
//
// Arguments: the folder with the figures, the folder of the documents; --strict ends with 1 when a budget is not kept, or
// not measured.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bars } from "./report/plot.mjs";
import { sections } from "./report/sections.mjs";

const [folder, docs] = process.argv.slice(2);
const NAMES = ["micro", "edge-run", "answers", "ingest", "paint", "viewers", "skewed"];
const found = Object.fromEntries(NAMES.map((name) => [name, join(folder, `${name}.json`)]).filter(([, file]) => existsSync(file))
  .map(([name, file]) => [name, JSON.parse(readFileSync(file, "utf8"))]));

const marks = ({ quick, isBusy }) => `${quick ? " [quick]" : ""}${isBusy ? " [busy machine]" : ""}`;
const budgets = Object.values(found).flatMap(({ budgets = [], machine }) => budgets.map((budget) => ({ ...budget, marks: marks(machine) })))
  .sort((a, b) => a.id.localeCompare(b.id));
const isKept = ({ ratio, atLeast = -Infinity, atMost = Infinity }) => ratio >= atLeast && ratio <= atMost;
const asked = ({ atLeast, atMost }) => (atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`);
for (const budget of budgets) {
  const verdict = isKept(budget) ? "kept     " : "NOT KEPT ";
  console.log(`${verdict} ${budget.id}  ${budget.ratio.toFixed(2)} (${asked(budget)}): ${budget.what}${budget.marks}`);
}
const missing = NAMES.filter((name) => !found[name]);
if (missing.length) console.log(`not measured: ${missing.join(", ")}`);

const whole = Object.fromEntries(Object.entries(found).filter(([, { machine }]) => !machine.quick && !machine.isBusy));
if (Object.keys(whole).length === NAMES.length) write(whole, budgets);
else console.log("docs/PERFORMANCE.md stays as it is: it is written when everything was measured in full and on a quiet machine");
if (process.argv.includes("--strict") && (missing.length || !budgets.every(isKept))) process.exit(1);

function write(whole, budgets) {
  const { plots, texts } = sections(whole);
  mkdirSync(join(docs, "performance"), { recursive: true });
  for (const [name, plot] of Object.entries(plots)) writeFileSync(join(docs, "performance", `${name}.svg`), bars(plot));
  const rows = budgets.map((budget) => `| ${budget.id} | ${budget.what} | ${budget.ratio.toFixed(2)} | ${asked(budget)} | ${isKept(budget) ? "yes" : "**no**"} |`);
  const values = { budgets: ["| | what | measured | budget | kept |", "| --- | --- | ---: | --- | --- |", ...rows].join("\n"), ...texts };
  // Every text has been measured: a name without one is a mistake in the template.
  const text = (_, name) => {
    if (values[name] === undefined) throw new Error(`the template asks for ${name}, which is none`);
    return values[name];
  };
  const template = readFileSync(new URL("report/performance.md", import.meta.url), "utf8");
  writeFileSync(join(docs, "PERFORMANCE.md"), template.replace(/\{\{(\w+)\}\}/g, text));
}
