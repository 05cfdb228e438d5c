//! Columns of a CSV file as members and properties of events.

use anyhow::{Context as _, bail, ensure};
use csv::{ByteRecord, StringRecord};
use serde_json::{Map, Number, Value};

use super::MappingArgs;

/// Members of an event that hold one text.
const MEMBERS: [&str; 5] = [
    "tenant_id",
    "event_name",
    "timestamp",
    "event_id",
    "user_id",
];

/// What was asked for, before the names of the columns are known.
#[derive(Debug, Default)]
pub(crate) struct Mapping {
    columns: Vec<(String, String)>,
    fixed: Vec<(String, String)>,
    numbers: Vec<String>,
    ignore: Vec<String>,
    pub(super) delimiter: u8,
}

/// What becomes of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Member(String),
    Text(String),
    Number(String),
    Nothing,
}

/// The columns of one file.
#[derive(Debug)]
pub(crate) struct Columns {
    targets: Vec<Target>,
    fixed: Vec<(String, String)>,
}

impl Mapping {
    /// Reads the arguments. Errors: one that is not of its shape, or names no member.
    pub(super) fn read(args: &MappingArgs) -> anyhow::Result<Self> {
        let pair = |option: &str, text: &String| -> anyhow::Result<(String, String)> {
            let (member, value) = text
                .split_once('=')
                .with_context(|| format!("--{option} {text}: must be MEMBER=…"))?;
            ensure!(
                MEMBERS.contains(&member),
                "--{option} {text}: {member} is none of {}",
                MEMBERS.join(", ")
            );
            Ok((member.to_owned(), value.to_owned()))
        };
        let pairs = |option: &'static str, texts: &[String]| -> anyhow::Result<Vec<_>> {
            texts.iter().map(|text| pair(option, text)).collect()
        };
        let delimiter = u8::try_from(args.delimiter)
            .ok()
            .filter(u8::is_ascii)
            .context("--delimiter must be one ASCII character")?;
        Ok(Self {
            columns: pairs("column", &args.columns)?,
            fixed: pairs("set", &args.fixed)?,
            numbers: args.numbers.clone(),
            ignore: args.ignore.clone(),
            delimiter,
        })
    }

    /// Finds the columns by the names in a file's first line. Errors: a column that was asked for is not there.
    pub(super) fn columns(self, names: &StringRecord) -> anyhow::Result<Columns> {
        let asked = self.columns.iter().map(|(_, column)| column);
        for column in asked.chain(&self.numbers).chain(&self.ignore) {
            if !names.iter().any(|name| name == column) {
                let names: Vec<&str> = names.iter().collect();
                bail!(
                    "there is no column {column:?}; there are {}",
                    names.join(", ")
                );
            }
        }
        let target = |name: &str| {
            let is = |list: &[String]| list.iter().any(|listed| listed == name);
            if let Some((member, _)) = self.columns.iter().find(|(_, column)| column == name) {
                Target::Member(member.clone())
            } else if is(&self.ignore) {
                Target::Nothing
            } else if is(&self.numbers) {
                Target::Number(name.to_owned())
            } else if MEMBERS.contains(&name) {
                Target::Member(name.to_owned())
            } else {
                Target::Text(name.to_owned())
            }
        };
        Ok(Columns {
            targets: names.iter().map(target).collect(),
            fixed: self.fixed,
        })
    }
}

impl Columns {
    /// One line as an event. Errors: what is wrong with a cell.
    pub(super) fn event(&self, record: &ByteRecord) -> Result<Value, String> {
        let mut event = Map::new();
        let (mut texts, mut numbers) = (Map::new(), Map::new());
        for (target, cell) in self.targets.iter().zip(record) {
            let text =
                || String::from_utf8(cell.to_vec()).map_err(|_| "a cell is not UTF-8".to_owned());
            if cell.is_empty() {
                continue;
            }
            match target {
                Target::Nothing => {}
                Target::Member(member) => {
                    event.insert(member.clone(), Value::String(text()?));
                }
                Target::Text(name) => {
                    texts.insert(name.clone(), Value::String(text()?));
                }
                Target::Number(name) => {
                    let text = text()?;
                    let number = text.trim().parse().ok().and_then(Number::from_f64);
                    let number =
                        number.ok_or_else(|| format!("{name} is {text:?}, which is no number"))?;
                    numbers.insert(name.clone(), Value::Number(number));
                }
            }
        }
        for (member, value) in &self.fixed {
            event.insert(member.clone(), Value::String(value.clone()));
        }
        event.insert("string_props".to_owned(), Value::Object(texts));
        event.insert("numeric_props".to_owned(), Value::Object(numbers));
        Ok(Value::Object(event))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn columns(mapping: Mapping) -> anyhow::Result<Columns> {
        mapping.columns(&StringRecord::from(vec![
            "carrier", "user_id", "delay", "note",
        ]))
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn cells_become_members_texts_and_numbers() {
        let columns = columns(Mapping {
            columns: pairs(&[("tenant_id", "carrier")]),
            fixed: pairs(&[("event_name", "flight")]),
            numbers: vec!["delay".to_owned()],
            ..Mapping::default()
        })
        .unwrap();
        let event = |cells: [&str; 4]| columns.event(&ByteRecord::from(cells.to_vec()));
        assert_eq!(
            event(["AA", "u1", "-3.5", "a,b"]).unwrap(),
            json!({ "tenant_id": "AA", "event_name": "flight", "user_id": "u1",
                    "string_props": { "note": "a,b" }, "numeric_props": { "delay": -3.5 } })
        );
        assert_eq!(
            event(["AA", "", "", ""]).unwrap(),
            json!({ "tenant_id": "AA", "event_name": "flight", "string_props": {}, "numeric_props": {} })
        );
        assert!(
            event(["AA", "", "late", ""])
                .unwrap_err()
                .contains("\"late\"")
        );
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        let missing = columns(Mapping {
            ignore: vec!["notes".to_owned()],
            ..Mapping::default()
        });
        let text = missing.unwrap_err().to_string();
        assert!(
            text.contains("\"notes\"") && text.contains("note"),
            "{text}"
        );
    }
}
