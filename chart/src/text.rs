//! Estimates text widths, so that labels can be laid out where there is no browser.

/// Advance widths of ASCII 32 to 126 in hundredths of an em.
///
/// For each character the widest of Inter, Roboto and Open Sans at weight 500, read from their font files.
/// A label in another UI sans font is narrower or within a few per cent.
const ASCII: [u8; 95] = [
    27, 30, 49, 65, 65, 99, 73, 31, 37, 37, 55, 67, 30, 46, 30, 39, 65, 57, 62, 63, 66, 60, 63, 57,
    63, 63, 30, 32, 67, 67, 67, 53, 98, 71, 66, 73, 73, 60, 59, 75, 74, 29, 58, 69, 57, 91, 77, 78,
    64, 78, 65, 65, 65, 74, 71, 100, 70, 70, 64, 37, 42, 37, 57, 46, 34, 57, 62, 58, 62, 59, 38,
    62, 62, 27, 27, 56, 27, 94, 62, 61, 62, 62, 42, 54, 38, 62, 57, 83, 56, 58, 56, 44, 55, 44, 67,
];

/// Width of a text in CSS pixels at a font size in pixels.
pub fn text_width(text: &str, font_px: f64) -> f64 {
    text.chars().map(char_width).sum::<f64>() * font_px
}

/// Width of one character in em.
fn char_width(c: char) -> f64 {
    let code = u32::from(c);
    if let Some(width) = code
        .checked_sub(32)
        .and_then(|index| ASCII.get(index as usize))
    {
        return f64::from(*width) / 100.0;
    }
    match code {
        0..=31
        | 127..=159
        | 0x300..=0x36F
        | 0x61C
        | 0x64B..=0x65F
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0xFE00..=0xFE0F => 0.0,
        0xA0 | 0x202F | 0x2009 => 0.27,
        0xB7 | 0x2018..=0x201A => 0.30,
        0x2014 => 1.0,
        0x2026 => 0.91,
        // Latin with accents: lower case is about 0.60, capitals up to 0.78.
        0xDF..=0xFF => 0.62,
        0xA1..=0x24F => 0.78,
        0x370..=0x52F => 0.70,
        // Arabic letters join; 0.62 is the mean of the wide final forms.
        0x600..=0x6FF => 0.62,
        0x2000..=0x2BFF => 0.78,
        0x1100..=0x11FF | 0x2E80..=0xFFEF => 1.02,
        0x1F000.. => 1.40,
        _ => 0.85,
    }
}

/// Shortens a text with an ellipsis so that it is at most `max_px` wide.
///
/// Returns the empty string if not even one character and the ellipsis fit.
pub fn fit_text(text: &str, max_px: f64, font_px: f64) -> String {
    // A hundredth of a pixel for sums that were taken in another order.
    if text_width(text, font_px) <= max_px + 0.01 {
        return text.to_owned();
    }
    let budget = max_px / font_px - char_width('…');
    let mut used = 0.0;
    let mut kept = String::new();
    for c in text.chars() {
        used += char_width(c);
        if used > budget {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    if !kept.is_empty() {
        kept.push('…');
    }
    kept
}

/// The text before a mark and the text after it, at the first place where it stands.
///
/// For short texts: the search of the standard library, which is made for long ones, is 3 KB in the browser.
pub fn cut_at<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    text.char_indices().find_map(|(at, _)| {
        let (before, from) = text.split_at_checked(at)?;
        from.strip_prefix(mark).map(|after| (before, after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_as_the_standard_library_cuts_it() {
        for text in ["", "**", "a**b**c", "ab", "*", "é**東", "a](b](c"] {
            for mark in ["**", "](", "://", "東"] {
                assert_eq!(cut_at(text, mark), text.split_once(mark), "{text} {mark}");
            }
        }
    }

    #[test]
    fn narrow_letters_take_less_room_than_wide_ones() {
        assert!(text_width("illi", 11.0) < text_width("WMWM", 11.0) / 3.0);
        assert!((text_width("2025", 10.0) - (6.2 + 6.5 + 6.2 + 6.0)).abs() < 1e-9);
    }

    #[test]
    fn ideographs_are_an_em_wide_and_combining_marks_take_nothing() {
        assert!(text_width("東京", 10.0) >= 20.0);
        assert_eq!(text_width("e\u{301}", 10.0), text_width("e", 10.0));
    }

    #[test]
    fn a_long_label_is_cut_with_an_ellipsis_and_then_fits() {
        let label = "customer-success-enterprise";
        let short = fit_text(label, 80.0, 12.0);
        assert!(short.ends_with('…') && label.starts_with(short.trim_end_matches('…')));
        assert!(text_width(&short, 12.0) <= 80.0);
        assert_eq!(fit_text(label, 400.0, 12.0), label);
        assert_eq!(fit_text(label, 9.0, 12.0), "");
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(fit_text("東京都千代田区", 50.0, 12.0), "東京都…");
    }
}
