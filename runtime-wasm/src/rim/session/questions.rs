//! What a session asks the server, and what it does with the answers.

use emban_contract::{ProblemCode, WidgetId};
use emban_paint::Choice;
use futures_util::future::join;
use web_sys::{AbortController, AbortSignal};

use super::super::api::{Failure, Sending, ask, fetch_file};
use super::super::file;
use super::super::task::spawn;
use super::super::timer::{now, now_ms, sleep};
use super::Session;
use crate::embed_url::EmbedUrl;
use crate::state::Caches;
use crate::wire::{self, Answer};

/// Clicks that follow each other this closely become one question, in milliseconds.
const SETTLE_MS: i32 = 150;

impl Session {
    /// Credentials and the signal that ends with the generation.
    fn way(&self) -> Option<(EmbedUrl, AbortSignal)> {
        let credentials = self.credentials.borrow().clone()?;
        let signal = self.all.borrow().as_ref()?.signal();
        Some((credentials, signal))
    }

    /// Asks for the surface and all figures at once: one round trip, not two.
    pub(super) fn begin(&self) {
        let (Some(me), Some(dashboard)) = (self.me.upgrade(), self.dashboard()) else {
            return;
        };
        let Some((credentials, signal)) = self.way() else {
            self.no_credentials();
            return;
        };
        let generation = self.generation.get();
        let number = self.next_question();
        let asked = dashboard.choice.get_untracked();
        spawn(async move {
            let sending = Sending {
                credentials: &credentials,
                signal: &signal,
                caches: Caches::Allowed,
            };
            let surface = ask(&sending, "/v1/embed/surface", None, wire::surface);
            let question = wire::query(None, &asked);
            let answer = ask(&sending, "/v1/embed/query", Some(question), wire::answer);
            let (surface, answer) = join(surface, answer).await;
            if me.generation.get() != generation {
                return;
            }
            match surface {
                Ok(surface) => {
                    me.take_surface(surface);
                    me.take_first(answer, &asked, number);
                }
                Err(failure) => me.take_failure(&failure, |me| {
                    if let Some(dashboard) = me.dashboard() {
                        dashboard.fail(failure.code(), &failure.message());
                    }
                }),
            }
        });
    }

    /// Takes the answer that was asked for together with the surface.
    fn take_first(&self, answer: Result<Answer, Failure>, asked: &Choice, question: u32) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        let initial = *asked == Choice::default();
        let same = initial || dashboard.choice.with_untracked(|now| now == asked);
        if self.question.get() != question || !same {
            dashboard.refresh();
        } else {
            self.take_answer(answer, None, &dashboard.choice.get_untracked());
        }
    }

    fn take_answer(
        &self,
        answer: Result<Answer, Failure>,
        widgets: Option<&[WidgetId]>,
        asked: &Choice,
    ) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        match answer {
            Ok(answer) => {
                if widgets.is_none() {
                    self.refresh.borrow_mut().answered(now_ms());
                }
                dashboard.apply_answer(answer, asked, now());
                self.announce_ready();
                self.tick();
            }
            Err(failure) => {
                self.refresh.borrow_mut().failed(now_ms());
                self.take_failure(&failure, |_| {
                    dashboard.fail_query(widgets, failure.code(), &failure.message())
                });
            }
        }
    }

    /// A session that is over is renewed; anything else is shown.
    fn take_failure(&self, failure: &Failure, show: impl FnOnce(&Self)) {
        match failure.code() {
            Some(
                code @ (ProblemCode::Unauthorized
                | ProblemCode::SessionExpired
                | ProblemCode::SessionRevoked),
            ) => self.over(code),
            _ if matches!(failure, Failure::Aborted) => {}
            _ => show(self),
        }
    }

    fn next_question(&self) -> u32 {
        if let Some(former) = self.last.take() {
            former.abort();
        }
        self.question.set(self.question.get().wrapping_add(1));
        self.question.get()
    }

    /// Asks for figures under the dashboard's filters.
    pub(super) fn ask(&self, widgets: Option<Vec<WidgetId>>, caches: Caches) {
        let (Some(me), Some(dashboard)) = (self.me.upgrade(), self.dashboard()) else {
            return;
        };
        let Some((credentials, generation_signal)) = self.way() else {
            return;
        };
        let waits = self.last.borrow().is_some();
        let generation = self.generation.get();
        // A single widget's second try does not disturb the question for all.
        let (question, signal) = match widgets {
            Some(_) => (self.question.get(), generation_signal),
            None => {
                let question = self.next_question();
                let controller = AbortController::new().ok();
                let signal = controller
                    .as_ref()
                    .map_or(generation_signal, AbortController::signal);
                *self.last.borrow_mut() = controller;
                (question, signal)
            }
        };
        let asked = dashboard.choice.get_untracked();
        spawn(async move {
            if waits {
                sleep(SETTLE_MS).await;
            }
            if me.is_past(generation, question) {
                return;
            }
            let sending = Sending {
                credentials: &credentials,
                signal: &signal,
                caches,
            };
            let body = wire::query(widgets.as_deref(), &asked);
            let answer = ask(&sending, "/v1/embed/query", Some(body), wire::answer).await;
            if me.is_past(generation, question) {
                return;
            }
            if widgets.is_none() {
                me.last.take();
            }
            me.take_answer(answer, widgets.as_deref(), &asked);
        });
    }

    fn is_past(&self, generation: u32, question: u32) -> bool {
        self.generation.get() != generation || self.question.get() != question
    }

    /// Asks for the values of the open dimension.
    pub(super) fn ask_values(&self) {
        let (Some(me), Some(dashboard)) = (self.me.upgrade(), self.dashboard()) else {
            return;
        };
        let Some((credentials, signal)) = self.way() else {
            return;
        };
        let generation = self.generation.get();
        let asked = dashboard.values.get_untracked();
        let choice = dashboard.choice.get_untracked();
        spawn(async move {
            if !asked.search.is_empty() {
                sleep(SETTLE_MS).await;
            }
            let current = || {
                me.generation.get() == generation
                    && me
                        .dashboard()
                        .is_some_and(|d| d.values.with_untracked(|v| v.search == asked.search))
            };
            if !current() {
                return;
            }
            let search = Some(asked.search.as_str()).filter(|search| !search.trim().is_empty());
            let question = wire::values_request(&asked.dimension, search, &choice);
            let sending = Sending {
                credentials: &credentials,
                signal: &signal,
                caches: Caches::Allowed,
            };
            let answer = ask(&sending, "/v1/embed/values", Some(question), wire::values).await;
            if me.generation.get() != generation {
                return;
            }
            match answer {
                Ok(answer) => dashboard.apply_values(&asked, Ok(answer)),
                Err(failure) => me.take_failure(&failure, |_| {
                    dashboard.apply_values(&asked, Err(failure.code()))
                }),
            }
        });
    }

    /// Asks for the next page of the open sheet.
    pub(super) fn ask_rows(&self) {
        let (Some(me), Some(dashboard)) = (self.me.upgrade(), self.dashboard()) else {
            return;
        };
        let (Some((credentials, signal)), Some(asked)) =
            (self.way(), dashboard.sheet.get_untracked())
        else {
            return;
        };
        let generation = self.generation.get();
        let question = wire::rows_request(
            &asked.widget,
            &dashboard.choice.get_untracked(),
            asked.point.as_ref(),
            asked.next_cursor.as_deref(),
        );
        spawn(async move {
            let sending = Sending {
                credentials: &credentials,
                signal: &signal,
                caches: Caches::Allowed,
            };
            let answer = ask(&sending, "/v1/embed/rows", Some(question), wire::rows).await;
            if me.generation.get() != generation {
                return;
            }
            match answer {
                Ok(answer) => dashboard.apply_rows(&asked, Ok(answer)),
                Err(failure) => me.take_failure(&failure, |_| {
                    dashboard.apply_rows(&asked, Err(failure.code()))
                }),
            }
        });
    }

    /// Asks for the figures of a widget as a file, and saves it under the widget's title.
    pub(super) fn save(&self, widget: WidgetId) {
        let (Some(me), Some(dashboard)) = (self.me.upgrade(), self.dashboard()) else {
            return;
        };
        let Some((credentials, signal)) = self.way() else {
            return;
        };
        let generation = self.generation.get();
        let filters = dashboard.choice.with_untracked(wire::choice).to_text();
        let encoded = |text: &str| String::from(js_sys::encode_uri_component(text));
        let path = [
            "/v1/embed/export?format=csv&widget=",
            &encoded(widget.as_str()),
            "&filters=",
            &encoded(&filters),
        ]
        .concat();
        spawn(async move {
            let sending = Sending {
                credentials: &credentials,
                signal: &signal,
                caches: Caches::Allowed,
            };
            let answer = fetch_file(&sending, &path).await;
            if me.generation.get() != generation {
                return;
            }
            match answer {
                Ok(bytes) => {
                    let title = dashboard.title_of(&widget);
                    let saved = file::save(&bytes, &[title.as_str(), ".csv"].concat());
                    dashboard.saved(widget, "csv", saved.ok_or(Some(ProblemCode::Internal)));
                }
                Err(failure) => me.take_failure(&failure, |_| {
                    dashboard.saved(widget, "csv", Err(failure.code()));
                }),
            }
        });
    }
}
