// Pages that show a dashboard: by itself, in a frame, by the script tag.
import { dashboard } from "./dashboard.mjs";
import { browser, demo, host } from "./stage.mjs";

/** Opens a document as a frame would, but in a window of its own. */
export async function openDocument(url, options) {
  const page = await browser.page(options);
  await page.goto(url);
  return Object.assign(page, { shown: dashboard(page.locator("body")) });
}

/** Opens a frame that follows its content, in a page that keeps what it is told. */
export async function openFrame(url, { origin = host.origin, sandbox, ...options } = {}) {
  const page = await browser.page(options);
  await page.goto(origin);
  await page.evaluate(([address, sandbox]) => {
    window.told = [];
    const frame = document.createElement("iframe");
    if (sandbox) frame.setAttribute("sandbox", sandbox);
    frame.style = "display:block;width:100%;height:300px;border:0";
    window.addEventListener("message", ({ data, origin, source }) => {
      if (source !== frame.contentWindow) return;
      window.told.push({ origin, ...data });
      if (data.type === "resize") frame.style.height = `${data.height}px`;
    });
    frame.src = address;
    document.body.append(frame);
  }, [url, sandbox]);
  return Object.assign(page, { shown: dashboard(page.frameLocator("iframe").first().locator("body")), ...hearing(page), say: sayTo(page) });
}

/** Opens one element for each address, in a page that keeps what they tell. */
export async function openElements(urls, options) {
  const page = await browser.page(options);
  await page.goto(host.origin);
  await page.evaluate(([addresses, script]) => {
    window.told = [];
    const types = ["ready", "resize", "error", "data", "filter", "session-expired"];
    for (const address of addresses) {
      const element = document.createElement("emban-dashboard");
      for (const type of types) {
        element.addEventListener(`emban:${type}`, ({ detail }) => window.told.push({ type, ...detail }));
      }
      element.setAttribute("embed-url", address);
      document.body.append(element);
    }
    const tag = document.createElement("script");
    tag.type = "module";
    tag.src = script;
    document.head.append(tag);
  }, [urls, `${demo.edge}/embed.js`]);
  return Object.assign(page, { shown: dashboard(page.locator("emban-dashboard").first()), ...hearing(page) });
}

/** Opens a page that has only loaded the script tag; a script there calls `Emban.mount`. */
export async function openScript({ prepare, path = "/", ...options } = {}) {
  const page = await browser.page(options);
  await prepare?.(page);
  await page.goto(host.origin + path);
  await page.evaluate((script) => {
    window.told = [];
    return import(script);
  }, `${demo.edge}/embed.js`);
  return Object.assign(page, { shown: dashboard(page.locator("emban-dashboard").first()), ...hearing(page) });
}

function hearing(page) {
  return {
    /** What the page was told last of a type, if anything. */
    told: (type) => page.evaluate((wanted) => window.told.findLast((message) => message.type === wanted), type),
    /** Forgets what was told. */
    forget: () => page.evaluate(() => void (window.told.length = 0)),
  };
}

/** Sends a message of the browser protocol to the frame, to exactly its origin. */
const sayTo = (page) => (type, rest = {}) => page.evaluate(
  ([message, origin]) => document.querySelector("iframe").contentWindow.postMessage(message, origin),
  [{ _emban: true, type, ...rest }, demo.edge]);
