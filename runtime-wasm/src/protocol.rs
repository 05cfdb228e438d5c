//! The browser protocol: what a host says to an embed, and what it hears.

use emban_contract::dashboard::{Period, Theme};
use emban_contract::embed::Point;
use emban_contract::filters::ViewerFilters;
use emban_contract::{UnixMillis, WidgetId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::theme::{ThemeChange, theme_change};

/// What a host asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inbound {
    /// Replace the viewer's filters.
    SetFilters(ViewerFilters),
    /// Change colours.
    SetTheme(ThemeChange),
    /// Fetch fresh data under the same session.
    Reload,
    /// Swap the session.
    SetSession(String),
}

/// Why a message from the host was not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not ours: other scripts may use the same channel.
    NotOurs,
    /// Ours, but not readable; the text says what is wrong.
    Malformed(String),
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default, rename = "_emban")]
    emban: Value,
    #[serde(default, rename = "type")]
    type_: String,
    #[serde(default)]
    filters: Value,
    #[serde(default)]
    theme: Value,
    #[serde(default, rename = "embedUrl")]
    embed_url: Option<String>,
}

/// Reads the JSON text of a message's data.
pub(crate) fn parse(text: &str) -> Result<Inbound, Refusal> {
    let envelope: Envelope = serde_json::from_str(text).map_err(|_| Refusal::NotOurs)?;
    if envelope.emban != Value::Bool(true) {
        return Err(Refusal::NotOurs);
    }
    match envelope.type_.as_str() {
        "setFilters" => filters(envelope.filters).map(Inbound::SetFilters),
        "setTheme" => Ok(Inbound::SetTheme(theme_change(&envelope.theme))),
        "reload" => Ok(Inbound::Reload),
        "setSession" => envelope
            .embed_url
            .map(Inbound::SetSession)
            .ok_or_else(|| Refusal::Malformed("setSession needs embedUrl".into())),
        other => Err(Refusal::Malformed(format!("unknown type {other:?}"))),
    }
}

/// Reads filters as a host writes them.
pub(crate) fn filters(value: Value) -> Result<ViewerFilters, Refusal> {
    serde_json::from_value(value).map_err(|error| Refusal::Malformed(format!("filters: {error}")))
}

/// What an embed tells its host.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outbound {
    /// It has drawn its first data.
    Ready,
    /// Its content has this height, in CSS pixels.
    Resize {
        /// CSS pixels.
        height: u32,
    },
    /// The viewer's filters changed.
    Filter(ViewerFilters),
    /// The period or the dates changed.
    PeriodChange(ViewerFilters),
    /// The viewer looks behind a number.
    Drill {
        /// Which widget.
        widget: WidgetId,
        /// Which point of it.
        point: Option<Point>,
    },
    /// Something failed.
    Error {
        /// A stable word.
        code: String,
        /// A sentence for people.
        message: String,
    },
    /// The session ends in a minute or less.
    SessionExpiring {
        /// By the browser's clock.
        expires_at: UnixMillis,
    },
    /// The session has ended.
    SessionExpired,
    /// Data was drawn.
    Data {
        /// When the oldest figure on the screen was read.
        freshness: UnixMillis,
    },
}

impl Outbound {
    /// The message's `type`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Resize { .. } => "resize",
            Self::Filter(_) => "filter",
            Self::PeriodChange(_) => "period-change",
            Self::Drill { .. } => "drill",
            Self::Error { .. } => "error",
            Self::SessionExpiring { .. } => "session-expiring",
            Self::SessionExpired => "session-expired",
            Self::Data { .. } => "data",
        }
    }

    /// The message's payload.
    pub(crate) fn detail(&self) -> Value {
        match self {
            Self::Ready | Self::SessionExpired => json!({}),
            Self::Resize { height } => json!({ "height": height }),
            Self::Filter(filters) => json!({ "filters": filters }),
            Self::PeriodChange(filters) => {
                json!({ "period": filters.period.map(|p: Period| p.to_string()), "dateRanges": filters.date_ranges, "filters": filters })
            }
            Self::Drill { widget, point } => json!({ "widget": widget, "point": point }),
            Self::Error { code, message } => json!({ "code": code, "message": message }),
            Self::SessionExpiring { expires_at } => json!({ "expiresAt": expires_at }),
            Self::Data { freshness } => json!({ "freshness": freshness }),
        }
    }

    /// The whole message as it is posted to a parent window.
    pub(crate) fn message(&self) -> Value {
        let mut message = self.detail();
        if let Value::Object(members) = &mut message {
            members.insert("_emban".into(), Value::Bool(true));
            members.insert("type".into(), self.name().into());
        }
        message
    }
}

/// The colours a theme names, in the order of the public tokens.
pub(crate) fn tokens(theme: &Theme) -> [Option<&str>; 6] {
    [
        theme.primary_color.as_deref(),
        theme.background_color.as_deref(),
        theme.card_background.as_deref(),
        theme.card_border.as_deref(),
        theme.text_color.as_deref(),
        theme.muted_color.as_deref(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_of_the_host_is_read() {
        assert_eq!(
            parse(r#"{"_emban":true,"type":"reload"}"#),
            Ok(Inbound::Reload)
        );
        assert_eq!(
            parse(
                r#"{"_emban":true,"type":"setSession","embedUrl":"https://e/embed/dash_a?token=t"}"#
            ),
            Ok(Inbound::SetSession("https://e/embed/dash_a?token=t".into()))
        );
        let Ok(Inbound::SetFilters(filters)) = parse(
            r#"{"_emban":true,"type":"setFilters","filters":{"period":"7d","dimensions":{"model":"m-1"}}}"#,
        ) else {
            panic!("setFilters was not read")
        };
        assert_eq!(filters.period.map(|p| p.to_string()).as_deref(), Some("7d"));
        assert_eq!(filters.dimensions["model"].values(), ["m-1"]);
    }

    #[test]
    fn messages_of_other_scripts_are_not_ours() {
        for text in [
            "",
            "7",
            "\"x\"",
            "{}",
            r#"{"type":"reload"}"#,
            r#"{"_emban":"true","type":"reload"}"#,
        ] {
            assert_eq!(parse(text), Err(Refusal::NotOurs), "{text}");
        }
    }

    #[test]
    fn a_message_that_names_a_tenant_is_refused() {
        let text = r#"{"_emban":true,"type":"setFilters","filters":{"tenant_id":"globex"}}"#;
        assert!(matches!(parse(text), Err(Refusal::Malformed(why)) if why.contains("tenant_id")));
        assert!(matches!(
            parse(r#"{"_emban":true,"type":"drop"}"#),
            Err(Refusal::Malformed(_))
        ));
    }

    #[test]
    fn a_posted_message_carries_its_mark_and_type() {
        let message = Outbound::Resize { height: 480 }.message();
        assert_eq!(
            message,
            json!({ "_emban": true, "type": "resize", "height": 480 })
        );
        let message = Outbound::SessionExpiring {
            expires_at: UnixMillis(0),
        }
        .message();
        assert_eq!(message["expiresAt"], "1970-01-01T00:00:00Z");
    }
}
