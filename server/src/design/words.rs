//! Names of events and properties as people would say them.

/// Words that are written in capitals.
const ACRONYMS: &[&str] = &[
    "ai", "api", "cpu", "csv", "db", "gpu", "html", "http", "id", "ip", "ms", "os", "pdf", "sdk",
    "sms", "sql", "ui", "uri", "url", "utm", "vip", "xml",
];

/// Last parts of a name that say in which unit a number is, and how the unit is written.
const UNITS: &[(&str, &str)] = &[
    ("ms", "ms"),
    ("millis", "ms"),
    ("milliseconds", "ms"),
    ("s", "s"),
    ("sec", "s"),
    ("secs", "s"),
    ("seconds", "s"),
    ("min", "min"),
    ("mins", "min"),
    ("minutes", "min"),
    ("hours", "h"),
    ("bytes", "B"),
    ("kb", "KB"),
    ("mb", "MB"),
    ("gb", "GB"),
    ("km", "km"),
    ("kg", "kg"),
    ("pct", "%"),
    ("percent", "%"),
    ("usd", "USD"),
    ("eur", "EUR"),
    ("gbp", "GBP"),
];

/// The words of a name, in lower case: `apiCall`, `api.call` and `API_CALL` are the same two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let starts = c.is_uppercase() && before.is_lowercase();
        if !c.is_alphanumeric() || starts {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A name within a sentence: `model name`.
pub(super) fn label(name: &str) -> String {
    join(name, words(name))
}

/// A name as a title: `Model name`.
pub(super) fn title(name: &str) -> String {
    capital(&label(name))
}

/// What a count of an event is called: `API calls`, but `Page viewed`.
pub(super) fn counted(event_name: &str) -> String {
    let mut words = words(event_name);
    if let Some(last) = words.last_mut() {
        *last = plural(last);
    }
    capital(&join(event_name, words))
}

/// A measured property without its unit, as a title, and the unit: `latency_ms` is `Latency` in `ms`.
pub(super) fn measure(name: &str) -> (String, Option<&'static str>) {
    let mut words = words(name);
    let unit = words
        .last()
        .and_then(|last| UNITS.iter().find(|(word, _)| word == last));
    match unit {
        Some((_, unit)) if words.len() > 1 => {
            words.pop();
            (capital(&join(name, words)), Some(unit))
        }
        Some(_) | None => (title(name), None),
    }
}

/// A name without a letter or digit stays as it is.
fn join(name: &str, words: Vec<String>) -> String {
    let spelled: Vec<String> = words
        .into_iter()
        .map(|word| match ACRONYMS.contains(&word.as_str()) {
            true => word.to_uppercase(),
            false => word,
        })
        .collect();
    if spelled.is_empty() {
        name.to_owned()
    } else {
        spelled.join(" ")
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Many events end in what happened (`viewed`, `signed up`): that has no plural.
fn plural(word: &str) -> String {
    let happened = ["up", "in", "out", "off"].contains(&word)
        || ["ed", "s"].iter().any(|end| word.ends_with(end));
    if happened || word.len() < 3 || !word.is_ascii() {
        return word.to_owned();
    }
    if ["ch", "sh", "x", "z"].iter().any(|end| word.ends_with(end)) {
        return format!("{word}es");
    }
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        Some(_) | None => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_people_say_them() {
        for (name, expect) in [
            ("api.call", "API calls"),
            ("apiCall", "API calls"),
            ("page_viewed", "Page viewed"),
            ("user signed up", "User signed up"),
            ("query", "Queries"),
            ("search", "Searches"),
            ("signup", "Signups"),
            ("ping", "Pings"),
            ("payment-delay", "Payment delays"),
            ("größe", "Größe"),
            ("***", "***"),
        ] {
            assert_eq!(counted(name), expect, "{name}");
        }
        assert_eq!(label("Model.Name"), "model name");
        assert_eq!(title("utm_source"), "UTM source");
    }

    #[test]
    fn a_unit_at_the_end_of_a_name_is_a_unit() {
        for (name, expect, unit) in [
            ("latency_ms", "Latency", Some("ms")),
            ("durationSeconds", "Duration", Some("s")),
            ("ms", "MS", None),
            ("tokens", "Tokens", None),
            ("amount_usd", "Amount", Some("USD")),
        ] {
            assert_eq!(measure(name), (expect.to_owned(), unit), "{name}");
        }
    }
}
