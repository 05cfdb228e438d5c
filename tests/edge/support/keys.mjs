// Ed25519 keys from their seeds.
import { createPrivateKey, createPublicKey } from "node:crypto";

/** What stands before the 32 bytes of a seed in PKCS #8 (RFC 8410 section 7). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** The key of a seed, with its public half as the JWK's `x`. */
export function signingKeyOf(seed) {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  return { privateKey, x: createPublicKey(privateKey).export({ format: "jwk" }).x };
}
