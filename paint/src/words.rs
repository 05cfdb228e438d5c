//! Every word that a dashboard itself says, a table for each language. Numbers and dates follow the locale.

mod arabic;
mod chinese;
mod english;
mod french;
mod german;
mod japanese;
mod portuguese;
mod spanish;

use emban_chart::{Format, Locale, Strings, fill_template, format_number};
use emban_contract::ProblemCode;
use emban_contract::dashboard::{Period, PeriodUnit};

pub use english::ENGLISH;

use crate::choice::DatesError;
use crate::letters::capital;

/// How a dashboard speaks: numbers, dates and words.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    /// Numbers and dates.
    pub locale: &'static Locale,
    /// Words.
    pub words: &'static Words,
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.locale.tag == other.locale.tag
    }
}

impl Language {
    /// The language of a BCP 47 tag; English if it is not spoken here.
    pub fn from_tag(tag: &str) -> Self {
        let locale = Locale::from_tag(tag);
        Self {
            locale,
            words: Words::of(locale),
        }
    }

    /// A whole number, as the language writes it.
    pub(crate) fn count(self, number: i64) -> String {
        format_number(number as f64, &Format::plain(), self.locale)
    }

    /// The form of a phrase for a number, with the number in it.
    fn counted(self, forms: &[&str], number: i64) -> String {
        let at = (self.words.plural)(number.unsigned_abs());
        let form = forms.get(at).or(forms.last()).copied().unwrap_or_default();
        fill_template(form, &[("n", &self.count(number))])
    }

    /// `Last 30 days`
    pub fn period(self, period: Period) -> String {
        let forms = of_unit(self.words.last, period.unit);
        self.counted(forms, period.count.into())
    }

    /// `30d`
    pub(crate) fn short_period(self, period: Period) -> String {
        self.count(period.count.into()) + of_unit(self.words.units, period.unit)
    }

    /// `2 minutes ago`, for an age in seconds.
    pub fn age(self, seconds: i64) -> String {
        let [minutes, hours, days] = self.words.ago;
        match seconds {
            ..45 => self.words.just_now.to_owned(),
            45..3570 => self.counted(minutes, (seconds + 30) / 60),
            3570..84_600 => self.counted(hours, (seconds + 1800) / 3600),
            _ => self.counted(days, (seconds + 43_200) / 86_400),
        }
    }

    /// `12 more rows are not shown`
    pub(crate) fn rows_not_shown(self, rows: usize) -> String {
        self.counted(self.words.rows_not_shown, rows as i64)
    }

    /// Why dates were not taken.
    pub fn dates_error(self, error: DatesError) -> String {
        match error {
            DatesError::Unreadable => self.words.dates_missing.to_owned(),
            DatesError::Backwards => self.words.dates_backwards.to_owned(),
            DatesError::TooLong(days) => self.counted(self.words.dates_too_long, days.into()),
        }
    }

    /// What is said about an error, by its code; the server's own sentence is for programmers.
    pub fn problem(self, code: Option<ProblemCode>) -> Notice {
        let w = self.words;
        match code {
            None => w.offline,
            Some(ProblemCode::RateLimited) => w.rate_limited,
            Some(ProblemCode::QueryTooLarge) => w.too_large,
            Some(ProblemCode::Timeout) => w.too_slow,
            Some(ProblemCode::NotFound | ProblemCode::NotPublished) => w.not_published,
            Some(ProblemCode::NotPermitted | ProblemCode::WrongScope) => w.not_permitted,
            Some(
                ProblemCode::WarehouseUnavailable
                | ProblemCode::Unavailable
                | ProblemCode::SpoolFull,
            ) => w.unavailable,
            Some(ProblemCode::Unauthorized) => w.no_session,
            Some(ProblemCode::SessionExpired | ProblemCode::SessionRevoked) => w.session_over,
            Some(
                ProblemCode::Malformed
                | ProblemCode::MethodNotAllowed
                | ProblemCode::Conflict
                | ProblemCode::PreconditionFailed
                | ProblemCode::TooLarge
                | ProblemCode::UnsupportedMediaType
                | ProblemCode::Invalid
                | ProblemCode::Internal,
            ) => w.failed,
        }
    }
}

fn of_unit<T>([hours, days, weeks, months, years]: [T; 5], unit: PeriodUnit) -> T {
    match unit {
        PeriodUnit::Hour => hours,
        PeriodUnit::Day => days,
        PeriodUnit::Week => weeks,
        PeriodUnit::Month => months,
        PeriodUnit::Year => years,
    }
}

/// A heading and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// A few words.
    pub title: &'static str,
    /// One sentence that says what to do.
    pub advice: &'static str,
}

/// The words of one language. Names in braces are replaced.
#[derive(Debug)]
#[expect(missing_docs, reason = "the English text of each says what it is")]
pub struct Words {
    pub chart: &'static Strings,
    /// Which of a phrase's forms a number takes.
    pub(crate) plural: fn(u64) -> usize,
    /// Hours, days, weeks, months, years: `{n}`.
    pub(crate) last: [&'static [&'static str]; 5],
    /// What follows the number of hours, days, weeks, months, years on a button.
    pub(crate) units: [&'static str; 5],
    /// Minutes, hours, days: `{n}`.
    pub(crate) ago: [&'static [&'static str]; 3],
    pub(crate) just_now: &'static str,

    pub period: &'static str,
    pub custom: &'static str,
    pub updated: &'static str,
    pub refresh: &'static str,
    pub remove_filter: &'static str,
    pub reset: &'static str,

    pub loading: &'static str,
    pub series: &'static str,
    pub as_table: &'static str,
    pub as_chart: &'static str,
    pub view_rows: &'static str,
    pub arrow_keys: &'static str,
    pub table: &'static str,
    pub rows_not_shown: &'static [&'static str],
    /// Of a table that holds a part of the groups.
    pub sorts_shown: &'static str,
    pub versus: &'static str,
    pub so_far: &'static str,
    /// Of a bucket of which the time shown holds a part.
    pub in_part: &'static str,

    pub download: &'static str,
    pub as_csv: &'static str,
    pub as_png: &'static str,
    pub as_svg: &'static str,

    pub value: &'static str,
    /// Count, users, sum, average, least, greatest, median, ratio, conversion: `{name}` of the property.
    pub(crate) measures: [&'static str; 9],
    pub previous: &'static str,
    pub change: &'static str,
    /// Percentage points: `{n}`.
    pub(crate) points: &'static str,
    pub(crate) better: &'static str,
    pub(crate) worse: &'static str,
    pub time: &'static str,
    pub day: &'static str,
    pub other: &'static str,
    pub none: &'static str,
    pub earlier_period: &'static str,

    pub no_data: &'static str,
    pub no_match: &'static str,
    pub no_data_yet: &'static str,
    pub reset_filters: &'static str,
    pub try_again: &'static str,
    pub last_figures: &'static str,
    pub session_ended: Notice,

    pub offline: Notice,
    pub rate_limited: Notice,
    pub too_large: Notice,
    pub too_slow: Notice,
    pub not_published: Notice,
    pub not_permitted: Notice,
    pub unavailable: Notice,
    pub no_session: Notice,
    pub session_over: Notice,
    pub failed: Notice,

    pub choose_dates: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub apply: &'static str,
    pub(crate) dates_missing: &'static str,
    pub(crate) dates_backwards: &'static str,
    pub(crate) dates_too_long: &'static [&'static str],
    pub choose_values: &'static str,
    pub search: &'static str,
    pub search_values: &'static str,
    pub clear: &'static str,
    pub nothing_found: &'static str,
    pub choose_bounds: &'static str,
    pub at_least: &'static str,
    pub at_most: &'static str,

    pub rows: &'static str,
    pub close: &'static str,
    pub load_more: &'static str,
    pub no_rows: &'static str,
}

impl Words {
    /// The words of a locale's language; a test holds that every locale has its own.
    fn of(locale: &Locale) -> &'static Self {
        match locale.tag.get(..2) {
            Some("de") => &german::GERMAN,
            Some("fr") => &french::FRENCH,
            Some("es") => &spanish::SPANISH,
            Some("pt") => &portuguese::PORTUGUESE,
            Some("ja") => &japanese::JAPANESE,
            Some("zh") => &chinese::CHINESE,
            Some("ar") => &arabic::ARABIC,
            _ => &ENGLISH,
        }
    }
}

/// A property's name as a label: `api_key` as `Api key`.
pub(crate) fn humanised(prop: &str) -> String {
    let spaced = prop.replace(['_', '-', '.'], " ");
    let mut chars = spaced.trim().chars();
    chars.next().map_or_else(
        || prop.to_owned(),
        |first| std::iter::once(capital(first)).chain(chars).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> Language {
        Language::from_tag("en")
    }

    #[test]
    fn an_age_reads_as_people_say_it() {
        let said =
            [-5, 0, 44, 60, 150, 3599, 7200, 86_400, 400_000].map(|seconds| english().age(seconds));
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
        assert_eq!(english().period(Period::DEFAULT), "Last 30 days");
        assert_eq!(
            Period::parse("1h")
                .map(|period| english().period(period))
                .as_deref(),
            Ok("Last hour")
        );
    }

    #[test]
    fn each_language_has_its_own_words_and_every_name_of_english() {
        let names = |text: &str| {
            let mut names: Vec<_> = text
                .split('{')
                .skip(1)
                .map(|rest| rest.split('}').next().map(str::to_owned))
                .collect();
            names.sort();
            names
        };
        let english = Language::from_tag("en").words;
        for tag in [
            "de",
            "fr-CA",
            "es-MX",
            "pt-BR",
            "ja-JP",
            "zh-Hans-CN",
            "ar-EG",
            "ar-AE",
        ] {
            let words = Language::from_tag(tag).words;
            assert_ne!(words.try_again, english.try_again, "{tag}");
            assert_ne!(words.chart.no_data, english.chart.no_data, "{tag}");
            for (own, model) in [
                (words.updated, english.updated),
                (words.remove_filter, english.remove_filter),
                (words.arrow_keys, english.arrow_keys),
                (words.versus, english.versus),
                (words.chart.series_summary, english.chart.series_summary),
                (words.chart.further_series, english.chart.further_series),
                (words.chart.category_summary, english.chart.category_summary),
                (words.chart.grid_summary, english.chart.grid_summary),
                (words.chart.scatter_summary, english.chart.scatter_summary),
                (words.chart.target_summary, english.chart.target_summary),
            ] {
                assert_eq!(names(own), names(model), "{tag}: {own}");
            }
        }
    }

    #[test]
    fn arabic_has_a_form_for_two_and_one_for_few() {
        let arabic = Language::from_tag("ar-AE");
        let said = [1, 2, 7, 30, 100].map(|days| {
            arabic.period(Period {
                count: days,
                unit: PeriodUnit::Day,
            })
        });
        assert_eq!(
            said,
            [
                "آخر يوم",
                "آخر يومين",
                "آخر 7 أيام",
                "آخر 30 يومًا",
                "آخر 100 يوم"
            ]
        );
        assert_eq!(Language::from_tag("fr").age(60), "il y a 1 minute");
        assert_eq!(
            Language::from_tag("ja").period(Period::DEFAULT),
            "過去30日間"
        );
    }

    #[test]
    fn a_period_on_a_button_is_short_in_every_language() {
        let short = |tag: &str| {
            let day = Period::parse("1d").unwrap();
            let periods = ["24h", "7d", "30d"].map(|text| Period::parse(text).unwrap_or(day));
            periods.map(|p| {
                Language::from_tag(tag)
                    .short_period(p)
                    .replace('\u{a0}', " ")
            })
        };
        assert_eq!(short("en"), ["24h", "7d", "30d"]);
        assert_eq!(short("de"), ["24 Std.", "7 T.", "30 T."]);
        assert_eq!(short("ja"), ["24時間", "7日", "30日"]);
        assert_eq!(short("ar-EG"), ["٢٤ س", "٧ ي", "٣٠ ي"]);
    }

    #[test]
    fn a_property_reads_as_a_label() {
        assert_eq!(humanised("api_key"), "Api key");
        assert_eq!(humanised("user.plan-name"), "User plan name");
    }
}
