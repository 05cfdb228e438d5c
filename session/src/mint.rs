//! Minting: the origin's side, the only one that holds a private key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use emban_contract::{EnvironmentName, OrganisationId, limits};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sha2::{Digest, Sha256};

use crate::claims::TOKEN_TYPE;
use crate::jwks::Jwk;
use crate::{AUDIENCE, Claims, crypto, issuer};

/// Signs the sessions of one environment.
pub struct Minter {
    organisation: OrganisationId,
    environment: EnvironmentName,
    header: Header,
    key: EncodingKey,
    public: Jwk,
}

/// Why a token was not minted.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The claims name another organisation, environment, issuer or audience than this minter signs for.
    #[error("the claims belong to another issuer, audience, organisation or environment")]
    ForeignClaims,
    /// Mostly permissions that are too long.
    #[error("the token would be {bytes} bytes, the limit is {limit}", limit = limits::TOKEN_BYTES)]
    TooLong {
        /// Length of the token.
        bytes: usize,
    },
    /// The library could not sign.
    #[error("signing failed")]
    Signing(#[from] jsonwebtoken::errors::Error),
}

impl Minter {
    /// Makes a minter from the 32 secret bytes of an Ed25519 key. The key's id follows from its public half.
    pub fn new(
        organisation: OrganisationId,
        environment: EnvironmentName,
        seed: &[u8; 32],
    ) -> Self {
        crypto::install();
        let public = SigningKey::from_bytes(seed).verifying_key();
        let thumbprint = Sha256::digest(public.as_bytes());
        let kid: String = URL_SAFE_NO_PAD
            .encode(thumbprint)
            .chars()
            .take(16)
            .collect();
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(kid.clone());
        let public = Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            alg: "EdDSA".to_owned(),
            use_: "sig".to_owned(),
            kid,
            x: URL_SAFE_NO_PAD.encode(public.as_bytes()),
            env: environment.clone(),
        };
        Self {
            organisation,
            environment,
            header,
            key: EncodingKey::from_ed_der(seed),
            public,
        }
    }

    /// The public half of the key.
    pub fn public_key(&self) -> &Jwk {
        &self.public
    }

    /// `iss` and `aud` of this minter's tokens.
    pub fn issuer_and_audience(&self) -> (String, String) {
        (issuer(&self.organisation), AUDIENCE.to_owned())
    }

    /// Signs claims.
    ///
    /// Errors: [`MintError::ForeignClaims`] when they do not belong to this minter; [`MintError::TooLong`] over 8 KiB.
    pub fn mint(&self, claims: &Claims) -> Result<String, MintError> {
        let own = claims.org == self.organisation
            && claims.env == self.environment
            && (claims.iss.as_str(), claims.aud.as_str())
                == (issuer(&self.organisation).as_str(), AUDIENCE);
        if !own {
            return Err(MintError::ForeignClaims);
        }
        let token = jsonwebtoken::encode(&self.header, claims, &self.key)?;
        if token.len() > limits::TOKEN_BYTES {
            return Err(MintError::TooLong { bytes: token.len() });
        }
        Ok(token)
    }
}
