//! JSON as the runtime reads and writes it: one small reader for all that comes in.
//!
//! `serde_json` with derived readers was 150 KB of the module, most of it a reader for each type and each way a type
//! can be reached; here a text becomes one tree, and [`crate::wire`] reads the tree.

use emban_chart::push_number;

/// A value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Json {
    /// `null`, and what is not there.
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; never NaN.
    Number(f64),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order of its members.
    Object(Vec<(String, Json)>),
}

static NULL: Json = Json::Null;

/// Deeper than this nothing of ours is; recursion ends.
const MAX_DEPTH: usize = 64;

impl Json {
    /// Reads a whole text. Missing: `None` for what is not JSON, or is deeper than 64 levels.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        (reader.at == text.len()).then_some(value)
    }

    /// A member of an object; null if it is not there.
    pub(crate) fn get(&self, name: &str) -> &Self {
        let found = self.members().iter().find(|(key, _)| key == name);
        found.map_or(&NULL, |(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => &[],
        }
    }

    /// The items of an array; none of anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Object(_) => &[],
        }
    }

    /// A text.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// A number.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// Whether this is `true`.
    pub(crate) fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// An object of the members whose values are not null.
    pub(crate) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        let given = members
            .into_iter()
            .filter(|(_, value)| *value != Self::Null);
        Self::Object(
            given
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// A text that may be missing.
    pub(crate) fn of(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.into()))
    }

    /// Writes the value.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => push_number(out, *number),
            Self::Text(text) => write_text(out, text),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    write_text(out, name);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\0'..='\u{1f}' => {
                let digit = |nibble: u32| char::from_digit(nibble & 15, 16).unwrap_or('0');
                out.push_str("\\u00");
                out.push(digit(u32::from(c) >> 4));
                out.push(digit(u32::from(c)));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let there = self
            .text
            .as_bytes()
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word.as_bytes()));
        if there {
            self.at += word.len();
        }
        there
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.space();
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(Json::Text),
            b'-' | b'0'..=b'9' => self.number().map(Json::Number),
            _ if self.takes("true") => Some(Json::Bool(true)),
            _ if self.takes("false") => Some(Json::Bool(false)),
            _ => self.takes("null").then_some(Json::Null),
        }
    }

    /// Whether another item follows; `first` is true before the first. Missing: `None` where neither stands.
    fn goes_on(&mut self, end: &str, first: &mut bool) -> Option<bool> {
        self.space();
        let goes_on = !self.takes(end);
        if goes_on && !std::mem::replace(first, false) && !self.takes(",") {
            return None;
        }
        Some(goes_on)
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        self.at += 1;
        let (mut items, mut first) = (Vec::new(), true);
        while self.goes_on("]", &mut first)? {
            items.push(self.value(deeper(depth)?)?);
        }
        Some(Json::List(items))
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.at += 1;
        let (mut members, mut first) = (Vec::new(), true);
        while self.goes_on("}", &mut first)? {
            self.space();
            if self.peek()? != b'"' {
                return None;
            }
            let name = self.string()?;
            self.space();
            if !self.takes(":") {
                return None;
            }
            members.push((name, self.value(deeper(depth)?)?));
        }
        Some(Json::Object(members))
    }

    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let begin = self.at;
            while !matches!(self.peek()?, b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            // Both ends are ASCII, so the slice ends where characters do.
            out.push_str(self.text.get(begin..self.at)?);
            let stop = self.peek()?;
            self.at += 1;
            match stop {
                b'"' => return Some(out),
                b'\\' => out.push(self.escaped()?),
                _ => return None,
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let kind = self.peek()?;
        self.at += 1;
        Some(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.unit()?;
                if !(0xd800..0xdc00).contains(&high) {
                    // Half a pair has no meaning; it is shown as what cannot be shown.
                    return Some(char::from_u32(high).unwrap_or('\u{fffd}'));
                }
                if !self.takes("\\u") {
                    return Some('\u{fffd}');
                }
                let low = self.unit()?;
                let code = 0x10000 + ((high - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff);
                char::from_u32(code).unwrap_or('\u{fffd}')
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    /// Digits, as a number of at most 19 of them; the second part counts those that did not fit, the third all.
    fn digits(&mut self, mantissa: &mut u64) -> (i32, i32) {
        let (mut cut, mut all) = (0, 0);
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            all += 1;
            if *mantissa < 1_000_000_000_000_000_000 {
                *mantissa = *mantissa * 10 + u64::from(digit - b'0');
            } else {
                cut += 1;
            }
        }
        (cut, all)
    }

    /// Exact for up to 15 digits between 1e-22 and 1e22; beyond that within two units in the last place, which no
    /// number format shows.
    fn number(&mut self) -> Option<f64> {
        let negative = self.takes("-");
        let mut mantissa = 0;
        let (mut exponent, whole) = self.digits(&mut mantissa);
        let mut fraction = 1;
        if self.takes(".") {
            let (cut, all) = self.digits(&mut mantissa);
            exponent -= all - cut;
            fraction = all;
        }
        if self.takes("e") || self.takes("E") {
            let down = self.takes("-");
            let _signed = down || self.takes("+");
            let mut power = 0;
            let (_, all) = self.digits(&mut power);
            let power = i32::try_from(power.min(9999)).ok().filter(|_| all > 0)?;
            exponent += if down { -power } else { power };
        }
        if whole == 0 || fraction == 0 {
            return None;
        }
        let value = scaled(mantissa as f64, exponent);
        Some(if negative { -value } else { value })
    }
}

fn deeper(depth: usize) -> Option<usize> {
    (depth < MAX_DEPTH).then_some(depth + 1)
}

/// Powers of ten by steps of 22, up to which they are exact.
const LARGE: [f64; 15] = [
    1e0, 1e22, 1e44, 1e66, 1e88, 1e110, 1e132, 1e154, 1e176, 1e198, 1e220, 1e242, 1e264, 1e286,
    1e308,
];

/// Times a power of ten; what is too large becomes the largest number, what is too small 0.
fn scaled(value: f64, exponent: i32) -> f64 {
    let magnitude = exponent.unsigned_abs() as usize;
    let small = (0..magnitude % 22).fold(1.0, |power, _| power * 10.0);
    let large = LARGE.get(magnitude / 22).copied().unwrap_or(f64::INFINITY);
    let scaled = if exponent < 0 {
        value / small / large
    } else {
        value * small * large
    };
    match scaled {
        _ if value == 0.0 => 0.0,
        scaled if scaled.is_finite() => scaled,
        _ => f64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_reads_as_serde_reads_it() {
        for text in [
            r#"{"a":[1,-2.5,3e2,1E-7,true,false,null],"b":{"c":"x\n\u00e9\ud83d\ude00\/\"\\"},"":{}}"#,
            "[]",
            " [ 1 , 2 ] ",
            "0.30000000000000004",
            "12345678901234567890",
            "1.7976931348623157e308",
            "5e-324",
            "\"\u{1f600} plain\"",
        ] {
            let ours = Json::parse(text).unwrap_or_else(|| panic!("{text} was not read"));
            let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
            assert!(alike(&ours, &theirs), "{text}: {ours:?}");
        }
    }

    fn alike(ours: &Json, theirs: &serde_json::Value) -> bool {
        use serde_json::Value;
        match (ours, theirs) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(a), Value::Bool(b)) => a == b,
            (Json::Number(a), Value::Number(b)) => {
                let b = b.as_f64().unwrap();
                let usual = b == 0.0 || (1e-7..1e16).contains(&b.abs());
                a.to_bits().abs_diff(b.to_bits()) <= if usual { 0 } else { 2 }
            }
            (Json::Text(a), Value::String(b)) => a == b,
            (Json::List(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
            }
            (Json::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(name, value)| b.get(name).is_some_and(|b| alike(value, b)))
            }
            _ => false,
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let deep = "[".repeat(100);
        for text in [
            "",
            "nul",
            "{",
            "[1,]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{a:1}",
            "\"x",
            "\"\\x\"",
            "\"\n\"",
            "01x",
            "1.",
            "-",
            "1e",
            "[1]]",
            deep.as_str(),
        ] {
            assert_eq!(Json::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for number in [
            0.0,
            -1.0,
            12.0,
            0.1,
            1.1,
            2.675,
            0.001,
            123_456.789,
            1e15,
            4.2e20,
            -0.000_25,
            9_007_199_254_740_991.0,
        ] {
            let text = Json::Number(number).to_text();
            assert_eq!(text.parse::<f64>().unwrap(), number, "{text}");
        }
        let value = Json::object([
            ("a", Json::Text("x\"\\\n\u{1f600}".into())),
            ("gone", Json::Null),
            ("l", Json::List(vec![Json::Bool(true)])),
        ]);
        assert_eq!(
            value.to_text(),
            "{\"a\":\"x\\\"\\\\\\u000a\u{1f600}\",\"l\":[true]}"
        );
        assert_eq!(Json::parse(&value.to_text()), Some(value));
    }
}
