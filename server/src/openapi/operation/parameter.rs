//! What stands in the path, the query string or a header of a request.

use serde_json::{Map, Value, json};

use super::JSON;
use crate::openapi::schemas::{Schemas, Subschema};

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
}

/// How the value of a parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Plain,
    Commas,
    Json,
}

/// One parameter of a route.
pub(crate) struct Parameter {
    pub(super) place: Place,
    name: &'static str,
    schema: Subschema,
    description: &'static str,
    notation: Notation,
    required: bool,
    example: Option<Value>,
}

impl Parameter {
    pub(super) fn new(
        place: Place,
        name: &'static str,
        schema: Subschema,
        description: &'static str,
    ) -> Self {
        Self {
            place,
            name,
            schema,
            description,
            notation: Notation::Plain,
            required: place == Place::Path,
            example: None,
        }
    }

    pub(crate) fn query(name: &'static str, schema: Subschema, description: &'static str) -> Self {
        Self::new(Place::Query, name, schema, description)
    }

    pub(crate) fn header(name: &'static str, schema: Subschema, description: &'static str) -> Self {
        Self::new(Place::Header, name, schema, description)
    }

    pub(crate) fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// Several values, separated by commas.
    pub(crate) fn commas(self) -> Self {
        Self {
            notation: Notation::Commas,
            ..self
        }
    }

    /// A value that is written as JSON.
    pub(crate) fn in_json(self) -> Self {
        Self {
            notation: Notation::Json,
            ..self
        }
    }

    pub(crate) fn example(self, example: Value) -> Self {
        Self {
            example: Some(example),
            ..self
        }
    }

    pub(super) fn describe(&self, schemas: &mut Schemas) -> Value {
        let place = match self.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        };
        let mut members = Map::new();
        members.insert("name".to_owned(), self.name.into());
        members.insert("in".to_owned(), place.into());
        members.insert("required".to_owned(), self.required.into());
        members.insert("description".to_owned(), self.description.into());
        let mut value = Map::new();
        value.insert("schema".to_owned(), schemas.asked(self.schema));
        if let Some(example) = &self.example {
            value.insert("example".to_owned(), example.clone());
        }
        match self.notation {
            Notation::Plain => members.extend(value),
            Notation::Commas => {
                members.extend(value);
                members.insert("style".to_owned(), "form".into());
                members.insert("explode".to_owned(), false.into());
            }
            Notation::Json => {
                members.insert("content".to_owned(), json!({ JSON: value }));
            }
        }
        members.into()
    }
}
