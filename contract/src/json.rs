//! Reads JSON so that an error names its place. Edge and origin refuse the same text in the same words.

mod findings;
mod object;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::Detail;
use crate::problem::pointer_segment;
pub(crate) use findings::is_within;
pub use findings::{Findings, findings};
pub use object::object;

/// Bytes of a text of which every problem is told; of a longer one it is the first.
const EXPLAINED_BYTES: usize = 16 << 10;

/// Why a JSON text is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// It is not JSON; the text says where it breaks off.
    Malformed(String),
    /// It is JSON, but these places do not fit; one at least.
    Invalid(Vec<Detail>),
}

/// Reads a text; a struct only from an object.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    read_or(text, every_problem::<T>)
}

/// Reads a text as [`read`] does, and tells the first problem only: finding every one takes up to a thousand readings,
/// which a hostile text must not cost where processor time is counted.
pub fn read_cheaply<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    read_or(text, |text| vec![first_problem::<T>(text)])
}

fn read_or<T: DeserializeOwned>(
    text: &[u8],
    problems: impl FnOnce(&[u8]) -> Vec<Detail>,
) -> Result<T, JsonError> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let error = match object(&mut json).and_then(|value| json.end().map(|()| value)) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    match error.classify() {
        Category::Data => Err(JsonError::Invalid(problems(text))),
        Category::Syntax | Category::Eof | Category::Io => {
            Err(JsonError::Malformed(error.to_string()))
        }
    }
}

/// Reads a value that is JSON already.
pub fn read_value<T: DeserializeOwned>(value: &Value) -> Result<T, Detail> {
    if let Ok(read) = object(value) {
        return Ok(read);
    }
    let mut track = serde_path_to_error::Track::new();
    object(serde_path_to_error::Deserializer::new(value, &mut track))
        .map_err(|error| detail(&track.path(), &error))
}

/// Reads once more, this time noting all places where it fails: they cost too much to note on every good text.
fn every_problem<T: DeserializeOwned>(text: &[u8]) -> Vec<Detail> {
    let value = (text.len() <= EXPLAINED_BYTES).then(|| serde_json::from_slice(text).ok());
    let problems = value.flatten().map(|value| findings::<T>(&value).problems);
    match problems {
        Some(problems) if !problems.is_empty() => problems,
        // What no value holds, such as a name that is given twice.
        Some(_) | None => vec![first_problem::<T>(text)],
    }
}

fn first_problem<T: DeserializeOwned>(text: &[u8]) -> Detail {
    let mut json = serde_json::Deserializer::from_slice(text);
    let mut track = serde_path_to_error::Track::new();
    match object::<_, T>(serde_path_to_error::Deserializer::new(
        &mut json, &mut track,
    )) {
        Ok(_) => Detail::new("", "is not valid"),
        Err(error) => detail(&track.path(), &error),
    }
}

fn detail(path: &Path, error: &serde_json::Error) -> Detail {
    let pointer: String = path.iter().map(segment).collect();
    let message = error.to_string();
    // The line is that of the text, which a pointer makes needless.
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(text, _)| text);
    Detail::new(pointer, in_terms_of_json(message))
}

/// The message without the names that our types have in Rust.
fn in_terms_of_json(message: &str) -> String {
    if let Some(choice) = message.strip_prefix("data did not match any variant of untagged enum ") {
        return match choice {
            "OneOrMany" => "must be a text or a list of texts".to_owned(),
            "GroupBy" => "must be a property's name or a list of names".to_owned(),
            _ => "is of none of the types that it may have".to_owned(),
        };
    }
    let Some((found, expected)) = message.split_once(", expected ") else {
        return message.to_owned();
    };
    let expected = match expected.split(' ').next() {
        Some("struct" | "internally" | "map") => "an object",
        Some("u8" | "u16" | "u32" | "u64" | "usize") => "a whole number that is not negative",
        Some("i8" | "i16" | "i32" | "i64") => "a whole number",
        Some("f32" | "f64") => "a number",
        Some("sequence") => "a list",
        _ => expected,
    };
    format!("{found}, expected {expected}")
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", pointer_segment(key)),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::{CreateSession, QueryRequest, RowsRequest};

    fn place(error: JsonError) -> Option<String> {
        match error {
            JsonError::Invalid(details) => details.into_iter().next().map(|d| d.path),
            JsonError::Malformed(_) => None,
        }
    }

    #[test]
    fn an_error_names_its_place() {
        let error = read::<RowsRequest>(br#"{"widget":"w1","point":{"group":["a",3]}}"#);
        assert_eq!(place(error.unwrap_err()).as_deref(), Some("/point/group/1"));
        let value = serde_json::json!({"filters": {"tenant_id": "other"}});
        let detail = read_value::<QueryRequest>(&value).unwrap_err();
        assert_eq!(detail.path, "/filters/tenant_id");
        assert!(
            detail.message.starts_with("unknown field `tenant_id`"),
            "{detail:?}"
        );
        assert!(!detail.message.contains(" line "), "{detail:?}");
    }

    #[test]
    fn a_list_is_no_struct_of_unnamed_members() {
        let error = read::<RowsRequest>(br#"["w1"]"#).unwrap_err();
        assert_eq!(place(error).as_deref(), Some(""));
        assert!(read_value::<QueryRequest>(&serde_json::json!([])).is_err());
        let granted = br#"{"tenant_id":"a","dashboard_id":"dash_a","permissions":[false]}"#;
        let error = read::<CreateSession>(granted).unwrap_err();
        assert_eq!(place(error).as_deref(), Some("/permissions"));
        for (inner, at) in [
            (r#""point":[null,null]"#, "/point"),
            (r#""filters":["7d"]"#, "/filters"),
            (
                r#""filters":{"numericRanges":{"n":[0,1]}}"#,
                "/filters/numericRanges/n",
            ),
        ] {
            let text = format!("{{\"widget\":\"w1\",{inner}}}");
            let error = read::<RowsRequest>(text.as_bytes()).unwrap_err();
            assert_eq!(place(error).as_deref(), Some(at), "{inner}");
        }
        let widget = serde_json::json!({ "id": "a", "kind": "kpi", "chart": "stat", "layout": [0, 0, 3, 2] });
        let document = serde_json::json!({ "name": "d", "widgets": [widget] });
        let detail = read_value::<crate::dashboard::DashboardDocument>(&document).unwrap_err();
        assert_eq!(detail.path, "/widgets/0/layout");
    }

    #[test]
    fn what_is_not_json_has_no_place() {
        for text in ["", "{", "tenant=acme", "{}{}"] {
            let error = read::<QueryRequest>(text.as_bytes()).unwrap_err();
            assert_eq!(place(error), None, "{text}");
        }
    }
}
