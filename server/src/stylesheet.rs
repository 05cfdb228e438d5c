//! The rules of a style sheet that a page can match, so that its first paint reads no others.

use std::collections::HashSet;

/// A style sheet, cut into its rules.
#[derive(Debug, Default)]
pub(crate) struct Stylesheet {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    /// Selectors, or the condition of a group.
    head: String,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Declarations {
        text: String,
        selectors: Vec<Needs>,
    },
    /// What is within `@media` and `@container`.
    Rules(Vec<Rule>),
}

/// What an element has to have before a selector can match it. What stands in parentheses (`:is()`, `:not()`) is not
/// read: such a selector may match more than it says.
#[derive(Debug, Default)]
struct Needs {
    classes: Vec<String>,
    /// Beginnings of attributes, with the space before their name.
    attributes: Vec<String>,
}

/// What the elements of a page have.
struct Page<'a> {
    texts: &'a [&'a str],
    classes: HashSet<&'a str>,
}

impl Stylesheet {
    /// Cuts a style sheet that was minified: without comments, and without braces in texts.
    pub(crate) fn read(css: &str) -> Self {
        Self { rules: rules(css) }
    }

    /// The rules for a page of which these are all elements, in their order.
    pub(crate) fn of(&self, texts: &[&str]) -> String {
        let page = Page {
            texts,
            classes: texts.iter().flat_map(|text| classes(text)).collect(),
        };
        let mut css = String::new();
        write(&self.rules, &page, &mut css);
        css
    }
}

impl Needs {
    fn of(selector: &str) -> Self {
        let mut needs = Self::default();
        let bare = outside_of_parentheses(selector);
        for (at, mark) in bare.match_indices(['.', '[']) {
            let behind = bare.get(at + 1..).unwrap_or_default();
            let ends = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_');
            let name = behind.split(ends).next().unwrap_or_default();
            if mark == "." {
                needs.classes.push(name.to_owned());
            } else {
                needs.attributes.push([" ", name].concat());
            }
        }
        needs
    }

    fn are_met(&self, page: &Page<'_>) -> bool {
        let has = |attribute: &String| page.texts.iter().any(|text| text.contains(attribute));
        self.classes
            .iter()
            .all(|class| page.classes.contains(class.as_str()))
            && self.attributes.iter().all(has)
    }
}

fn write(rules: &[Rule], page: &Page<'_>, css: &mut String) {
    for Rule { head, body } in rules {
        match body {
            Body::Declarations { text, selectors } => {
                if selectors.iter().any(|needs| needs.are_met(page)) {
                    css.extend([head, "{", text, "}"]);
                }
            }
            Body::Rules(within) => {
                let before = css.len();
                css.extend([head, "{"]);
                let empty = css.len();
                write(within, page, css);
                if css.len() == empty {
                    css.truncate(before);
                } else {
                    css.push('}');
                }
            }
        }
    }
}

fn rules(css: &str) -> Vec<Rule> {
    let (mut found, mut depth, mut start, mut open) = (Vec::new(), 0_u32, 0, 0);
    for (at, brace) in css.match_indices(['{', '}']) {
        if brace == "{" {
            open = if depth == 0 { at } else { open };
            depth += 1;
            continue;
        }
        depth = depth.saturating_sub(1);
        if depth == 0 {
            let part = |range| css.get(range).unwrap_or_default();
            found.push(rule(part(start..open), part(open + 1..at)));
            start = at + 1;
        }
    }
    found
}

fn rule(head: &str, body: &str) -> Rule {
    let body = if head.starts_with('@') && body.contains('{') {
        Body::Rules(rules(body))
    } else {
        Body::Declarations {
            text: body.to_owned(),
            selectors: selectors(head).map(Needs::of).collect(),
        }
    };
    Rule {
        head: head.to_owned(),
        body,
    }
}

/// The selectors of a list; a comma within parentheses is not between two.
fn selectors(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    list.split(move |c| {
        depth = match c {
            '(' => depth + 1,
            ')' => depth.saturating_sub(1),
            _ => depth,
        };
        c == ',' && depth == 0
    })
}

fn outside_of_parentheses(selector: &str) -> String {
    let mut depth = 0_u32;
    let outside = |c: &char| {
        let inner = depth > 0;
        depth = match c {
            '(' => depth + 1,
            ')' => depth.saturating_sub(1),
            _ => depth,
        };
        !inner
    };
    selector.chars().filter(outside).collect()
}

fn classes(text: &str) -> impl Iterator<Item = &str> {
    let attributes = text.split(" class=\"").skip(1);
    let values = attributes.filter_map(|behind| behind.split('"').next());
    values.flat_map(str::split_ascii_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(css: &str, page: &str) -> String {
        Stylesheet::read(css).of(&[page])
    }

    #[test]
    fn rules_that_no_element_can_match_are_left_out() {
        let css =
            ":root{--a: 1}.a{x:1}.b{x:2}.a.b{x:3}.a .c:hover,.b,.a::before{x:4}.a:not(.b){x:5}";
        assert_eq!(
            of(css, r#"<p class="a">"#),
            ":root{--a: 1}.a{x:1}.a .c:hover,.b,.a::before{x:4}.a:not(.b){x:5}"
        );
        assert_eq!(of(css, r#"<p class="c b a">"#), css);
        assert_eq!(of(css, "<p>"), ":root{--a: 1}");
    }

    #[test]
    fn what_stands_in_parentheses_asks_for_nothing() {
        let css = ":is(.a,.b):empty{x:1}:where(.a) :where(b,i){x:2}.c:has(.a,.b){x:3}";
        assert_eq!(
            of(css, "<p>"),
            ":is(.a,.b):empty{x:1}:where(.a) :where(b,i){x:2}"
        );
    }

    #[test]
    fn attributes_are_asked_for() {
        let css = "[data-x=dark]{x:1}.a[dir=rtl]{x:2}";
        assert_eq!(of(css, r#"<p class="a" dir="ltr">"#), ".a[dir=rtl]{x:2}");
        assert_eq!(of(css, r#"<p data-x="light">"#), "[data-x=dark]{x:1}");
    }

    #[test]
    fn groups_are_kept_with_what_is_left_of_them() {
        let css = "@media print{.a{x:1}.b{x:2}}@container em (min-width: 1px){.b{x:3}}.a{x:4}";
        assert_eq!(of(css, r#"<p class="a">"#), "@media print{.a{x:1}}.a{x:4}");
        assert_eq!(of(css, r#"<p class="a b">"#), css);
    }

    #[test]
    fn a_class_in_a_text_is_none() {
        assert_eq!(of(".a{x:1}", "class=\"a\" <p>class=&quot;a&quot;</p>"), "");
    }
}
