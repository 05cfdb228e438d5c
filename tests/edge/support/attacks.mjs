// What an attacker sends: the lists of `tests/attacks`, which its program prints.
import { readFileSync } from "node:fs";

const path = process.env.EMBAN_FORGERIES;
if (!path) throw new Error("EMBAN_FORGERIES is not set: run these tests by `cargo xtask test`");
const list = JSON.parse(readFileSync(path, "utf8"));

/** Texts that mean something to SQL, to URLs, to templates or to JSON, and are valid wherever a text is. */
export const TEXTS = list.texts;
/** Texts with characters that tenants' names may not have. */
export const CONTROL_TEXTS = list.control_texts;
