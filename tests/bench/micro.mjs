// Single functions: the median of their time, and their instructions where valgrind is at hand, which noise does not move.
import { execFileSync, spawnSync } from "node:child_process";
import { benchmark, env, printTable, quick } from "./stage.mjs";

const CALLS = quick ? 5 : 50;

/** What a process that calls a function so often executes; twice as many calls less these leaves the calls alone. */
function instructions(program, name, calls) {
  const { stderr, status, error } = spawnSync("valgrind", ["--tool=callgrind", "--callgrind-out-file=/dev/null", program, "count", name, String(calls)], { encoding: "utf8" });
  if (error) return undefined;
  if (status !== 0) throw new Error(stderr);
  return Number(/Collected : (\d+)/.exec(stderr)[1]);
}

benchmark(async () => {
  const program = env("BENCH_MICRO");
  const operations = JSON.parse(execFileSync(program, ["time"], { encoding: "utf8" })).map(({ name, ns, spread }) => {
    const [once, twice] = [CALLS, 2 * CALLS].map((calls) => instructions(program, name, calls));
    return { name, ns, spread, ...(once && { instructions: (twice - once) / CALLS }) };
  });
  printTable([["operation", "median ns", "least–most", "instructions"], ...operations.map(({ name, ns, spread, instructions }) =>
    [name, ns.toFixed(0), spread.map((one) => one.toFixed(0)).join("–"), instructions ? instructions.toFixed(0) : "no valgrind"])]);
  return { operations };
});
