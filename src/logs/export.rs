//! Lines as they are written to a file: as text, or as one JSON object a line.

use std::io::Write;

use super::stream::Stream;
use super::text;
use super::walk::Line;
use crate::model::LogFlags;

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// One JSON object a line; else text behind time and source.
    pub json: bool,
    /// As they were written, with whatever they would do to a terminal.
    pub raw: bool,
}

impl Export {
    /// Adds a line to what is to be written. Marks are written as comments, or with `mark` in place of `line`.
    pub fn write(self, line: &Line, stream: Option<&Stream>, out: &mut Vec<u8>) {
        let time = jiff::Timestamp::from_nanosecond(i128::from(line.time)).unwrap_or_default();
        let source = stream.map_or("", |stream| stream.about.label.as_str());
        let mark = line.mark();
        let said = match &mark {
            Some((_, words)) => words.to_string(),
            None if self.raw => String::from_utf8_lossy(&line.bytes).into_owned(),
            None => text::plain(&String::from_utf8_lossy(&line.bytes)),
        };
        if self.json {
            let mut object = serde_json::json!({ "time": time.to_string(), "source": source });
            if let Some(fields) = object.as_object_mut() {
                let name = if mark.is_some() { "mark" } else { "line" };
                fields.insert(name.to_owned(), said.into());
                if !line.level.word().is_empty() {
                    fields.insert("level".to_owned(), line.level.word().into());
                }
                if line.flags.has(LogFlags::CUT) {
                    fields.insert("cut".to_owned(), true.into());
                }
            }
            out.extend_from_slice(object.to_string().as_bytes());
        } else if mark.is_some() {
            // A vector takes whatever is written to it.
            let _ = write!(out, "# {time} {source} {said}");
        } else {
            let _ = write!(out, "{time} {source} ");
            if self.raw {
                out.extend_from_slice(&line.bytes);
            } else {
                out.extend_from_slice(said.as_bytes());
            }
        }
        out.push(b'\n');
    }
}
