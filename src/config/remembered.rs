//! What is remembered from run to run: things that were chosen at the keys. No settings: those stand in a file of the
//! operator's, which is only ever read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Longest file that is read, in bytes.
const AT_MOST: u64 = 64 * 1024;

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// Namespaces that were put on number keys.
    pub favourites: Vec<String>,
}

/// The folder of what this program writes by itself; none without a home.
pub fn folder() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "quarterdeck")?;
    let folder = folders.state_dir().unwrap_or(folders.data_local_dir());
    Some(folder.to_owned())
}

impl Remembered {
    /// The usual file.
    pub fn path() -> Option<PathBuf> {
        Some(folder()?.join("remembered.toml"))
    }

    /// Reads the file; nothing is remembered where there is none.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else. It is then set aside under `.broken`, so that the next save
    /// does not destroy what may be worth a look.
    pub fn load(path: &Path) -> io::Result<Self> {
        let size = match fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let broken = |cause: String| {
            let _ = fs::rename(path, path.with_extension("broken"));
            io::Error::new(io::ErrorKind::InvalidData, cause)
        };
        if size > AT_MOST {
            return Err(broken("it is too large".to_owned()));
        }
        let text = fs::read_to_string(path)?;
        toml::from_str(&text).map_err(|error| broken(error.message().to_owned()))
    }

    /// Writes the file, whole or not at all, so that only its owner can read it.
    ///
    /// # Errors
    /// The file or its folder cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = toml::to_string(self).map_err(io::Error::other)?;
        let new = path.with_extension(format!("new-{}", std::process::id()));
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&new, path)
    }
}
