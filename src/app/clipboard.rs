//! The clipboard: the terminal's by OSC 52, which also works over ssh, and the system's where there is one.

use std::env;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Terminals drop longer OSC 52 sequences.
const AT_MOST: usize = 74_994;

/// The system's clipboard, opened when first used: on X11 it lives only as long as its owner.
#[derive(Default)]
pub(super) struct Clipboard {
    system: Option<arboard::Clipboard>,
}

impl Clipboard {
    /// Copies text to the system's clipboard where there is one, and returns the sequence that copies it to the
    /// terminal's; none if the text is too long for that.
    pub(super) fn copy(&mut self, text: &str) -> Option<Vec<u8>> {
        let at_home = env::var_os("SSH_CONNECTION").is_none()
            && ["DISPLAY", "WAYLAND_DISPLAY"]
                .iter()
                .any(|name| env::var_os(name).is_some());
        if at_home || cfg!(target_os = "macos") {
            if self.system.is_none() {
                self.system = arboard::Clipboard::new().ok();
            }
            if let Some(system) = &mut self.system
                && let Err(error) = system.set_text(text)
            {
                tracing::warn!(target: "quarterdeck", "the system's clipboard refused: {error}");
            }
        }
        let encoded = BASE64_STANDARD.encode(text);
        (encoded.len() <= AT_MOST).then(|| {
            let mut sequence = format!("\x1b]52;c;{encoded}\x07");
            if env::var_os("TMUX").is_some() {
                // tmux takes the sequence itself (set-clipboard on), or hands it through (allow-passthrough on), or
                // neither: which of them is not to be known.
                let inner = sequence.replace('\x1b', "\x1b\x1b");
                sequence = format!("{sequence}\x1bPtmux;{inner}\x1b\\");
            }
            sequence.into_bytes()
        })
    }
}
