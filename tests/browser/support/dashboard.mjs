// Reads a dashboard as its viewer does.

/** A dashboard at `root`, a frame or an element. */
export function dashboard(root) {
  const card = (title) => root.getByRole("region", { name: title, exact: true });
  const cells = (rows) => rows.evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
  return {
    root,
    card,
    /** The headline of a number. */
    number: (title) => card(title).locator(".em-stat-value").innerText(),
    /** Rows of a widget as a table; a chart is turned into one, and back. */
    async table(title) {
      const toggle = card(title).getByRole("button", { name: "View as table" });
      const turned = (await toggle.count()) > 0;
      if (turned) await toggle.click();
      const table = card(title).locator("table");
      await table.waitFor();
      const read = { rows: await cells(table.locator("tbody tr")), foot: await cells(table.locator("tfoot tr")) };
      if (turned) await card(title).getByRole("button", { name: "View as chart" }).click();
      return read;
    },
    /** Figures are drawn, and the runtime listens. */
    ready: () => root.locator(".em-root[data-live] .em-stat-value").first().waitFor(),
  };
}

/** `1,348` as a number. */
export const number = (text) => Number(text.replaceAll(",", ""));
