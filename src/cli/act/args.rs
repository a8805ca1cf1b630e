//! The subcommands of the actions, made from their list, and what was said on them.

use clap::builder::ValueRange;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::Act;
use crate::actions::{self, Action, Argument, Arguments, Shape};

/// Ids that no argument of an action may have.
const TARGET: &str = "target";

/// One subcommand an action.
pub fn commands() -> impl Iterator<Item = Command> {
    actions::ALL.iter().map(|action| command(*action))
}

fn command(action: &'static dyn Action) -> Command {
    let mut command = Command::new(action.name())
        .about(action.doc())
        .disable_help_flag(false)
        .arg(
            Arg::new(TARGET)
                .value_name("TARGET")
                .required(true)
                .help("KIND/NAME, or the name alone where that says which"),
        );
    for argument in action.arguments() {
        if argument.positional {
            command = command.arg(
                Arg::new(positional(argument))
                    .value_name(argument.name.to_uppercase())
                    .help(argument.doc)
                    .num_args(if argument.shape == Shape::Pairs {
                        ValueRange::from(1..)
                    } else {
                        ValueRange::from(1)
                    })
                    .allow_negative_numbers(true),
            );
        }
        let flag = Arg::new(argument.name)
            .long(argument.name)
            .help(argument.doc);
        command = command.arg(match argument.shape {
            Shape::Flag => flag.action(ArgAction::SetTrue),
            Shape::Pairs => flag.action(ArgAction::Append).value_name("NAME=VALUE"),
            Shape::Choice(choices) => flag.value_parser(choices.to_vec()),
            _ => flag
                .value_name(argument.name.to_uppercase())
                .allow_negative_numbers(true),
        });
    }
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .help(help)
            .action(ArgAction::SetTrue)
    };
    let word = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let seconds = |name: &'static str, help: &'static str| {
        word(name, "SECONDS", help).value_parser(clap::value_parser!(u64).range(0..=86_400))
    };
    if action.lists() {
        command = command.arg(flag("list", "Print what can be chosen, and end"));
    }
    command
        .arg(flag(
            "dry-run",
            "Print the plan, let the server try it, and end",
        ))
        .arg(flag("yes", "Answer yes where yes or no is asked").short('y'))
        .arg(word(
            "confirm",
            "TEXT",
            "Answer where a name is to be typed: exactly what the plan asks for",
        ))
        .arg(word("reason", "TEXT", "Why; it goes into the audit"))
        .arg(flag(
            "wait",
            "Wait for the outcome (that is what happens unless told)",
        ))
        .arg(flag("no-wait", "End once the server has taken it").conflicts_with("wait"))
        .arg(seconds(
            "timeout",
            "How long it may take until it counts as failed",
        ))
        .arg(seconds(
            "steady",
            "How long it must stay well until it counts as done",
        ))
        .arg(
            word("output", "FORMAT", "How to print")
                .short('o')
                .value_parser(["text", "json"])
                .default_value("text"),
        )
}

fn positional(argument: &Argument) -> String {
    format!("{}-word", argument.name)
}

/// Reads what was said on an action's subcommand.
///
/// # Errors
/// What is wrong with an argument.
pub fn read(
    name: &str,
    matches: &ArgMatches,
    namespaces: Option<&[String]>,
) -> Result<Act, String> {
    let action = actions::find(name).ok_or_else(|| format!("no action is called {name}"))?;
    let namespace = match namespaces {
        None => None,
        Some([one]) => Some(one.clone()),
        Some(_) => return Err("name one namespace: -n NAMESPACE".to_owned()),
    };
    let word = |name: &str| matches.get_one::<String>(name).cloned();
    Ok(Act {
        action: name.to_owned(),
        target: word(TARGET).unwrap_or_default(),
        namespace,
        arguments: arguments(action, matches)?,
        list: action.lists() && matches.get_flag("list"),
        dry_run: matches.get_flag("dry-run"),
        yes: matches.get_flag("yes"),
        confirm: word("confirm"),
        reason: word("reason").unwrap_or_default(),
        no_wait: matches.get_flag("no-wait"),
        timeout: matches.get_one("timeout").copied(),
        steady: matches.get_one("steady").copied(),
        json: word("output").as_deref() == Some("json"),
    })
}

fn arguments(action: &dyn Action, matches: &ArgMatches) -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    for argument in action.arguments() {
        if argument.shape == Shape::Flag {
            if matches.get_flag(argument.name) {
                arguments.read(argument, "true")?;
            }
            continue;
        }
        let by_flag = matches.get_many::<String>(argument.name);
        let word = positional(argument);
        let by_place = argument
            .positional
            .then(|| matches.get_many::<String>(&word))
            .flatten();
        for text in by_flag.into_iter().chain(by_place).flatten() {
            arguments.read(argument, text)?;
        }
    }
    Ok(arguments)
}
