//! What one route takes and answers, in the words of its documentation.

mod parameter;

use std::collections::BTreeSet;

use emban_contract::ProblemCode;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::schemas::{Schemas, Subschema, of};
use crate::router::{Caller, Route};
pub(crate) use parameter::Parameter;
use parameter::Place;

/// Groups of routes, in the order of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Events,
    Discovery,
    Dashboards,
    Sessions,
    Embed,
    Query,
    Keys,
    Operation,
}

impl Tag {
    pub(super) const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Events, "Events", "What a company sends."),
        (
            Self::Discovery,
            "Discovery",
            "What was sent so far, and a dashboard made of it.",
        ),
        (
            Self::Dashboards,
            "Dashboards",
            "One definition for every tenant: a draft, and immutable versions of it.",
        ),
        (
            Self::Sessions,
            "Embed sessions",
            "Short-lived tokens: this tenant, this dashboard, these permissions.",
        ),
        (
            Self::Embed,
            "Embed",
            "What the token of a session reaches, at the edge as at the origin.",
        ),
        (
            Self::Query,
            "Query",
            "A tenant's figures for the company's own backend.",
        ),
        (Self::Keys, "Keys and audit", "Who may call, and who did."),
        (
            Self::Operation,
            "Operation",
            "For browsers, edges and supervisors.",
        ),
    ];

    fn name(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(tag, _, _)| *tag == self);
        found.map_or("", |(_, name, _)| name)
    }
}

const JSON: &str = "application/json";

/// What a request carries, in one of its forms.
struct Form {
    media_type: &'static str,
    schema: Subschema,
    example: Value,
}

/// A success.
struct Answer {
    status: u16,
    description: &'static str,
    content: Vec<(&'static str, Subschema)>,
    headers: Vec<(&'static str, &'static str)>,
}

/// One route in the words of its documentation.
pub struct Operation {
    id: &'static str,
    tag: Tag,
    summary: &'static str,
    note: &'static str,
    parameters: Vec<Parameter>,
    forms: Vec<Form>,
    answers: Vec<Answer>,
    codes: Vec<ProblemCode>,
    token_in_url: bool,
}

impl Operation {
    /// `id` names the operation in generated clients.
    pub(crate) fn new(id: &'static str, tag: Tag, summary: &'static str) -> Self {
        Self {
            id,
            tag,
            summary,
            note: "",
            parameters: Vec::new(),
            forms: Vec::new(),
            answers: Vec::new(),
            codes: Vec::new(),
            token_in_url: false,
        }
    }

    /// More than the summary says.
    pub(crate) fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// A part of the path.
    pub(crate) fn path(self, name: &'static str, schema: Subschema, example: Value) -> Self {
        let description = match name {
            "id" => "Which one.",
            "version" => "Which version.",
            "tenant_id" => "Whose.",
            _ => "Its name.",
        };
        self.parameter(Parameter::new(Place::Path, name, schema, description).example(example))
    }

    pub(crate) fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// A JSON body.
    pub(crate) fn takes<T: JsonSchema>(self, example: Value) -> Self {
        self.takes_as(JSON, of::<T>(), example)
    }

    /// A body in another notation, or in one more.
    pub(crate) fn takes_as(
        mut self,
        media_type: &'static str,
        schema: Subschema,
        example: Value,
    ) -> Self {
        self.forms.push(Form {
            media_type,
            schema,
            example,
        });
        self
    }

    pub(crate) fn answers<T: JsonSchema>(self, status: u16, description: &'static str) -> Self {
        self.answers_as(status, description, Some((JSON, of::<T>())))
    }

    pub(crate) fn answers_nothing(self, status: u16, description: &'static str) -> Self {
        self.answers_as(status, description, None)
    }

    /// A success in another notation.
    pub(crate) fn answers_as(
        mut self,
        status: u16,
        description: &'static str,
        content: Option<(&'static str, Subschema)>,
    ) -> Self {
        self.answers.push(Answer {
            status,
            description,
            content: content.into_iter().collect(),
            headers: Vec::new(),
        });
        self
    }

    /// One more notation of the success that was named last.
    pub(crate) fn or_as(mut self, media_type: &'static str, schema: Subschema) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.content.push((media_type, schema));
        }
        self
    }

    /// A header of the success that was named last.
    pub(crate) fn with_header(mut self, name: &'static str, description: &'static str) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.push((name, description));
        }
        self
    }

    /// Refusals that do not follow from who may call and what is taken.
    pub(crate) fn refuses(self, codes: &[ProblemCode]) -> Self {
        Self {
            codes: codes.to_vec(),
            ..self
        }
    }

    /// The credential may also stand in the URL, and a browser is answered with a page, whatever the status.
    pub(crate) fn opened_by_a_frame(self) -> Self {
        Self {
            token_in_url: true,
            ..self
        }
    }

    pub(super) fn describe(&self, route: &Route, schemas: &mut Schemas) -> Value {
        let mut members = Map::new();
        members.insert("operationId".to_owned(), self.id.into());
        members.insert("tags".to_owned(), json!([self.tag.name()]));
        members.insert("summary".to_owned(), self.summary.into());
        if !self.note.is_empty() {
            members.insert("description".to_owned(), self.note.into());
        }
        members.insert("security".to_owned(), self.security(route.caller));
        if !self.parameters.is_empty() {
            let parameters = self.parameters.iter().map(|p| p.describe(schemas));
            members.insert("parameters".to_owned(), parameters.collect());
        }
        if !self.forms.is_empty() {
            let form = |form: &Form| {
                let body = json!({ "schema": schemas.asked(form.schema), "example": form.example });
                (form.media_type.to_owned(), body)
            };
            let content: Map<String, Value> = self.forms.iter().map(form).collect();
            let body = json!({ "required": true, "content": content });
            members.insert("requestBody".to_owned(), body);
        }
        members.insert("responses".to_owned(), self.responses(route, schemas));
        members.into()
    }

    fn security(&self, caller: Caller) -> Value {
        match caller {
            Caller::AdminKey => json!([{ "key": ["admin"] }]),
            Caller::ReadKey => json!([{ "key": ["read"] }, { "key": ["admin"] }]),
            Caller::IngestKey => json!([{ "key": ["ingest"] }, { "key": ["admin"] }]),
            Caller::Session if self.token_in_url => {
                json!([{ "session": [] }, { "sessionInUrl": [] }])
            }
            Caller::Session => json!([{ "session": [] }]),
            Caller::EdgeSecret => json!([{ "edge": [] }]),
            Caller::Anyone => json!([]),
        }
    }

    fn responses(&self, route: &Route, schemas: &mut Schemas) -> Value {
        let mut responses = Map::new();
        for answer in &self.answers {
            let mut members = Map::new();
            members.insert("description".to_owned(), answer.description.into());
            let content = answer.content.iter().map(|(media_type, schema)| {
                let schema = json!({ "schema": schemas.answered(*schema) });
                ((*media_type).to_owned(), schema)
            });
            let content: Map<String, Value> = content.collect();
            if !content.is_empty() {
                members.insert("content".to_owned(), content.into());
            }
            if !answer.headers.is_empty() {
                let header = |(name, description): &(&str, &str)| {
                    let header = json!({ "description": description, "required": true, "schema": { "type": "string" } });
                    ((*name).to_owned(), header)
                };
                let headers: Map<String, Value> = answer.headers.iter().map(header).collect();
                members.insert("headers".to_owned(), headers.into());
            }
            responses.insert(answer.status.to_string(), members.into());
        }
        for status in self.refusals(route.caller) {
            let page = if self.token_in_url { "Page" } else { "" };
            let reference = format!("#/components/responses/{}{page}", name_of(status));
            responses.insert(status.to_string(), json!({ "$ref": reference }));
        }
        responses.into()
    }

    /// Statuses of refusals: those that follow from who may call and what is taken, and those that were named.
    fn refusals(&self, caller: Caller) -> BTreeSet<u16> {
        let mut statuses: BTreeSet<u16> = self.codes.iter().map(|code| code.status()).collect();
        statuses.extend([500, 503]);
        match caller {
            Caller::AdminKey | Caller::ReadKey | Caller::IngestKey => {
                statuses.extend([401, 403, 429]);
            }
            // A dashboard that went offline takes its sessions along.
            Caller::Session => statuses.extend([401, 403, 409, 429]),
            Caller::EdgeSecret => statuses.extend([401]),
            Caller::Anyone => {}
        }
        for parameter in &self.parameters {
            match parameter.place {
                Place::Path => statuses.extend([400, 404]),
                Place::Query => statuses.extend([400, 422]),
                Place::Header => {}
            }
        }
        if !self.forms.is_empty() {
            statuses.extend([400, 413, 415, 422]);
        }
        statuses
    }
}

/// The name of a status, as components have it.
pub(super) fn name_of(status: u16) -> &'static str {
    match status {
        400 => "Malformed",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        409 => "Conflict",
        412 => "PreconditionFailed",
        413 => "TooLarge",
        415 => "UnsupportedMediaType",
        422 => "Invalid",
        429 => "RateLimited",
        503 => "Unavailable",
        _ => "Internal",
    }
}
