//! Every word the runtime itself says, in English. Numbers and dates follow the locale.

use emban_contract::ProblemCode;
use emban_contract::dashboard::{Period, PeriodUnit};

use crate::selection::DatesError;

/// A heading and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// A few words.
    pub(crate) title: &'static str,
    /// One sentence that says what to do.
    pub(crate) advice: &'static str,
}

/// What is said about an error, by its code; the server's own sentence is for programmers.
pub(crate) fn problem(code: Option<ProblemCode>) -> Notice {
    let (title, advice) = match code {
        Some(ProblemCode::RateLimited) => {
            ("Too many requests", "Please wait a moment, then try again.")
        }
        Some(ProblemCode::QueryTooLarge) => {
            ("Too much data", "Choose a shorter period or fewer filters.")
        }
        Some(ProblemCode::Timeout) => (
            "This took too long",
            "Choose a shorter period, or try again.",
        ),
        Some(ProblemCode::NotFound | ProblemCode::NotPublished) => (
            "Dashboard not available",
            "It may have been taken offline. Try again later.",
        ),
        Some(ProblemCode::NotPermitted | ProblemCode::WrongScope) => {
            ("Not available to you", "Ask your administrator for access.")
        }
        Some(
            ProblemCode::WarehouseUnavailable | ProblemCode::Unavailable | ProblemCode::SpoolFull,
        ) => (
            "Data is not reachable right now",
            "This is usually short. Try again in a moment.",
        ),
        Some(
            ProblemCode::Unauthorized | ProblemCode::SessionExpired | ProblemCode::SessionRevoked,
        ) => ("Session ended", "Reload the page to continue."),
        Some(
            ProblemCode::Malformed
            | ProblemCode::MethodNotAllowed
            | ProblemCode::Conflict
            | ProblemCode::PreconditionFailed
            | ProblemCode::TooLarge
            | ProblemCode::UnsupportedMediaType
            | ProblemCode::Invalid
            | ProblemCode::Internal,
        ) => (
            "This could not be loaded",
            "Try again. If it keeps failing, contact support.",
        ),
        None => ("No connection", "Check your network, then try again."),
    };
    Notice { title, advice }
}

/// `Last 30 days`
pub(crate) fn period(period: Period) -> String {
    let (one, many) = match period.unit {
        PeriodUnit::Hour => ("hour", "hours"),
        PeriodUnit::Day => ("day", "days"),
        PeriodUnit::Week => ("week", "weeks"),
        PeriodUnit::Month => ("month", "months"),
        PeriodUnit::Year => ("year", "years"),
    };
    if period.count == 1 {
        format!("Last {one}")
    } else {
        format!("Last {} {many}", period.count)
    }
}

/// Why dates were not taken.
pub(crate) fn dates_error(error: DatesError) -> String {
    match error {
        DatesError::Unreadable => "Choose a first and a last day.".to_owned(),
        DatesError::Backwards => "The last day lies before the first.".to_owned(),
        DatesError::TooLong(1) => "Choose a single day.".to_owned(),
        DatesError::TooLong(days) => format!("Choose at most {days} days."),
    }
}

/// `2 minutes ago`, for an age in seconds.
pub(crate) fn age(seconds: i64) -> String {
    match seconds {
        ..45 => "just now".to_owned(),
        45..90 => "1 minute ago".to_owned(),
        90..3570 => format!("{} minutes ago", (seconds + 30) / 60),
        3570..5400 => "1 hour ago".to_owned(),
        5400..84_600 => format!("{} hours ago", (seconds + 1800) / 3600),
        84_600..129_600 => "1 day ago".to_owned(),
        _ => format!("{} days ago", (seconds + 43_200) / 86_400),
    }
}

/// A property's name as a label: `api_key` as `Api key`.
pub(crate) fn humanised(prop: &str) -> String {
    let spaced = prop.replace(['_', '-', '.'], " ");
    let mut chars = spaced.trim().chars();
    chars.next().map_or_else(
        || prop.to_owned(),
        |first| first.to_uppercase().chain(chars).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_reads_as_people_say_it() {
        let said = [-5, 0, 44, 60, 150, 3599, 7200, 86_400, 400_000].map(age);
        assert_eq!(
            said,
            [
                "just now",
                "just now",
                "just now",
                "1 minute ago",
                "3 minutes ago",
                "1 hour ago",
                "2 hours ago",
                "1 day ago",
                "5 days ago"
            ]
        );
    }

    #[test]
    fn a_period_reads_as_words() {
        assert_eq!(period(Period::DEFAULT), "Last 30 days");
        assert_eq!(Period::parse("1h").map(period).as_deref(), Ok("Last hour"));
    }

    #[test]
    fn a_property_reads_as_a_label() {
        assert_eq!(humanised("api_key"), "Api key");
        assert_eq!(humanised("user.plan-name"), "User plan name");
    }
}
