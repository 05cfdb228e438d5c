//! The browser protocol: what a host says to an embed, and what it hears.

use emban_contract::dashboard::Period;
use emban_contract::embed::Point;
use emban_contract::filters::{DateRange, NumericRange};
use emban_contract::{UnixMillis, WidgetId};
use emban_paint::{Choice, ThemeChange};

use crate::json::Json;
use crate::wire;

/// What a host asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inbound {
    /// Replace the viewer's filters.
    SetFilters(Choice),
    /// Change colours.
    SetTheme(Themed),
    /// Fetch fresh data under the same session.
    Reload,
    /// Swap the session.
    SetSession(String),
}

/// What could be read of a theme, unless nothing could, and the names of what could not.
pub(crate) type Themed = (Option<ThemeChange>, Vec<String>);

/// Whether a text is a colour, as far as whoever asks can tell.
type IsColor = fn(&str) -> bool;

/// Why a message from the host was not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not ours: other scripts may use the same channel.
    NotOurs,
    /// Ours, but not readable; the text says what is wrong.
    Malformed(String),
}

/// Reads a message's data.
pub(crate) fn parse(message: &Json, is_color: IsColor) -> Result<Inbound, Refusal> {
    if !message.get("_emban").is_true() {
        return Err(Refusal::NotOurs);
    }
    match message.get("type").text().unwrap_or_default() {
        "setFilters" => filters(message.get("filters")).map(Inbound::SetFilters),
        "setTheme" => Ok(Inbound::SetTheme(theme(message.get("theme"), is_color))),
        "reload" => Ok(Inbound::Reload),
        "setSession" => match message.get("embedUrl").text() {
            Some(url) => Ok(Inbound::SetSession(url.to_owned())),
            None => Err(malformed("setSession needs", "embedUrl")),
        },
        other => Err(malformed("unknown type", other)),
    }
}

/// Reads `"dark"`, or an object of tokens that may hold `colorScheme`. Null is nothing, alone and as a member.
pub(crate) fn theme(json: &Json, is_color: IsColor) -> Themed {
    let (mut change, mut reads) = (ThemeChange::default(), false);
    let mut unread = Vec::new();
    let mut take = |name: &str, value: &Json| {
        if *value == Json::Null {
            return;
        }
        if value
            .text()
            .is_some_and(|text| change.set(name, text, is_color))
        {
            reads = true;
        } else {
            unread.push(name.to_owned());
        }
    };
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| take(name, value)),
        word => take("colorScheme", word),
    }
    (Some(change).filter(|_| reads || unread.is_empty()), unread)
}

/// Reads filters as a host writes them. A member that the contract does not know is refused: nothing of a host's is
/// left out silently.
pub(crate) fn filters(json: &Json) -> Result<Choice, Refusal> {
    let Json::Object(members) = json else {
        return Err(malformed("filters must be", "an object"));
    };
    let mut choice = Choice::default();
    for (name, value) in members {
        match name.as_str() {
            _ if *value == Json::Null => {}
            "period" => {
                choice.period = Some(read(
                    "period",
                    value.text().and_then(|text| Period::parse(text).ok()),
                )?)
            }
            "dimensions" => {
                for (prop, values) in object(name, value)? {
                    choice = choice.with_values(prop, read(prop, one_or_many(values))?);
                }
            }
            "numericRanges" => {
                for (prop, bounds) in object(name, value)? {
                    choice = choice.with_range(prop, read(prop, range(bounds))?);
                }
            }
            "dateRanges" => {
                for (key, dates) in object(name, value)? {
                    if key != "timestamp" {
                        return Err(unknown(key));
                    }
                    choice.dates = Some(date_range(key, dates)?);
                }
            }
            other => return Err(unknown(other)),
        }
    }
    Ok(choice)
}

fn malformed(what: &str, name: &str) -> Refusal {
    Refusal::Malformed([what, " ", name].concat())
}

fn read<T>(name: &str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| malformed("filters: cannot read", name))
}

fn unknown(name: &str) -> Refusal {
    malformed("filters: unknown member", name)
}

fn object<'j>(name: &str, json: &'j Json) -> Result<&'j [(String, Json)], Refusal> {
    match json {
        Json::Object(members) => Ok(members),
        _ => Err(malformed("filters: cannot read", name)),
    }
}

fn one_or_many(json: &Json) -> Option<Vec<String>> {
    match json {
        Json::Text(text) => Some(vec![text.clone()]),
        Json::List(items) => items
            .iter()
            .map(|item| item.text().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn range(json: &Json) -> Option<NumericRange> {
    only(json, &["min", "max"])?;
    let bound = |name: &str| match json.get(name) {
        Json::Null => Some(None),
        value => value.number().map(Some),
    };
    Some(NumericRange {
        min: bound("min")?,
        max: bound("max")?,
    })
}

fn date_range(key: &str, json: &Json) -> Result<DateRange, Refusal> {
    let instant = |name: &str| UnixMillis::parse(json.get(name).text()?);
    let both = only(json, &["from", "to"]).and_then(|()| instant("from").zip(instant("to")));
    let (from, to) = read(key, both)?;
    // The server would refuse every question, and no button of the viewer's takes dates back.
    if from < to {
        Ok(DateRange { from, to })
    } else {
        Err(malformed("filters: from must lie before to in", key))
    }
}

/// Whether this is an object with no members but these.
fn only(json: &Json, names: &[&str]) -> Option<()> {
    let Json::Object(members) = json else {
        return None;
    };
    members
        .iter()
        .all(|(name, _)| names.contains(&name.as_str()))
        .then_some(())
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
    Filter(Choice),
    /// The period or the dates changed.
    PeriodChange(Choice),
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
    /// A file was saved.
    Export {
        /// Of which widget.
        widget: WidgetId,
        /// `csv`, `png` or `svg`
        format: &'static str,
    },
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
            Self::Export { .. } => "export",
            Self::Data { .. } => "data",
        }
    }

    /// The message's payload.
    pub(crate) fn detail(&self) -> Json {
        let text = |text: &str| Json::Text(text.to_owned());
        match self {
            Self::Ready | Self::SessionExpired => Json::Object(Vec::new()),
            Self::Resize { height } => Json::object([("height", Json::Number((*height).into()))]),
            Self::Filter(choice) => Json::object([("filters", wire::choice(choice))]),
            Self::PeriodChange(choice) => Json::Object(vec![
                (
                    "period".to_owned(),
                    Json::of(choice.period.map(|period| period.to_string())),
                ),
                ("dateRanges".to_owned(), wire::dates(choice.dates)),
                ("filters".to_owned(), wire::choice(choice)),
            ]),
            Self::Drill { widget, point } => Json::Object(vec![
                ("widget".to_owned(), text(widget.as_str())),
                ("point".to_owned(), wire::point(point.as_ref())),
            ]),
            Self::Error { code, message } => {
                Json::object([("code", text(code)), ("message", text(message))])
            }
            Self::SessionExpiring { expires_at } => {
                Json::object([("expiresAt", text(&expires_at.to_string()))])
            }
            Self::Export { widget, format } => {
                Json::object([("widget", text(widget.as_str())), ("format", text(format))])
            }
            Self::Data { freshness } => Json::object([("freshness", text(&freshness.to_string()))]),
        }
    }

    /// The whole message as it is posted to a parent window.
    pub(crate) fn message(&self) -> Json {
        let mut members = vec![
            ("_emban".to_owned(), Json::Bool(true)),
            ("type".to_owned(), Json::Text(self.name().to_owned())),
        ];
        members.extend(self.detail().members().iter().cloned());
        Json::Object(members)
    }
}

#[cfg(test)]
mod tests {
    use emban_paint::{Scheme, is_color};

    use super::*;

    fn parse(text: &str) -> Result<Inbound, Refusal> {
        super::parse(&Json::parse(text).unwrap_or_default(), is_color)
    }

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
        assert_eq!(filters.chosen("model"), ["m-1"]);
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
        let message = Outbound::Resize { height: 480 }.message().to_text();
        assert_eq!(message, r#"{"_emban":true,"type":"resize","height":480}"#);
        let message = Outbound::SessionExpiring {
            expires_at: UnixMillis(0),
        }
        .message();
        assert_eq!(
            message.get("expiresAt").text(),
            Some("1970-01-01T00:00:00Z")
        );
    }

    #[test]
    fn filters_are_read_whole_or_refused_with_the_place() {
        let read = |text: &str| filters(&Json::parse(text).unwrap_or_default());
        let choice = read(
            r#"{"period":null,"dimensions":{"b":["x","y"],"a":"z"},"numericRanges":{"n":{"min":1,"max":null}},
                "dateRanges":{"timestamp":{"from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z"}}}"#,
        )
        .unwrap();
        assert_eq!(
            (choice.chosen("a"), choice.chosen("b")),
            (&["z".to_owned()][..], &["x".to_owned(), "y".to_owned()][..])
        );
        assert_eq!(
            choice.range("n"),
            Some(NumericRange {
                min: Some(1.0),
                max: None
            })
        );
        assert!(choice.dates.is_some());
        for (bad, place) in [
            ("7", "an object"),
            (r#"{"period":"soon"}"#, "period"),
            (r#"{"dimensions":{"a":7}}"#, "a"),
            (r#"{"dimensions":[]}"#, "dimensions"),
            (r#"{"numericRanges":{"n":{"min":"1"}}}"#, "n"),
            (r#"{"numericRanges":{"n":{"least":1}}}"#, "n"),
            (r#"{"dateRanges":{"created":{}}}"#, "created"),
            (r#"{"dateRanges":{"timestamp":{"from":"x"}}}"#, "timestamp"),
            (
                r#"{"dateRanges":{"timestamp":{"from":"2026-03-02T00:00:00Z","to":"2026-03-01T00:00:00Z"}}}"#,
                "timestamp",
            ),
        ] {
            assert!(
                matches!(read(bad), Err(Refusal::Malformed(why)) if why.ends_with(place)),
                "{bad}"
            );
        }
    }

    #[test]
    fn dates_the_wrong_way_round_are_called_so() {
        let asked = r#"{"dateRanges":{"timestamp":{"from":"2026-03-02T00:00:00Z","to":"2026-03-02T00:00:00Z"}}}"#;
        assert_eq!(
            filters(&Json::parse(asked).unwrap_or_default()),
            Err(malformed(
                "filters: from must lie before to in",
                "timestamp"
            ))
        );
    }

    #[test]
    fn a_word_chooses_light_or_dark_and_an_object_colours() {
        let read = |text: &str| theme(&Json::parse(text).unwrap_or_default(), is_color);
        assert_eq!(
            read(r#""dark""#).0.and_then(|change| change.scheme),
            Some(Scheme::Dark)
        );
        let (Some(change), unread) =
            read(r##"{"primaryColor":"#7c3aed","colorScheme":"light","textColor":null}"##)
        else {
            panic!("nothing was read")
        };
        assert_eq!(
            (change.scheme, change.colors.primary_color.as_deref()),
            (Some(Scheme::Light), Some("#7c3aed"))
        );
        assert!(unread.is_empty(), "{unread:?}");
    }

    #[test]
    fn what_of_a_theme_cannot_be_read_is_named() {
        for (text, names) in [
            (r#""blue""#, &["colorScheme"][..]),
            ("7", &["colorScheme"]),
            ("null", &[]),
            ("{}", &[]),
            (
                r#"{"textColor":"red;}","cardBorder":7,"accent":"red","mutedColor":"red"}"#,
                &["textColor", "cardBorder", "accent"],
            ),
        ] {
            let (change, unread) = theme(&Json::parse(text).unwrap_or_default(), is_color);
            assert_eq!(unread, names, "{text}");
            assert_eq!(
                change.is_some(),
                names.is_empty() || names.len() == 3,
                "{text}"
            );
        }
    }
}
