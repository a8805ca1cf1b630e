//! From bytes to lines: whatever the portions in which they come, bounded, and exactly as the container wrote them.
//!
//! The readers of Kubernetes and Docker share [`Lines`]. Invalid UTF-8, NUL and escapes stay raw; making them inert is
//! the work of whoever draws. A line of any length costs at most [`LINE_AT_MOST`] bytes.

/// Bytes kept of one line; what lies beyond is counted and left out.
pub const LINE_AT_MOST: usize = 1 << 20;

/// One line as it came, without its newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// When it was written, in nanoseconds since 1970, as its engine says; none where it does not.
    pub time: Option<i64>,
    pub text: &'a [u8],
    /// Bytes left out at its end.
    pub cut: u64,
    pub stderr: bool,
}

/// Joins portions of bytes and splits them at newlines.
#[derive(Debug, Default)]
pub struct Lines {
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    cut: u64,
}

impl Lines {
    /// Takes the next bytes and hands on every line that is complete, with the number of bytes left out of it.
    pub fn feed(&mut self, mut bytes: &[u8], mut each: impl FnMut(&[u8], u64)) {
        while let Some(at) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(at);
            bytes = rest.get(1..).unwrap_or_default();
            if self.begun.is_empty() && line.len() <= LINE_AT_MOST {
                each(line, 0);
                continue;
            }
            self.hold(line);
            each(&self.begun, self.cut);
            self.clear();
        }
        self.hold(bytes);
    }

    /// Hands on the line that has begun, as no more of it will come.
    pub fn end(&mut self, mut each: impl FnMut(&[u8], u64)) {
        if !self.begun.is_empty() {
            each(&self.begun, self.cut);
        }
        self.clear();
    }

    /// What there is of the line that has begun.
    pub fn begun(&self) -> &[u8] {
        &self.begun
    }

    /// Forgets the line that has begun: it will come again.
    pub fn clear(&mut self) {
        // The room of one huge line is not kept for ever.
        self.begun.clear();
        self.begun.shrink_to(64 * 1024);
        self.cut = 0;
    }

    fn hold(&mut self, bytes: &[u8]) {
        let room = LINE_AT_MOST.saturating_sub(self.begun.len());
        let (kept, over) = bytes.split_at(room.min(bytes.len()));
        self.begun.extend_from_slice(kept);
        self.cut += over.len() as u64;
    }
}
