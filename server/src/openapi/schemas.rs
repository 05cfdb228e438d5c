//! The schemas of what is asked and answered, each type once.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// Makes the schema of a type, or a reference to it.
pub(crate) type Subschema = fn(&mut SchemaGenerator) -> Schema;

/// The schema of a type.
pub(crate) fn of<T: JsonSchema>() -> Subschema {
    |generator| generator.subschema_for::<T>()
}

/// Where the schemas of the finished document stand.
const PLACE: &str = "#/components/schemas/";
/// Where those of requests stand until it is known which of them differ from those of answers.
const ASKED: &str = "#/components/asked/";

/// Collects schemas. What may be left out of a request is always there in an answer: one type can have two of them.
pub(super) struct Schemas {
    asked: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let at = |place: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = place.into())
        };
        Self {
            asked: at(ASKED).for_deserialize().into_generator(),
            answered: at(PLACE).for_serialize().into_generator(),
        }
    }

    /// Of something that a caller sends.
    pub(super) fn asked(&mut self, schema: Subschema) -> Value {
        schema(&mut self.asked).to_value()
    }

    /// Of something that is answered.
    pub(super) fn answered(&mut self, schema: Subschema) -> Value {
        schema(&mut self.answered).to_value()
    }

    /// All named schemas, and the document with every reference to them set right.
    ///
    /// A type whose two schemas differ has the name with `Input` for the one that is asked.
    pub(super) fn finish(mut self, document: &mut Value) -> Map<String, Value> {
        let asked = self.asked.take_definitions(true);
        let mut named = self.answered.take_definitions(true);
        let differing = differing(&asked, &named);
        let rename = |name: &str| match differing.iter().any(|other| other == name) {
            true => format!("{PLACE}{name}Input"),
            false => format!("{PLACE}{name}"),
        };
        for (name, mut schema) in asked {
            set_right(&mut schema, &rename);
            let name = rename(&name).replace(PLACE, "");
            named.insert(name, schema);
        }
        set_right(document, &rename);
        named
    }
}

/// Names whose two schemas differ, or lead to one that does.
fn differing(asked: &Map<String, Value>, answered: &Map<String, Value>) -> Vec<String> {
    let plain = |name: &str| format!("{PLACE}{name}");
    let both = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        set_right(&mut schema, &plain);
        let other = answered.get(name)?;
        Some((name.clone(), schema.to_string(), *other != schema))
    };
    let both: Vec<(String, String, bool)> = asked.iter().filter_map(both).collect();
    let mut found: Vec<String> = Vec::new();
    loop {
        let before = found.len();
        for (name, text, differs) in &both {
            let leads = |to: &String| text.contains(&format!("\"{PLACE}{to}\""));
            if !found.contains(name) && (*differs || found.iter().any(leads)) {
                found.push(name.clone());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Gives every reference to a schema of a request its final name.
fn set_right(value: &mut Value, rename: &impl Fn(&str) -> String) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(ASKED)
            {
                *reference = rename(name);
            }
            members
                .values_mut()
                .for_each(|member| set_right(member, rename));
        }
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| set_right(element, rename)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
