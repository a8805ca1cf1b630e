//! Letting writes through to a locked environment: nothing is sent anywhere, but the audit keeps that it was done.

use super::{Desk, now};
use crate::actions::audit::Record;
use crate::model::{Environment, Text};

/// Notes that the operator unlocked an environment for some minutes.
///
/// # Errors
/// Why the audit could not take note of it; then nothing may be unlocked.
pub async fn unlock(desk: &Desk, environment: Environment, minutes: i64) -> Result<(), Text> {
    let journal = desk
        .journal()
        .map_err(|refusal| Text::from(refusal.to_string()))?;
    let (journal, at) = (journal.clone(), now());
    let word = environment.word();
    let record = Record {
        id: format!("{}-unlock", at.strftime("%Y%m%d-%H%M%S")),
        at,
        event: "unlocked".to_owned(),
        action: "unlock".to_owned(),
        title: format!("Unlock {word} for {minutes} minutes"),
        environment: word.to_owned(),
        user: desk.actor.user.clone(),
        host: desk.actor.host.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        confirmed_by: "yes".to_owned(),
        outcome: "unlocked".to_owned(),
        ..Record::default()
    };
    match tokio::task::spawn_blocking(move || journal.write(&record)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Text::from(error.to_string())),
        Err(error) => Err(Text::from(error.to_string())),
    }
}
