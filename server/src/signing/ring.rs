//! What each key of an environment does at a moment.

use emban_contract::{UnixMillis, limits};

/// Seconds that a key is only published: every tier has it before the first session needs it. Edges read the keys every
/// minute, and an answer with keys may be a minute old.
pub const PUBLISHED_SECONDS: i64 = 180;

/// Seconds beyond the longest session that a key goes on verifying: clocks of our tiers differ.
const SLACK_SECONDS: i64 = 60;

/// A secret key and when it was made.
pub(super) struct Key {
    pub(super) since: UnixMillis,
    pub(super) seed: [u8; 32],
}

impl Key {
    fn signs_from(&self) -> UnixMillis {
        self.since.plus_seconds(PUBLISHED_SECONDS)
    }
}

/// The key that signs: the newest that was published long enough, the oldest when none was.
///
/// `keys` are sorted, the oldest first.
pub(super) fn signing(keys: &[Key], now: UnixMillis) -> Option<&Key> {
    let ripe = keys.iter().rev().find(|key| key.signs_from() <= now);
    ripe.or_else(|| keys.first())
}

/// The keys that verify, the oldest first: all but those whose successor has signed for longer than any session lives.
pub(super) fn verifying(keys: &[Key], now: UnixMillis) -> Vec<&Key> {
    let holds = |successor: Option<&Key>| {
        let longest = i64::from(limits::SESSION_MAX_SECONDS) + SLACK_SECONDS;
        successor.is_none_or(|next| next.signs_from().plus_seconds(longest) > now)
    };
    let successors = keys.iter().skip(1).map(Some).chain([None]);
    keys.iter()
        .zip(successors)
        .filter(|(_, successor)| holds(*successor))
        .map(|(key, _)| key)
        .collect()
}
