//! Our own log: to a pane (tui-logger) and to a file that only its owner can read.
//!
//! Libraries that print bodies or credentials are silenced below the level at which they do so; our own messages name
//! endpoints, kinds and causes, never contents.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// A file beyond this size is begun anew, the old one kept beside it.
const FILE_AT_MOST: u64 = 4 * 1024 * 1024;

/// Starts the log. Without a usable file the pane alone is kept; the returned error says why.
///
/// # Errors
/// Fails to open the file, or if a log was started before.
pub fn start(file: Option<&Path>, level: LevelFilter) -> io::Result<()> {
    let targets = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("quarterdeck", level)
        // These print bodies, headers or tokens.
        .with_target("kube_client", LevelFilter::OFF)
        .with_target("kube", LevelFilter::OFF)
        .with_target("bollard", LevelFilter::OFF)
        .with_target("hyper", LevelFilter::OFF)
        .with_target("hyper_util", LevelFilter::OFF)
        .with_target("tower", LevelFilter::OFF)
        .with_target("rustls", LevelFilter::ERROR);
    // The pane's own thread would wake a hundred times a second; the app moves its messages when it draws them.
    tui_logger::set_default_level(tui_logger::LevelFilter::Debug);
    tui_logger::set_buffer_depth(2000);
    let opened = file.map(open).transpose();
    let (file, problem) = match opened {
        Ok(file) => (file, None),
        Err(error) => (None, Some(error)),
    };
    let to_file = file.map(|file| {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(Mutex::new(file))
    });
    tracing_subscriber::registry()
        .with(to_file.with_filter(targets.clone()))
        .with(tui_logger::TuiTracingSubscriberLayer.with_filter(targets))
        .try_init()
        .map_err(io::Error::other)?;
    problem.map_or(Ok(()), Err)
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if std::fs::metadata(path).is_ok_and(|file| file.len() > FILE_AT_MOST) {
        std::fs::rename(path, path.with_extension("log.1"))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
}
