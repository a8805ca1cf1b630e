//! Saves log lines to a file, some thousands between two looks at the keyboard. A file that cannot be written to its
//! end is removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::logs::{Export, LineId, Walk};
use crate::model::LogReading;
use crate::store::Store;
use crate::ui::SaveLogs;

/// Lines that are written at once.
const STEP: usize = 2000;

/// A file that is being written.
pub(super) struct Saving {
    reading: LogReading,
    path: PathBuf,
    file: File,
    export: Export,
    walk: Walk,
    last: Option<LineId>,
    /// Lines that are still to be written; those that come meanwhile are not.
    left: usize,
    written: usize,
}

/// How far a file is.
pub(super) enum Step {
    More,
    /// All lines are in the file.
    Done(String),
    Failed(String),
}

impl Saving {
    /// Creates the file, which must not be there yet, for its owner alone.
    ///
    /// # Errors
    /// Says why there is no file.
    pub(super) fn begin(store: &Store, save: &SaveLogs) -> Result<Self, String> {
        let path = match (save.path.strip_prefix("~/"), std::env::var_os("HOME")) {
            (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
            _ => PathBuf::from(&save.path),
        };
        let book = store
            .logbook(save.reading)
            .ok_or("These logs are not open any more.")?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let file = options.open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                format!("{} is there already; nothing was saved.", save.path)
            }
            _ => format!("{} cannot be created: {error}", save.path),
        })?;
        let json = [".ndjson", ".jsonl", ".json"]
            .iter()
            .any(|end| save.path.ends_with(end));
        Ok(Self {
            reading: save.reading,
            path,
            file,
            export: Export {
                json,
                raw: save.raw,
            },
            walk: Walk {
                all: save.all,
                ..Walk::default()
            },
            last: None,
            left: book.len(),
            written: 0,
        })
    }

    /// Writes some lines.
    pub(super) fn step(&mut self, store: &Store) -> Step {
        let Some(book) = store.logbook(self.reading) else {
            return self.fail("the logs were closed");
        };
        let count = STEP.min(self.left);
        let ids = book.after(self.last, self.last.is_none(), count, &self.walk);
        let mut out = Vec::new();
        for line in book.read(&ids) {
            let stream = line.stream.and_then(|number| book.stream(number));
            self.export.write(&line, stream, &mut out);
        }
        if let Err(error) = self.file.write_all(&out) {
            return self.fail(&error.to_string());
        }
        self.written += ids.len();
        self.left -= ids.len();
        self.last = ids.last().copied();
        if ids.len() == count && self.left > 0 && count > 0 {
            return Step::More;
        }
        if let Err(error) = self.file.sync_all() {
            return self.fail(&error.to_string());
        }
        let lines = crate::ui::format::count(self.written, "line", "lines");
        Step::Done(format!("Saved {lines} to {}.", self.path.display()))
    }

    fn fail(&self, why: &str) -> Step {
        let gone = match fs::remove_file(&self.path) {
            Ok(()) => "the partial file was removed",
            Err(_) => "the partial file is still there",
        };
        Step::Failed(format!(
            "Not saved to {}: {why}; {gone}.",
            self.path.display()
        ))
    }
}
