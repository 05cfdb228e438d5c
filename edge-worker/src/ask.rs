//! What a session asks, read as strictly as the origin reads it.

use emban_contract::embed::{QueryRequest, RowsRequest, ValuesRequest};
use emban_contract::json::{self, JsonError};
use emban_session::question;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// Bytes of a request body: 64 KiB, far above 60 widgets and 200 values.
pub(crate) const BODY_BYTES: usize = 64 * 1024;

/// Reads a query and writes it again in its one canonical form, so that equal questions have equal bytes:
/// members by name, widgets and chosen values sorted and each once, no default spelled out.
///
/// The canonical bytes are also what the origin is sent: an entry cannot hold the answer to another question.
pub(crate) fn query(body: &[u8]) -> Result<Vec<u8>, Problem> {
    question::canonical(read::<QueryRequest>(body)?)
        .map_err(|error| Problem::internal(error.to_string()))
}

/// Checks the request for the events behind a number.
pub(crate) fn rows(body: &[u8]) -> Result<(), Problem> {
    read::<RowsRequest>(body).map(drop)
}

/// Checks the request for the values of a dimension.
pub(crate) fn values(body: &[u8]) -> Result<(), Problem> {
    read::<ValuesRequest>(body).map(drop)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    json::read_cheaply(body).map_err(|error| match error {
        JsonError::Invalid(details) => Problem::invalid(details),
        JsonError::Malformed(reason) => {
            Problem::malformed(format!("The body is not JSON: {reason}."))
        }
    })
}

#[cfg(test)]
mod tests {
    use emban_contract::ProblemCode;

    use super::*;

    fn canonical(body: &str) -> String {
        String::from_utf8(query(body.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn equal_questions_have_equal_bytes() {
        let one = canonical(
            r#"{"widgets":["w2","w1","w2"],"filters":{"dimensions":{"b":"x","a":["2","1","1"]},"period":"7d"}}"#,
        );
        let other = canonical(
            r#" {"filters":{"period":"7d","numericRanges":{},"dimensions":{"a":["1","2"],"b":["x"]}},"widgets":["w1","w2"]} "#,
        );
        assert_eq!(one, other);
        assert_eq!(canonical("{}"), canonical(r#"{"filters":{}}"#));
    }

    #[test]
    fn other_questions_have_other_bytes() {
        let questions = [
            "{}",
            r#"{"widgets":[]}"#,
            r#"{"widgets":["w1"]}"#,
            r#"{"filters":{"period":"7d"}}"#,
            r#"{"filters":{"period":"30d"}}"#,
            r#"{"filters":{"dimensions":{"a":"x"}}}"#,
            r#"{"filters":{"dimensions":{"a":"y"}}}"#,
            r#"{"filters":{"dimensions":{"b":"x"}}}"#,
            r#"{"filters":{"numericRanges":{"t":{"min":1}}}}"#,
            r#"{"filters":{"numericRanges":{"t":{"max":1}}}}"#,
            r#"{"filters":{"dateRanges":{"timestamp":{"from":"2026-03-01T00:00:00Z","to":"2026-03-08T00:00:00Z"}}}}"#,
        ];
        let distinct: std::collections::BTreeSet<String> =
            questions.iter().map(|q| canonical(q)).collect();
        assert_eq!(distinct.len(), questions.len());
    }

    #[test]
    fn an_unknown_field_is_named_by_its_place() {
        let problem = query(br#"{"filters":{"tenant_id":"other"}}"#).unwrap_err();
        assert_eq!(problem.code, ProblemCode::Invalid);
        let detail = problem.details.first().unwrap();
        assert_eq!(detail.path, "/filters/tenant_id");
        assert!(
            detail.message.starts_with("unknown field `tenant_id`"),
            "{detail:?}"
        );
        assert!(!detail.message.contains(" line "), "{detail:?}");
        let problem = rows(br#"{"widget":"w1","point":{"group":["a",3]}}"#).unwrap_err();
        assert_eq!(problem.details.first().unwrap().path, "/point/group/1");
        assert_eq!(
            values(br#"{"dimension":"a","sql":"x"}"#).unwrap_err().code,
            ProblemCode::Invalid
        );
    }

    #[test]
    fn a_body_full_of_unknown_fields_is_read_twice_and_not_for_each_of_them() {
        let fields: Vec<String> = (0..4000).map(|n| format!("\"field_{n}\":1")).collect();
        let body = format!("{{{}}}", fields.join(","));
        assert!(body.len() <= BODY_BYTES, "{}", body.len());
        let problem = query(body.as_bytes()).unwrap_err();
        let paths: Vec<_> = problem.details.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, ["/field_0"]);
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in ["", "{", "tenant=acme", "{}{}"] {
            assert_eq!(
                query(body.as_bytes()).unwrap_err().code,
                ProblemCode::Malformed,
                "{body}"
            );
        }
    }
}
