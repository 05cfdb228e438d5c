//! Reads JSON so that an error names its place. Edge and origin refuse the same text in the same words.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::Segment;

use crate::Detail;
use crate::problem::pointer_segment;

/// Why a JSON text is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// It is not JSON; the text says where it breaks off.
    Malformed(String),
    /// It is JSON, but this place does not fit.
    Invalid(Detail),
}

/// Reads a text.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    let error = match serde_json::from_slice(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    match error.classify() {
        Category::Data => Err(JsonError::Invalid(locate::<T>(text))),
        Category::Syntax | Category::Eof | Category::Io => {
            Err(JsonError::Malformed(error.to_string()))
        }
    }
}

/// Reads a value that is JSON already.
pub fn read_value<T: DeserializeOwned>(value: &Value) -> Result<T, Detail> {
    if let Ok(read) = T::deserialize(value) {
        return Ok(read);
    }
    serde_path_to_error::deserialize(value).map_err(|error| detail(&error))
}

/// Reads once more, this time noting where it fails: the place costs too much to note on every good text.
fn locate<T: DeserializeOwned>(text: &[u8]) -> Detail {
    let mut json = serde_json::Deserializer::from_slice(text);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => Detail::new("", "is not valid"),
        Err(error) => detail(&error),
    }
}

fn detail(error: &serde_path_to_error::Error<serde_json::Error>) -> Detail {
    let pointer: String = error.path().iter().map(segment).collect();
    let message = error.inner().to_string();
    // The line is that of the text, which a pointer makes needless.
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(text, _)| text);
    Detail::new(pointer, message)
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
    use crate::embed::{QueryRequest, RowsRequest};

    fn place(error: JsonError) -> Option<String> {
        match error {
            JsonError::Invalid(detail) => Some(detail.path),
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
    fn what_is_not_json_has_no_place() {
        for text in ["", "{", "tenant=acme", "{}{}"] {
            let error = read::<QueryRequest>(text.as_bytes()).unwrap_err();
            assert_eq!(place(error), None, "{text}");
        }
    }
}
