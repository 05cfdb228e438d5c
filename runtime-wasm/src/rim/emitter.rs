//! Where an embed's messages go: to the window above, or to the script that mounted it.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::Window;

use crate::host_origin::HostOrigin;
use crate::protocol::Outbound;

/// The way to the host.
pub(super) enum Emitter {
    /// The embed is a document in a frame.
    Frame {
        /// The window above.
        parent: Window,
        /// Whose it is.
        host: RefCell<HostOrigin>,
    },
    /// The embed is an element of the host's page; the function takes the message's type and its payload as JSON.
    Callback(js_sys::Function),
    /// Nobody listens: the document was opened by itself.
    Nobody,
}

impl Emitter {
    /// Sends a message, if the host may have it.
    pub(super) fn emit(&self, message: &Outbound, allowed: Option<&[String]>) {
        match self {
            Self::Frame { parent, host } => {
                let Ok(data) = js_sys::JSON::parse(&message.message().to_text()) else {
                    return;
                };
                let host = host.borrow();
                if let Some(target) = host.target(message.name(), allowed) {
                    // A host that went away is no concern of ours.
                    drop(parent.post_message(&data, target));
                }
            }
            Self::Callback(call) => {
                // What the host's listener throws is the host's.
                drop(call.call2(
                    &JsValue::NULL,
                    &message.name().into(),
                    &message.detail().to_text().into(),
                ));
            }
            Self::Nobody => {}
        }
    }

    /// Whether a message from an origin is listened to.
    pub(super) fn accepts(&self, origin: &str, allowed: Option<&[String]>) -> bool {
        match self {
            Self::Frame { host, .. } => host.borrow_mut().accepts(origin, allowed),
            Self::Callback(_) | Self::Nobody => false,
        }
    }
}
