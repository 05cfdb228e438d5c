//! The description of every route: OpenAPI 3.1, made from the router's own table and the types on the wire.

pub(crate) mod operation;
pub(crate) mod operations;
mod page;
pub(crate) mod schemas;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use emban_contract::dashboard::DashboardDocument;
use emban_contract::{ProblemCode, ProblemDocument};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::router::{Route, routes};
pub use operation::Operation;
use operation::{Tag, name_of};
use schemas::{Schemas, of};

pub(crate) use page::{POLICY, page};

/// The whole document, as it is served.
pub(crate) static DOCUMENT: LazyLock<Bytes> =
    LazyLock::new(|| document(&routes()).to_string().into());

/// The page that shows it to people.
pub(crate) static PAGE: LazyLock<Bytes> = LazyLock::new(|| page(&document(&routes())).into());

/// JSON Schema of a dashboard document by itself, for editors and for checks before a push.
pub(crate) static DASHBOARD_SCHEMA: LazyLock<Bytes> = LazyLock::new(|| {
    let generator = SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator();
    let schema = generator.into_root_schema_for::<DashboardDocument>();
    schema.to_value().to_string().into()
});

const INTRODUCTION: &str = "Events of all tenants go in, one dashboard for all of them is published, and each tenant \
    sees its own figures through a session that the company's backend asks for. All times are RFC 3339 in UTC. Every \
    answer that is not a success has the same body, whose `code` is for programs and whose `details` name each \
    offending place.";

/// Describes routes. Pure.
pub fn document(routes: &[Route]) -> Value {
    let mut schemas = Schemas::new();
    let mut paths = BTreeMap::<&str, Map<String, Value>>::new();
    for route in routes {
        let operation = (route.operation)().describe(route, &mut schemas);
        let path = paths.entry(route.path).or_default();
        path.insert(route.method.to_ascii_lowercase(), operation);
    }
    let tags =
        Tag::ALL.map(|(_, name, description)| json!({ "name": name, "description": description }));
    let responses = refusals(&mut schemas);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Emban",
            "summary": "Customer-facing analytics, each tenant its own data",
            "description": INTRODUCTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": { "responses": responses, "securitySchemes": credentials() },
    });
    let named = schemas.finish(&mut document);
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.insert("schemas".to_owned(), named.into());
    }
    document
}

fn credentials() -> Value {
    json!({
        "key": {
            "type": "http", "scheme": "bearer",
            "description": "`Authorization: Bearer KEY`: an API key of the company's backend, of the scope `admin` (all), `read` or `ingest`.",
        },
        "session": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "`Authorization: Bearer TOKEN`: the token of an embed session.",
        },
        "sessionInUrl": {
            "type": "apiKey", "in": "query", "name": "token",
            "description": "The token of an embed session, where a frame cannot send a header.",
        },
        "edge": {
            "type": "http", "scheme": "bearer",
            "description": "The secret that the origin and its edges share.",
        },
    })
}

/// One component a status; beside it the same for a frame, which is answered with a page when it takes HTML.
fn refusals(schemas: &mut Schemas) -> Map<String, Value> {
    let mut by_status = BTreeMap::<u16, Vec<&str>>::new();
    for code in ProblemCode::ALL {
        let codes = by_status.entry(code.status()).or_default();
        codes.push(code.as_str());
    }
    let problem = schemas.answered(of::<ProblemDocument>());
    let mut responses = Map::new();
    for (status, codes) in by_status {
        let mut headers = Map::new();
        // Only some of the answers of 503 know when to come back.
        if status == 429 {
            let seconds = json!({ "description": "Seconds.", "required": true, "schema": { "type": "integer" } });
            headers.insert("Retry-After".to_owned(), seconds);
        }
        let json = json!({ "application/json": { "schema": problem } });
        let page = json!({ "application/json": { "schema": problem }, "text/html": { "schema": { "type": "string" } } });
        for (suffix, content) in [("", json), ("Page", page)] {
            let description = format!("`{}`", codes.join("`, `"));
            let response =
                json!({ "description": description, "headers": headers, "content": content });
            responses.insert(format!("{}{suffix}", name_of(status)), response);
        }
    }
    responses
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
        value.pointer(pointer).and_then(Value::as_str)
    }

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    found.insert(reference.clone());
                }
                members.values().for_each(|v| references(v, found));
            }
            Value::Array(elements) => elements.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }

    #[test]
    fn every_route_is_described_once_and_every_parameter_of_its_path_is_named() {
        let (routes, document) = (routes(), document(&routes()));
        let mut ids = BTreeSet::new();
        for route in &routes {
            let method = route.method.to_ascii_lowercase();
            let operation = &document["paths"][route.path][method.as_str()];
            let id = text_at(operation, "/operationId").unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is used twice");
            let named: BTreeSet<String> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|p| p["in"] == "path")
                .map(|p| format!("{{{}}}", p["name"].as_str().unwrap()))
                .collect();
            let parts = route.path.split('/').filter(|part| part.starts_with('{'));
            let parts: BTreeSet<String> = parts.map(str::to_owned).collect();
            assert_eq!(named, parts, "{id}");
            let success = operation["responses"].as_object().unwrap().keys();
            assert!(success.into_iter().any(|s| s.starts_with('2')), "{id}");
        }
        let described: usize = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .map(|methods| methods.as_object().unwrap().len())
            .sum();
        assert_eq!(described, routes.len());
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_name_is_one_type() {
        let document = document(&routes());
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in &found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        // The generator tells two types of one name apart by a number.
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for name in schemas.keys() {
            assert!(!name.ends_with(char::is_numeric), "{name}");
        }
    }

    #[test]
    fn no_body_is_just_anything() {
        let document = document(&routes());
        for (path, methods) in document["paths"].as_object().unwrap() {
            for operation in methods.as_object().unwrap().values() {
                let mut contents = vec![&operation["requestBody"]["content"]];
                let responses = operation["responses"].as_object().unwrap();
                contents.extend(responses.values().map(|r| &r["content"]));
                for content in contents.into_iter().filter_map(Value::as_object) {
                    for (kind, body) in content {
                        let schema = body["schema"].as_object();
                        assert!(schema.is_some_and(|s| !s.is_empty()), "{path} {kind}");
                    }
                }
            }
        }
    }
}
