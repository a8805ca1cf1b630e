//! Decodes answers of the query API straight into series: no tree of objects between, and samples are read where they lie.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::clients::fault::Fault;
use crate::model::{Labels, Name, Point, Replied, Series, Text};

/// Warnings that are kept of one answer.
const WARNINGS: usize = 8;

/// An answer, and what the server says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub reply: Replied,
    pub warnings: Vec<Text>,
}

/// Decodes an answer. Its times are put back by the milliseconds that the server's clock is ahead.
///
/// # Errors
/// [`Fault::Strange`] if it is none, [`Fault::Refused`] with the server's words if it is a refusal in disguise.
pub fn decode(body: &[u8], ahead_millis: i64) -> Result<Decoded, Fault> {
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|error| {
        Fault::Strange(format!("something else than a Prometheus answer: {error}"))
    })?;
    if envelope.status.is_some_and(|status| status == "error") {
        return Err(Fault::Refused {
            code: 200,
            message: envelope.error.unwrap_or_default().into_owned(),
        });
    }
    let mut warnings: Vec<Text> = envelope
        .warnings
        .iter()
        .chain(&envelope.infos)
        .flatten()
        .take(WARNINGS)
        .map(|warning| Text::new(warning))
        .collect();
    if envelope.partial {
        warnings.push(Text::new("only part of the data answered"));
    }
    let mut reply = match envelope.data {
        Some(Data::Result(list)) => list,
        Some(Data::Words(words)) => Replied::Words(words),
        None => Replied::Series(Vec::new()),
    };
    if let Replied::Series(list) = &mut reply
        && ahead_millis != 0
    {
        for point in list.iter_mut().flat_map(|series| &mut series.points) {
            point.millis -= ahead_millis;
        }
    }
    Ok(Decoded { reply, warnings })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow, default)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    error: Option<Cow<'a, str>>,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
    #[serde(default)]
    infos: Option<Vec<String>>,
    /// As VictoriaMetrics says it.
    #[serde(default, rename = "isPartial")]
    partial: bool,
}

/// The `data` of an answer: an object with a result, or a list of words.
enum Data {
    Result(Replied),
    Words(Vec<Text>),
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a result or a list of words")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Data, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = list.next_element::<Cow<'de, str>>()? {
            words.push(Text::new(&word));
        }
        Ok(Data::Words(words))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
        let mut result = Vec::new();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == "result" {
                result = map.next_value::<Outcome>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Data::Result(Replied::Series(result)))
    }
}

/// The `result` of a query: a list of series, or the two halves of a lone sample.
struct Outcome(Vec<Series>);

/// An element of a result.
enum Element {
    Series(Series),
    Time(f64),
    Value(f64),
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OutcomeVisitor;
        impl<'de> Visitor<'de> for OutcomeVisitor {
            type Value = Outcome;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of series, or a sample")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Outcome, A::Error> {
                let mut all = Vec::new();
                let mut time = None;
                while let Some(element) = list.next_element::<Element>()? {
                    match element {
                        Element::Series(series) => all.push(series),
                        Element::Time(at) => time = Some(at),
                        Element::Value(value) => all.push(Series {
                            points: vec![point(time.unwrap_or_default(), value)],
                            ..Series::default()
                        }),
                    }
                }
                Ok(Outcome(all))
            }
        }
        deserializer.deserialize_seq(OutcomeVisitor)
    }
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementVisitor;
        impl<'de> Visitor<'de> for ElementVisitor {
            type Value = Element;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a series, a time or a value")
            }

            fn visit_f64<E: Error>(self, time: f64) -> Result<Element, E> {
                Ok(Element::Time(time))
            }

            fn visit_u64<E: Error>(self, time: u64) -> Result<Element, E> {
                Ok(Element::Time(time as f64))
            }

            fn visit_i64<E: Error>(self, time: i64) -> Result<Element, E> {
                Ok(Element::Time(time as f64))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Element, E> {
                // The result of an expression may also be a string, which is no number.
                Ok(Element::Value(value.parse().unwrap_or(f64::NAN)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Element, A::Error> {
                series(map).map(Element::Series)
            }
        }
        deserializer.deserialize_any(ElementVisitor)
    }
}

fn series<'de, A: MapAccess<'de>>(mut map: A) -> Result<Series, A::Error> {
    let mut series = Series::default();
    while let Some(key) = map.next_key::<Cow<'de, str>>()? {
        match &*key {
            "metric" => series.labels = map.next_value::<Metric>()?.0,
            "value" => {
                let sample = map.next_value::<Sample>()?;
                series.points = vec![point(sample.0, sample.1)];
            }
            "values" => series.points = map.next_value::<Samples>()?.0,
            "histogram" => {
                map.next_value::<IgnoredAny>()?;
                series.histograms = 1;
            }
            "histograms" => {
                let list = map.next_value::<Vec<IgnoredAny>>()?;
                series.histograms = u32::try_from(list.len()).unwrap_or(u32::MAX);
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    Ok(series)
}

fn point(seconds: f64, value: f64) -> Point {
    Point {
        millis: (seconds * 1000.0).round() as i64,
        value,
    }
}

/// Labels as an object of texts.
#[derive(Default)]
pub(crate) struct Metric(pub(crate) Labels);

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MetricVisitor;
        impl<'de> Visitor<'de> for MetricVisitor {
            type Value = Metric;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metric, A::Error> {
                let mut pairs = Vec::new();
                while let Some((name, value)) = map.next_entry::<Cow<'de, str>, Cow<'de, str>>()? {
                    pairs.push((Name::new(&name), Name::new(&value)));
                }
                Ok(Metric(Labels::new(pairs)))
            }
        }
        deserializer.deserialize_map(MetricVisitor)
    }
}

/// `[1700000000.123, "1e+00"]`
struct Sample(f64, f64);

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (time, value) = <(f64, Value)>::deserialize(deserializer)?;
        Ok(Self(time, value.0))
    }
}

/// A value, which is written as text: `NaN` and `+Inf` are no numbers of JSON.
struct Value(f64);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl Visitor<'_> for ValueVisitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number as text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
                text.parse()
                    .map(Value)
                    .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(ValueVisitor)
    }
}

/// The samples of a series over a range.
struct Samples(Vec<Point>);

impl<'de> Deserialize<'de> for Samples {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SamplesVisitor;
        impl<'de> Visitor<'de> for SamplesVisitor {
            type Value = Samples;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of samples")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Samples, A::Error> {
                let mut points = Vec::new();
                while let Some(sample) = list.next_element::<Sample>()? {
                    points.push(point(sample.0, sample.1));
                }
                Ok(Samples(points))
            }
        }
        deserializer.deserialize_seq(SamplesVisitor)
    }
}
