//! Numbers as text.

use super::{Format, Notation, Unit};
use crate::decimal::{Decimal, exponent_of, power_of_ten, push_i64};
use crate::locale::{Locale, SymbolPlace};

/// Stands for a value that is missing or is not a number.
const MISSING: &str = "–";
/// From here on even compact numbers are written with an exponent.
pub(super) const SCIENTIFIC_FROM: f64 = 1e18;
/// From here on a percentage follows its notation; below, all its digits are read.
const LONG_PERCENT: f64 = 1e5;
/// From here on a whole number beside a mark is compact.
const COMPACT_FROM: f64 = 1e4;
/// Lengths of a millisecond, second, minute, hour and day in milliseconds.
pub(super) const DURATIONS_MS: [f64; 5] = [1.0, 1e3, 6e4, 3.6e6, 8.64e7];

/// Writes a number as the format and the locale ask.
///
/// Missing: NaN and infinities give an en dash.
/// Negative numbers carry U+2212, the minus sign, before everything else.
pub fn format_number(value: f64, format: &Format, locale: &Locale) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let text = match &format.unit {
        Unit::Duration(unit) => duration(value.abs() * unit.in_ms(), format, locale),
        Unit::Percent => {
            let digits = match format.decimals {
                Some(exact) => (exact, exact),
                None if value.abs() >= 0.1 => (0, 1),
                None => (0, 2),
            };
            let percent = value.abs() * 100.0;
            let number = if percent < LONG_PERCENT {
                plain(percent, digits, locale)
            } else {
                quantity(percent, format, locale, digits)
            };
            [number.as_str(), locale.percent].concat()
        }
        Unit::Number => quantity(value.abs(), format, locale, default_digits(value)),
        Unit::Suffix(suffix) => [
            quantity(value.abs(), format, locale, default_digits(value)).as_str(),
            "\u{a0}",
            suffix,
        ]
        .concat(),
        Unit::Currency(code) => {
            let amount = quantity(value.abs(), format, locale, currency_digits(code));
            with_symbol(&amount, symbol(code), locale)
        }
    };
    signed(value, text, locale)
}

/// Writes a number in compact notation, whatever notation the format has.
pub(crate) fn format_compact(value: f64, format: &Format, locale: &Locale) -> String {
    format_number(value, &format.compacted(), locale)
}

/// Writes a number in compact notation, unless all its digits take little room: `1,476` rather than `1.5K`.
pub(crate) fn format_brief(value: f64, format: &Format, locale: &Locale) -> String {
    let short = format.unit == Unit::Number && value.fract() == 0.0 && value.abs() < COMPACT_FROM;
    if short {
        format_number(value, format, locale)
    } else {
        format_compact(value, format, locale)
    }
}

/// An amount without sign or unit.
fn quantity(magnitude: f64, format: &Format, locale: &Locale, digits: (u8, u8)) -> String {
    let digits = format.decimals.map_or(digits, |exact| (exact, exact));
    if magnitude >= SCIENTIFIC_FROM || (magnitude > 0.0 && magnitude < 1e-6) {
        return scientific(magnitude, locale);
    }
    if format.notation == Notation::Plain {
        return plain(magnitude, digits, locale);
    }
    let mut chosen: Option<(f64, &str)> = None;
    for &(threshold, suffix) in locale.compact {
        // 999,960 must become 1M, not 1,000K.
        if magnitude >= threshold * 0.99995 {
            chosen = Some((threshold, suffix));
            break;
        }
    }
    let Some((divisor, suffix)) = chosen else {
        return plain(magnitude, digits, locale);
    };
    let scaled = magnitude / divisor;
    let most = format.decimals.unwrap_or(u8::from(scaled < 99.95));
    [
        plain(scaled, (format.decimals.unwrap_or(0), most), locale).as_str(),
        suffix,
    ]
    .concat()
}

/// Fraction digits, least and most, that suit a number's size.
fn default_digits(value: f64) -> (u8, u8) {
    let magnitude = value.abs();
    if magnitude >= 100.0 {
        (0, 1)
    } else if magnitude >= 1.0 || magnitude == 0.0 {
        (0, 2)
    } else {
        // Two significant digits: 0.0042.
        (0, (1 - exponent_of(magnitude)).clamp(2, 9) as u8)
    }
}

/// Whole and fraction digits with the locale's separators.
pub(super) fn plain(magnitude: f64, (least, most): (u8, u8), locale: &Locale) -> String {
    let number = Decimal::new(magnitude, least, most);
    let mut out = String::with_capacity(number.whole.len() * 2);
    let grouped = number.whole.len() >= locale.group_from;
    for (index, digit) in number.whole.chars().enumerate() {
        if grouped && index > 0 && (number.whole.len() - index).is_multiple_of(3) {
            out.push_str(locale.group);
        }
        out.push(digit);
    }
    if !number.fraction.is_empty() {
        out.push_str(locale.decimal);
        out.push_str(&number.fraction);
    }
    locale.digits(out)
}

/// `1.2E21`
pub(super) fn scientific(magnitude: f64, locale: &Locale) -> String {
    let exponent = exponent_of(magnitude);
    let mut mantissa = if exponent > 300 {
        magnitude / 1e300 / power_of_ten(exponent - 300)
    } else {
        magnitude / power_of_ten(exponent)
    };
    if !mantissa.is_finite() {
        // The smallest doubles, whose power of ten is itself not a normal number.
        mantissa = 1.0;
    }
    let mut out = plain(mantissa, (0, 1), locale);
    out.push('E');
    push_i64(&mut out, i64::from(exponent));
    locale.digits(out)
}

/// The two largest units of a duration: `3 min 20 s`.
fn duration(ms: f64, format: &Format, locale: &Locale) -> String {
    let [ms_suffix, seconds, minutes, hours, days] = locale.durations;
    let single = |value: f64, suffix: &str| {
        let digits = format.decimals.map_or_else(
            || {
                if value < 10.0 {
                    (0, 2)
                } else if value < 100.0 {
                    (0, 1)
                } else {
                    (0, 0)
                }
            },
            |exact| (exact, exact),
        );
        [plain(value, digits, locale).as_str(), suffix].concat()
    };
    let double = |unit: f64, suffix: &str, part: f64, part_suffix: &str| {
        let parts = (ms / part).round();
        let whole = (parts / (unit / part)).floor();
        let rest = parts - whole * (unit / part);
        let mut out = [plain(whole, (0, 0), locale).as_str(), suffix].concat();
        if rest > 0.0 {
            out.push(' ');
            out.push_str(&plain(rest, (0, 0), locale));
            out.push_str(part_suffix);
        }
        out
    };
    let [_, second, minute, hour, day] = DURATIONS_MS;
    if ms < second - 0.5 {
        single(ms, ms_suffix)
    } else if ms < minute - 50.0 {
        single(ms / second, seconds)
    } else if ms < hour - second / 2.0 {
        double(minute, minutes, second, seconds)
    } else if ms < day - minute / 2.0 {
        double(hour, hours, minute, minutes)
    } else if ms < day * 100.0 {
        double(day, days, hour, hours)
    } else {
        [
            quantity(ms / day, &format.compacted(), locale, (0, 0)).as_str(),
            days,
        ]
        .concat()
    }
}

pub(super) fn signed(value: f64, text: String, locale: &Locale) -> String {
    // A number that rounds to zero has no sign.
    let visible = text.chars().any(|c| {
        [locale.zero, '0']
            .iter()
            .any(|zero| (1..10).contains(&u32::from(c).wrapping_sub(u32::from(*zero))))
    });
    if value < 0.0 && visible {
        ["−", text.as_str()].concat()
    } else {
        text
    }
}

pub(super) fn with_symbol(amount: &str, symbol: &str, locale: &Locale) -> String {
    // A code of letters needs a space where a sign needs none: CHF 12, $12.
    let letters = symbol.chars().all(|c| {
        c.is_ascii_alphabetic() || (c > '\u{bf}' && !('\u{20a0}'..='\u{20cf}').contains(&c))
    });
    match locale.symbol_place {
        SymbolPlace::Before if !letters => [symbol, amount].concat(),
        SymbolPlace::Before | SymbolPlace::BeforeSpaced => [symbol, "\u{a0}", amount].concat(),
        SymbolPlace::AfterSpaced => [amount, "\u{a0}", symbol].concat(),
    }
}

pub(super) fn symbol(code: &str) -> &str {
    match code {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        "CNY" => "CN¥",
        "INR" => "₹",
        "BRL" => "R$",
        "KRW" => "₩",
        "CAD" => "CA$",
        "AUD" => "A$",
        "MXN" => "MX$",
        "ILS" => "₪",
        other => other,
    }
}

fn currency_digits(code: &str) -> (u8, u8) {
    match code {
        "JPY" | "KRW" | "CLP" | "VND" => (0, 0),
        _ => (2, 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::DurationUnit;
    use crate::locale::{AR, DE, EN, ES, FR, JA, PT};

    #[track_caller]
    fn check(value: f64, format: &Format, locale: &Locale, expect: &str) {
        let text = format_number(value, format, locale).replace(['\u{a0}', '\u{202f}'], " ");
        assert_eq!(text, expect);
    }

    #[test]
    fn plain_numbers_follow_the_locale() {
        let plain = Format::plain();
        check(1_234_567.891, &plain, &EN, "1,234,567.9");
        check(1_234_567.891, &plain, &DE, "1.234.567,9");
        check(1_234_567.0, &plain, &FR, "1 234 567");
        check(1234.0, &plain, &ES, "1234");
        check(12_345.0, &plain, &ES, "12.345");
        check(1234.5, &plain, &AR, "١٬٢٣٤٫٥");
        check(-0.00042, &plain, &EN, "−0.00042");
        check(-0.0, &plain, &EN, "0");
        check(f64::NAN, &plain, &EN, "–");
        check(f64::INFINITY, &plain, &EN, "–");
    }

    #[test]
    fn compact_numbers_change_suffix_where_they_round_up() {
        let compact = Format::compact();
        check(999.0, &compact, &EN, "999");
        check(1234.0, &compact, &EN, "1.2K");
        check(999_960.0, &compact, &EN, "1M");
        check(123_456_789.0, &compact, &EN, "123M");
        check(45_600_000_000.0, &compact, &DE, "45,6 Mrd.");
        check(23_400.0, &compact, &JA, "2.3万");
        check(5_000_000_000.0, &compact, &ES, "5000 M");
        check(3.2e30, &compact, &EN, "3.2E30");
        check(5e-324, &compact, &EN, "1E-320");
    }

    #[test]
    fn percent_and_money_stand_where_the_locale_wants_them() {
        check(0.256, &Format::percent(), &EN, "25.6%");
        check(0.256, &Format::percent(), &DE, "25,6 %");
        check(-0.004, &Format::percent(), &EN, "−0.4%");
        check(1234.5, &Format::currency("USD"), &EN, "$1,234.50");
        check(-1234.5, &Format::currency("EUR"), &DE, "−1.234,50 €");
        check(12.0, &Format::currency("BRL"), &PT, "R$ 12,00");
        check(12.0, &Format::currency("CHF"), &EN, "CHF 12.00");
        check(
            1_250_000.0,
            &Format::currency("JPY").compacted(),
            &EN,
            "¥1.3M",
        );
    }

    #[test]
    fn durations_name_their_two_largest_units() {
        let ms = Format::duration(DurationUnit::Milliseconds);
        check(0.25, &ms, &EN, "0.25 ms");
        check(450.0, &ms, &EN, "450 ms");
        check(999.9, &ms, &EN, "1 s");
        check(1240.0, &ms, &EN, "1.24 s");
        check(200_000.0, &ms, &EN, "3 min 20 s");
        check(3_599_900.0, &ms, &EN, "1 h");
        check(
            7500.0,
            &Format::duration(DurationUnit::Seconds),
            &FR,
            "2 h 5 min",
        );
        check(
            90_000.0,
            &Format::duration(DurationUnit::Seconds),
            &EN,
            "1 d 1 h",
        );
    }
}
