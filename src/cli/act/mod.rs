//! `qd scale`, `qd rollback` and every other action: the same plan, guard and audit as in the dashboard.
//!
//! A person at a terminal is asked; a script answers beforehand with `--yes` or `--confirm`, and is refused without.

mod answer;
pub mod args;
mod find;
mod show;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, watch};

use super::{exit, print};
use crate::actions::facts::put;
use crate::actions::run::{self, Desk, Pace, Site};
use crate::actions::{Arguments, Invocation, Outcome, Refusal, Report, Value};
use crate::config::Config;

/// Reports that may wait to be printed.
const ROOM: usize = 64;

/// An action that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Act {
    /// The action's name.
    pub action: String,
    /// `KIND/NAME` or a name.
    pub target: String,
    /// None: what the context names.
    pub namespace: Option<String>,
    pub arguments: Arguments,
    /// Print what could be chosen, and end.
    pub list: bool,
    pub dry_run: bool,
    pub yes: bool,
    pub confirm: Option<String>,
    pub reason: String,
    /// Do not wait for the outcome.
    pub no_wait: bool,
    /// Instead of the plan's, in seconds.
    pub timeout: Option<u64>,
    /// Instead of the plan's, in seconds.
    pub steady: Option<u64>,
    pub json: bool,
}

/// Does what was asked; returns the exit code.
pub async fn run(config: &Config, act: &Act) -> u8 {
    let mut said = json!({});
    let code = match work(config, act, &mut said).await {
        Ok(code) => code,
        Err(refusal) => {
            put(
                &mut said,
                "refused",
                json!({"why": refusal.to_string(), "kind": refusal.word()}),
            );
            print::words(&format!("qd: {refusal}"));
            code(&refusal)
        }
    };
    if act.json {
        let line = format!("{said}\n");
        return match print::data(&line) {
            exit::OK => code,
            failed => failed,
        };
    }
    code
}

/// The exit code of a refusal.
fn code(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::NotFound(_) => exit::NOT_FOUND,
        Refusal::Argument(_) => exit::USAGE,
        Refusal::Unreachable(_) => exit::FAILED,
        _ => exit::REFUSED,
    }
}

async fn work(config: &Config, act: &Act, said: &mut Json) -> Result<u8, Refusal> {
    let pace = Pace {
        every: Duration::from_secs(1),
        steady: act.steady.map(Duration::from_secs),
        budget: act.timeout.map(Duration::from_secs),
        watch: !act.no_wait,
    };
    let desk = Desk::new(config, pace);
    let (site, target) = find::target(config, &desk, act).await?;
    let action = find::action(&act.action)?;
    let mut invocation = Invocation::new(action, target);
    invocation.arguments = act.arguments.clone();
    if act.list {
        let facts = run::facts(&site, &invocation).await?;
        let Some(table) = action.choices(&facts) else {
            return Err(Refusal::Argument("there is nothing to list".into()));
        };
        put(said, "list", show::table_json(&table));
        return Ok(text(act, &show::table(&table)));
    }
    let prepared = run::prepare(&site, invocation).await?;
    put(said, "plan", show::json(&prepared));
    let printed = text(act, &show::plan(&prepared));
    if act.dry_run || printed != exit::OK {
        return Ok(printed);
    }
    let answer = answer::ask(act, &prepared)
        .await
        .map_err(|why| Refusal::NotPossible(why.into()))?;
    let approved = prepared
        .approve(&answer, Timestamp::now())
        .map_err(|why| Refusal::NotPossible(why.to_string().into()))?;
    let finished = commit(&site, approved).await?;
    put(said, "outcome", show::finished_json(&finished));
    let printed = text(act, &show::finished(&finished));
    Ok(match (&finished.outcome, printed) {
        (Outcome::Succeeded, printed) => printed,
        (Outcome::Failed { .. }, _) => exit::DID_NOT_SUCCEED,
        (Outcome::Overridden { .. }, _) => exit::OVERRIDDEN,
        (Outcome::Unknown { .. }, _) if act.no_wait => exit::OK,
        (Outcome::Unknown { .. }, _) => exit::UNKNOWN,
    })
}

/// Prints text, unless JSON is wanted.
fn text(act: &Act, text: &str) -> u8 {
    if act.json {
        exit::OK
    } else {
        print::data(text)
    }
}

/// Commits, and says on the way how far it is. Ctrl-C sends nothing more and stops watching.
async fn commit(
    site: &Site,
    approved: crate::actions::Approved,
) -> Result<crate::actions::Finished, Refusal> {
    let (reports, mut told) = mpsc::channel(ROOM);
    let (stop, stopped) = watch::channel(false);
    let commit = run::commit(site, approved, &reports, stopped);
    tokio::pin!(commit);
    let mut said = String::new();
    loop {
        tokio::select! {
            finished = &mut commit => return finished,
            Some(report) = told.recv() => {
                if let Report::Progress(progress) = report {
                    let line = show::progress(&progress);
                    if line.1 != said {
                        let _ = writeln!(io::stderr().lock(), "{}{}", line.0, line.1);
                        said = line.1;
                    }
                }
            }
            Ok(()) = tokio::signal::ctrl_c() => {
                let _ = stop.send(true);
            }
        }
    }
}

/// An invocation as it would be typed.
fn command_line(invocation: &Invocation) -> String {
    let target = &invocation.target;
    let kind = target.kind.name().to_lowercase();
    let mut line = format!("qd {} {kind}/{}", invocation.action.name(), target.name);
    if !target.namespace.is_empty() {
        line.push_str(" -n ");
        line.push_str(&target.namespace);
    }
    for (name, value) in invocation.arguments.iter() {
        // A line goes into a String, which takes everything.
        let _ = match value {
            Value::Flag(true) => write!(line, " --{name}"),
            Value::Flag(false) | Value::Text(_) => Ok(()),
            Value::Pairs(pairs) => pairs
                .iter()
                .try_for_each(|(key, value)| write!(line, " --{name} {key}={value}")),
            value => write!(line, " --{name} {value}"),
        };
    }
    line
}
