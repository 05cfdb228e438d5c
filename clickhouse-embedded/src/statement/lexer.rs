//! ClickHouse's tokens, as far as finding a clause needs them.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A bare word or number.
    Word,
    /// Text in quotes, backticks, or between `$tag$` marks.
    Quoted,
    /// One other character.
    Symbol,
}

/// A piece of the text; blanks and comments are no tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    /// Offset of its first byte.
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_symbol(&self, symbol: char) -> bool {
        self.kind == TokenKind::Symbol && self.text.starts_with(symbol)
    }

    /// +1 for an opening bracket, -1 for a closing one.
    pub(super) fn depth_change(&self) -> i32 {
        match (self.kind, self.text) {
            (TokenKind::Symbol, "(" | "[" | "{") => 1,
            (TokenKind::Symbol, ")" | "]" | "}") => -1,
            _ => 0,
        }
    }
}

/// The tokens of `text`, lazily: nothing behind the last one asked for is looked at.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + blank_length(rest);
        let rest = text.get(start..)?;
        let (kind, length) = token_length(rest)?;
        at = start + length;
        Some(Token {
            kind,
            start,
            text: text.get(start..at)?,
        })
    })
}

/// Bytes of white space and comments at the beginning of `text`.
fn blank_length(text: &str) -> usize {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let after = if let Some(comment) = trimmed.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else if ["--", "#!", "# "]
            .iter()
            .any(|mark| trimmed.starts_with(mark))
        {
            trimmed.split_once('\n').map_or("", |(_, after)| after)
        } else {
            return text.len() - trimmed.len();
        };
        rest = after;
    }
}

fn token_length(text: &str) -> Option<(TokenKind, usize)> {
    let first = text.chars().next()?;
    Some(match first {
        '\'' | '"' | '`' => (TokenKind::Quoted, quoted_length(text, first)),
        '$' => heredoc_length(text)
            .map_or((TokenKind::Symbol, 1), |length| (TokenKind::Quoted, length)),
        _ if is_word_character(first) => (TokenKind::Word, word_length(text)),
        _ => (TokenKind::Symbol, first.len_utf8()),
    })
}

fn is_word_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A dollar sign may stand inside a word, but not begin one.
fn word_length(text: &str) -> usize {
    text.find(|c| !is_word_character(c) && c != '$')
        .unwrap_or(text.len())
}

/// Length up to the closing quote; a doubled quote simply opens the next quoted token.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (offset, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return offset + 1;
        }
    }
    text.len()
}

/// `$tag$ … $tag$`, if `text` begins with one.
fn heredoc_length(text: &str) -> Option<usize> {
    let tag = text.strip_prefix('$')?.split_once('$')?.0;
    let mark = text.get(..tag.len() + 2)?;
    let close = text.get(mark.len()..)?.find(mark)?;
    Some(mark.len() + close + mark.len())
}
