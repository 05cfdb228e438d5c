// Pages of the gallery whose questions a test answers: there is no server behind them but ours.
import { SAMPLES } from "../../gallery/samples.mjs";
import { settled } from "../../gallery/server.mjs";
import { dashboard } from "./dashboard.mjs";
import { browser, gallery } from "./stage.mjs";

/** One row, and no page after it. */
const ONE_ROW = { columns: [{ key: "timestamp", type: "time" }], rows: [["2026-03-30T00:00:00Z"]], next_cursor: null };

/** Opens a page of the gallery that keeps what it asks; `rows` answers a question for rows. */
export async function openGallery(name, { rows = () => ONE_ROW, ...options } = {}) {
  const page = await browser.page({ reducedMotion: "reduce", ...options });
  const questions = [];
  await page.route("**/v1/embed/*", (route) => {
    const path = new URL(route.request().url()).pathname.replace("/v1/embed/", "");
    const question = { path, ...route.request().postDataJSON() };
    questions.push(question);
    const answer = path === "rows" ? rows(question) : SAMPLES[name].answer;
    route.fulfill({ status: 200, contentType: "application/json", body: JSON.stringify(answer) });
  });
  await page.goto(`${gallery.origin}/${name}`);
  await settled(page);
  const shown = dashboard(page.locator("body"));
  return Object.assign(page, { shown, questions, asked: (path) => questions.filter((question) => question.path === path) });
}
