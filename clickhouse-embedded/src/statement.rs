//! What a statement's text says about formats, found without parsing SQL.
//!
//! Quotes, comments and brackets are those of ClickHouse's lexer (`src/Parsers/Lexer.cpp`). Whether a text is one
//! statement, and of which kind, is never decided here: the engine's own parser says so.

mod lexer;

use lexer::{Token, TokenKind, tokens};

/// How a statement is to be run.
#[derive(Debug, PartialEq, Eq)]
pub enum Shape<'a> {
    /// `INSERT … FORMAT f`: the rows stand after the text.
    InsertRows(InsertRows<'a>),
    /// `INSERT … FROM INFILE`: names a file of the host.
    InsertFile,
    /// Everything else, INSERT … SELECT and INSERT … VALUES included; `format` is the statement's own FORMAT clause.
    Other {
        /// `SELECT … FORMAT f`.
        format: Option<&'a str>,
    },
}

/// The parts of `INSERT … FORMAT f`.
#[derive(Debug, PartialEq, Eq)]
pub struct InsertRows<'a> {
    /// The statement before FORMAT.
    pub head: &'a str,
    /// The format's name.
    pub format: &'a str,
    /// The statement up to and including the format's name: the text that the engine's parser is asked about.
    pub statement: &'a str,
    /// Length in bytes of the text up to the first byte of rows: one line break after the name belongs to the text.
    pub rows_at: usize,
}

/// Finds out how to run `text`, a statement that rows may follow.
///
/// `text` may end in rows of any bytes; a reader of an INSERT stops at its FORMAT.
pub fn shape(text: &str) -> Shape<'_> {
    let mut words = tokens(text).peekable();
    let is_insert = words.peek().is_some_and(|token| token.is_word("INSERT"));
    if is_insert {
        insert_shape(text, words)
    } else {
        Shape::Other {
            format: output_format(words),
        }
    }
}

/// The first word of a statement, behind comments; `None` if it begins with something else.
pub fn first_word(text: &str) -> Option<&str> {
    tokens(text)
        .next()
        .filter(|token| token.kind == TokenKind::Word)
        .map(|token| token.text)
}

fn insert_shape<'a>(text: &'a str, tokens: impl Iterator<Item = Token<'a>>) -> Shape<'a> {
    let mut depth = 0_i32;
    let mut previous: Option<Token<'a>> = None;
    let mut format_at = None;
    for token in tokens {
        if let (Some(at), TokenKind::Word) = (format_at, token.kind) {
            return Shape::InsertRows(insert_rows(text, at, &token));
        }
        format_at = None;
        depth += token.depth_change();
        // `INSERT INTO format …` and `INSERT INTO db.values …` name tables.
        let names_a_table = previous.as_ref().is_some_and(|previous| {
            ["INTO", "TABLE", "FUNCTION"]
                .iter()
                .any(|word| previous.is_word(word))
                || previous.is_symbol('.')
        });
        if depth == 0 && !names_a_table {
            if token.is_word("INFILE") {
                return Shape::InsertFile;
            }
            if ["SELECT", "WITH", "VALUES"]
                .iter()
                .any(|word| token.is_word(word))
            {
                return Shape::Other { format: None };
            }
            if token.is_word("FORMAT") {
                format_at = Some(token.start);
            }
        }
        previous = Some(token);
    }
    Shape::Other { format: None }
}

/// The rule of ClickHouse's `ParserInsertQuery`: blanks and then at most one line break stand before the rows.
fn insert_rows<'a>(text: &'a str, format_at: usize, name: &Token<'a>) -> InsertRows<'a> {
    let end = name.start + name.text.len();
    let after = text.get(end..).unwrap_or_default();
    let rest = after.trim_start_matches([' ', '\t', '\x0c']);
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    let rest = rest.strip_prefix('\n').unwrap_or(rest);
    InsertRows {
        head: text.get(..format_at).unwrap_or_default(),
        format: name.text,
        statement: text.get(..end).unwrap_or_default(),
        rows_at: text.len() - rest.len(),
    }
}

fn output_format<'a>(tokens: impl Iterator<Item = Token<'a>>) -> Option<&'a str> {
    let mut depth = 0_i32;
    let mut after_format = false;
    let mut found = None;
    for token in tokens {
        depth += token.depth_change();
        if after_format && token.kind == TokenKind::Word {
            found = Some(token.text);
        }
        after_format = depth == 0 && token.is_word("FORMAT");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_insert(text: &str, head: &str, format: &str, rows: &str) {
        let Shape::InsertRows(insert) = shape(text) else {
            panic!("{text:?} is {:?}", shape(text))
        };
        assert_eq!(
            (insert.head.trim_end(), insert.format),
            (head, format),
            "{text:?}"
        );
        assert_eq!(&text[insert.rows_at..], rows, "{text:?}");
    }

    #[test]
    fn rows_begin_after_one_line_break_behind_the_format() {
        check_insert(
            "INSERT INTO t FORMAT RowBinary",
            "INSERT INTO t",
            "RowBinary",
            "",
        );
        check_insert(
            "insert into t(a, `b`) format RowBinary\n\n\x01",
            "insert into t(a, `b`)",
            "RowBinary",
            "\n\x01",
        );
        check_insert(
            "INSERT INTO t FORMAT CSV \t\r\n 1",
            "INSERT INTO t",
            "CSV",
            " 1",
        );
        check_insert(
            "INSERT INTO t FORMAT JSONEachRow {\"a\":1}",
            "INSERT INTO t",
            "JSONEachRow",
            "{\"a\":1}",
        );
    }

    #[test]
    fn a_format_inside_names_quotes_comments_and_brackets_is_no_clause() {
        check_insert(
            "INSERT INTO format FORMAT CSV\n1",
            "INSERT INTO format",
            "CSV",
            "1",
        );
        check_insert(
            "INSERT INTO db.format (format, b) FORMAT CSV\n1",
            "INSERT INTO db.format (format, b)",
            "CSV",
            "1",
        );
        check_insert(
            "INSERT INTO `a FORMAT b` FORMAT CSV\n",
            "INSERT INTO `a FORMAT b`",
            "CSV",
            "",
        );
        check_insert(
            "/* FORMAT x */ INSERT INTO t -- FORMAT y\n FORMAT CSV\n",
            "/* FORMAT x */ INSERT INTO t -- FORMAT y",
            "CSV",
            "",
        );
        check_insert(
            "INSERT INTO t SETTINGS a='FORMAT \\' z' FORMAT CSV\n",
            "INSERT INTO t SETTINGS a='FORMAT \\' z'",
            "CSV",
            "",
        );
    }

    #[test]
    fn inserts_without_rows_behind_them_are_plain_statements() {
        for text in [
            "INSERT INTO t SELECT 1 FORMAT CSV",
            "INSERT INTO t VALUES (1)",
            "INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x",
            "INSERT INTO t",
        ] {
            assert_eq!(shape(text), Shape::Other { format: None }, "{text}");
        }
        assert_eq!(
            shape("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV"),
            Shape::InsertFile
        );
    }

    #[test]
    fn the_last_format_clause_of_a_select_names_the_output() {
        let check = |text, format| assert_eq!(shape(text), Shape::Other { format }, "{text}");
        check("SELECT 1 FORMAT JSONCompact", Some("JSONCompact"));
        check(
            "SELECT 1 FORMAT JSON SETTINGS max_threads = 1;",
            Some("JSON"),
        );
        check("SELECT format('{}', 1), 'FORMAT CSV'", None);
        check("SELECT * FROM (SELECT 1 AS format x)", None);
        check("SELECT $a$ FORMAT CSV $a$", None);
        check("SELECT a$b FORMAT CSV", Some("CSV"));
    }
}
