//! `qd config`: what is in force, what is wrong with it, where it lies, and an example.

use std::fmt::Write;

use super::exit;
use super::parse::ConfigTask;
use super::print;
use crate::config::{Config, Loaded, Overrides, Problem, Problems, Variables};
use crate::ui::theme::{Capability, Theme};

/// Loads the configuration and says its warnings.
///
/// # Errors
/// The exit code, once every problem was said.
pub fn load(variables: &Variables, overrides: &Overrides) -> Result<Loaded, u8> {
    match Config::load(variables, overrides) {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                print::words(&format!("qd: warning: {warning}"));
            }
            Ok(loaded)
        }
        Err(problems) => Err(complain(&problems)),
    }
}

/// Loads the configured theme.
///
/// # Errors
/// Every problem, at the place where the theme was chosen or in its file.
pub fn theme(loaded: &Loaded, able: Capability) -> Result<Theme, Problems> {
    let folder = loaded.themes();
    Theme::load(&loaded.config.ui.theme, folder.as_deref(), able).map_err(|mut problems| {
        for problem in &mut problems.0 {
            if problem.place.is_none() {
                problem.place = loaded.place("ui.theme").cloned();
            }
        }
        problems
    })
}

/// How many colours the terminal shows, by the process's environment.
pub fn capability(variables: &Variables) -> Capability {
    Capability::of(|name| variables.get(name).map(String::as_str))
}

/// Does what `qd config` was asked. `more` finds what is wrong beyond the file itself: keys, views.
pub fn run(
    task: ConfigTask,
    variables: &Variables,
    overrides: &Overrides,
    more: impl Fn(&Loaded) -> Vec<Problem>,
) -> u8 {
    match task {
        ConfigTask::Example => print::data(&Config::example()),
        ConfigTask::Path => {
            if let Some(path) = Config::path(variables, overrides) {
                return print::data(&format!("{}\n", path.display()));
            }
            print::words("qd: there is no home folder, so no usual place; use --config FILE");
            exit::FAILED
        }
        ConfigTask::Print => match load(variables, overrides) {
            Ok(loaded) => print::data(&loaded.print()),
            Err(code) => code,
        },
        ConfigTask::Check => match load(variables, overrides) {
            Ok(loaded) => check(&loaded, more(&loaded)),
            Err(code) => code,
        },
    }
}

fn check(loaded: &Loaded, mut problems: Vec<Problem>) -> u8 {
    if let Err(theme) = theme(loaded, Capability::TrueColor) {
        problems.extend(theme.0);
    }
    if !problems.is_empty() {
        return complain(&Problems(problems));
    }
    let mut text = match &loaded.path {
        Some(path) if path.exists() => format!("{} is fine\n", path.display()),
        Some(path) => format!(
            "{} is not there: the defaults are in force\n",
            path.display()
        ),
        None => "no file: the defaults are in force\n".to_owned(),
    };
    let themes = Theme::names(loaded.themes().as_deref()).join(", ");
    let _ = writeln!(text, "themes: {themes}");
    print::data(&text)
}

/// Says every problem; returns the exit code.
pub fn complain(problems: &Problems) -> u8 {
    for problem in &problems.0 {
        print::words(&format!("qd: {problem}"));
    }
    exit::USAGE
}
