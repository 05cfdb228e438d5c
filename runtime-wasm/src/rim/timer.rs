//! Time: now, and later.

use emban_contract::UnixMillis;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;

/// Browsers count timeouts in 32 bits; a longer one would run at once.
const LONGEST_MS: f64 = 2_000_000_000.0;

/// Milliseconds since 1970 by the viewer's clock, which goes on during sleep.
pub(super) fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// The same as an instant.
pub(super) fn now() -> UnixMillis {
    UnixMillis(now_ms() as i64)
}

/// Runs something later, unless it is dropped before.
pub(super) struct Timer {
    id: i32,
    _due: Closure<dyn FnMut()>,
}

impl Timer {
    /// Waits at least so many milliseconds.
    pub(super) fn after(ms: f64, due: impl FnOnce() + 'static) -> Option<Self> {
        let due = Closure::once(due);
        let ms = ms.clamp(0.0, LONGEST_MS) as i32;
        let id = web_sys::window()?
            .set_timeout_with_callback_and_timeout_and_arguments_0(due.as_ref().unchecked_ref(), ms)
            .ok()?;
        Some(Self { id, _due: due })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_timeout_with_handle(self.id);
        }
    }
}

/// Waits at least so many milliseconds.
pub(super) async fn sleep(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            drop(window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms));
        }
    });
    drop(JsFuture::from(promise).await);
}
