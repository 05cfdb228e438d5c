//! Events, discovery, and the company's own queries.

use emban_contract::dashboard::{
    Chart, Compare, Condition, FunnelStep, Granularity, Metric, Period, WidgetKind,
};
use emban_contract::discover::{AutoCreate, AutoCreated, Discovery};
use emban_contract::event::RawEvent;
use emban_contract::{ProblemCode, TenantId, UnixMillis};
use schemars::{JsonSchema, json_schema};
use serde_json::json;

use super::{idempotency, text};
use crate::openapi::operation::{Operation, Parameter, Tag};
use crate::openapi::schemas::of;
use crate::routes::{events, query, tenant_data};

/// Several events, or one by itself.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(
    dead_code,
    reason = "the body is read event by event; this is its documentation"
)]
enum EventsBody {
    /// Up to 1000 events.
    Several(Events),
    /// A lone event.
    One(RawEvent),
}

/// Up to 1000 events.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the body is read event by event; this is its documentation"
)]
struct Events {
    /// The events.
    #[schemars(length(max = emban_contract::limits::EVENTS_PER_REQUEST))]
    events: Vec<RawEvent>,
}

pub(crate) fn create_events() -> Operation {
    let lines = concat!(
        "{\"tenant_id\":\"acme\",\"event_name\":\"api.call\",\"event_id\":\"evt_3\"}\n",
        "{\"tenant_id\":\"acme\",\"event_name\":\"api.call\",\"event_id\":\"evt_4\"}\n",
    );
    let partial = "Keep the sound events of a request that holds bad ones.";
    Operation::new("createEvents", Tag::Events, "Takes events")
        .note(
            "200 means durable. At most 1000 events and 10 MiB decoded; `Content-Encoding` may be `gzip` or `zstd`. The \
             same `event_id` of the same tenant counts once, however often it is sent within a week.",
        )
        .parameter(Parameter::query("partial", of::<bool>(), partial))
        .parameter(idempotency())
        .takes_as(
            "application/json",
            of::<EventsBody>(),
            json!({ "events": [
                { "tenant_id": "acme", "event_name": "api.call", "event_id": "evt_1", "user_id": "u42",
                  "string_props": { "model": "m-1", "endpoint": "/chat" },
                  "numeric_props": { "tokens": 150, "latency_ms": 230 } },
                { "tenant_id": "acme", "event_name": "api.call", "event_id": "evt_2",
                  "timestamp": "2026-03-29T12:00:00Z" },
            ] }),
        )
        .takes_as("application/x-ndjson", text, json!(lines))
        .answers::<events::Accepted>(200, "The events are durable.")
        .refuses(&[ProblemCode::Conflict])
}

pub(crate) fn delete_tenant_data() -> Operation {
    Operation::new(
        "deleteTenantData",
        Tag::Events,
        "Erases everything that was accepted of a tenant so far",
    )
    .note("It goes on behind the answer; ask by `GET` how far it is. Events that come later live.")
    .path("tenant_id", of::<TenantId>(), json!("acme"))
    .answers::<tenant_data::ErasureBody>(202, "It has begun.")
    .refuses(&[ProblemCode::Invalid])
}

pub(crate) fn read_erasure() -> Operation {
    Operation::new(
        "readTenantDataErasure",
        Tag::Events,
        "How far the last erasure of a tenant is",
    )
    .path("tenant_id", of::<TenantId>(), json!("acme"))
    .answers::<tenant_data::ErasureBody>(200, "The erasure.")
    .refuses(&[ProblemCode::Invalid])
}

pub(crate) fn read_discovery() -> Operation {
    let days = Parameter::query(
        "days",
        |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": 3660, "default": 90 }),
        "How many days are looked at.",
    );
    Operation::new("readDiscovery", Tag::Discovery, "What was sent so far")
        .note("Names and numbers of every event and its properties, never a value of a tenant's.")
        .parameter(days.example(json!(30)))
        .answers::<Discovery>(200, "What was seen.")
}

pub(crate) fn create_from_discovery() -> Operation {
    Operation::new(
        "createFromDiscovery",
        Tag::Discovery,
        "Makes a draft dashboard of what was sent",
    )
    .note("409 when no such event was seen in the last 90 days.")
    .takes::<AutoCreate>(json!({ "name": "Usage", "event_names": ["api.call"] }))
    .answers::<AutoCreated>(201, "A draft that publishes as it is.")
    .refuses(&[ProblemCode::Conflict])
}

pub(crate) fn read_query() -> Operation {
    let query = Parameter::query;
    Operation::new("readQuery", Tag::Query, "One tenant's figures")
        .note(
            "The query of a widget in parameters. `kind` and `chart` follow from what is asked: steps of time with \
             `granularity`, groups with `group_by`, else one number.",
        )
        .parameter(query("tenant_id", of::<TenantId>(), "Whose figures.").required().example(json!("acme")))
        .parameter(query("event_name", text, "Which event.").example(json!("api.call")))
        .parameter(query("metric", of::<Metric>(), "The measure; `count` when not given."))
        .parameter(query("numeric_prop", text, "Which numeric property, for metrics that need one."))
        .parameter(
            query("group_by", of::<Vec<String>>(), "String properties, or `user_id`.")
                .commas()
                .example(json!(["model"])),
        )
        .parameter(query("period", of::<Period>(), "Length of time that ends with the running day, or hour.").example(json!("7d")))
        .parameter(query("from", of::<UnixMillis>(), "First instant, with `to`, instead of `period`."))
        .parameter(query("to", of::<UnixMillis>(), "First instant after."))
        .parameter(query("granularity", of::<Granularity>(), "Step of a time series."))
        .parameter(query("compare", of::<Compare>(), "The earlier period to compare with."))
        .parameter(query(
            "limit",
            |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": 1000 }),
            "Rows at most.",
        ))
        .parameter(query("second_metric", of::<Metric>(), "The second measure."))
        .parameter(query("second_numeric_prop", text, "Its numeric property."))
        .parameter(query("where", of::<Vec<Condition>>(), "Filters, joined by AND.").in_json())
        .parameter(query("numerator", of::<Vec<Condition>>(), "For the metric `ratio`.").in_json())
        .parameter(query("steps", of::<Vec<FunnelStep>>(), "Of a funnel or a conversion.").in_json())
        .parameter(query("window", of::<Period>(), "The time in which a user must pass all steps."))
        .parameter(query("kind", of::<WidgetKind>(), "Shape of the answer."))
        .parameter(query("chart", of::<Chart>(), "How it would be drawn."))
        .parameter(query("timezone", text, "IANA time zone of days and hours; UTC when not given."))
        .answers::<query::QueryBody>(200, "The figures, in the shape of their kind.")
}
