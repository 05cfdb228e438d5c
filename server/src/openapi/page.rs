//! The OpenAPI document as a page for people: one file without a script, so that it works offline and under a policy
//! that allows nothing but its own style.

mod shape;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use shape::{Shape, escape, prose};

const STYLE: &str = include_str!("../../../www/docs/page.css");

/// `Content-Security-Policy` of the page.
pub(crate) static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// An operation with its place.
struct Entry<'d> {
    method: String,
    path: &'d str,
    members: &'d Map<String, Value>,
}

impl Entry<'_> {
    fn text(&self, name: &str) -> &str {
        self.members.get(name).and_then(Value::as_str).unwrap_or("")
    }

    fn is_of(&self, tag: &str) -> bool {
        self.members
            .get("tags")
            .and_then(|tags| tags.get(0))
            .is_some_and(|first| first == tag)
    }
}

/// Writes the page of a document. Pure.
pub(crate) fn page(document: &Value) -> String {
    let entries = entries(document);
    let tags: Vec<(&str, &str)> = list(document, "/tags")
        .iter()
        .map(|tag| (text(tag, "name"), text(tag, "description")))
        .collect();
    let version = document.pointer("/info/version").and_then(Value::as_str);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Emban API</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>{STYLE}</style></head><body>\
         <nav aria-label=\"Routes\"><a class=\"skip\" href=\"#top\">To the text</a><p><strong>Emban API</strong> \
         <span class=\"soft\">{}</span><br><a href=\"/openapi.json\">openapi.json</a></p>",
        escape(version.unwrap_or_default())
    );
    for (tag, _) in &tags {
        let links = entries.iter().filter(|entry| entry.is_of(tag)).map(link);
        let links: String = links.collect();
        html += &format!("<p><strong>{}</strong></p><ul>{links}</ul>", escape(tag));
    }
    html += "<p><strong><a href=\"#types\">Types</a></strong></p></nav><main id=\"top\"><h1>Emban API</h1>";
    html += &format!("<p>{}</p>", prose(text(document, "/info/description")));
    html += &credentials(document);
    for (tag, description) in &tags {
        html += &format!("<h2>{}</h2><p>{}</p>", escape(tag), prose(description));
        for entry in entries.iter().filter(|entry| entry.is_of(tag)) {
            html += &operation(document, entry);
        }
    }
    html += &types(document);
    html + "</main></body></html>\n"
}

fn entries(document: &Value) -> Vec<Entry<'_>> {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut entries = Vec::new();
    for (path, methods) in paths.into_iter().flatten() {
        for (method, members) in methods.as_object().into_iter().flatten() {
            entries.extend(members.as_object().map(|members| Entry {
                method: method.to_ascii_uppercase(),
                path,
                members,
            }));
        }
    }
    entries
}

fn link(entry: &Entry<'_>) -> String {
    let (id, summary) = (entry.text("operationId"), entry.text("summary"));
    format!(
        "<li><a href=\"#{}\">{}</a></li>",
        escape(id),
        prose(summary)
    )
}

fn credentials(document: &Value) -> String {
    let schemes = document.pointer("/components/securitySchemes");
    let schemes = schemes.and_then(Value::as_object);
    let rows = schemes.into_iter().flatten().map(|(name, scheme)| {
        format!(
            "<tr><td><code>{}</code></td><td>{}</td></tr>",
            escape(name),
            prose(text(scheme, "description"))
        )
    });
    let rows: String = rows.collect();
    format!(
        "<h2>Credentials</h2><table><thead><tr><th>Name</th><th>What</th></tr></thead><tbody>{rows}</tbody></table>"
    )
}

fn operation(document: &Value, entry: &Entry<'_>) -> String {
    let id = escape(entry.text("operationId"));
    let mut html = format!(
        "<article id=\"{id}\"><h3><span class=\"method\">{}</span> {}</h3><p>{}</p>",
        entry.method,
        escape(entry.path),
        prose(entry.text("summary"))
    );
    let note = entry.text("description");
    if !note.is_empty() {
        html += &format!("<p class=\"soft\">{}</p>", prose(note));
    }
    html += &format!("<p class=\"soft\">Credential: {}</p>", callers(entry));
    html += &parameters(entry);
    html += &body(entry);
    html += &answers(document, entry);
    html + "</article>"
}

/// Who may call, in words.
fn callers(entry: &Entry<'_>) -> String {
    let ways = entry.members.get("security").and_then(Value::as_array);
    let mut words = Vec::new();
    for way in ways.into_iter().flatten() {
        for (scheme, roles) in way.as_object().into_iter().flatten() {
            let role = roles.get(0).and_then(Value::as_str);
            words.push(match role {
                Some(role) => format!(
                    "<code>{}</code> of scope <code>{}</code>",
                    escape(scheme),
                    escape(role)
                ),
                None => format!("<code>{}</code>", escape(scheme)),
            });
        }
    }
    match words.is_empty() {
        true => "none".to_owned(),
        false => words.join(" or "),
    }
}

fn parameters(entry: &Entry<'_>) -> String {
    let Some(parameters) = entry.members.get("parameters").and_then(Value::as_array) else {
        return String::new();
    };
    let mut rows = String::new();
    for parameter in parameters {
        let schema = parameter
            .get("schema")
            .or_else(|| parameter.pointer("/content/application~1json/schema"));
        let as_json = if parameter.get("content").is_some() {
            " as JSON"
        } else {
            ""
        };
        let required = match parameter.get("required") {
            Some(Value::Bool(true)) => ", required",
            _ => "",
        };
        rows += &format!(
            "<tr><td><code>{}</code></td><td>{}{as_json}, in the {}{required}</td><td>{}</td></tr>",
            escape(text(parameter, "name")),
            schema
                .map(|schema| Shape(schema).word())
                .unwrap_or_default(),
            escape(text(parameter, "in")),
            prose(text(parameter, "description"))
        );
    }
    format!(
        "<h4>Parameters</h4><table><thead><tr><th>Name</th><th>Type</th><th>What</th></tr></thead><tbody>{rows}</tbody></table>"
    )
}

fn body(entry: &Entry<'_>) -> String {
    let forms = entry
        .members
        .get("requestBody")
        .and_then(|body| body.get("content"));
    let mut html = String::new();
    for (media_type, form) in forms.and_then(Value::as_object).into_iter().flatten() {
        let word = form.get("schema").map(|schema| Shape(schema).word());
        html += &format!(
            "<h4>Body, {}</h4><p>{}</p>",
            escape(media_type),
            word.unwrap_or_default()
        );
        let example = match form.get("example") {
            Some(Value::String(text)) => text.clone(),
            Some(example) => format!("{example:#}"),
            None => continue,
        };
        html += &format!("<pre tabindex=\"0\">{}</pre>", escape(&example));
    }
    html
}

fn answers(document: &Value, entry: &Entry<'_>) -> String {
    let responses = entry.members.get("responses").and_then(Value::as_object);
    let mut rows = String::new();
    for (status, response) in responses.into_iter().flatten() {
        let reference = response.get("$ref").and_then(Value::as_str);
        let named = reference.and_then(|r| document.pointer(r.strip_prefix('#')?));
        let described = named.unwrap_or(response);
        let contents = described.get("content").and_then(Value::as_object);
        let mut words = Vec::new();
        for (media_type, content) in contents.into_iter().flatten() {
            let word = content.get("schema").map(|schema| Shape(schema).word());
            let word = word.unwrap_or_default();
            words.push(match media_type.as_str() {
                "application/json" => word,
                other => format!("{word} <span class=\"soft\">{}</span>", escape(other)),
            });
        }
        let description = prose(text(described, "description"));
        rows += &format!(
            "<tr><td>{}</td><td>{description}</td><td>{}</td></tr>",
            escape(status),
            words.join(", ")
        );
    }
    format!(
        "<h4>Answers</h4><table><thead><tr><th>Status</th><th>What</th><th>Body</th></tr></thead><tbody>{rows}</tbody></table>"
    )
}

fn types(document: &Value) -> String {
    let schemas = document.pointer("/components/schemas");
    let mut html = "<h2 id=\"types\">Types</h2>".to_owned();
    for (name, schema) in schemas.and_then(Value::as_object).into_iter().flatten() {
        let name = escape(name);
        html += &format!(
            "<article id=\"type-{name}\"><h3>{name}</h3>{}</article>",
            Shape(schema).whole()
        );
    }
    html
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.map_or(&[], Vec::as_slice)
}

/// A member, or what a pointer leads to.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    let member = match name.starts_with('/') {
        true => value.pointer(name),
        false => value.get(name),
    };
    member.and_then(Value::as_str).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::document;
    use crate::router::routes;

    #[test]
    fn the_page_shows_every_operation_and_type_and_loads_nothing() {
        let document = document(&routes());
        let html = page(&document);
        for entry in entries(&document) {
            let anchor = format!("<article id=\"{}\">", entry.text("operationId"));
            assert!(html.contains(&anchor), "{anchor}");
        }
        let schemas = document.pointer("/components/schemas").unwrap();
        for name in schemas.as_object().unwrap().keys() {
            assert!(
                html.contains(&format!("<article id=\"type-{name}\">")),
                "{name}"
            );
        }
        for link in html.split("href=\"#").skip(1) {
            let target = link.split('"').next().unwrap();
            assert!(html.contains(&format!("id=\"{target}\"")), "{target}");
        }
        for bad in [
            "<script", " src=", "http://", "https://", " style=", "on=\"",
        ] {
            assert!(!html.contains(bad), "{bad}");
        }
    }

    #[test]
    fn what_stands_in_a_document_never_becomes_markup() {
        let evil = "<img onerror=x>`<b>`\"&";
        let document = serde_json::json!({
            "info": { "description": evil, "version": evil },
            "tags": [{ "name": evil, "description": evil }],
            "paths": { evil: { "get": {
                "operationId": evil, "summary": evil, "tags": [evil], "security": [{ evil: [evil] }],
                "parameters": [{ "name": evil, "in": evil, "description": evil, "schema": { "type": evil, "pattern": evil } }],
                "requestBody": { "content": { evil: { "schema": { "$ref": evil }, "example": evil } } },
                "responses": { evil: { "description": evil } },
            } } },
            "components": { "schemas": { evil: { "properties": { evil: { "const": evil } }, "description": evil } } },
        });
        let html = page(&document);
        assert!(!html.contains("<img") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;img onerror=x&gt;"));
    }
}
