//! Another program on our terminal: an editor, a shell. The terminal is left as it was found, the program runs in
//! front, and afterwards everything is drawn anew.
//!
//! The loop stands still meanwhile, as it does for `ctrl-z`; what is under way in tasks of its own goes on.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::Command;

use color_eyre::eyre::Result;

use super::App;
use crate::terminal::guard;

/// Variables that name an editor, the first one first.
const EDITORS: [&str; 3] = ["KUBE_EDITOR", "VISUAL", "EDITOR"];

impl App {
    /// Runs something that needs the terminal for itself.
    pub(super) fn aside<T>(&mut self, run: impl FnOnce() -> T) -> Result<T> {
        let rest = self.keys.rest()?;
        guard::leave();
        let result = run();
        guard::enter(self.ui.takes_mouse())?;
        drop(rest);
        // What interrupted the other program was not meant for us.
        self.signals.forget()?;
        self.screen.repaint();
        let (width, height) = crossterm::terminal::size()?;
        self.screen.resize(width, height);
        self.resize(width, height);
        self.frame.dirty = true;
        self.frame.urgent = true;
        Ok(result)
    }
}

/// A text for an editor, in a file that only its owner can read; gone when this is dropped.
struct Draft(PathBuf);

impl Draft {
    fn new(name: &str, text: &str) -> io::Result<Self> {
        let name: String = name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
            .take(80)
            .collect();
        let stamp = jiff::Timestamp::now().as_nanosecond();
        let path = env::temp_dir().join(format!("qd-{}-{stamp}-{name}", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let draft = Self(path);
        file.write_all(text.as_bytes())?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Lets the operator edit a text in the editor of `KUBE_EDITOR`, `VISUAL` or `EDITOR`, else `vi`; none if it comes back
/// as it was.
///
/// # Errors
/// Fails if the file cannot be written or read, or the editor cannot be run or says that it failed.
pub(super) fn edit(name: &str, text: &str) -> io::Result<Option<String>> {
    let draft = Draft::new(name, text)?;
    let editor = EDITORS
        .iter()
        .find_map(|name| env::var(name).ok().filter(|editor| !editor.trim().is_empty()))
        .unwrap_or_else(|| "vi".to_owned());
    // Editors are named with their flags, so the shell takes the words apart.
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$@\""))
        .arg("editor")
        .arg(&draft.0)
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("{editor} ended with {status}")));
    }
    let edited = fs::read_to_string(&draft.0)?;
    Ok((edited != text).then_some(edited))
}
