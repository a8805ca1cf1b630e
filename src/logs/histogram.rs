//! How many lines were written when, by level.

use super::book::{FILTER, Logbook};
use crate::model::{LogFlags, LogLevel};

/// Lines of one stretch of time by level, from unknown to fatal.
pub type Bucket = [u32; LogLevel::ALL.len()];

impl Logbook {
    /// Counts lines in so many equal stretches of a span of time; `all` counts also what the filter stops.
    pub fn histogram(&self, span: (i64, i64), buckets: usize, all: bool) -> Vec<Bucket> {
        let mut counts = vec![Bucket::default(); buckets];
        let (first, last) = span;
        let wide = (last.saturating_sub(first)).max(1) as f64;
        let scale = buckets as f64 / (wide + 1.0);
        let Some(layer) = self.layers.first() else {
            return counts;
        };
        let open = all || layer.question.is_open();
        for (_, chunk) in self.shelf.iter() {
            if chunk.span.1 < first || chunk.span.0 > last {
                continue;
            }
            let known = chunk.verdicts.get(FILTER);
            let known = known.filter(|known| known.generation == layer.generation);
            if !open && known.is_none_or(|known| known.bits.is_empty()) {
                continue;
            }
            for (at, meta) in chunk.metas().enumerate() {
                let chosen = open || known.is_some_and(|known| known.bits.has(at));
                if !chosen || meta.time < first || meta.time > last {
                    continue;
                }
                if meta.flags.has(LogFlags::MARK) {
                    continue;
                }
                let bucket = ((meta.time - first) as f64 * scale) as usize;
                if let Some(count) = counts
                    .get_mut(bucket)
                    .and_then(|bucket| bucket.get_mut(meta.level as usize))
                {
                    *count += 1;
                }
            }
        }
        counts
    }
}
