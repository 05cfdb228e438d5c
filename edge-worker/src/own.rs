//! What in a shared answer is not the same for all who share it.

use serde::{Deserialize, Serialize};

use crate::expiry::Expiry;
use crate::nonce::Nonce;

/// The parts of an entry that the edge writes anew for each answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Own {
    /// The session's.
    pub(crate) expiry: Expiry,
    /// The answer's.
    pub(crate) nonce: Option<Nonce>,
}

impl Own {
    /// Nothing: the answer is the same for everyone.
    pub(crate) const NOTHING: Self = Self {
        expiry: Expiry::Absent,
        nonce: None,
    };

    /// Finds them in a surface, or in a document and its policy.
    pub(crate) fn find(policy: Option<&str>, body: &[u8]) -> Self {
        Self {
            expiry: Expiry::find(body),
            nonce: policy.and_then(|policy| Nonce::find(policy, body)),
        }
    }
}
