//! From an invocation to its answer, or to what only `main` can start: the dashboard, the demo, a drawn frame.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use super::output::Printing;
use super::parse::{Demo, Invocation, Look, Output, Picture, Shot, Task};
use super::{alerts, completions, contexts, doctor, exit, get, keys, print, query, settings};
use crate::clients::kubeconfig;
use crate::config::{Loaded, Overrides, Problem, Remembered, Variables};
use crate::ui::theme::{Capability, Theme};

/// Threads of a command that answers once: one for the network and one for the rows.
const THREADS: usize = 2;

/// What remains to be done.
pub enum Next {
    /// Nothing: end with this exit code.
    Done(u8),
    Show(Box<Prepared>, Look),
    Demo(Box<Prepared>, Demo, Look),
    Snapshot(Box<Prepared>, Shot),
}

/// The settings of a run that draws.
pub struct Prepared {
    pub loaded: Loaded,
    pub theme: Theme,
    pub able: Capability,
    /// What is wrong with the configured keys: told, and the run goes on without them.
    pub problems: Vec<Problem>,
    /// Where choices at the keys are kept for the next run; none where they are not.
    pub remembered: Option<PathBuf>,
}

/// Answers what can be answered without drawing.
pub fn run(invocation: Invocation, variables: &Variables) -> Next {
    let overrides = &invocation.overrides;
    let able = settings::capability(variables);
    match invocation.task {
        Task::Completions(shell) => Next::Done(print::data(&completions::script(shell))),
        Task::Config(task) => Next::Done(settings::run(task, variables, overrides, keys::problems)),
        Task::Show(look) => match prepare(variables, overrides, able) {
            Ok(prepared) => Next::Show(prepared, look),
            Err(code) => Next::Done(code),
        },
        Task::Demo(demo, look) => match prepare(variables, overrides, able) {
            Ok(prepared) => Next::Demo(prepared, demo, look),
            Err(code) => Next::Done(code),
        },
        Task::Snapshot(shot) => {
            let able = match shot.picture {
                Picture::Text | Picture::Svg => Capability::TrueColor,
                // A picture for later is not for this terminal; but a wish for no colour holds.
                Picture::Ansi if able == Capability::None && !no_color(variables) => {
                    Capability::TrueColor
                }
                Picture::Ansi => able,
            };
            match prepare(variables, overrides, able) {
                Ok(prepared) => {
                    for problem in &prepared.problems {
                        print::words(&format!("qd: warning: {problem}"));
                    }
                    Next::Snapshot(prepared, shot)
                }
                Err(code) => Next::Done(code),
            }
        }
        Task::Get(get) => Next::Done(with(
            variables,
            overrides,
            able,
            get.output,
            |loaded, printing| wait(get::run(&loaded.config, &get, printing.theme)),
        )),
        Task::Query(query) => Next::Done(with(
            variables,
            overrides,
            able,
            Output::Json,
            |loaded, printing| wait(query::run(&loaded.config, &query, printing.theme)),
        )),
        Task::Watched(watched) => Next::Done(with(
            variables,
            overrides,
            able,
            watched.output,
            |loaded, printing| wait(alerts::run(&loaded.config, &watched, printing)),
        )),
        Task::Keys(output) => Next::Done(with(variables, overrides, able, output, keys::run)),
        Task::Doctor(output) => Next::Done(with(
            variables,
            overrides,
            able,
            output,
            |loaded, printing| wait(doctor::run(loaded, able, printing)),
        )),
        Task::Contexts(output) => Next::Done(with(
            variables,
            overrides,
            able,
            output,
            |loaded, printing| match kubeconfig::contexts(overrides.kubeconfig.as_deref()) {
                Ok(found) => contexts::run(&loaded.config, &found, printing),
                Err(problem) => {
                    print::words(&format!("qd: {problem}"));
                    exit::FAILED
                }
            },
        )),
    }
}

/// Loads everything that drawing needs.
fn prepare(
    variables: &Variables,
    overrides: &Overrides,
    able: Capability,
) -> Result<Box<Prepared>, u8> {
    let loaded = settings::load(variables, overrides)?;
    let problems = keys::problems(&loaded);
    let theme = settings::theme(&loaded, able).map_err(|problems| settings::complain(&problems))?;
    Ok(Box::new(Prepared {
        loaded,
        theme,
        able,
        problems,
        remembered: Remembered::path(),
    }))
}

/// Loads the settings and does something that prints.
fn with(
    variables: &Variables,
    overrides: &Overrides,
    able: Capability,
    output: Output,
    run: impl FnOnce(&Loaded, Printing<'_>) -> u8,
) -> u8 {
    let loaded = match settings::load(variables, overrides) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let theme = match settings::theme(&loaded, able) {
        Ok(theme) => theme,
        Err(problems) => return settings::complain(&problems),
    };
    let colours = able != Capability::None && io::stdout().is_terminal();
    let printing = Printing {
        output,
        theme: colours.then_some(&theme),
    };
    run(&loaded, printing)
}

/// Runs a command on a runtime of its own.
fn wait(command: impl Future<Output = u8>) -> u8 {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(command);
            // A name being looked up would hold the process for seconds.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            print::words(&format!("qd: cannot start: {error}"));
            exit::FAILED
        }
    }
}

fn no_color(variables: &Variables) -> bool {
    variables
        .get("NO_COLOR")
        .is_some_and(|value| !value.is_empty())
}
