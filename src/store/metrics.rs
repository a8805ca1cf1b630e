//! Answers of Prometheus by their questions. A question that is refused keeps its last good answer beside the refusal, so
//! that a chart never goes blank because of one bad minute.

use std::collections::HashMap;

use crate::model::{EndpointId, MetricAnswer, MetricQuery, Moment, Replied, Text};

/// The answers that are kept: those of questions that are still asked.
#[derive(Default)]
pub struct Metrics {
    kept: HashMap<MetricQuery, Kept>,
    revision: u64,
}

/// What is known of a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// The last answer, when it was asked, and what the server said of it.
    pub good: Option<(Moment, Replied, Vec<Text>)>,
    /// Why asking since then has failed, and when it did last.
    pub refused: Option<(Moment, Text)>,
}

impl Metrics {
    /// Grows with every answer.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What is known of a question; nothing until its first answer.
    pub fn get(&self, query: &MetricQuery) -> Option<&Kept> {
        self.kept.get(query)
    }

    pub(super) fn answer(&mut self, answer: MetricAnswer) {
        self.revision += 1;
        let kept = self.kept.entry(answer.query).or_default();
        match answer.reply {
            Ok(reply) => {
                kept.good = Some((answer.at, reply, answer.warnings));
                kept.refused = None;
            }
            Err(why) => kept.refused = Some((answer.at, why)),
        }
    }

    pub(super) fn forget(&mut self, query: &MetricQuery) {
        if self.kept.remove(query).is_some() {
            self.revision += 1;
        }
    }

    pub(super) fn close(&mut self, endpoint: EndpointId) {
        self.kept.retain(|query, _| query.endpoint != endpoint);
        self.revision += 1;
    }
}
