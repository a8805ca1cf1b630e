//! What confirms a plan on the command line: flags, or a person at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use super::Act;
use crate::actions::{Answer, Ask, Prepared};

/// The answer that was given beforehand, or that is given now.
///
/// # Errors
/// Nobody is there to be asked, or the answer was no.
pub(super) async fn ask(act: &Act, prepared: &Prepared) -> Result<Answer, String> {
    let wanted = prepared.confirmation.clone();
    let mut answer = Answer {
        yes: act.yes,
        typed: act.confirm.clone().unwrap_or_default(),
        reason: act.reason.clone(),
    };
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    match &wanted.ask {
        Ask::Key => {}
        Ask::Yes if act.yes || act.confirm.as_deref() == Some("yes") => answer.yes = true,
        Ask::Yes if terminal => {
            let typed = line("Do it? [y/N] ".to_owned()).await?;
            answer.yes = matches!(typed.as_str(), "y" | "Y" | "yes");
            if !answer.yes {
                return Err("cancelled: nothing was changed".to_owned());
            }
        }
        Ask::Yes => return Err("not confirmed: answer with --yes".to_owned()),
        Ask::Typed(_) if act.confirm.is_some() => {}
        Ask::Typed(text) if terminal => {
            answer.typed = line(format!("Type {text} to confirm: ")).await?;
            if answer.typed.is_empty() {
                return Err("cancelled: nothing was changed".to_owned());
            }
        }
        Ask::Typed(text) => {
            return Err(format!("not confirmed: answer with --confirm {text}"));
        }
    }
    if wanted.reason && answer.reason.trim().is_empty() {
        if !terminal {
            return Err("a reason is needed: --reason TEXT".to_owned());
        }
        answer.reason = line("Why? ".to_owned()).await?;
    }
    Ok(answer)
}

/// Asks for a line.
async fn line(prompt: String) -> Result<String, String> {
    let asked = tokio::task::spawn_blocking(move || {
        let mut out = io::stderr().lock();
        out.write_all(prompt.as_bytes())?;
        out.flush()?;
        let mut text = String::new();
        io::stdin().lock().read_line(&mut text)?;
        Ok::<_, io::Error>(text.trim_end_matches(['\r', '\n']).to_owned())
    });
    match asked.await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(format!("no answer can be read: {error}")),
        Err(error) => Err(format!("no answer can be read: {error}")),
    }
}
