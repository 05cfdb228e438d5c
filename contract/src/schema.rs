//! JSON Schemas of the wire types that are read and written by hand.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::dashboard::{Period, WidgetKind};
use crate::event::UniqueMap;
use crate::{
    DashboardId, EnvironmentName, OrganisationId, SessionId, TenantId, UnixMillis, WidgetId,
};

macro_rules! id_schemas {
    ($($name:ident, $description:literal;)*) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": Self::PATTERN, "description": $description })
            }
        }
    )*};
}

id_schemas! {
    TenantId, "One customer of the company: opaque, case-sensitive, 1 to 256 bytes of UTF-8, no control characters.";
    DashboardId, "A dashboard.";
    SessionId, "An embed session.";
    WidgetId, "A widget of a dashboard.";
    OrganisationId, "The company that runs Emban.";
    EnvironmentName, "`production`, `development`, … of one organisation.";
}

impl JsonSchema for UnixMillis {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "DateTime".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[1-9][0-9]{0,3}[hdwmy]$",
            "description": "A length of time up to the end of the running day, or of the running hour for hours: `30d` is today and the 29 days before it in the zone of the session, `24h` the running hour and the 23 before it; `12m` counts months.",
        })
    }
}

impl<V: JsonSchema> JsonSchema for UniqueMap<V> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Properties of {}", V::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let values = generator.subschema_for::<V>();
        json_schema!({ "type": ["object", "null"], "additionalProperties": values })
    }
}

/// Says which charts draw which kind, and that only a text asks nothing.
pub(crate) fn pair_kind_and_chart(schema: &mut Schema) {
    let kinds = [
        WidgetKind::Kpi,
        WidgetKind::Timeseries,
        WidgetKind::Breakdown,
        WidgetKind::Table,
        WidgetKind::Heatmap,
        WidgetKind::Text,
    ];
    let rules: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            let mut then = serde_json::json!({ "properties": { "chart": { "enum": kind.charts() } } });
            if kind != WidgetKind::Text
                && let Some(then) = then.as_object_mut()
            {
                then.insert("required".to_owned(), serde_json::json!(["query"]));
                // As for every member that may be left out, null would be as good as nothing.
                if let Some(Value::Object(members)) = then.get_mut("properties") {
                    members.insert("query".to_owned(), serde_json::json!({ "type": "object" }));
                }
            }
            serde_json::json!({ "if": { "properties": { "kind": { "const": kind } } }, "then": then })
        })
        .collect();
    schema.insert("allOf".to_owned(), rules.into());
}
