//! On which day a week begins, by region.

/// Regions whose weeks begin on Sunday. Source: Unicode CLDR 47, supplemental data, `weekData`, `firstDay`.
const SUNDAY: &[&str] = &[
    "AG", "AS", "BD", "BR", "BS", "BT", "BW", "BZ", "CA", "CO", "DM", "DO", "ET", "GT", "GU", "HK",
    "HN", "ID", "IL", "IN", "JM", "JP", "KE", "KH", "KR", "LA", "MH", "MM", "MO", "MT", "MX", "MZ",
    "NI", "NP", "PA", "PE", "PH", "PK", "PR", "PT", "PY", "SA", "SG", "SV", "TH", "TT", "TW", "UM",
    "US", "VE", "VI", "WS", "YE", "ZA", "ZW",
];

/// Regions whose weeks begin on Saturday.
const SATURDAY: &[&str] = &[
    "AE", "AF", "BH", "DJ", "DZ", "EG", "IQ", "IR", "JO", "KW", "LY", "OM", "QA", "SD", "SY",
];

/// The likely region of a language whose weeks do not begin on Monday there. Source: CLDR, `likelySubtags`.
const LIKELY: &[(&str, &str)] = &[
    ("am", "ET"),
    ("ar", "EG"),
    ("bn", "BD"),
    ("en", "US"),
    ("fa", "IR"),
    ("gu", "IN"),
    ("he", "IL"),
    ("hi", "IN"),
    ("id", "ID"),
    ("ja", "JP"),
    ("kn", "IN"),
    ("ko", "KR"),
    ("ml", "IN"),
    ("mr", "IN"),
    ("my", "MM"),
    ("ne", "NP"),
    ("pa", "IN"),
    ("ps", "AF"),
    ("pt", "BR"),
    ("ta", "IN"),
    ("te", "IN"),
    ("th", "TH"),
    ("ur", "PK"),
];

/// First day of the week for a BCP 47 tag such as `en-US`: 0 is Monday, 6 is Sunday.
///
/// Missing: Monday for a region or language that is not known, as ISO 8601 has it.
pub fn first_weekday(locale: &str) -> u8 {
    let mut parts = locale.split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    // A singleton such as `u` begins extensions, which name no region.
    let region = parts
        .take_while(|part| part.len() > 1)
        .find(|part| part.len() == 2)
        .map(str::to_ascii_uppercase);
    let likely = || LIKELY.iter().find(|(known, _)| *known == language);
    let region = region.or_else(|| likely().map(|(_, region)| (*region).to_owned()));
    match region.as_deref() {
        Some(region) if SUNDAY.contains(&region) => 6,
        Some(region) if SATURDAY.contains(&region) => 5,
        Some(_) | None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_as_the_region_has_it() {
        for (locale, day) in [
            ("en", 6),
            ("en-US", 6),
            ("en-GB", 0),
            ("en_CA", 6),
            ("de", 0),
            ("de-AT", 0),
            ("pt", 6),
            ("pt-PT", 6),
            ("ar", 5),
            ("ar-SA", 6),
            ("ar-MA", 0),
            ("zh-Hans-CN", 0),
            ("zh-Hant-TW", 6),
            ("ja-JP", 6),
            ("fr", 0),
            ("fr-u-us", 0),
            ("", 0),
            ("xx", 0),
        ] {
            assert_eq!(first_weekday(locale), day, "{locale}");
        }
    }
}
