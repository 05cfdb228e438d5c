//! The end of a session, and how it is put off.

use emban_contract::{ProblemCode, UnixMillis};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::super::task::spawn;
use super::super::timer::{Timer, now, now_ms};
use super::Session;
use crate::embed_url::{EmbedUrl, same_scope};
use crate::protocol::Outbound;
use crate::session_clock::{Due, backoff_ms};
use crate::state::Status;

/// How often the age of the figures is looked at, in milliseconds.
const LOOK_MS: f64 = 20_000.0;
/// How long the host is waited for before it is asked again, in milliseconds: a third of the time before the end.
const PATIENCE_MS: f64 = 20_000.0;

impl Session {
    /// Looks at the clock, does what is due, and comes back when something is.
    pub(super) fn tick(&self) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        dashboard.now.set(now());
        self.try_again();
        let due = self
            .clock
            .borrow_mut()
            .as_mut()
            .map(|clock| clock.due(now_ms()));
        let wait = match due {
            Some(Due::Wait(ms)) => ms,
            Some(Due::Warn) => {
                let left = self
                    .clock
                    .borrow()
                    .as_ref()
                    .map_or(0.0, |clock| clock.left_ms(now_ms()));
                self.emit(&Outbound::SessionExpiring {
                    expires_at: UnixMillis((now_ms() + left) as i64),
                });
                self.renew();
                left
            }
            Some(Due::Expire) => {
                self.clock.borrow_mut().take();
                self.over(ProblemCode::SessionExpired);
                LOOK_MS
            }
            None => LOOK_MS,
        };
        let fresh = self.refresh_figures();
        let me = self.me.clone();
        let retry = if self.failures.get() > 0 {
            (self.next_try_ms.get() - now_ms()).max(500.0)
        } else {
            LOOK_MS
        };
        *self.timer.borrow_mut() =
            Timer::after(wait.min(LOOK_MS).min(retry).min(fresh), move || {
                if let Some(me) = me.upgrade() {
                    // The timer that runs is dropped by the next one; it must not be dropped while it runs.
                    spawn(async move { me.tick() });
                }
            });
    }

    /// Asks for figures when they are due, and says in how many milliseconds that is. Nobody looks at a hidden tab.
    fn refresh_figures(&self) -> f64 {
        if self.hidden_since_ms.get().is_some() {
            return LOOK_MS;
        }
        let wait = self.refresh.borrow_mut().due_in_ms(now_ms());
        match (wait, self.dashboard()) {
            (Some(wait), Some(dashboard)) if wait <= 0.0 => {
                self.refresh.borrow_mut().asked();
                dashboard.refresh_quietly();
                LOOK_MS
            }
            (Some(wait), _) => wait,
            (None, _) => LOOK_MS,
        }
    }

    fn try_again(&self) {
        if self.failures.get() > 0 && now_ms() >= self.next_try_ms.get() {
            self.renew();
        }
    }

    /// The session is over: a new one is asked for, and if there is none the end is shown.
    pub(super) fn over(&self, code: ProblemCode) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        let ended = matches!(dashboard.status.get_untracked(), Status::Expired);
        if self.get_session.is_some() && self.failures.get() == 0 && self.waiting.get().is_none() {
            self.renew_or(Some(code));
        } else if !ended && self.waiting.get().is_none() {
            dashboard.end(code);
        }
    }

    /// A dashboard without an address asks its host for one.
    pub(super) fn no_credentials(&self) {
        if self.get_session.is_some() {
            self.renew_or(Some(ProblemCode::Unauthorized));
        } else if let Some(dashboard) = self.dashboard() {
            dashboard.end(ProblemCode::Unauthorized);
        }
    }

    fn renew(&self) {
        self.renew_or(None);
    }

    /// Asks the host for a new session. `end` is the end that is shown if there is none.
    fn renew_or(&self, end: Option<ProblemCode>) {
        let (Some(me), Some(call)) = (self.me.upgrade(), self.get_session.clone()) else {
            return;
        };
        if self.waiting.get().is_some() {
            return;
        }
        let attempt = self.attempts.get().wrapping_add(1);
        self.attempts.set(attempt);
        self.waiting.set(Some(attempt));
        let impatient = self.me.clone();
        *self.patience.borrow_mut() = Timer::after(PATIENCE_MS, move || {
            if let Some(me) = impatient.upgrade() {
                // As with the tick: what follows may set the next timer in the place of this one.
                spawn(async move {
                    if me.waits_no_more(attempt) {
                        me.not_renewed(end);
                    }
                });
            }
        });
        let generation = self.generation.get();
        spawn(async move {
            let asked = call.call0(&JsValue::NULL);
            let answer = match asked {
                // What is not a promise is taken as the answer itself.
                Ok(value) => JsFuture::from(Promise::resolve(&value)).await,
                Err(error) => Err(error),
            };
            let in_time = me.waits_no_more(attempt);
            if me.generation.get() != generation {
                return;
            }
            let url = answer.ok().and_then(|value| value.as_string());
            match url.as_deref().and_then(EmbedUrl::parse) {
                // A late answer is an answer.
                Some(url) => me.swap(url),
                None if in_time => me.not_renewed(end),
                None => {}
            }
        });
    }

    /// Ends the wait for an answer of the host, if it is that one which is waited for.
    fn waits_no_more(&self, attempt: u32) -> bool {
        let mine = self.waiting.get() == Some(attempt);
        if mine {
            self.waiting.take();
        }
        mine
    }

    fn not_renewed(&self, end: Option<ProblemCode>) {
        self.next_try_ms
            .set(now_ms() + backoff_ms(self.failures.get()));
        self.failures.set(self.failures.get().saturating_add(1));
        self.emit(&Outbound::Error {
            code: "get_session_failed".to_owned(),
            message: "getSession gave no embed address".to_owned(),
        });
        if let Some(dashboard) = self.dashboard() {
            // What ended by the clock while the host was asked is over now.
            let ended = self.clock.borrow().is_none();
            let over = ended && matches!(dashboard.status.get_untracked(), Status::Ready);
            if let Some(code) = end.or(over.then_some(ProblemCode::SessionExpired)) {
                dashboard.end(code);
            }
        }
        self.tick();
    }

    /// Ends what is under way for this session, and takes the credentials of the next one, if there is one.
    pub(super) fn leave(&self, next: Option<EmbedUrl>) -> Option<EmbedUrl> {
        self.generation
            .set((self.generation.get() + 1) % (u32::MAX - 1));
        self.abort();
        self.clock.borrow_mut().take();
        self.failures.set(0);
        self.waiting.take();
        self.credentials.replace(next)
    }

    /// Puts another session in the place of this one.
    ///
    /// If it shows anything else than the old one, the screen is cleared before anything is asked.
    pub(super) fn swap(&self, url: EmbedUrl) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        let old = self.leave(Some(url.clone()));
        // Before the first session there is nothing of another: filters that the host gave at first hold.
        let same = old
            .as_ref()
            .is_none_or(|old| old.origin == url.origin && same_scope(&old.token, &url.token));
        let same_dashboard = old
            .as_ref()
            .is_none_or(|old| old.dashboard == url.dashboard);
        if !same_dashboard {
            dashboard.forget_dashboard();
        } else if !same {
            dashboard.forget();
        }
        let laid_out = dashboard.surface.with_untracked(Option::is_some);
        dashboard.status.put(if laid_out {
            Status::Ready
        } else {
            Status::Loading
        });
        self.begin();
    }

    /// The tab is hidden or seen again.
    pub(in crate::rim) fn visibility(&self, hidden: bool) {
        if hidden {
            self.hidden_since_ms.set(Some(now_ms()));
            return;
        }
        self.hidden_since_ms.take();
        // Figures that grew old meanwhile are due at once.
        self.tick();
    }
}
