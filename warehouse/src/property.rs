//! Names of properties, and the paths of the JSON columns that hold them.
//!
//! ClickHouse reads a dot in a path as nesting and gives `` ` ``, `^` and `:` a meaning of their own, so that `a` and `a.b`, or a
//! name with a quote, could not stand beside each other as they are. Every byte but ASCII letters, digits and `_` is
//! therefore percent-encoded: each name is one flat path, the mapping is exact in both directions, and a path may travel
//! as an `Identifier` parameter without any further escaping.

use std::borrow::Cow;

/// A property's path within `string_props` or `number_props`: nothing but ASCII letters, digits, `_` and `%`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PropertyPath(String);

const HEX: &[u8; 16] = b"0123456789ABCDEF";

impl PropertyPath {
    /// Encodes a name. Any text is a name.
    pub(crate) fn of(name: &str) -> Self {
        Self(path_of(name).into_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that was encoded.
    pub(crate) fn name(&self) -> String {
        name_of(&self.0).unwrap_or_default()
    }
}

/// The path that a name is encoded as: the name itself when there is nothing to encode, as in most.
pub(crate) fn path_of(name: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.bytes().all(is_plain) {
        return Cow::Borrowed(name);
    }
    let mut path = String::with_capacity(name.len() + 8);
    for byte in name.bytes() {
        if is_plain(byte) {
            path.push(char::from(byte));
        } else {
            path.push('%');
            for nibble in [byte >> 4, byte & 0xF] {
                path.push(
                    HEX.get(usize::from(nibble))
                        .map_or('0', |digit| char::from(*digit)),
                );
            }
        }
    }
    Cow::Owned(path)
}

/// The name that was encoded as `path`; `None` for a text that no name is encoded as.
pub(crate) fn name_of(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, path: &str) {
        assert_eq!(PropertyPath::of(name).as_str(), path);
        assert_eq!(name_of(path).as_deref(), Some(name));
    }

    #[test]
    fn every_name_reads_back_from_its_path() {
        check("model", "model");
        check("a.b", "a%2Eb");
        check("a%2Eb", "a%252Eb");
        check(
            "`x`.:^'\"\\ {p:String}",
            "%60x%60%2E%3A%5E%27%22%5C%20%7Bp%3AString%7D",
        );
        check("größe", "gr%C3%B6%C3%9Fe");
        check("1", "1");
    }

    #[test]
    fn a_path_that_was_not_encoded_here_has_no_name() {
        for path in ["%", "%2", "%GG", "%FF"] {
            assert_eq!(name_of(path), None, "{path}");
        }
    }

    #[test]
    fn a_path_holds_nothing_that_needs_escaping() {
        let every_byte: String = (0..=255_u8).map(char::from).collect();
        let path = PropertyPath::of(&every_byte);
        assert!(
            path.as_str()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'%')
        );
    }
}
