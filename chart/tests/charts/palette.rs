//! The reference colours keep the contrast that WCAG 2.2 asks for (1.4.3 for text, 1.4.11 for shapes).

use emban_chart::STYLESHEET;

/// Relative luminance of `#rrggbb`; NaN, which fails every comparison, for anything else.
///
/// Source: WCAG 2.2, definition of relative luminance.
fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let byte = color
            .get(at..at + 2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let share = byte.map_or(f64::NAN, f64::from) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    if a > b {
        (a + 0.05) / (b + 0.05)
    } else {
        (b + 0.05) / (a + 0.05)
    }
}

/// The variables of the block that begins at a selector.
fn block(selector: &str) -> Vec<(&'static str, &'static str)> {
    let body = STYLESHEET
        .split_once(selector)
        .and_then(|(_, rest)| rest.split_once('{'))
        .map(|(_, rest)| rest);
    let body = body
        .and_then(|rest| rest.split_once('}'))
        .map_or("", |(body, _)| body);
    body.split(';')
        .filter_map(|line| line.trim().split_once(": "))
        .collect()
}

#[test]
fn every_colour_stands_out_from_its_card() {
    for selector in [":host {", ":host([data-eb-theme=\"dark\"])"] {
        let variables = block(selector.trim_end_matches(" {"));
        let value = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| *value)
        };
        let card = value("--eb-card").expect("the block has a card colour");
        let shapes = (0..12).map(|n| format!("--eb-c{n}"));
        let shapes = shapes
            .chain(["compare", "other", "positive", "negative"].map(|name| format!("--eb-{name}")));
        for name in shapes {
            let ratio = contrast(value(&name).expect("every series has a colour"), card);
            assert!(ratio >= 3.0, "{selector} {name}: {ratio:.2}");
        }
        for name in ["--eb-text", "--eb-muted", "--eb-positive", "--eb-negative"] {
            let ratio = contrast(value(name).expect("every text has a colour"), card);
            assert!(ratio >= 4.5, "{selector} {name}: {ratio:.2}");
        }
    }
}
