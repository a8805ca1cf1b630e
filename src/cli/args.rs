//! The arguments as clap reads them. Only `parse` and `completions` see these types.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::exit;
use super::parse::{Output, Picture, QueryOutput};

/// One terminal dashboard from which people who run services watch their clusters live.
#[derive(Debug, Parser)]
#[command(
    name = "qd",
    version,
    about,
    after_help = exit::HELP,
    override_usage = "qd [VIEW] [-n NAMESPACE | -A] [--context CONTEXT]…\n       qd COMMAND …",
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// What to show first: a view or a kind (`pods`, `hpa`, `deploy`, `certificates`); the overview if left out
    #[arg(value_name = "VIEW")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub everywhere: Everywhere,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that may stand anywhere.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Anywhere")]
pub struct Everywhere {
    /// Only these namespaces (repeat, or commas between)
    #[arg(
        short,
        long,
        global = true,
        value_name = "NAMESPACE",
        value_delimiter = ','
    )]
    pub namespace: Vec<String>,
    /// All namespaces
    #[arg(short = 'A', long, global = true)]
    pub all_namespaces: bool,
    /// Open this context of the kubeconfig; repeat for several at once
    #[arg(long, global = true, value_name = "CONTEXT")]
    pub context: Vec<String>,
    /// The kubeconfig to read, instead of $KUBECONFIG and ~/.kube/config
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Open this Docker host (`ssh://user@web-1`, `tcp://…`, `unix:///…`) or context of the docker command; repeat for
    /// several at once
    #[arg(long, global = true, value_name = "HOST")]
    pub docker: Vec<String>,
    /// Only Docker hosts, no clusters
    #[arg(long, global = true, conflicts_with_all = ["kubernetes_only", "context", "kubeconfig"])]
    pub docker_only: bool,
    /// Only clusters, no Docker hosts
    #[arg(long, global = true, conflicts_with = "docker")]
    pub kubernetes_only: bool,
    /// Never change anything
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Colours
    #[arg(long, global = true, value_name = "THEME")]
    pub theme: Option<String>,
    /// The configuration to read (`qd config path` names the usual one)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Commands; a word that is none of them is a view.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A living cluster to try everything on, simulated here: nothing to install
    Demo(DemoArguments),
    /// Print objects and end
    Get(GetArguments),
    /// The contexts of the kubeconfig
    Contexts(OutputArguments),
    /// The configuration: print what is in force, check it, name its place, or print a commented example
    Config {
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Alerts of every Prometheus and Alertmanager, each with the workload it is about
    Alerts(AlertsArguments),
    /// Silences: list them
    Silence {
        #[command(subcommand)]
        what: SilenceCommand,
    },
    /// Alerting rules, and whether they work
    Rules(WatchedArguments),
    /// What Prometheus scrapes, and whether it answers
    Targets(WatchedArguments),
    /// All keys
    Keys(OutputArguments),
    /// What is reachable, what is permitted, what is missing and how to mend it
    Doctor(OutputArguments),
    /// Completions for a shell, to standard output
    Completions { shell: Shell },
    /// Ask Prometheus: an expression of PromQL, now or over a range
    Query(QueryArguments),
    /// Draw one frame of live data without a terminal
    Snapshot(SnapshotArguments),
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// What is in force, with the place that each setting comes from
    Print,
    /// Read everything and show every problem
    Check,
    /// The place of the file
    Path,
    /// A commented file with the defaults
    Example,
}

#[derive(Args, Debug)]
pub struct AlertsArguments {
    /// Only alerts whose labels fit: severity="critical",namespace=~"ecom.*"
    #[arg(long, value_name = "MATCHERS")]
    pub matcher: Vec<String>,
    #[command(flatten)]
    pub how: WatchedArguments,
}

#[derive(Args, Debug)]
pub struct WatchedArguments {
    /// How to print
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: OutputFormat,
    /// End with 10 if an alert fires, a rule is broken or a target is down
    #[arg(long)]
    pub exit_code: bool,
}

#[derive(Debug, Subcommand)]
pub enum SilenceCommand {
    /// Silences of every Alertmanager, and how many alerts each holds back
    List(OutputArguments),
}

#[derive(Args, Debug)]
pub struct OutputArguments {
    /// How to print
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: OutputFormat,
}

#[derive(Args, Debug)]
pub struct DemoArguments {
    /// What to show first
    #[arg(value_name = "VIEW")]
    pub view: Option<String>,
    #[command(flatten)]
    pub size: DemoSize,
}

#[derive(Args, Clone, Debug, Default)]
pub struct DemoSize {
    /// How many pods the simulated cluster has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub pods: Option<u32>,
    /// How many changes happen in it each second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub churn: Option<u32>,
    /// The incident to play
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
}

#[derive(Args, Debug)]
pub struct GetArguments {
    /// A view or a kind, or KIND/NAME
    #[arg(index = 1, value_name = "KIND")]
    pub kind: String,
    /// Only objects of these names
    #[arg(index = 2, value_name = "NAME")]
    pub names: Vec<String>,
    /// Only objects whose labels fit: app=shop,tier!=web,env in (a,b)
    #[arg(short = 'l', long, value_name = "LABELS")]
    pub selector: Option<String>,
    /// How to print; yaml with a NAME is the whole object
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: OutputFormat,
    /// Keep printing rows as they change
    #[arg(short, long)]
    pub watch: bool,
}

#[derive(Args, Debug)]
pub struct QueryArguments {
    /// The expression
    #[arg(value_name = "PROMQL")]
    pub promql: String,
    /// The last so long instead of now: 90m, 6h, 2d
    #[arg(long, value_name = "RANGE")]
    pub range: Option<String>,
    /// How to print; a chart shows the last hour if no range is given
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: QueryFormat,
    /// The server by its name, if there are several
    #[arg(long, value_name = "NAME")]
    pub prometheus: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum QueryFormat {
    #[default]
    Table,
    Json,
    Csv,
    Chart,
}

#[derive(Args, Debug)]
pub struct SnapshotArguments {
    /// What to draw
    #[arg(value_name = "VIEW", default_value = "overview")]
    pub view: String,
    /// Columns and rows
    #[arg(long, value_name = "WxH", default_value = "160x48", value_parser = size)]
    pub size: (u16, u16),
    /// What to print
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: PictureFormat,
    /// Draw the simulated cluster
    #[arg(long)]
    pub demo: bool,
    /// Keys to press before drawing, such as "j j enter"
    #[arg(long, value_name = "KEYS")]
    pub keys: Option<String>,
    #[command(flatten)]
    pub demo_size: DemoSize,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum OutputFormat {
    #[default]
    Table,
    Wide,
    Json,
    Ndjson,
    Yaml,
    Name,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum PictureFormat {
    #[default]
    Text,
    Ansi,
    Svg,
}

impl From<OutputFormat> for Output {
    fn from(format: OutputFormat) -> Self {
        match format {
            OutputFormat::Table => Self::Table { wide: false },
            OutputFormat::Wide => Self::Table { wide: true },
            OutputFormat::Json => Self::Json,
            OutputFormat::Ndjson => Self::Ndjson,
            OutputFormat::Yaml => Self::Yaml,
            OutputFormat::Name => Self::Name,
        }
    }
}

impl From<QueryFormat> for QueryOutput {
    fn from(format: QueryFormat) -> Self {
        match format {
            QueryFormat::Table => Self::Table,
            QueryFormat::Json => Self::Json,
            QueryFormat::Csv => Self::Csv,
            QueryFormat::Chart => Self::Chart,
        }
    }
}

impl From<PictureFormat> for Picture {
    fn from(format: PictureFormat) -> Self {
        match format {
            PictureFormat::Text => Self::Text,
            PictureFormat::Ansi => Self::Ansi,
            PictureFormat::Svg => Self::Svg,
        }
    }
}

/// Reads `160x48`.
fn size(text: &str) -> Result<(u16, u16), String> {
    let wrong =
        || "write columns and rows with an x between, each from 1 to 1000: 160x48".to_owned();
    let (width, height) = text.split_once(['x', 'X', '×']).ok_or_else(wrong)?;
    let side = |text: &str| {
        let cells: u16 = text.parse().map_err(|_| wrong())?;
        if (1..=1000).contains(&cells) {
            Ok(cells)
        } else {
            Err(wrong())
        }
    };
    Ok((side(width)?, side(height)?))
}
