//! Forged session tokens: one list for the verifier's own tests, the origin and the edge.
//!
//! The forger holds the good key, so that each token is wrong in the one thing that its name says and in nothing else.

mod payloads;
mod tokens;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use emban_session::{Claims, Jwk, Minter, TOKEN_TYPE, VerifyError};
use serde_json::{Value, json};

/// A token that no tier may accept.
#[derive(Debug, Clone)]
pub struct Forgery {
    /// What is wrong with it.
    pub name: String,
    /// The token.
    pub token: String,
    /// The reasons for which it may be refused; the log names one of them.
    pub reasons: Vec<VerifyError>,
}

/// Makes tokens with the good key of an environment.
pub struct Forger {
    key: SigningKey,
    public: Jwk,
    claims: Claims,
}

impl Forger {
    /// Takes the secret bytes of a key that the tiers trust, and claims that hold now.
    pub fn new(seed: &[u8; 32], claims: Claims) -> Self {
        let minter = Minter::new(claims.org.clone(), claims.env.clone(), seed);
        Self {
            key: SigningKey::from_bytes(seed),
            public: minter.public_key().clone(),
            claims,
        }
    }

    /// The public half of the key, as tiers are given it.
    pub fn public_key(&self) -> &Jwk {
        &self.public
    }

    /// A token that must be accepted: the forgeries are refused for their own reasons.
    pub fn good(&self) -> String {
        self.sign(&self.payload())
    }

    /// Any claims under a good header and a good signature.
    pub fn sign(&self, payload: &Value) -> String {
        self.signed(&self.header(), &payload.to_string())
    }

    /// Every forgery.
    pub fn forgeries(&self) -> Vec<Forgery> {
        let mut all = tokens::forgeries(self);
        all.extend(payloads::forgeries(self));
        all
    }

    fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "typ": TOKEN_TYPE, "kid": self.public.kid })
    }

    fn header_with(&self, name: &str, value: Value) -> Value {
        with(self.header(), name, value)
    }

    fn payload(&self) -> Value {
        serde_json::to_value(&self.claims).unwrap_or_default()
    }

    fn payload_with(&self, name: &str, value: Value) -> Value {
        with(self.payload(), name, value)
    }

    /// Signs any header and payload with the good key.
    fn signed(&self, header: &Value, payload: &str) -> String {
        self.signed_bytes(&header.to_string(), payload)
    }

    fn signed_bytes(&self, header: &str, payload: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(payload));
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", encode(signature.to_bytes()))
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.insert(name.to_owned(), value);
    }
    object
}

fn forgery(name: impl Into<String>, token: String, reasons: &[VerifyError]) -> Forgery {
    Forgery {
        name: name.into(),
        token,
        reasons: reasons.to_vec(),
    }
}
