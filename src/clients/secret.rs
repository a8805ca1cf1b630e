//! Reads secrets where the configuration says they lie. Their text goes into a request and nowhere else.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::fault::Fault;
use crate::config::Secret;

/// No secret is longer, in bytes.
const AT_MOST: usize = 64 << 10;
/// How long a program may take to print one.
const WITHIN: Duration = Duration::from_secs(15);

/// Reads a secret, without the line break at its end. `setting` names it where it cannot be read.
///
/// # Errors
/// [`Fault::Misconfigured`]; what a program printed is never quoted.
pub async fn read(secret: &Secret, setting: &str) -> Result<String, Fault> {
    let wrong = |words: String| Fault::Misconfigured(format!("{setting}: {words}"));
    let bytes = match secret {
        Secret::Variable(name) => match std::env::var(name) {
            Ok(value) => value.into_bytes(),
            Err(_) => return Err(wrong(format!("the variable {name} is not set"))),
        },
        Secret::File(path) => tokio::fs::read(path)
            .await
            .map_err(|error| wrong(format!("{}: {error}", path.display())))?,
        Secret::Command(words) => command(words).await.map_err(wrong)?,
    };
    if bytes.len() > AT_MOST {
        return Err(wrong("is too long to be a secret".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("is no text".to_owned()))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() {
        return Err(wrong("is empty".to_owned()));
    }
    Ok(text.to_owned())
}

/// Runs a program away from the terminal and returns what it printed.
async fn command(words: &[String]) -> Result<Vec<u8>, String> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("no program is named".to_owned());
    };
    let running = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let done = tokio::time::timeout(WITHIN, running)
        .await
        .map_err(|_| format!("{program} printed nothing within {} s", WITHIN.as_secs()))?
        .map_err(|error| format!("{program}: {error}"))?;
    if !done.status.success() {
        return Err(format!("{program} ended with {}", done.status));
    }
    Ok(done.stdout)
}
