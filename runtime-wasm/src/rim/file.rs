//! Files that a viewer saves.

use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlElement, Url};

use super::task::spawn;
use super::timer::sleep;

/// Browsers read what is saved in their own time, in milliseconds.
const READ_MS: i32 = 60_000;

/// Saves what an address holds under a name.
pub(super) fn save_from(address: &str, name: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let link: HtmlElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_attribute("href", address).ok()?;
    link.set_attribute("download", name).ok()?;
    link.click();
    Some(())
}

/// Saves bytes under a name.
pub(super) fn save(bytes: &Blob, name: &str) -> Option<()> {
    let address = Url::create_object_url_with_blob(bytes).ok()?;
    let saved = save_from(&address, name);
    spawn(async move {
        sleep(READ_MS).await;
        drop(Url::revoke_object_url(&address));
    });
    saved
}
