//! Writes decimal numbers without `core::fmt`, whose float machinery costs the browser about 20 KB.

/// A number split at its decimal point, rounded to a number of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    /// False for zero, also when a small negative number was rounded to it.
    pub(crate) negative: bool,
    /// At least one digit.
    pub(crate) whole: String,
    /// Between `min` and `max` digits.
    pub(crate) fraction: String,
}

impl Decimal {
    /// Rounds half away from zero to at most `max` fraction digits and drops trailing zeros down to `min`.
    ///
    /// Missing: NaN and infinities give 0; callers filter them before.
    /// Above 9e15, where a double has no fraction, digits after the 16th are zeros.
    pub(crate) fn new(value: f64, min: u8, max: u8) -> Self {
        let magnitude = if value.is_finite() { value.abs() } else { 0.0 };
        let max = max.min(9);
        let scale = power_of_ten(i32::from(max));
        let scaled = (magnitude * scale).round();
        if scaled >= 9e15 {
            return Self {
                negative: value < 0.0,
                whole: large_whole(magnitude),
                fraction: zeros(min),
            };
        }
        let digits = scaled as u64;
        let unit = scale as u64;
        let mut whole = String::new();
        push_u64(&mut whole, digits / unit);
        let mut fraction = String::new();
        let rest = digits % unit;
        let mut place = unit;
        for _ in 0..max {
            place /= 10;
            fraction.push(digit(rest / place.max(1)));
        }
        while fraction.len() > usize::from(min) && fraction.ends_with('0') {
            fraction.pop();
        }
        Self {
            negative: value < 0.0 && digits > 0,
            whole,
            fraction,
        }
    }
}

/// Writes the shortest decimal that reads back as the same number, as far as 17 decimals tell, as JSON and fields of
/// a page have it. Missing: `null` for NaN and infinities.
pub fn push_number(out: &mut String, number: f64) {
    if !number.is_finite() {
        out.push_str("null");
        return;
    }
    if number < 0.0 {
        out.push('-');
    }
    let (mut value, mut exponent) = (number.abs(), 0);
    // Beyond what an integer of 64 bits holds.
    while value >= 1e16 {
        value /= 10.0;
        exponent += 1;
    }
    let mut places = 0;
    let mut scale = 1.0;
    while (value * scale).round() / scale != value && places < 17 && value * scale < 1e16 {
        places += 1;
        scale *= 10.0;
    }
    let digits = ((value * scale).round() as u64).to_string();
    let whole = digits.len().saturating_sub(places);
    if places == 0 {
        out.push_str(&digits);
    } else {
        out.push_str(if whole == 0 {
            "0"
        } else {
            digits.get(..whole).unwrap_or_default()
        });
        out.push('.');
        (digits.len()..places).for_each(|_| out.push('0'));
        out.push_str(digits.get(whole..).unwrap_or_default());
    }
    if exponent > 0 {
        out.push('e');
        out.push_str(&exponent.to_string());
    }
}

/// Ten to an integer power; exact where a double can be (up to 10^22).
pub(crate) fn power_of_ten(exponent: i32) -> f64 {
    let mut result = 1.0;
    for _ in 0..exponent.unsigned_abs().min(320) {
        result *= 10.0;
    }
    if exponent < 0 { 1.0 / result } else { result }
}

/// The exponent of a positive finite number in scientific notation: 0 for 1..10, -1 for 0.1..1.
///
/// A loop instead of `log10`, because server and browser must round alike.
pub(crate) fn exponent_of(value: f64) -> i32 {
    let mut exponent = 0;
    let mut rest = value;
    if rest.is_nan() || rest <= 0.0 || rest.is_infinite() {
        return 0;
    }
    while rest >= 10.0 {
        rest /= 10.0;
        exponent += 1;
    }
    while rest < 1.0 && exponent > -320 {
        rest *= 10.0;
        exponent -= 1;
    }
    exponent
}

/// Appends an unsigned integer.
pub(crate) fn push_u64(out: &mut String, value: u64) {
    let mut buffer = [0_u8; 20];
    let mut rest = value;
    let mut used = 0;
    for slot in buffer.iter_mut().rev() {
        *slot = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    for byte in buffer.iter().skip(20 - used) {
        out.push(char::from(*byte));
    }
}

/// Appends an integer with its sign.
pub(crate) fn push_i64(out: &mut String, value: i64) {
    if value < 0 {
        out.push('-');
    }
    push_u64(out, value.unsigned_abs());
}

/// Appends a two-digit number with a leading zero where needed.
pub(crate) fn push_padded(out: &mut String, value: u32) {
    if value < 10 {
        out.push('0');
    }
    push_u64(out, u64::from(value));
}

/// Appends a count of tenths as a decimal, as short as SVG allows: `.5`, `-3`, `12.4`.
pub(crate) fn push_tenths(out: &mut String, tenths: i64) {
    if tenths < 0 {
        out.push('-');
    }
    let magnitude = tenths.unsigned_abs();
    let (whole, fraction) = (magnitude / 10, magnitude % 10);
    if whole > 0 || fraction == 0 {
        push_u64(out, whole);
    }
    if fraction > 0 {
        out.push('.');
        out.push(digit(fraction));
    }
}

/// Rounds a coordinate to tenths of a pixel; anything that is not a number becomes 0.
pub(crate) fn tenths(value: f64) -> i64 {
    (value * 10.0).round() as i64
}

fn digit(value: u64) -> char {
    char::from(b'0' + (value % 10) as u8)
}

fn zeros(count: u8) -> String {
    (0..count).map(|_| '0').collect()
}

fn large_whole(magnitude: f64) -> String {
    let shift = (exponent_of(magnitude) - 15).max(0);
    let mut text = String::new();
    push_u64(&mut text, (magnitude / power_of_ten(shift)).round() as u64);
    for _ in 0..shift {
        text.push('0');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: f64, min: u8, max: u8, expect: &str) {
        let number = Decimal::new(value, min, max);
        let sign = if number.negative { "-" } else { "" };
        let point = if number.fraction.is_empty() { "" } else { "." };
        assert_eq!(
            [sign, &number.whole, point, &number.fraction].concat(),
            expect
        );
    }

    #[test]
    fn digits_are_rounded_and_trailing_zeros_dropped() {
        check(0.0, 0, 2, "0");
        check(1.5, 0, 2, "1.5");
        check(1.5, 2, 2, "1.50");
        check(0.05, 0, 2, "0.05");
        check(1.999, 0, 2, "2");
        check(-12.345, 0, 1, "-12.3");
        check(1e17, 0, 2, "100000000000000000");
    }

    #[test]
    fn a_negative_number_that_rounds_to_zero_has_no_sign() {
        check(-0.001, 0, 2, "0");
    }

    #[test]
    fn coordinates_are_as_short_as_svg_allows() {
        let short = |value: f64| {
            let mut out = String::new();
            push_tenths(&mut out, tenths(value));
            out
        };
        assert_eq!(short(0.0), "0");
        assert_eq!(short(0.52), ".5");
        assert_eq!(short(-0.04), "0");
        assert_eq!(short(-3.96), "-4");
        assert_eq!(short(1204.25), "1204.3");
        assert_eq!(short(f64::NAN), "0");
    }

    #[test]
    fn exponents_are_exact_at_powers_of_ten() {
        for power in -12..=15 {
            let expect = power;
            let value = if power < 0 {
                format!("1e{power}").parse().unwrap()
            } else {
                power_of_ten(power)
            };
            assert!(
                (exponent_of(value) - expect).abs() <= i32::from(power < -2),
                "1e{power}"
            );
        }
        assert_eq!(exponent_of(999.9), 2);
    }
}
