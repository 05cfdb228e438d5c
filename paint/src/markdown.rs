//! A small, safe part of markdown: headings, lists, paragraphs, **bold**, *em*, `code` and http(s) links.
//!
//! A text is first read into a tree of texts, and all of them are escaped when it is written.

use emban_chart::cut_at;

use crate::html::Html;

/// A block of a text widget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// `#` to `###`, with its level.
    Heading(u8, Vec<Inline>),
    /// Lines up to an empty one.
    Paragraph(Vec<Inline>),
    /// Lines that begin with `-`, `*` or `1.`.
    List {
        /// Whether the items are numbered.
        numbered: bool,
        /// The items.
        items: Vec<Vec<Inline>>,
    },
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inline {
    /// As it stands.
    Text(String),
    /// `**so**`
    Strong(Vec<Inline>),
    /// `*so*` or `_so_`
    Emphasis(Vec<Inline>),
    /// `` `so` ``
    Code(String),
    /// `[label](https://…)`
    Link {
        /// Begins with `http://` or `https://`.
        href: String,
        /// The label.
        label: Vec<Inline>,
    },
}

/// Deeper than this, marks stand as they are written: no text needs it, and recursion ends.
const MAX_DEPTH: usize = 6;

/// Reads a text. Anything that is not understood stays text.
pub(crate) fn parse(source: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = String::new();
    for line in source.lines() {
        let line = line.trim();
        let (numbered, item) = list_item(line);
        if let Some(item) = item {
            flush(&mut paragraph, &mut blocks);
            push_item(&mut blocks, numbered, inlines(item, 0));
        } else if let Some((level, text)) = heading(line) {
            flush(&mut paragraph, &mut blocks);
            blocks.push(Block::Heading(level, inlines(text, 0)));
        } else if line.is_empty() {
            flush(&mut paragraph, &mut blocks);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
    flush(&mut paragraph, &mut blocks);
    blocks
}

fn flush(paragraph: &mut String, blocks: &mut Vec<Block>) {
    if !paragraph.is_empty() {
        blocks.push(Block::Paragraph(inlines(paragraph, 0)));
        paragraph.clear();
    }
}

fn push_item(blocks: &mut Vec<Block>, is_numbered: bool, item: Vec<Inline>) {
    match blocks.last_mut() {
        Some(Block::List { numbered, items }) if *numbered == is_numbered => items.push(item),
        _ => blocks.push(Block::List {
            numbered: is_numbered,
            items: vec![item],
        }),
    }
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level) && text.starts_with(' ')).then(|| (level.min(3) as u8, text.trim()))
}

/// Whether the list is numbered, and the item's text.
fn list_item(line: &str) -> (bool, Option<&str>) {
    if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return (false, Some(rest));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default().strip_prefix(". ");
    (true, rest.filter(|_| (1..=3).contains(&digits)))
}

fn inlines(text: &str, depth: usize) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if depth < MAX_DEPTH
            && let Some((inline, tail)) = marked(rest, plain.chars().last(), depth)
        {
            if !plain.is_empty() {
                out.push(Inline::Text(std::mem::take(&mut plain)));
            }
            out.push(inline);
            rest = tail;
            continue;
        }
        plain.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    if !plain.is_empty() {
        out.push(Inline::Text(plain));
    }
    out
}

/// Whether a character is part of a word, as far as marks in texts care.
fn in_word(c: char) -> bool {
    match c {
        '\u{0}'..='\u{7f}' => c.is_ascii_alphanumeric(),
        // Latin-1 signs, general punctuation, and that of East Asia.
        '\u{80}'..='\u{bf}'
        | '\u{2000}'..='\u{206f}'
        | '\u{3000}'..='\u{303f}'
        | '\u{ff00}'..='\u{ff0f}' => false,
        _ => true,
    }
}

/// The marked piece at the begin of a text, and what follows it.
fn marked(text: &str, before: Option<char>, depth: usize) -> Option<(Inline, &str)> {
    if let Some(rest) = text.strip_prefix('`') {
        let (code, tail) = rest.split_once('`')?;
        return Some((Inline::Code(code.to_owned()), tail));
    }
    if let Some(rest) = text.strip_prefix("**") {
        let (inner, tail) = cut_at(rest, "**").filter(|(inner, _)| fits(inner))?;
        return Some((Inline::Strong(inlines(inner, depth + 1)), tail));
    }
    if text.starts_with(['*', '_']) {
        // snake_case names are not emphasis.
        if before.is_some_and(in_word) {
            return None;
        }
        let mark = text.chars().next()?;
        let (inner, tail) = text
            .get(1..)?
            .split_once(mark)
            .filter(|(inner, _)| fits(inner))?;
        return Some((Inline::Emphasis(inlines(inner, depth + 1)), tail));
    }
    let (label, rest) = cut_at(text.strip_prefix('[')?, "](")?;
    let (href, tail) = rest.split_once(')')?;
    let lower = href.to_ascii_lowercase();
    let web = (lower.starts_with("https://") || lower.starts_with("http://"))
        && !href.contains(|c: char| c.is_whitespace() || c.is_control());
    web.then(|| {
        (
            Inline::Link {
                href: href.to_owned(),
                label: inlines(label, depth + 1),
            },
            tail,
        )
    })
}

fn fits(inner: &str) -> bool {
    !inner.is_empty() && !inner.starts_with(' ') && !inner.ends_with(' ')
}

/// Writes a text in its small part of markdown.
pub(crate) fn markdown(html: &mut Html, source: &str) {
    html.raw("<div class=\"em-text\">");
    for block in parse(source) {
        match block {
            // The card stands under the dashboard's own heading of level two.
            Block::Heading(1, line) => element(html, ("<h3>", "</h3>"), &line),
            Block::Heading(_, line) => element(html, ("<h4>", "</h4>"), &line),
            Block::Paragraph(line) => element(html, ("<p>", "</p>"), &line),
            Block::List { numbered, items } => {
                html.raw(if numbered { "<ol>" } else { "<ul>" });
                for item in &items {
                    element(html, ("<li>", "</li>"), item);
                }
                html.raw(if numbered { "</ol>" } else { "</ul>" });
            }
        }
    }
    html.raw("</div>");
}

fn element(html: &mut Html, (begin, end): (&'static str, &'static str), line: &[Inline]) {
    html.raw(begin);
    for inline in line {
        match inline {
            Inline::Text(text) => {
                html.text(text);
            }
            Inline::Code(text) => {
                html.raw("<code>").text(text).raw("</code>");
            }
            Inline::Strong(line) => element(html, ("<strong>", "</strong>"), line),
            Inline::Emphasis(line) => element(html, ("<em>", "</em>"), line),
            Inline::Link { href, label } => {
                html.raw("<a target=\"_blank\" rel=\"noopener noreferrer nofollow\"")
                    .attr("href", href);
                element(html, (">", "</a>"), label);
            }
        }
    }
    html.raw(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.into())
    }

    #[test]
    fn blocks_are_told_apart() {
        assert_eq!(
            parse("# Title\none\ntwo\n\n- a\n- b\n1. c"),
            [
                Block::Heading(1, vec![text("Title")]),
                Block::Paragraph(vec![text("one two")]),
                Block::List {
                    numbered: false,
                    items: vec![vec![text("a")], vec![text("b")]]
                },
                Block::List {
                    numbered: true,
                    items: vec![vec![text("c")]]
                },
            ]
        );
    }

    #[test]
    fn marks_nest_and_unclosed_ones_stay_text() {
        assert_eq!(
            inlines("a **b *c*** `d*` *e", 0)[..2],
            [text("a "), Inline::Strong(vec![text("b *c")])]
        );
        assert_eq!(
            inlines("snake_case_name 2 * 3 * 4", 0),
            [text("snake_case_name 2 * 3 * 4")]
        );
        assert_eq!(
            inlines("*e* x", 0),
            [Inline::Emphasis(vec![text("e")]), text(" x")]
        );
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert!(
            matches!(&inlines("[docs](https://x.example/a)", 0)[..], [Inline::Link { href, .. }] if href == "https://x.example/a")
        );
        for bad in [
            "[x](javascript:alert(1))",
            "[x](data:text/html,x)",
            "[x](//x)",
            "[x](https://a b)",
            "[x](java\u{0}script:x)",
        ] {
            assert!(
                !inlines(bad, 0)
                    .iter()
                    .any(|i| matches!(i, Inline::Link { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn markup_stays_text_and_depth_ends() {
        assert_eq!(
            inlines("<b onclick=x>&amp;", 0),
            [text("<b onclick=x>&amp;")]
        );
        let deep = format!("{}x{}", "[".repeat(5000), "](https://e)".repeat(5000));
        assert!(!parse(&deep).is_empty());
    }

    #[test]
    fn a_text_is_written_as_elements_with_everything_escaped() {
        let write = |source: &str| {
            let mut html = Html::new(crate::Styles::Attribute);
            markdown(&mut html, source);
            html.finish()
        };
        assert_eq!(
            write("# A<b>\n1. **x** `<i>`\n\n[a\"b](https://e/?a=\"onload=1)"),
            "<div class=\"em-text\"><h3>A&lt;b&gt;</h3><ol><li><strong>x</strong> <code>&lt;i&gt;</code></li></ol>\
             <p><a target=\"_blank\" rel=\"noopener noreferrer nofollow\" href=\"https://e/?a=&quot;onload=1\">a&quot;b</a></p></div>"
        );
    }
}
