//! The only language in which sources speak to the store.

use super::{
    AlertReport, ColumnInfo, Container, CustomKind, DockerContainer, Document, Endpoint,
    EndpointId, Event, Hpa, Key, Kind, MetricAnswer, MetricQuery, Name, Node, Pod, Resource, Rule,
    ScrapeTarget, Silence, SourceStatus, Text, Traffic, Uid, Usage, Workload,
};

/// Which objects of a kind: all, or those of one namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    #[default]
    All,
    Namespace(Name),
}

/// What a feed tells of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The endpoint itself: reachable, version, user.
    Server,
    /// Which kinds it knows.
    Discovery,
    Objects(Kind, Scope),
    /// CPU and memory in use.
    Usage,
    /// The opened object.
    Document,
    /// Questions to Prometheus and their answers.
    Metrics,
}

/// One stream of changes; its status says how far to trust what it told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Feed {
    pub endpoint: EndpointId,
    pub topic: Topic,
}

/// A row of any table.
#[allow(
    clippy::large_enum_variant,
    reason = "pods come by the hundred thousand and move straight into their table"
)]
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    Pod(Pod),
    Workload(Box<Workload>),
    Hpa(Box<Hpa>),
    Node(Box<Node>),
    Event(Box<Event>),
    Container(Box<Container>),
    Docker(Box<DockerContainer>),
    Alert(Box<AlertReport>),
    Rule(Box<Rule>),
    Target(Box<ScrapeTarget>),
    Silence(Box<Silence>),
    /// The kind says which table.
    Resource(Kind, Box<Resource>),
}

/// One fact from a source.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Status(SourceStatus),
    Endpoint(Endpoint),
    /// The endpoint was closed: everything of it goes.
    Closed,
    /// A list begins. Rows of this feed that are not told again before `Listed` are gone by then; until then they stay.
    Listing,
    Row(Row),
    /// An object is gone.
    Gone(Uid),
    /// The list is complete.
    Listed,
    /// The feed ends because nobody wants it: its rows go, its status too.
    Dropped,
    /// The server's columns for a kind.
    Columns(Kind, Vec<ColumnInfo>),
    Kinds(Vec<CustomKind>),
    Usage(Key, Usage),
    Traffic(Key, Traffic),
    /// CPU and memory of pods and nodes by namespace (empty for nodes) and name, where their identity is not known.
    Samples(Vec<(Text, Text, Usage)>),
    Document(Box<Document>),
    /// Why this feed tells less than all, such as a missing permission; none when it tells all again.
    Limited(Option<Text>),
    /// The newest answer to a question.
    Answer(Box<MetricAnswer>),
    /// Nobody asks this any more: its answer goes.
    Unasked(MetricQuery),
    /// Requests sent to the endpoint since the last word of it.
    Requests(u32),
}

/// Changes of one feed, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    pub feed: Feed,
    pub changes: Vec<Change>,
}
