//! Colours: the public tokens as CSS variables, and light or dark.

use emban_contract::dashboard::Theme;
use serde_json::Value;

use crate::protocol::tokens;

/// CSS variables of the six public tokens, in the order of [`tokens`].
const VARIABLES: [&str; 6] = [
    "--eb-c0",
    "--eb-background",
    "--eb-card",
    "--eb-border",
    "--eb-text",
    "--eb-muted",
];
const KEYS: [&str; 6] = [
    "primaryColor",
    "backgroundColor",
    "cardBackground",
    "cardBorder",
    "textColor",
    "mutedColor",
];

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Scheme {
    /// As the viewer's system asks.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// Reads `auto`, `light` or `dark`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// The word that the stylesheet knows.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What a host changes of the colours; what is not named stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ThemeChange {
    /// Light or dark.
    pub(crate) scheme: Option<Scheme>,
    /// The tokens; unreadable colours are left out.
    pub(crate) colors: Theme,
}

/// Reads `"dark"`, or an object of tokens that may hold `colorScheme`.
pub(crate) fn theme_change(value: &Value) -> ThemeChange {
    if let Some(text) = value.as_str() {
        return ThemeChange {
            scheme: Scheme::parse(text),
            colors: Theme::default(),
        };
    }
    let [
        primary_color,
        background_color,
        card_background,
        card_border,
        text_color,
        muted_color,
    ] = KEYS.map(|key| {
        value
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| is_color(text))
            .map(str::to_owned)
    });
    let colors = Theme {
        primary_color,
        background_color,
        card_background,
        card_border,
        text_color,
        muted_color,
    };
    ThemeChange {
        scheme: value
            .get("colorScheme")
            .and_then(Value::as_str)
            .and_then(Scheme::parse),
        colors,
    }
}

/// The variables to set: the dashboard's own colours, over them the host's.
pub(crate) fn variables(
    dashboard: Option<&Theme>,
    host: &Theme,
) -> [(&'static str, Option<String>); 6] {
    let below = dashboard.map(tokens).unwrap_or_default();
    let above = tokens(host);
    let mut merged = above.into_iter().zip(below).map(|(host, own)| {
        host.or(own)
            .filter(|text| is_color(text))
            .map(str::to_owned)
    });
    VARIABLES.map(|name| (name, merged.next().flatten()))
}

/// Whether a text can only be a colour: nothing that ends a declaration, fetches, or refers elsewhere.
fn is_color(text: &str) -> bool {
    let text = text.trim();
    let plain = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '#' | '(' | ')' | ',' | '.' | '%' | ' ' | '/' | '-' | '+')
    };
    let lower = text.to_ascii_lowercase();
    (1..=80).contains(&text.len())
        && text.chars().all(plain)
        && !["url", "var", "env", "attr", "image"]
            .iter()
            .any(|f| lower.contains(&format!("{f}(")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_chooses_light_or_dark_and_an_object_colours() {
        assert_eq!(theme_change(&"dark".into()).scheme, Some(Scheme::Dark));
        let change = theme_change(
            &serde_json::json!({ "primaryColor": "#7c3aed", "colorScheme": "light", "other": 1 }),
        );
        assert_eq!(change.scheme, Some(Scheme::Light));
        assert_eq!(change.colors.primary_color.as_deref(), Some("#7c3aed"));
    }

    #[test]
    fn only_colours_become_variables() {
        for good in [
            "#fff",
            "rebeccapurple",
            "rgb(1 2 3 / 50%)",
            "oklch(0.7 0.1 200)",
            "hsl(200deg, 10%, 20%)",
        ] {
            assert!(is_color(good), "{good}");
        }
        for bad in [
            "",
            "red;}",
            "url(https://x)",
            "var(--x)",
            "red\"",
            "expression{}",
            "\\75rl(x)",
        ] {
            assert!(!is_color(bad), "{bad}");
        }
    }

    #[test]
    fn the_host_stands_over_the_dashboard() {
        let own = Theme {
            primary_color: Some("red".into()),
            text_color: Some("black".into()),
            ..Theme::default()
        };
        let host = Theme {
            primary_color: Some("blue".into()),
            ..Theme::default()
        };
        let set = variables(Some(&own), &host);
        assert_eq!(set[0], ("--eb-c0", Some("blue".into())));
        assert_eq!(set[4], ("--eb-text", Some("black".into())));
        assert_eq!(set[1].1, None);
    }
}
