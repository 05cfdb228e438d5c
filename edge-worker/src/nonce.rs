//! The nonce of a document's policy, which is to be each answer's own (CSP level 3, section 7.1).
//!
//! Sessions of the same scope share an entry, and one who reads a nonce in it would know that of every other viewer. The
//! edge writes another one of the same length into the shared bytes and into the policy.

use serde::{Deserialize, Serialize};

/// Letters that a nonce is made of: 64 of them, so that six bits of a random byte choose one evenly.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Letters of a nonce at least: 96 bits. A shorter text could stand in a body by chance.
const LEAST_LETTERS: usize = 16;

/// The nonce that the origin gave an answer, and where the body has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Nonce {
    text: String,
    places: Vec<usize>,
}

impl Nonce {
    /// Finds the nonce of a policy in a body.
    ///
    /// The body cannot have it where it is no nonce: the origin draws it after everything that a tenant sent.
    ///
    /// Missing: `None` when the policy has no nonce, or one too short to be told from other text.
    pub(crate) fn find(policy: &str, body: &[u8]) -> Option<Self> {
        let (_, behind) = policy.split_once("'nonce-")?;
        let (text, _) = behind.split_once('\'')?;
        if text.len() < LEAST_LETTERS {
            return None;
        }
        let windows = body.windows(text.len()).enumerate();
        let places = windows
            .filter_map(|(at, window)| (window == text.as_bytes()).then_some(at))
            .collect();
        Some(Self {
            text: text.to_owned(),
            places,
        })
    }

    /// Letters that another one has to have.
    pub(crate) fn length(&self) -> usize {
        self.text.len()
    }

    /// Where the body has it, in bytes from its beginning, in order.
    pub(crate) fn places(&self) -> &[usize] {
        &self.places
    }

    /// The policy with another nonce.
    pub(crate) fn in_policy(&self, policy: &str, other: &str) -> String {
        policy.replace(&self.text, other)
    }
}

/// A nonce of as many letters as there are random bytes, each worth six bits.
pub(crate) fn of_random(bytes: &[u8]) -> String {
    let letter = |byte: &u8| LETTERS.get(usize::from(byte & 63)).copied().map(char::from);
    bytes.iter().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "0123456789abcdefghijklmn";
    const POLICY: &str = "default-src 'none'; script-src 'self' 'nonce-0123456789abcdefghijklmn'; style-src 'nonce-0123456789abcdefghijklmn'";

    #[test]
    fn a_nonce_is_found_wherever_the_body_has_it() {
        let body = format!("<style nonce=\"{GIVEN}\"></style><script nonce=\"{GIVEN}\">");
        let nonce = Nonce::find(POLICY, body.as_bytes()).unwrap();
        assert_eq!(nonce.length(), 24);
        let found: Vec<_> = nonce
            .places()
            .iter()
            .map(|at| body.get(*at..at + 24))
            .collect();
        assert_eq!(found, [Some(GIVEN), Some(GIVEN)]);
    }

    #[test]
    fn the_policy_has_the_other_one_and_not_the_given_one() {
        let nonce = Nonce::find(POLICY, b"").unwrap();
        let other = of_random(&[255; 24]);
        let policy = nonce.in_policy(POLICY, &other);
        assert_eq!(policy.matches(&format!("'nonce-{other}'")).count(), 2);
        assert!(!policy.contains(GIVEN), "{policy}");
    }

    #[test]
    fn a_policy_without_a_nonce_worth_the_name_has_none() {
        for policy in [
            "",
            "default-src 'none'",
            "script-src 'nonce-abc'",
            "'nonce-",
        ] {
            assert_eq!(Nonce::find(policy, b"abc"), None, "{policy}");
        }
    }

    #[test]
    fn every_random_byte_is_a_letter_that_a_policy_takes() {
        let all: Vec<u8> = (0..=255).collect();
        let text = of_random(&all);
        assert_eq!(text.len(), 256);
        for letter in LETTERS {
            assert_eq!(text.bytes().filter(|b| b == letter).count(), 4);
        }
    }
}
