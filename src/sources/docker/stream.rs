//! Answers without end: one JSON object a line, each bounded.

use bytes::{Bytes, BytesMut};
use http::Response;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::clients::fault::Fault;

/// Most bytes of one object.
const OBJECT_AT_MOST: usize = 4 << 20;

/// The objects of an answer as they arrive.
pub(super) struct Objects {
    body: Incoming,
    buffer: BytesMut,
    searched: usize,
}

impl Objects {
    pub(super) fn new(answer: Response<Incoming>) -> Self {
        Self {
            body: answer.into_body(),
            buffer: BytesMut::new(),
            searched: 0,
        }
    }

    /// The next object; none at a clean end. Cancel-safe.
    ///
    /// # Errors
    /// When the connection breaks, or an object is larger than 4 MB.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            let unseen = self.buffer.get(self.searched..).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', unseen) {
                let line = self.buffer.split_to(self.searched + at + 1).freeze();
                self.searched = 0;
                if !line.trim_ascii().is_empty() {
                    return Ok(Some(line));
                }
                continue;
            }
            self.searched = self.buffer.len();
            if self.buffer.len() > OBJECT_AT_MOST {
                let words = "the daemon sent an object of more than 4 MB";
                return Err(Fault::Unreachable(words.to_owned()));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
                Some(Err(_)) => {
                    let words = "the daemon cut the connection";
                    return Err(Fault::Unreachable(words.to_owned()));
                }
                None => return Ok(None),
            }
        }
    }
}
