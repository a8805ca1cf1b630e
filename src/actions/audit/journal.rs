//! The file of the audit: JSON Lines that only ever grow, for this user's eyes, on disk before anything else happens.
//!
//! Several runs may write at once: each line is written under a lock of the file. A line that a crash cut short is
//! closed by the next one, and reading skips it.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags};

use super::Record;

/// How much of the end is read: the newest some ten thousand records.
const READ_AT_MOST: u64 = 16 << 20;

/// The audit's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    path: PathBuf,
}

/// An intent and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub intent: Record,
    /// None: it still runs, or its run ended before it was known.
    pub end: Option<Record>,
}

impl Journal {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// `$XDG_STATE_HOME/quarterdeck/audit.jsonl`; none without a home folder.
    pub fn usual_path() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", "quarterdeck")?;
        let state = folders.state_dir().unwrap_or(folders.data_local_dir());
        Some(state.join("audit.jsonl"))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a record could be written now; creates the file.
    ///
    /// # Errors
    /// Why not, with the file's name.
    pub fn check(&self) -> io::Result<()> {
        self.open().map(drop).map_err(|error| self.named(&error))
    }

    /// Writes a record and waits until it is on disk. Nothing of it stays if that fails.
    ///
    /// # Errors
    /// With the file's name.
    pub fn write(&self, record: &Record) -> io::Result<()> {
        self.append(record).map_err(|error| self.named(&error))
    }

    fn append(&self, record: &Record) -> io::Result<()> {
        let mut file = self.open()?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
        let length = file.seek(SeekFrom::End(0))?;
        let mut line = Vec::new();
        if length > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                line.push(b'\n');
            }
        }
        serde_json::to_writer(&mut line, record)?;
        line.push(b'\n');
        let written = file.write_all(&line).and_then(|()| file.sync_data());
        if written.is_err() {
            // A line that is not whole would only look like something that happened.
            let _ = file.set_len(length);
        }
        written
    }

    fn open(&self) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        // A link could lead the record into a file of somebody else's; a pipe would hold us up.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags(flags.cast_signed())
            .open(&self.path)?;
        let about = file.metadata()?;
        if !about.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        if about.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }

    /// The records, oldest first; of a large file, those at its end. A file that is not there holds none.
    ///
    /// # Errors
    /// With the file's name.
    pub fn read(&self) -> io::Result<Vec<Record>> {
        let read = || -> io::Result<Vec<Record>> {
            let mut file = match File::open(&self.path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(READ_AT_MOST)))?;
            let mut bytes = Vec::new();
            file.take(READ_AT_MOST).read_to_end(&mut bytes)?;
            let lines = bytes.split(|byte| *byte == b'\n');
            Ok(lines
                .filter_map(|line| serde_json::from_slice(line).ok())
                .collect())
        };
        read().map_err(|error| self.named(&error))
    }

    /// The intents with their outcomes, oldest first.
    ///
    /// # Errors
    /// As [`Journal::read`].
    pub fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for record in self.read()? {
            let open = known.get(&record.id).and_then(|at| entries.get_mut(*at));
            if let Some(entry) = open {
                entry.end = Some(record);
                continue;
            }
            known.insert(record.id.clone(), entries.len());
            let end = (record.event != "intent").then(|| record.clone());
            entries.push(Entry {
                intent: record,
                end,
            });
        }
        Ok(entries)
    }

    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
    }
}
