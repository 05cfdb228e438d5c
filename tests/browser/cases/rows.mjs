// The events behind a number: what opens them, and how a viewer goes through them and back.
import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "../support/demo.mjs";
import { openGallery } from "../support/gallery.mjs";

/** Three pages of rows, one after the other. */
const paged = ({ cursor }) => {
  const page = Number(cursor ?? 0);
  return {
    columns: [{ key: "n", type: "number" }],
    rows: Array.from({ length: 40 }, (_, row) => [page * 40 + row]),
    next_cursor: page < 2 ? String(page + 1) : null,
  };
};

/** What has the focus: its place in the sheet, or its tag. */
const focused = (page) => page.evaluate(() => {
  const { activeElement } = document;
  return activeElement.closest(".em-sheet") ? "sheet" : activeElement.tagName;
});

for (const way of ["keyboard", "pointer"]) {
  test(`after the last page of rows the sheet still closes by Escape, and the focus goes back (${way})`, async () => {
    const page = await openGallery("every", { rows: paged });
    const opener = page.shown.card("Requests").getByRole("button", { name: "View rows" });
    const press = async (button) => {
      if (way === "pointer") return button.click();
      await button.focus();
      await page.keyboard.press("Enter");
    };
    await page.shown.card("Requests").hover();
    await press(opener);
    const sheet = page.getByRole("dialog", { name: "Rows" });
    const more = sheet.getByRole("button", { name: "Load more" });
    for (const rows of [80, 120]) {
      await more.waitFor();
      await press(more);
      await until(`${rows} rows are here`, async () => (await sheet.locator("tbody tr").count()) === rows);
      assert.equal(await focused(page), "sheet", `${rows} rows`);
    }
    assert.equal(await more.count(), 0);
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "detached" });
    assert.equal(await opener.evaluate((button) => button === document.activeElement), true);
    await page.context().close();
  });
}

test("Escape closes the sheet wherever in it was clicked", async () => {
  const page = await openGallery("every", { rows: paged });
  await page.shown.card("Requests").hover();
  await page.shown.card("Requests").getByRole("button", { name: "View rows" }).click();
  const sheet = page.getByRole("dialog", { name: "Rows" });
  await sheet.locator(".em-sheet-title").click();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.context().close();
});
