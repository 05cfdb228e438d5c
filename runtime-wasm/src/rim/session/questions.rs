//! What a session asks the server, and what it does with the answers.

use std::cell::RefCell;
use std::rc::Rc;

use emban_contract::{ProblemCode, WidgetId};
use emban_paint::Choice;
use web_sys::{AbortController, AbortSignal};

use super::super::api::{Failure, Reply, Sending, answer_in, ask, fetch_file};
use super::super::file;
use super::super::task::spawn;
use super::super::timer::{now, now_ms, sleep};
use super::Session;
use crate::embed_url::EmbedUrl;
use crate::json::Json;
use crate::state::Caches;
use crate::wire::{self, Answer};

/// Clicks that follow each other this closely become one question, in milliseconds.
const SETTLE_MS: i32 = 150;
/// Where figures are asked for.
const QUERY: &str = "/v1/embed/query";

/// One question to the server.
struct Question {
    path: &'static str,
    body: Option<Json>,
    caches: Caches,
    /// Gives it up.
    signal: AbortSignal,
    /// Whether it waits for the clicks that may follow.
    settles: bool,
}

/// Whether a question is worth its answer, before it is sent and when the answer is here.
type Still = Box<dyn Fn(&Session) -> bool>;
/// What is done with the reply.
type Then = Box<dyn FnOnce(&Session, Reply)>;

/// The two answers that a dashboard begins with, the first of which waits for the second.
#[derive(Default)]
struct Beginning {
    surface: Option<Reply>,
    figures: Option<Reply>,
}

impl Session {
    /// Credentials and the signal that ends with the generation.
    fn way(&self) -> Option<(EmbedUrl, AbortSignal)> {
        let credentials = self.credentials.borrow().clone()?;
        let signal = self.all.borrow().as_ref()?.signal();
        Some((credentials, signal))
    }

    /// Asks, and hands the reply on while the session is the same. All questions are one future: each kind is code.
    fn put(&self, question: Question, still: Still, then: Then) {
        let (Some(me), Some((credentials, _))) = (self.me.upgrade(), self.way()) else {
            return;
        };
        let generation = self.generation.get();
        let sending = Sending {
            credentials,
            signal: question.signal,
            caches: question.caches,
        };
        spawn(async move {
            let current = || me.generation.get() == generation && still(&me);
            if question.settles {
                sleep(SETTLE_MS).await;
            }
            if !current() {
                return;
            }
            let reply = ask(&sending, question.path, question.body).await;
            if current() {
                then(&me, reply);
            }
        });
    }

    /// Asks for the surface and all figures at once: one round trip, not two.
    pub(super) fn begin(&self) {
        let Some(dashboard) = self.dashboard() else {
            return;
        };
        let Some((_, signal)) = self.way() else {
            self.no_credentials();
            return;
        };
        let number = self.next_question();
        let asked = dashboard.choice.get_untracked();
        let body = wire::query(None, &asked);
        let both = Rc::new(RefCell::new(Beginning::default()));
        for (path, body) in [("/v1/embed/surface", None), (QUERY, Some(body))] {
            let question = Question {
                path,
                body,
                caches: Caches::Allowed,
                signal: signal.clone(),
                settles: false,
            };
            let (both, asked) = (Rc::clone(&both), asked.clone());
            let then: Then = Box::new(move |me, reply| {
                let mut both = both.borrow_mut();
                if path == QUERY {
                    both.figures = Some(reply);
                } else {
                    both.surface = Some(reply);
                }
                if let (Some(_), Some(_)) = (&both.surface, &both.figures) {
                    me.take_both(std::mem::take(&mut both), &asked, number);
                }
            });
            self.put(question, Box::new(|_| true), then);
        }
    }

    fn take_both(&self, both: Beginning, asked: &Choice, question: u32) {
        let (Some(surface), Some(figures)) = (both.surface, both.figures) else {
            return;
        };
        match answer_in(surface, wire::surface) {
            Ok(surface) => {
                self.take_surface(surface);
                self.take_first(answer_in(figures, wire::answer), asked, question);
            }
            Err(failure) => self.take_failure(&failure, |me| {
                if let Some(dashboard) = me.dashboard() {
                    dashboard.fail(failure.code(), &failure.message());
                }
            }),
        }
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
        let (Some(dashboard), Some((_, generation_signal))) = (self.dashboard(), self.way()) else {
            return;
        };
        let settles = self.last.borrow().is_some();
        // A single widget's second try does not disturb the question for all.
        let (number, signal) = match widgets {
            Some(_) => (self.question.get(), generation_signal),
            None => {
                let number = self.next_question();
                let controller = AbortController::new().ok();
                let signal = controller
                    .as_ref()
                    .map_or(generation_signal, AbortController::signal);
                *self.last.borrow_mut() = controller;
                (number, signal)
            }
        };
        let asked = dashboard.choice.get_untracked();
        let question = Question {
            path: QUERY,
            body: Some(wire::query(widgets.as_deref(), &asked)),
            caches,
            signal,
            settles,
        };
        let still: Still = Box::new(move |me| me.question.get() == number);
        let then: Then = Box::new(move |me, reply| {
            if widgets.is_none() {
                me.last.take();
            }
            me.take_answer(answer_in(reply, wire::answer), widgets.as_deref(), &asked);
        });
        self.put(question, still, then);
    }

    /// Asks for the values of the open dimension.
    pub(super) fn ask_values(&self) {
        let (Some(dashboard), Some((_, signal))) = (self.dashboard(), self.way()) else {
            return;
        };
        let asked = dashboard.values.get_untracked();
        let choice = dashboard.choice.get_untracked();
        let search = Some(asked.search.as_str()).filter(|search| !search.trim().is_empty());
        let question = Question {
            path: "/v1/embed/values",
            body: Some(wire::values_request(&asked.dimension, search, &choice)),
            caches: Caches::Allowed,
            signal,
            settles: !asked.search.is_empty(),
        };
        let (open, searched) = (Rc::clone(&dashboard), asked.search.clone());
        let still: Still =
            Box::new(move |_| open.values.with_untracked(|list| list.search == searched));
        let then: Then = Box::new(move |me, reply| match answer_in(reply, wire::values) {
            Ok(answer) => dashboard.apply_values(&asked, Ok(answer)),
            Err(failure) => me.take_failure(&failure, |_| {
                dashboard.apply_values(&asked, Err(failure.code()))
            }),
        });
        self.put(question, still, then);
    }

    /// Asks for the next page of the open sheet.
    pub(super) fn ask_rows(&self) {
        let (Some(dashboard), Some((_, signal))) = (self.dashboard(), self.way()) else {
            return;
        };
        let Some(asked) = dashboard.sheet.get_untracked() else {
            return;
        };
        let body = wire::rows_request(
            &asked.widget,
            &dashboard.choice.get_untracked(),
            asked.point.as_ref(),
            asked.next_cursor.as_deref(),
        );
        let question = Question {
            path: "/v1/embed/rows",
            body: Some(body),
            caches: Caches::Allowed,
            signal,
            settles: false,
        };
        let then: Then = Box::new(move |me, reply| match answer_in(reply, wire::rows) {
            Ok(answer) => dashboard.apply_rows(&asked, Ok(answer)),
            Err(failure) => me.take_failure(&failure, |_| {
                dashboard.apply_rows(&asked, Err(failure.code()))
            }),
        });
        self.put(question, Box::new(|_| true), then);
    }

    /// Asks for the figures of a widget as a file, and saves it.
    pub(super) fn save(&self, widget: WidgetId) {
        let (Some(me), Some(dashboard)) = (self.me.upgrade(), self.dashboard()) else {
            return;
        };
        let Some((credentials, signal)) = self.way() else {
            return;
        };
        let generation = self.generation.get();
        // Of the filters that are asked with, not of those that hold when it is here.
        let name = dashboard.file_name(&widget, "csv");
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
                credentials,
                signal,
                caches: Caches::Allowed,
            };
            let answer = fetch_file(&sending, &path).await;
            if me.generation.get() != generation {
                return;
            }
            match answer {
                Ok(bytes) => {
                    let saved = file::save(&bytes, &name);
                    dashboard.saved(widget, "csv", saved.ok_or(Some(ProblemCode::Internal)));
                }
                Err(failure) => me.take_failure(&failure, |_| {
                    dashboard.saved(widget, "csv", Err(failure.code()));
                }),
            }
        });
    }
}
