//! One session on the screen: its token, its requests, its end.

mod questions;
mod renewal;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use emban_contract::ProblemCode;
use emban_contract::embed::Surface;
use emban_paint::{Choice, Language};
use web_sys::AbortController;

use super::emitter::Emitter;
use super::timer::{Timer, now, now_ms};
use crate::embed_url::{EmbedUrl, is_meant_for_others};
use crate::json::Json;
use crate::protocol::{Inbound, Outbound, Refusal, Themed};
use crate::refresh_clock::RefreshClock;
use crate::session_clock::SessionClock;
use crate::state::{Dashboard, Effect, Status};
use crate::wire;

/// The rim of one dashboard.
pub(super) struct Session {
    me: Weak<Self>,
    dashboard: RefCell<Option<Rc<Dashboard>>>,
    emitter: Emitter,
    credentials: RefCell<Option<EmbedUrl>>,
    get_session: Option<js_sys::Function>,
    /// Counts sessions. Whatever was asked under an older number is dropped when it arrives.
    generation: Cell<u32>,
    /// Counts questions for all figures; only the answer to the last is drawn.
    question: Cell<u32>,
    /// Gives up everything of the generation.
    all: RefCell<Option<AbortController>>,
    /// Gives up the last question.
    last: RefCell<Option<AbortController>>,
    clock: RefCell<Option<SessionClock>>,
    refresh: RefCell<RefreshClock>,
    timer: RefCell<Option<Timer>>,
    /// Counts what the host was asked for a session.
    attempts: Cell<u32>,
    /// The one whose answer is waited for.
    waiting: Cell<Option<u32>>,
    /// Ends the wait for a host that never answers.
    patience: RefCell<Option<Timer>>,
    failures: Cell<u32>,
    next_try_ms: Cell<f64>,
    hidden_since_ms: Cell<Option<f64>>,
    ready: Cell<bool>,
}

impl Session {
    pub(super) fn new(
        emitter: Emitter,
        credentials: Option<EmbedUrl>,
        get_session: Option<js_sys::Function>,
    ) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            me: me.clone(),
            dashboard: RefCell::new(None),
            emitter,
            credentials: RefCell::new(credentials),
            get_session,
            generation: Cell::new(0),
            question: Cell::new(0),
            all: RefCell::new(AbortController::new().ok()),
            last: RefCell::new(None),
            clock: RefCell::new(None),
            refresh: RefCell::new(RefreshClock::default()),
            timer: RefCell::new(None),
            attempts: Cell::new(0),
            waiting: Cell::new(None),
            patience: RefCell::new(None),
            failures: Cell::new(0),
            next_try_ms: Cell::new(0.0),
            hidden_since_ms: Cell::new(None),
            ready: Cell::new(false),
        })
    }

    /// Joins the session and its dashboard, which need each other.
    pub(super) fn attach(&self, dashboard: &Rc<Dashboard>) {
        self.dashboard.replace(Some(Rc::clone(dashboard)));
    }

    /// The dashboard, while the session is not destroyed.
    fn dashboard(&self) -> Option<Rc<Dashboard>> {
        (self.generation.get() != u32::MAX)
            .then(|| self.dashboard.borrow().clone())
            .flatten()
    }

    /// Draws what the document brought, or asks.
    pub(super) fn start(&self, boot: Option<&str>) {
        let boot = boot.and_then(Json::parse).and_then(|boot| {
            Some((
                wire::surface(boot.get("surface"))?,
                wire::answer(boot.get("answer"))?,
            ))
        });
        let (Some((surface, answer)), Some(dashboard)) = (boot, self.dashboard()) else {
            self.begin();
            return;
        };
        // Filters that the host gave before the first drawing were not known to the server.
        let asked = dashboard.choice.get_untracked();
        dashboard.choice.set(Choice::default());
        self.take_surface(surface);
        dashboard.apply_answer(answer, &dashboard.choice.get_untracked(), now());
        self.announce_ready();
        if asked != Choice::default() {
            dashboard.host_filters(asked);
        }
    }

    /// Follows an effect of the dashboard.
    pub(super) fn follow(&self, effect: Effect) {
        match effect {
            Effect::Query { widgets, caches } => self.ask(widgets, caches),
            Effect::Values => self.ask_values(),
            Effect::Rows => self.ask_rows(),
            Effect::Save(widget) => self.save(widget),
            Effect::Restart => self.begin(),
            Effect::Emit(message) => self.emit(&message),
        }
    }

    /// Tells the host.
    pub(super) fn emit(&self, message: &Outbound) {
        let surface = self.dashboard().and_then(|d| d.surface.get_untracked());
        self.emitter.emit(
            message,
            surface.as_ref().and_then(|s| s.allowed_origins.as_deref()),
        );
    }

    /// Takes a message from the window above.
    pub(super) fn receive(&self, origin: &str, message: Result<Inbound, Refusal>) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        // No comparison: its code for everything that a message may hold is longer than what is read here.
        if matches!(message, Err(Refusal::NotOurs)) {
            return;
        }
        let allowed = dashboard
            .surface
            .with_untracked(|s| s.as_ref().and_then(|s| s.allowed_origins.clone()));
        if !self.emitter.accepts(origin, allowed.as_deref()) {
            return;
        }
        match message {
            Ok(Inbound::SetFilters(filters)) => dashboard.host_filters(filters),
            Ok(Inbound::SetTheme(theme)) => self.set_theme(theme),
            Ok(Inbound::Reload) => dashboard.reload(),
            Ok(Inbound::SetSession(url)) => self.swap_text(&url),
            Err(Refusal::Malformed(why)) => self.refuse(why),
            Err(Refusal::NotOurs) => {}
        }
    }

    /// Takes the filters of the script that mounted the dashboard.
    pub(super) fn set_filters(&self, filters: Result<Choice, Refusal>) {
        match (filters, self.dashboard()) {
            (Ok(filters), Some(dashboard)) => dashboard.host_filters(filters),
            (Err(Refusal::Malformed(why)), _) => self.refuse(why),
            (Err(Refusal::NotOurs), _) | (Ok(_), None) => {}
        }
    }

    /// Takes the colours of the host, and names those that cannot be read. Where none can, what was there stays.
    pub(super) fn set_theme(&self, (change, unread): Themed) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        dashboard.refuses(ProblemCode::Malformed, "theme: cannot read ", &unread);
        if let Some(change) = change {
            dashboard.host_theme(change);
        }
    }

    /// Fetches fresh data under the same session.
    pub(super) fn reload(&self) {
        if let Some(dashboard) = self.dashboard() {
            dashboard.reload();
        }
    }

    /// The connection is back: what failed for want of one is asked for again.
    pub(super) fn back_online(&self) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        match dashboard.status.get_untracked() {
            Status::Failed(None) => dashboard.restart(),
            Status::Ready if dashboard.is_offline() => dashboard.refresh(),
            Status::Ready | Status::Loading | Status::Expired | Status::Failed(Some(_)) => {}
        }
    }

    /// Reports something of the host's that cannot be followed.
    pub(super) fn refuse(&self, message: String) {
        self.emit(&Outbound::Error {
            code: "malformed".to_owned(),
            message,
        });
    }

    /// Swaps the session for the one that an address opens. One that cannot be followed leaves what is shown, unless it was
    /// meant for other data.
    pub(super) fn swap_text(&self, text: &str) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        let url = EmbedUrl::parse(text).filter(EmbedUrl::is_readable);
        let (mut elsewhere, mut leaves) = (false, false);
        if let Some(old) = self.credentials.borrow().as_ref() {
            elsewhere = url.as_ref().is_some_and(|url| url.origin != old.origin);
            leaves = is_meant_for_others(text, &old.token);
        }
        // Another origin is another installation. A document's policy lets it reach its own only; a script may yet find the
        // right one while nothing is shown.
        let bound = matches!(self.emitter, Emitter::Frame { .. })
            || dashboard.surface.with_untracked(Option::is_some);
        let why = match url {
            Some(url) if !(elsewhere && bound) => return self.swap(url),
            Some(_) => "embedUrl belongs to another origin",
            None => "embedUrl is not the address of an embed",
        };
        if leaves {
            self.leave(None);
            dashboard.fail(Some(ProblemCode::Malformed), why);
        } else {
            self.refuse(why.to_owned());
        }
    }

    /// Says once that the first figures are drawn.
    fn announce_ready(&self) {
        if !self.ready.replace(true) {
            self.emit(&Outbound::Ready);
        }
    }

    fn take_surface(&self, surface: Surface) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        *self.clock.borrow_mut() = Some(SessionClock::start(now_ms(), surface.expires_in));
        *self.refresh.borrow_mut() = RefreshClock::start(now_ms(), surface.refresh);
        if let Some(locale) = surface.locale.as_deref() {
            let language = Language::from_tag(locale);
            if dashboard.language.with_untracked(|old| *old != language) {
                dashboard.language.set(language);
            }
        }
        dashboard.apply_surface(surface);
        self.tick();
    }

    /// Ends everything; late answers find nothing to draw on.
    pub(super) fn destroy(&self) {
        self.generation.set(u32::MAX);
        self.abort();
        self.timer.borrow_mut().take();
        self.patience.borrow_mut().take();
    }

    fn abort(&self) {
        for controller in [
            self.all.replace(AbortController::new().ok()),
            self.last.take(),
        ]
        .into_iter()
        .flatten()
        {
            controller.abort();
        }
    }
}
