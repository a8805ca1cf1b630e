//! One answer of `query_range`: streams by their labels, each with times and lines. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A line with its time in nanoseconds and the number of its stream in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub time: i64,
    pub stream: usize,
    pub line: String,
}

/// An answer, its lines in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Labels, sorted by name.
    pub streams: Vec<Vec<(String, String)>>,
    pub entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    #[serde(default)]
    result_type: String,
    result: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    #[serde(default)]
    stream: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<Value>,
}

/// Time and line; newer servers add a third part, which may be left out.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Pair(String, String),
    More(String, String, serde::de::IgnoredAny),
}

impl Page {
    /// Reads an answer.
    ///
    /// # Errors
    /// In words, when it holds no lines.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let foreign = |_| "something else than log lines: is the query one of metrics?".to_owned();
        let answer: Answer = serde_json::from_slice(body).map_err(foreign)?;
        if !matches!(answer.data.result_type.as_str(), "streams" | "") {
            return Err("the query is one of metrics: write one that selects lines".to_owned());
        }
        let mut page = Self::default();
        for stream in answer.data.result {
            let number = page.streams.len();
            page.streams.push(stream.stream.into_iter().collect());
            for value in stream.values {
                let (Value::Pair(time, line) | Value::More(time, line, _)) = value;
                let time = time
                    .parse()
                    .map_err(|_| format!("a time that is none: {time}"))?;
                page.entries.push(Entry {
                    time,
                    stream: number,
                    line,
                });
            }
        }
        page.entries.sort_by_key(|entry| entry.time);
        Ok(page)
    }
}
