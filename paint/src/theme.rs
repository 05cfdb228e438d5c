//! Colours: the public tokens as CSS variables, and light or dark.

use emban_chart::cut_at;
use emban_contract::dashboard::Theme;

/// CSS variables of the six public tokens, in the order of [`tokens`].
const VARIABLES: [&str; 6] = [
    "--eb-c0",
    "--eb-background",
    "--eb-card",
    "--eb-border",
    "--eb-text",
    "--eb-muted",
];

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
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
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// The word that the stylesheet knows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What a host changes of the colours; what is not named stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ThemeChange {
    /// Light or dark.
    pub scheme: Option<Scheme>,
    /// The tokens.
    pub colors: Theme,
}

impl ThemeChange {
    /// Takes a member of what a host wrote, a token or `colorScheme`, and says whether it could be read.
    #[must_use]
    pub fn set(&mut self, name: &str, text: &str, is_color: fn(&str) -> bool) -> bool {
        let colors = &mut self.colors;
        let token = match name {
            "primaryColor" => &mut colors.primary_color,
            "backgroundColor" => &mut colors.background_color,
            "cardBackground" => &mut colors.card_background,
            "cardBorder" => &mut colors.card_border,
            "textColor" => &mut colors.text_color,
            "mutedColor" => &mut colors.muted_color,
            "colorScheme" => {
                self.scheme = Scheme::parse(text);
                return self.scheme.is_some();
            }
            _ => return false,
        };
        *token = Some(text.to_owned()).filter(|text| is_color(text));
        token.is_some()
    }
}

/// The colours a theme names, in the order of the public tokens.
pub fn tokens(theme: &Theme) -> [Option<&str>; 6] {
    [
        theme.primary_color.as_deref(),
        theme.background_color.as_deref(),
        theme.card_background.as_deref(),
        theme.card_border.as_deref(),
        theme.text_color.as_deref(),
        theme.muted_color.as_deref(),
    ]
}

/// The variables to set: the dashboard's own colours, over them the host's.
pub fn variables(dashboard: Option<&Theme>, host: &Theme) -> [(&'static str, Option<String>); 6] {
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
pub fn is_color(text: &str) -> bool {
    let text = text.trim();
    let plain = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '#' | '(' | ')' | ',' | '.' | '%' | ' ' | '/' | '-' | '+')
    };
    let lower = text.to_ascii_lowercase();
    (1..=80).contains(&text.len())
        && text.chars().all(plain)
        && !["url(", "var(", "env(", "attr(", "image("]
            .iter()
            .any(|call| cut_at(&lower, call).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_is_taken_and_what_cannot_is_said() {
        let mut change = ThemeChange::default();
        for (name, text, taken) in [
            ("primaryColor", "#7c3aed", true),
            ("textColor", "url(https://x)", false),
            ("colorScheme", "light", true),
            ("accent", "red", false),
        ] {
            assert_eq!(change.set(name, text, is_color), taken, "{name}");
        }
        let colors = Theme {
            primary_color: Some("#7c3aed".into()),
            ..Theme::default()
        };
        let scheme = Some(Scheme::Light);
        assert_eq!(change, ThemeChange { scheme, colors });
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
