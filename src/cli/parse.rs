//! From arguments to what shall be done: pure, so that every way of writing it can be tested.

use std::ffi::OsString;

use clap::{CommandFactory, Parser};
use clap_complete::Shell;

use super::args::{
    Arguments, Command, ConfigCommand, DemoSize, Everywhere, SilenceCommand, WatchedArguments,
};
use super::exit;
use crate::config::{Chord, Overrides, chord, nearest};
use crate::model::Engine;

/// What was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// What the flags say about settings.
    pub overrides: Overrides,
    pub task: Task,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// The dashboard.
    Show(Look),
    Demo(Demo, Look),
    Get(Get),
    Contexts(Output),
    Config(ConfigTask),
    Keys(Output),
    Doctor(Output),
    Completions(Shell),
    Query(Query),
    Watched(Watched),
    Snapshot(Shot),
}

/// What the servers that watch tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The view's name.
    pub view: &'static str,
    pub matchers: Option<String>,
    pub output: Output,
    pub exit_code: bool,
}

/// Where to look first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// None: the configured one.
    pub view: Option<String>,
    /// None: the configured or the context's one; empty: all.
    pub namespaces: Option<Vec<String>>,
}

/// The simulated cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demo {
    pub pods: Option<u32>,
    /// Changes a second.
    pub churn: Option<u32>,
    pub scenario: Option<String>,
}

/// Objects to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Get {
    /// A view or kind.
    pub kind: String,
    /// Empty: all of them.
    pub names: Vec<String>,
    pub namespaces: Option<Vec<String>>,
    /// As typed after `-l`.
    pub selector: Option<String>,
    pub output: Output,
    pub watch: bool,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    Table { wide: bool },
    Json,
    Ndjson,
    Yaml,
    Name,
}

/// What to do with the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigTask {
    Print,
    Check,
    Path,
    Example,
}

/// A frame to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct Shot {
    pub look: Look,
    /// Columns and rows.
    pub size: (u16, u16),
    pub picture: Picture,
    /// Draw the simulated cluster instead of a real one.
    pub demo: Option<Demo>,
    /// Keys to press before.
    pub keys: Vec<Chord>,
}

/// A question to Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub promql: String,
    /// Seconds; none for what is now.
    pub range: Option<u32>,
    pub output: QueryOutput,
    /// The server's name; none for the first that answers.
    pub prometheus: Option<String>,
}

/// How to print values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryOutput {
    Table,
    Json,
    Csv,
    Chart,
}

/// What a frame becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    Text,
    /// Text with colours.
    Ansi,
    Svg,
}

/// Words instead of a task: help, the version, or what is wrong with the arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub code: u8,
    /// With escape sequences for bold and colour.
    pub styled: String,
    pub plain: String,
}

/// Reads the arguments, the program's own name first.
///
/// # Errors
/// Help and version (code 0), and everything that is wrong with the arguments (code 2).
pub fn parse(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Invocation, Stop> {
    let parsed = Arguments::try_parse_from(arguments)?;
    let flags = parsed.everywhere;
    if flags.all_namespaces && !flags.namespace.is_empty() {
        return Err(Stop::usage(
            "-A means all namespaces, -n only some: give one of them",
        ));
    }
    let namespaces = namespaces(&flags);
    let look = |view: Option<String>| Look {
        view,
        namespaces: namespaces.clone(),
    };
    let task = match parsed.command {
        None => Task::Show(look(one_view(parsed.words)?)),
        Some(_) if !parsed.words.is_empty() => return Err(unknown_command(&parsed.words)),
        Some(Command::Demo(demo)) => Task::Demo(demo.size.into(), look(demo.view)),
        Some(Command::Get(get)) => {
            let (kind, names) = kind_and_names(get.kind, get.names)?;
            Task::Get(Get {
                kind,
                names,
                namespaces: namespaces.clone(),
                selector: get.selector,
                output: get.output.into(),
                watch: get.watch,
            })
        }
        Some(Command::Contexts(out)) => Task::Contexts(out.output.into()),
        Some(Command::Config { what }) => Task::Config(match what {
            ConfigCommand::Print => ConfigTask::Print,
            ConfigCommand::Check => ConfigTask::Check,
            ConfigCommand::Path => ConfigTask::Path,
            ConfigCommand::Example => ConfigTask::Example,
        }),
        Some(Command::Alerts(asked)) => Task::Watched(Watched {
            // Several must all fit, as several in one do.
            matchers: (!asked.matcher.is_empty()).then(|| {
                let inner = asked.matcher.iter().map(|one| one.trim_matches(['{', '}']));
                inner.collect::<Vec<_>>().join(",")
            }),
            ..watched("alerts", &asked.how)
        }),
        Some(Command::Rules(how)) => Task::Watched(watched("rules", &how)),
        Some(Command::Targets(how)) => Task::Watched(watched("targets", &how)),
        Some(Command::Silence { what }) => match what {
            SilenceCommand::List(out) => Task::Watched(Watched {
                view: "silences",
                matchers: None,
                output: out.output.into(),
                exit_code: false,
            }),
        },
        Some(Command::Keys(out)) => Task::Keys(out.output.into()),
        Some(Command::Doctor(out)) => Task::Doctor(out.output.into()),
        Some(Command::Completions { shell }) => Task::Completions(shell),
        Some(Command::Query(query)) => {
            let range = query.range.as_deref().map(crate::ui::range).transpose();
            let range = range.map_err(|problem| Stop::usage(format!("--range: {problem}")))?;
            let output = query.output.into();
            // A chart of one moment would be a dot.
            let hour = (output == QueryOutput::Chart).then_some(3600);
            Task::Query(Query {
                promql: query.promql,
                range: range.or(hour),
                output,
                prometheus: query.prometheus,
            })
        }
        Some(Command::Snapshot(shot)) => {
            let size = &shot.demo_size;
            let sized = size.pods.is_some() || size.churn.is_some() || size.scenario.is_some();
            if sized && !shot.demo {
                return Err(Stop::usage(
                    "--pods, --churn and --scenario belong to --demo",
                ));
            }
            Task::Snapshot(Shot {
                look: look(Some(shot.view)),
                size: shot.size,
                picture: shot.format.into(),
                demo: shot.demo.then(|| shot.demo_size.into()),
                keys: keys(shot.keys.as_deref())?,
            })
        }
    };
    Ok(Invocation {
        overrides: Overrides {
            config: flags.config,
            theme: flags.theme,
            read_only: flags.read_only,
            contexts: flags.context,
            kubeconfig: flags.kubeconfig,
            docker: flags.docker,
            only: match (flags.docker_only, flags.kubernetes_only) {
                (true, _) => Some(Engine::Docker),
                (_, true) => Some(Engine::Kubernetes),
                _ => None,
            },
        },
        task,
    })
}

fn watched(view: &'static str, how: &WatchedArguments) -> Watched {
    Watched {
        view,
        matchers: None,
        output: how.output.into(),
        exit_code: how.exit_code,
    }
}

impl From<DemoSize> for Demo {
    fn from(size: DemoSize) -> Self {
        Self {
            pods: size.pods,
            churn: size.churn,
            scenario: size.scenario,
        }
    }
}

impl Stop {
    /// Something wrong with the arguments.
    pub fn usage(message: impl AsRef<str>) -> Self {
        let plain = format!("qd: {}\nTry qd --help\n", message.as_ref());
        Self {
            code: exit::USAGE,
            styled: plain.clone(),
            plain,
        }
    }

    /// Help and version are what was asked for; anything else is a complaint.
    pub fn wanted(&self) -> bool {
        self.code == exit::OK
    }
}

impl From<clap::Error> for Stop {
    fn from(error: clap::Error) -> Self {
        let rendered = error.render();
        Self {
            code: if error.use_stderr() {
                exit::USAGE
            } else {
                exit::OK
            },
            styled: rendered.ansi().to_string(),
            plain: rendered.to_string(),
        }
    }
}

/// None: nothing was said; empty: all.
fn namespaces(flags: &Everywhere) -> Option<Vec<String>> {
    if flags.all_namespaces {
        return Some(Vec::new());
    }
    let names: Vec<String> = flags
        .namespace
        .iter()
        .filter(|name| !name.is_empty())
        .cloned()
        .collect();
    (!names.is_empty()).then_some(names)
}

fn one_view(words: Vec<String>) -> Result<Option<String>, Stop> {
    if words.len() > 1 {
        return Err(unknown_command(&words));
    }
    Ok(words.into_iter().next())
}

/// Several words that begin with no command: the first was probably meant as one.
fn unknown_command(words: &[String]) -> Stop {
    let first = words.first().map(String::as_str).unwrap_or_default();
    let commands = Arguments::command();
    let names: Vec<&str> = commands
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    Stop::usage(match nearest(first, names.iter().copied()) {
        Some(name) => format!("unknown command \"{first}\": did you mean \"{name}\"?"),
        None => format!(
            "\"{first}\" is a view or an unknown command, and one view can be shown at first (commands: {})",
            names.join(", ")
        ),
    })
}

/// `deploy/shop` is a kind and a name.
fn kind_and_names(kind: String, names: Vec<String>) -> Result<(String, Vec<String>), Stop> {
    match kind.split_once('/') {
        None => Ok((kind, names)),
        Some((kind, name)) if !kind.is_empty() && !name.is_empty() && names.is_empty() => {
            Ok((kind.to_owned(), vec![name.to_owned()]))
        }
        Some(_) => Err(Stop::usage(format!(
            "\"{kind}\" is no kind: write KIND NAME or KIND/NAME"
        ))),
    }
}

fn keys(text: Option<&str>) -> Result<Vec<Chord>, Stop> {
    match text {
        None => Ok(Vec::new()),
        Some(text) => chord::sequence(text).map_err(|bad| Stop::usage(format!("--keys: {bad}"))),
    }
}
