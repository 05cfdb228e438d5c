// What a browser runs is what was built: files that were changed on their way are refused.
import assert from "node:assert/strict";
import { test } from "node:test";

import { session, until } from "../support/demo.mjs";
import { openElements, openFrame } from "../support/pages.mjs";
import { demo } from "../support/stage.mjs";

const FILES = {
  script: { asked: /\/assets\/runtime-[^/]*\.js$/, more: "\nglobalThis.changed = true;" },
  wasm: { asked: /\/assets\/[^/]*\.wasm$/, more: "\0\x02\x01x" },
};

/** Lets a page get files with something added; returns how many were. */
async function change(page, { asked, more }) {
  const changed = { count: 0 };
  await page.route(asked, async (route) => {
    const response = await route.fetch();
    changed.count += 1;
    await route.fulfill({ response, body: Buffer.concat([await response.body(), Buffer.from(more, "latin1")]) });
  });
  return changed;
}

for (const [name, file] of Object.entries(FILES)) {
  test(`a frame does not run a changed ${name}`, async () => {
    const page = await openFrame("about:blank");
    const changed = await change(page, file);
    const open = (url) => page.evaluate((at) => { document.querySelector("iframe").src = at; }, url);
    await open(await session(demo, "UA"));
    await page.shown.root.getByRole("alert").getByText("could not be loaded").waitFor();
    assert.equal((await until("the host is told", () => page.told("error"))).code, "load_failed");
    assert.ok(changed.count > 0);
    assert.equal(await page.frames().at(-1).evaluate(() => globalThis.changed), undefined);
    await page.context().close();
    // A browser that got the file as it is runs it.
    const sound = await openFrame(await session(demo, "UA"));
    await sound.shown.ready();
    await sound.context().close();
  });

  test(`an element does not run a changed ${name}`, async () => {
    const page = await openElements([]);
    const changed = await change(page, file);
    const put = (url) => page.evaluate((at) => {
      const element = document.createElement("emban-dashboard");
      element.embedUrl = at;
      document.body.replaceChildren(element);
    }, url);
    await put(await session(demo, "UA"));
    await page.locator("emban-dashboard").getByRole("alert").waitFor();
    assert.ok(changed.count > 0);
    assert.equal(await page.evaluate(() => globalThis.changed), undefined);
    await page.context().close();
  });
}
