// Session tokens as the contract's section 6 describes them, signed with node's own Ed25519.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A signing key of an environment, with its public half as a JWK. */
export function signingKey(environment = "production", kid = randomBytes(6).toString("hex")) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  const jwk = { kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig", kid, x, env: environment };
  return { privateKey, jwk, kid };
}

/** Claims of a session for an hour; `over` replaces any of them. */
export function claims(over = {}) {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: "emban:default", aud: "emban-embed", sub: `es_${randomBytes(8).toString("hex")}`,
    iat: now, nbf: now, exp: now + 3600,
    org: "default", env: "production", tenant: "acme", dash: "dash_1", perm: {}, ...over,
  };
}

/** A token with these claims; `header` replaces members of its header. */
export function token(key, payload, header = {}) {
  const text = `${encode({ alg: "EdDSA", typ: "emban-embed+jwt", kid: key.kid, ...header })}.${encode(payload)}`;
  return `${text}.${sign(null, Buffer.from(text), key.privateKey).toString("base64url")}`;
}

/** What a token says, unverified. */
export function read(text) {
  return JSON.parse(Buffer.from(text.split(".")[1], "base64url").toString());
}

/**
 * The scope digest of claims, as the session crate makes it. Permissions have to be given in the order of the type
 * and without defaults.
 */
export function scopeDigest({ org, env, tenant, dash, perm }) {
  const { user_id: _, ...permissions } = perm;
  const hash = createHash("sha256");
  for (const part of [org, env, tenant, dash, JSON.stringify(permissions)]) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(part)));
    hash.update(length).update(part);
  }
  return hash.digest("base64url");
}
