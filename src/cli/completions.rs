//! Completions: what clap knows, with the names of views and themes.

use clap::Command;
use clap::builder::PossibleValuesParser;
use clap_complete::Shell;

use super::args;
use crate::ui::theme::Theme;
use crate::ui::views;

/// The completion script of a shell.
pub fn script(shell: Shell) -> String {
    let names: Vec<&'static str> = views::ALL.iter().map(|view| view.name()).collect();
    let themes = PossibleValuesParser::new(Theme::built_in().collect::<Vec<_>>());
    let mut command = args::command();
    if !names.is_empty() {
        let views = PossibleValuesParser::new(names);
        let with = |command: Command, argument: &'static str| {
            let views = views.clone();
            command.mut_arg(argument, move |argument| argument.value_parser(views))
        };
        command = with(command, "words")
            .mut_subcommand("demo", |demo| with(demo, "view"))
            .mut_subcommand("get", |get| with(get, "kind"))
            .mut_subcommand("snapshot", |snapshot| with(snapshot, "view"));
    }
    command = command.mut_arg("theme", |theme| theme.value_parser(themes));
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "qd", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
