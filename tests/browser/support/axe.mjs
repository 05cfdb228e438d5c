// axe-core in a page.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const AXE = readFileSync(join(process.env.EMBAN_NPM_TOOLS, "node_modules/axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe finds on a page, one line an element. */
export async function violations(page) {
  // Figures that are about to be replaced are dimmed on purpose.
  await page.locator(".em-busy").waitFor({ state: "detached" });
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  return page.evaluate(async (rules) => {
    const { violations } = await window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary.split("\n").slice(1).join(" ")}`));
  }, RULES);
}
