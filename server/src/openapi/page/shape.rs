//! Schemas in words.

use serde_json::{Map, Value};

/// A schema.
pub(super) struct Shape<'s>(pub(super) &'s Value);

impl Shape<'_> {
    /// The type in a few words, with a link to where it is told in full.
    pub(super) fn word(&self) -> String {
        if let Some(reference) = self.text("$ref") {
            let name = escape(reference.rsplit('/').next().unwrap_or_default());
            return format!("<a href=\"#type-{name}\">{name}</a>");
        }
        if let Some(value) = self.0.get("const") {
            return format!("<code>{}</code>", escape(&value.to_string()));
        }
        if let Some(Value::Array(values)) = self.0.get("enum") {
            let values = values
                .iter()
                .map(|v| format!("<code>{}</code>", escape(&v.to_string())));
            return values.collect::<Vec<_>>().join(" or ");
        }
        for name in ["anyOf", "oneOf"] {
            if let Some(Value::Array(ways)) = self.0.get(name) {
                let words = ways.iter().map(|way| Shape(way).word());
                return words.collect::<Vec<_>>().join(" or ");
            }
        }
        let types: Vec<&str> = match self.0.get("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => return "anything".to_owned(),
        };
        let words = types.into_iter().map(|word| self.of_type(word));
        words.collect::<Vec<_>>().join(" or ") + &self.bounds()
    }

    fn of_type(&self, word: &str) -> String {
        match word {
            "array" => match (self.0.get("items"), self.0.get("prefixItems")) {
                (_, Some(Value::Array(parts))) => {
                    let parts = parts.iter().map(|part| Shape(part).word());
                    format!("[{}]", parts.collect::<Vec<_>>().join(", "))
                }
                (Some(items), _) => format!("list of {}", Shape(items).word()),
                (None, _) => "list".to_owned(),
            },
            "object" => match self.0.get("additionalProperties") {
                Some(values @ Value::Object(_)) => format!("object of {}", Shape(values).word()),
                _ => "object".to_owned(),
            },
            other => match self.text("format") {
                Some("date-time") => "date-time".to_owned(),
                _ => escape(other),
            },
        }
    }

    fn bounds(&self) -> String {
        let bound = |(name, word): (&str, &str)| {
            let value = self.0.get(name)?;
            // Zero is where counts begin anyway.
            let told = name != "minimum" || value != 0;
            told.then(|| format!(", {word} {}", escape(value.to_string().trim_matches('"'))))
        };
        let bounds = [
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("maxItems", "at most"),
            ("default", "usually"),
        ];
        bounds.into_iter().filter_map(bound).collect()
    }

    /// The whole type: what it is, and a line for each of its members.
    pub(super) fn whole(&self) -> String {
        let mut html = match self.text("description") {
            Some(description) => format!("<p>{}</p>", prose(description)),
            None => String::new(),
        };
        match self.0.get("properties") {
            Some(Value::Object(properties)) => html += &self.members(properties),
            _ => html += &self.ways(),
        }
        html
    }

    fn members(&self, properties: &Map<String, Value>) -> String {
        let required = self.0.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.into_iter().flatten().any(|r| r == name);
        let rows = properties.iter().map(|(name, schema)| {
            let required = if is_required(name) { ", required" } else { "" };
            let shape = Shape(schema);
            format!(
                "<tr><td><code>{}</code></td><td>{}{required}</td><td>{}</td></tr>",
                escape(name),
                shape.word(),
                prose(shape.text("description").unwrap_or_default())
            )
        });
        let rows: String = rows.collect();
        format!(
            "<table><thead><tr><th>Member</th><th>Type</th><th>What</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    }

    /// The alternatives, each with what it means; of a plain type its words.
    fn ways(&self) -> String {
        let ways = ["oneOf", "anyOf"]
            .into_iter()
            .find_map(|name| self.0.get(name)?.as_array());
        let Some(ways) = ways else {
            let pattern = self
                .text("pattern")
                .map(|p| format!(", <code>{}</code>", escape(p)));
            return format!("<p>{}{}</p>", self.word(), pattern.unwrap_or_default());
        };
        let items = ways.iter().map(|way| {
            let shape = Shape(way);
            match way.get("properties") {
                Some(Value::Object(_)) => format!("<li>{}</li>", shape.whole()),
                _ => {
                    let what = prose(shape.text("description").unwrap_or_default());
                    format!("<li>{} {what}</li>", shape.word())
                }
            }
        });
        format!("<ul>{}</ul>", items.collect::<String>())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

/// A text as markup.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A sentence as markup; what stands between backticks is code.
pub(super) fn prose(text: &str) -> String {
    let parts = text
        .split('`')
        .enumerate()
        .map(|(index, part)| match index % 2 {
            0 => escape(part),
            _ => format!("<code>{}</code>", escape(part)),
        });
    parts.collect()
}
