//! The public keys, as served at `/.well-known/jwks.json` (RFC 7517, RFC 8037).

use emban_contract::EnvironmentName;
use serde::{Deserialize, Serialize};

/// The set of keys that sessions may be signed with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Jwks {
    /// The keys, the newest first.
    pub keys: Vec<Jwk>,
}

/// One public Ed25519 key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Jwk {
    /// Always `OKP`.
    pub kty: String,
    /// Always `Ed25519`.
    pub crv: String,
    /// Always `EdDSA`.
    pub alg: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub use_: String,
    /// Names the key.
    pub kid: String,
    /// The public key, 32 bytes in base64url without padding.
    pub x: String,
    /// The environment whose sessions it signs; a token of another environment is refused under this key.
    pub env: EnvironmentName,
}
