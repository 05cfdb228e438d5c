// Looking for a tenant in what another one gets.
import assert from "node:assert/strict";

/** All that came back, as one text. */
export async function textOf(answer) {
  return [...answer.headers].map((line) => line.join(": ")).join("\n") + "\n" + (await answer.text());
}

/** Fails when an answer shows the other tenant's marker or names it. */
export function assertClean(text, { foreign, other }, label) {
  for (const word of [foreign, other]) {
    assert.ok(!text.includes(word), `${label} shows ${word}: ${text.slice(0, 400)}`);
  }
}
