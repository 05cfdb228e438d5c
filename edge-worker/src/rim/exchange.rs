//! One request, read as far as it is needed.

use std::cell::OnceCell;

use emban_contract::UnixMillis;
use emban_session::VerifiedSession;
use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Request, WorkerGlobalScope};

use super::isolate::now;
use crate::ask::BODY_BYTES;
use crate::cors;
use crate::headers::is_json;
use crate::problem::Problem;
use crate::route::Route;
use crate::token;

/// A request on its way to an answer.
pub(super) struct Exchange {
    request: Request,
    headers: Headers,
    method: String,
    url: String,
    /// Where the path begins in the URL, and where it ends.
    path: (usize, usize),
    /// When it arrived.
    pub(super) arrived: UnixMillis,
    route: &'static str,
    head: bool,
    /// The origin of the page whose script asks, when it may read the answer.
    reader: Option<String>,
    cross_origin: bool,
    request_id: OnceCell<String>,
}

impl Exchange {
    pub(super) fn new(request: Request) -> Self {
        let (headers, method, url) = (request.headers(), request.method(), request.url());
        let host = url.find("://").map_or(0, |at| at + 3);
        let start = url
            .get(host..)
            .and_then(|rest| rest.find('/'))
            .map_or(url.len(), |at| host + at);
        let end = url
            .get(start..)
            .and_then(|rest| rest.find(['?', '#']))
            .map_or(url.len(), |at| start + at);
        Self {
            request,
            headers,
            method,
            url,
            path: (start, end),
            arrived: now(),
            route: "none",
            head: false,
            reader: None,
            cross_origin: false,
            request_id: OnceCell::new(),
        }
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn path(&self) -> &str {
        self.url.get(self.path.0..self.path.1).unwrap_or_default()
    }

    /// The query string without its question mark.
    pub(super) fn query(&self) -> &str {
        self.url
            .get(self.path.1..)
            .and_then(|rest| rest.strip_prefix('?'))
            .unwrap_or_default()
    }

    /// Scheme, host and port under which this edge was called.
    pub(super) fn own_origin(&self) -> &str {
        self.url.get(..self.path.0).unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }

    /// Remembers what the routing table said.
    pub(super) fn found(&mut self, route: &'static str, head: bool) {
        self.route = route;
        self.head = head;
    }

    pub(super) fn route_name(&self) -> &'static str {
        self.route
    }

    /// Whether only headers are wanted.
    pub(super) fn is_head(&self) -> bool {
        self.head
    }

    /// Names this request in the logs of the edge and of the origin.
    pub(super) fn request_id(&self) -> String {
        let fresh = || {
            let global: WorkerGlobalScope = js_sys::global().unchecked_into();
            global
                .crypto()
                .map_or_else(|_| "unnamed".to_owned(), |crypto| crypto.random_uuid())
        };
        self.request_id.get_or_init(fresh).clone()
    }

    /// The session's token: in the `Authorization` header, or in the query of a document, and nowhere else.
    pub(super) fn token(&self, route: &Route) -> Result<String, Problem> {
        if let Some(header) = self.header("authorization") {
            let token = token::bearer(&header)
                .ok_or(Problem::unauthorized("authorization is not a bearer token"))?;
            return Ok(token.to_owned());
        }
        let in_query = if matches!(route, Route::Document(_)) {
            token::in_query(self.query())
        } else {
            None
        };
        in_query
            .map(str::to_owned)
            .ok_or(Problem::unauthorized("there is no token"))
    }

    /// From here on the page that asks may read the answer, a problem document included: without one a script could
    /// not tell an expired session from a network that is down.
    pub(super) fn allow_reading(&mut self) {
        self.cross_origin = true;
        self.reader = self.header("origin");
    }

    /// Refuses a page that the session does not allow. It cannot even read that it is refused.
    pub(super) fn check_reader(&mut self, session: &VerifiedSession) -> Result<(), Problem> {
        let Some(reader) = &self.reader else {
            return Ok(());
        };
        if cors::allows(session.permissions(), reader, self.own_origin()) {
            return Ok(());
        }
        self.reader = None;
        Err(Problem::refused_origin())
    }

    /// The origin that may read the answer.
    pub(super) fn reader(&self) -> Option<&str> {
        self.reader.as_deref()
    }

    /// The headers that tell the browser so.
    pub(super) fn cors(&self) -> Vec<(&'static str, &str)> {
        let mut list = Vec::new();
        if self.cross_origin {
            list.push(("vary", "origin"));
        }
        if let Some(reader) = self.reader() {
            list.push(("access-control-allow-origin", reader));
            list.push(("access-control-expose-headers", cors::EXPOSED_HEADERS));
        }
        list
    }

    /// The body of a POST, as long as it is declared as JSON and within the limit.
    pub(super) async fn body(&self) -> Result<Vec<u8>, Problem> {
        if self
            .header("content-type")
            .is_some_and(|kind| !is_json(&kind))
        {
            return Err(Problem::unsupported_media_type());
        }
        let declared = self
            .header("content-length")
            .and_then(|length| length.parse::<usize>().ok());
        match declared {
            Some(length) if length > BODY_BYTES => Err(Problem::too_large(BODY_BYTES)),
            // The runtime holds a body to its declared length.
            Some(_) => {
                let unreadable = |_| Problem::malformed("The body could not be read.");
                let promise = self.request.array_buffer().map_err(unreadable)?;
                Ok(Uint8Array::new(&JsFuture::from(promise).await.map_err(unreadable)?).to_vec())
            }
            None => self.streamed_body().await,
        }
    }

    /// A body of unknown length, read no further than the limit.
    async fn streamed_body(&self) -> Result<Vec<u8>, Problem> {
        let unreadable = |_| Problem::malformed("The body could not be read.");
        let Some(stream) = self.request.body() else {
            return Ok(Vec::new());
        };
        let reader: web_sys::ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
        let mut body = Vec::new();
        loop {
            let step = JsFuture::from(reader.read()).await.map_err(unreadable)?;
            let part = |name: &str| js_sys::Reflect::get(&step, &name.into()).map_err(unreadable);
            if part("done")?.is_truthy() {
                return Ok(body);
            }
            body.extend(Uint8Array::new(&part("value")?).to_vec());
            if body.len() > BODY_BYTES {
                return Err(Problem::too_large(BODY_BYTES));
            }
        }
    }
}
