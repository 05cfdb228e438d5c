//! Embed sessions: what the token says, who may sign it, how it is verified, and the rules of keeping
//! answers that follow from it: cache keys, ages, the canonical form of a question.
//!
//! The same verifying code runs at the origin and at the edge. Nothing here reads a clock or makes random numbers:
//! the time and the key bytes are passed in. A [`VerifiedSession`] exists only as the result of [`Verifier::verify`].

mod cache_key;
mod claims;
mod company;
mod crypto;
mod feed;
pub mod freshness;
mod jwks;
pub mod lru;
mod mint;
pub mod question;
mod verify;

pub use cache_key::{CacheKey, CacheRoute, Edition, RequestDigest, ScopeDigest};
pub use claims::{AUDIENCE, Claims, TOKEN_TYPE, issuer};
pub use company::{KeptKey, ReadKey, VerifiedKey, hash_key};
pub use feed::{FeedState, Live, Next};
pub use jwks::{Jwk, Jwks};
pub use mint::{MintError, Minter};
pub use verify::{KeyError, VerifiedSession, Verifier, VerifyError};
