//! OpenTelemetry, when it is configured: one span a request, as a child of the caller's, to a collector over HTTP.
//!
//! A span holds the method, the route, the status and the request's id: never a path, a query, a tenant or a credential.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{
    ExporterBuildError, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider,
};
use ureq::Agent;

use crate::extract::request_id;

/// How long a span waits for others that travel with it.
const BATCH_EVERY: Duration = Duration::from_secs(2);
/// A collector that takes longer has lost the batch.
const PATIENCE: Duration = Duration::from_secs(10);

/// The way to a collector. Cheap to clone.
#[derive(Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// Spans go to `url`, such as `http://collector:4318`, in the background.
    ///
    /// Errors: a URL that is none.
    pub fn new(url: &str) -> Result<Self, ExporterBuildError> {
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .build();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client(agent.into()))
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(format!("{url}/v1/traces"))
            .build()?;
        let batches = BatchConfigBuilder::default()
            .with_scheduled_delay(BATCH_EVERY)
            .build();
        let processor = BatchSpanProcessor::builder(exporter)
            .with_batch_config(batches)
            .build();
        let resource = Resource::builder_empty()
            .with_service_name("emban-origin")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("emban");
        Ok(Self { provider, tracer })
    }

    /// Sends what waits. Blocks, for ten seconds at most.
    pub fn stop(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(PATIENCE) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// One span a request.
pub(crate) async fn layer(
    State(traces): State<Option<Traces>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(traces) = traces else {
        return next.run(request).await;
    };
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("unknown", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let headers = HeaderExtractor(request.headers());
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
    let mut attributes = vec![
        KeyValue::new("http.request.method", method.clone()),
        KeyValue::new("http.route", route.clone()),
    ];
    attributes.extend(request_id::current().map(|id| KeyValue::new("emban.request_id", id)));
    let mut span = traces
        .tracer
        .span_builder(format!("{method} {route}"))
        .with_kind(SpanKind::Server)
        .with_attributes(attributes)
        .start_with_context(&traces.tracer, &parent);
    let response = next.run(request).await;
    let status = response.status();
    span.set_attribute(KeyValue::new(
        "http.response.status_code",
        i64::from(status.as_u16()),
    ));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    span.end();
    response
}

/// The exporter calls from a thread of its own, which may block.
#[derive(Debug)]
struct Client(Agent);

impl HttpClient for Client {
    fn send_bytes<'a, 'f>(
        &'a self,
        request: http::Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, HttpError>> + Send + 'f>>
    where
        'a: 'f,
        Self: 'f,
    {
        let sent = self.0.run(request.map(|body| body.to_vec()));
        Box::pin(std::future::ready(sent.map_err(HttpError::from).and_then(
            |response| {
                let (parts, mut body) = response.into_parts();
                let body = body.read_to_vec()?;
                Ok(http::Response::from_parts(parts, body.into()))
            },
        )))
    }
}
