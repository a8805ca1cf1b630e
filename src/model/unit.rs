//! What a value is measured in.

/// A unit of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A plain number.
    #[default]
    Number,
    /// A share: 1 is all.
    Ratio,
    /// A share in per cent: 100 is all.
    Percent,
    Seconds,
    Milliseconds,
    Bytes,
    BytesPerSecond,
    /// Events a second.
    PerSecond,
    /// CPU in cores.
    Cores,
}

/// Every unit with its word in the configuration and what Grafana calls it.
const NAMES: [(Unit, &str, &[&str]); 9] = [
    (Unit::Number, "number", &["short", "none", "locale", ""]),
    (Unit::Ratio, "ratio", &["percentunit"]),
    (Unit::Percent, "percent", &["percent"]),
    (Unit::Seconds, "seconds", &["s", "dtdurations", "clocks"]),
    (
        Unit::Milliseconds,
        "milliseconds",
        &["ms", "dtdurationms", "clockms"],
    ),
    (Unit::Bytes, "bytes", &["bytes", "decbytes"]),
    (
        Unit::BytesPerSecond,
        "bytes/s",
        &["Bps", "binBps", "decBps"],
    ),
    (
        Unit::PerSecond,
        "per second",
        &[
            "reqps", "ops", "rps", "wps", "iops", "cps", "eps", "mps", "rowsps",
        ],
    ),
    (Unit::Cores, "cores", &["cores"]),
];

impl Unit {
    /// The words of the configuration, in order.
    pub fn words() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(_, word, _)| *word)
    }

    pub fn word(self) -> &'static str {
        NAMES
            .iter()
            .find(|(unit, ..)| *unit == self)
            .map_or("number", |(_, word, _)| word)
    }

    /// A unit by its word.
    pub fn parse(word: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(_, known, _)| *known == word)
            .map(|(unit, ..)| *unit)
    }

    /// A unit by what Grafana calls it; none for one that we do not know.
    pub fn of_grafana(id: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(.., ids)| ids.contains(&id))
            .map(|(unit, ..)| *unit)
    }
}
