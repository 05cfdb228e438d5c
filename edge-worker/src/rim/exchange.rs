//! One request, read as far as it is needed.

use std::cell::OnceCell;

use emban_contract::{UnixMillis, refusal_page};
use emban_session::VerifiedSession;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, WorkerGlobalScope};

use crate::ask::BODY_BYTES;
use crate::cors;
use crate::head::RequestHead;
use crate::headers::is_json;
use crate::problem::Problem;
use crate::route::Route;
use crate::token;

/// A request on its way to an answer.
pub(super) struct Exchange {
    request: Request,
    pub(super) head: RequestHead,
    /// The body, when it was short enough to be read before anything else.
    read_ahead: Option<Vec<u8>>,
    /// When it arrived.
    pub(super) arrived: UnixMillis,
    route: &'static str,
    head_only: bool,
    /// Whether a page of another origin may call this route at all.
    cross_origin: bool,
    /// Whether the page that asks has turned out to be one that may not read the answer.
    refused_reader: bool,
    /// Whether the client may get a page for people when it is refused.
    page_allowed: bool,
    request_id: OnceCell<String>,
}

impl Exchange {
    pub(super) fn new(
        request: Request,
        head: RequestHead,
        read_ahead: Option<Vec<u8>>,
        arrived: UnixMillis,
    ) -> Self {
        Self {
            request,
            head,
            read_ahead,
            arrived,
            route: "none",
            head_only: false,
            cross_origin: false,
            refused_reader: false,
            page_allowed: false,
            request_id: OnceCell::new(),
        }
    }

    /// A header that few requests are asked for.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// Whether Cloudflare's network, or wrangler in its place, stands between the client and this Worker: it then says so
    /// in `request.cf.colo`, names encodings of its own, and turns answers into those that the client takes.
    pub(super) fn is_behind_network(&self) -> bool {
        let member = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into());
        member(&self.request, "cf")
            .and_then(|cf| member(&cf, "colo"))
            .is_ok_and(|colo| colo.is_truthy())
    }

    /// Remembers what the routing table said.
    pub(super) fn found(&mut self, route: &'static str, head_only: bool) {
        self.route = route;
        self.head_only = head_only;
    }

    /// A frame shows what it is sent, a refusal included: from here on that is a page, if the client takes one.
    pub(super) fn allow_page(&mut self) {
        self.page_allowed = true;
    }

    /// Whether the client is to get a page for people when it is refused.
    pub(super) fn wants_page(&self) -> bool {
        self.page_allowed && refusal_page::wants_page(self.header("accept").as_deref())
    }

    pub(super) fn route_name(&self) -> &'static str {
        self.route
    }

    /// Whether only headers are wanted.
    pub(super) fn is_head(&self) -> bool {
        self.head_only
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
    pub(super) fn token(&self, route: &Route) -> Result<&str, Problem> {
        if let Some(header) = self.head.authorization() {
            return token::bearer(header)
                .ok_or(Problem::unauthorized("authorization is not a bearer token"));
        }
        let in_query = if matches!(route, Route::Document(_)) {
            token::in_query(self.head.query())
        } else {
            None
        };
        in_query.ok_or(Problem::unauthorized("there is no token"))
    }

    /// From here on the page that asks may read the answer, a problem document included: without one a script could
    /// not tell an expired session from a network that is down.
    pub(super) fn allow_reading(&mut self) {
        self.cross_origin = true;
    }

    /// Refuses a page that the session does not allow. It cannot even read that it is refused.
    pub(super) fn check_reader(&mut self, session: &VerifiedSession) -> Result<(), Problem> {
        let allowed = self.reader().is_none_or(|reader| {
            cors::allows(session.permissions(), reader, self.head.own_origin())
        });
        if allowed {
            return Ok(());
        }
        self.refused_reader = true;
        Err(Problem::refused_origin())
    }

    /// The origin of the page whose script asks, when it may read the answer.
    pub(super) fn reader(&self) -> Option<&str> {
        if self.cross_origin && !self.refused_reader {
            self.head.origin()
        } else {
            None
        }
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

    /// The body of a POST, as long as it is declared as JSON, when it was read ahead.
    pub(super) fn body_at_once(&self) -> Option<&[u8]> {
        self.check_kind().ok()?;
        self.read_ahead.as_deref()
    }

    /// The body of a POST, as long as it is declared as JSON and within the limit.
    pub(super) async fn body(&mut self) -> Result<Vec<u8>, Problem> {
        self.check_kind()?;
        if let Some(body) = self.read_ahead.take() {
            return Ok(body);
        }
        let declared = self
            .header("content-length")
            .and_then(|length| length.parse::<usize>().ok());
        if declared.is_some_and(|length| length > BODY_BYTES) {
            return Err(Problem::too_large(BODY_BYTES));
        }
        self.streamed_body().await
    }

    fn check_kind(&self) -> Result<(), Problem> {
        match self.head.content_type() {
            Some(kind) if !is_json(kind) => Err(Problem::unsupported_media_type()),
            Some(_) | None => Ok(()),
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
