//! Separators, names and patterns of the languages an embed speaks.

mod table;

pub use table::{AR, AR_LATN, DE, EN, EN_GB, ES, FR, JA, PT, ZH};

use crate::calendar::{Date, WallTime};
use crate::decimal::{push_i64, push_padded, push_u64};

/// How the clock is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// 00:00 to 23:59.
    TwentyFour,
    /// 12:00 AM to 11:59 PM, with the two markers.
    Twelve(&'static str, &'static str),
}

/// Where the currency symbol stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolPlace {
    /// `$12`
    Before,
    /// `R$ 12`, with a no-break space.
    BeforeSpaced,
    /// `12 €`, with a no-break space.
    AfterSpaced,
}

/// Everything about a language that numbers, dates and axes need.
///
/// Source: CLDR, shortened where an axis has no room.
/// In date patterns `%d`, `%M` and `%y` are day, month name and year.
#[derive(Debug, PartialEq)]
pub struct Locale {
    /// BCP 47 tag.
    pub tag: &'static str,
    /// Decimal separator.
    pub decimal: &'static str,
    /// Group separator.
    pub group: &'static str,
    /// Whole digits from which groups are separated: 4 for `1,234`, 5 for `1234` and `12.345`.
    pub group_from: usize,
    /// The digit zero; the other nine follow it in Unicode.
    pub zero: char,
    /// Text after a percentage.
    pub percent: &'static str,
    /// Where the currency symbol stands.
    pub symbol_place: SymbolPlace,
    /// Thresholds of compact numbers with their suffixes, largest first.
    pub compact: &'static [(f64, &'static str)],
    /// Suffixes of milliseconds, seconds, minutes, hours and days.
    pub durations: [&'static str; 5],
    /// Short month names from January.
    pub months: [&'static str; 12],
    /// Short weekday names from Monday.
    pub weekdays: [&'static str; 7],
    /// First day of the week: 0 is Monday, 6 is Sunday.
    pub first_weekday: u32,
    /// How the clock is read.
    pub clock: Clock,
    /// Pattern of a day without its year.
    pub month_day: &'static str,
    /// Pattern of a day with its year.
    pub full_date: &'static str,
    /// Pattern of a month with its year.
    pub month_year: &'static str,
    /// Pattern of a year by itself.
    pub year: &'static str,
    /// Text before the number of a quarter.
    pub quarter: &'static str,
    /// True if the script runs from right to left.
    pub right_to_left: bool,
}

const ALL: [&Locale; 10] = [&EN, &EN_GB, &DE, &FR, &ES, &PT, &JA, &ZH, &AR, &AR_LATN];

/// English-speaking regions that write the month first and read a twelve-hour clock.
const MONTH_FIRST: [&str; 3] = ["en", "en-us", "en-ph"];
/// Arabic-speaking regions that write Arabic-Indic digits.
const ARABIC_INDIC: [&str; 8] = [
    "ar", "ar-eg", "ar-sa", "ar-iq", "ar-kw", "ar-qa", "ar-om", "ar-jo",
];

impl Locale {
    /// The table for a BCP 47 tag such as `de-AT`; English if the language is not known.
    pub fn from_tag(tag: &str) -> &'static Self {
        let tag = tag.trim().replace('_', "-").to_ascii_lowercase();
        let language = tag.split('-').next().unwrap_or_default();
        match language {
            "en" if !MONTH_FIRST.contains(&tag.as_str()) => &EN_GB,
            "ar" if !ARABIC_INDIC.contains(&tag.as_str()) => &AR_LATN,
            _ => ALL
                .iter()
                .find(|locale| locale.tag == language)
                .copied()
                .unwrap_or(&EN),
        }
    }

    /// `Mar 3`
    pub fn month_day(&self, date: Date) -> String {
        self.date(self.month_day, date)
    }

    /// `Mar 3, 2025`
    pub fn full_date(&self, date: Date) -> String {
        self.date(self.full_date, date)
    }

    /// `Mar 2025`
    pub fn month_year(&self, date: Date) -> String {
        self.date(self.month_year, date)
    }

    /// `Mar`
    pub fn month(&self, date: Date) -> String {
        self.date("%M", date)
    }

    /// `2025`
    pub fn year(&self, date: Date) -> String {
        self.date(self.year, date)
    }

    /// `Q1 2025`
    pub fn quarter(&self, date: Date) -> String {
        let mut out = String::from(self.quarter);
        push_u64(&mut out, u64::from(date.month.div_ceil(3)));
        out.push(' ');
        push_i64(&mut out, i64::from(date.year));
        self.digits(out)
    }

    /// `14:30`, or `2:30 PM`; a full hour on a twelve-hour clock is `2 PM`.
    pub(crate) fn time(&self, wall: WallTime) -> String {
        self.clock_time(wall, !wall.minute.is_multiple_of(60))
    }

    /// `14:30`, or `2:30 PM`; a full hour is `2:00 PM`, as in a column of times.
    pub(crate) fn full_time(&self, wall: WallTime) -> String {
        self.clock_time(wall, true)
    }

    fn clock_time(&self, wall: WallTime, with_minutes: bool) -> String {
        let (hour, minute) = (wall.minute / 60, wall.minute % 60);
        let mut out = String::new();
        match self.clock {
            Clock::TwentyFour => {
                push_padded(&mut out, hour);
                out.push(':');
                push_padded(&mut out, minute);
            }
            Clock::Twelve(am, pm) => {
                push_u64(
                    &mut out,
                    u64::from(if hour % 12 == 0 { 12 } else { hour % 12 }),
                );
                if with_minutes {
                    out.push(':');
                    push_padded(&mut out, minute);
                }
                out.push('\u{a0}');
                out.push_str(if hour < 12 { am } else { pm });
            }
        }
        self.digits(out)
    }

    /// Writes ASCII digits as the locale's own.
    pub(crate) fn digits(&self, text: String) -> String {
        if self.zero == '0' {
            return text;
        }
        let zero = u32::from(self.zero);
        text.chars()
            .map(|c| {
                c.to_digit(10)
                    .and_then(|digit| char::from_u32(zero + digit))
                    .unwrap_or(c)
            })
            .collect()
    }

    fn date(&self, pattern: &str, date: Date) -> String {
        let mut out = String::new();
        let mut placeholder = false;
        for c in pattern.chars() {
            match (placeholder, c) {
                (true, 'd') => push_u64(&mut out, u64::from(date.day)),
                (true, 'M') => {
                    let index = date.month.saturating_sub(1) as usize;
                    out.push_str(self.months.get(index).copied().unwrap_or_default());
                }
                (true, 'y') => push_i64(&mut out, i64::from(date.year)),
                (false, '%') => {}
                (_, other) => out.push(other),
            }
            placeholder = c == '%' && !placeholder;
        }
        self.digits(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Date = Date {
        year: 2025,
        month: 3,
        day: 3,
    };

    #[test]
    fn each_language_writes_a_date_its_own_way() {
        let dates: Vec<String> = ALL.iter().map(|locale| locale.full_date(DAY)).collect();
        let expect = [
            "Mar 3, 2025",
            "3 Mar 2025",
            "3. März 2025",
            "3 mars 2025",
            "3 mar 2025",
            "3 mar 2025",
            "2025年3月3日",
            "2025年3月3日",
            "٣ مارس ٢٠٢٥",
            "3 مارس 2025",
        ];
        assert_eq!(dates, expect);
    }

    #[test]
    fn tags_find_their_language_and_region() {
        let tag = |tag| Locale::from_tag(tag).tag;
        assert_eq!(tag("de-AT"), "de");
        assert_eq!(tag("pt_BR"), "pt");
        assert_eq!(tag("zh-Hans-CN"), "zh");
        assert_eq!(tag("en-IE"), "en-GB");
        assert_eq!(tag("en-US"), "en");
        assert_eq!(tag("ar-MA"), "ar-u-nu-latn");
        assert_eq!(tag("tlh"), "en");
        assert_eq!(tag(""), "en");
    }

    #[test]
    fn noon_and_midnight_are_twelve_on_a_twelve_hour_clock() {
        let at = |minute| EN.time(WallTime { days: 0, minute }).replace('\u{a0}', " ");
        assert_eq!(at(0), "12 AM");
        assert_eq!(at(720), "12 PM");
        assert_eq!(at(785), "1:05 PM");
        assert_eq!(
            DE.time(WallTime {
                days: 0,
                minute: 65
            }),
            "01:05"
        );
    }
}
