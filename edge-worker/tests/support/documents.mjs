// Documents as the origin draws them.
import { randomBytes } from "node:crypto";

/** A document with the nonce that its policy names, and one that differs from answer to answer where the origin draws it. */
export function documents(edge) {
  edge.origin.embed = (request, session) => {
    const nonce = randomBytes(18).toString("base64url");
    const seconds = session.exp - Math.floor(Date.now() / 1000);
    return {
      headers: { "content-type": "text/html", "content-security-policy": `script-src 'self' 'nonce-${nonce}'; style-src 'nonce-${nonce}'` },
      body: `<style nonce="${nonce}">p{}</style><script nonce="${nonce}">{"expires_in":${seconds}}</script><script nonce="${nonce}">é</script>`,
    };
  };
}
