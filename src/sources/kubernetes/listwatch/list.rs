//! The first half of the loop: the list.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use super::Reflector;
use super::body::Next;
use super::retry::Trouble;
use crate::clients::fault::Fault;
use crate::model::{Change, SourceStatus, Uid};
use crate::sources::kubernetes::wire::{Format, ListDecoder, ListMeta, Piece};

/// Objects of the first page: a screenful, for which the server need not read on.
const FIRST_PAGE: u32 = 100;
/// Objects of a page where the list must come in pages.
const PAGE: u32 = 500;
/// A list must get on by at least one object in this time.
const PROGRESS: Duration = Duration::from_secs(30);
/// How often a list in pages begins anew because its snapshot has expired, or asks for a page again.
const AGAIN: u32 = 2;

impl Reflector {
    /// Lists all objects. Afterwards the list is complete, or the watch owes the rest.
    pub(super) async fn list(&mut self) -> Result<(), Trouble> {
        self.known.begin();
        self.floor = 0;
        self.outlet.push(Change::Listing);
        if !self.not_older.is_empty() {
            return self.relist().await;
        }
        let mut shown = HashSet::new();
        let (page, format) = self
            .read(&format!("limit={FIRST_PAGE}"), Some(&mut shown))
            .await?;
        self.outlet.urge();
        if page.r#continue.is_empty() {
            self.told_up_to(page.resource_version);
            return Ok(());
        }
        let rest = page
            .remaining_item_count
            .and_then(|rest| u64::try_from(rest).ok());
        let total = rest.map(|rest| self.known.told() + rest);
        if !self.retry.listed {
            self.tell(SourceStatus::Listing { total });
        }
        if format == Format::Json {
            return self.pages(page.r#continue).await;
        }
        self.known
            .paged(shown, number(&page.resource_version), total);
        if self.subject.streaming {
            return self.watch_from_nothing().await;
        }
        let (whole, _) = self.read("resourceVersion=0", None).await?;
        self.told_up_to(whole.resource_version);
        Ok(())
    }

    /// All that the server has listed has been told, as of this version.
    pub(super) fn told_up_to(&mut self, version: String) {
        for uid in self.known.listed(number(&version)) {
            self.outlet.push(Change::Gone(uid));
        }
        self.version = version;
        self.settle();
    }

    /// Closes the list if nothing of it is owed any more.
    pub(super) fn settle(&mut self) {
        if self.known.completed(number(&self.version)) {
            self.listed();
        }
    }

    /// Lists again from the cache, which must have caught up with what was seen before.
    async fn relist(&mut self) -> Result<(), Trouble> {
        let query = format!(
            "resourceVersion={}&resourceVersionMatch=NotOlderThan",
            encoded(&self.not_older)
        );
        let whole = match self.read(&query, None).await {
            // The server does not know the version (it was restored from a backup) or the parameter.
            Err(Trouble::Expired | Trouble::Fault(Fault::Gone | Fault::Refused { .. })) => {
                self.not_older.clear();
                self.known.begin();
                self.outlet.push(Change::Listing);
                self.read("", None).await
            }
            done => done,
        };
        let (whole, _) = whole?;
        self.told_up_to(whole.resource_version);
        Ok(())
    }

    /// Reads on in pages: for servers and proxies that only speak JSON, which they hold as a whole in memory.
    async fn pages(&mut self, first: String) -> Result<(), Trouble> {
        let (mut token, mut expired, mut failed) = (first, 0, 0);
        loop {
            let query = match (expired > AGAIN, token.as_str()) {
                (true, _) => String::new(),
                (false, "") => format!("limit={PAGE}"),
                (false, token) => format!("limit={PAGE}&continue={}", encoded(token)),
            };
            match self.read(&query, None).await {
                Ok((page, _)) if page.r#continue.is_empty() => {
                    self.told_up_to(page.resource_version);
                    return Ok(());
                }
                Ok((page, _)) => {
                    token = page.r#continue;
                    failed = 0;
                }
                Err(Trouble::Fault(Fault::Gone)) if expired <= AGAIN => {
                    expired += 1;
                    token.clear();
                    self.known.begin();
                    self.outlet.push(Change::Listing);
                }
                Err(Trouble::Cut(_)) if failed < AGAIN => failed += 1,
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// Reads one list and tells each object as it arrives; `shown` collects which.
    async fn read(
        &mut self,
        query: &str,
        mut shown: Option<&mut HashSet<Uid>>,
    ) -> Result<(ListMeta, Format), Trouble> {
        let mut answer = self.ask(query, false).await?;
        if !self.retry.listed && !matches!(self.told, Some(SourceStatus::Listing { .. })) {
            self.tell(SourceStatus::Listing { total: None });
        }
        let format = answer.format;
        let mut decoder = ListDecoder::new(format);
        let mut meta = ListMeta::default();
        let mut deadline = Instant::now() + PROGRESS;
        let mut skipped = 0_u32;
        loop {
            match self.frame(&mut answer, deadline).await? {
                Next::Frame(frame) => decoder.push(frame),
                Next::End if decoder.complete() => break,
                Next::End => return Err(Trouble::Cut("the list broke off".to_owned())),
                Next::Late => return Err(Trouble::Quiet),
            }
            while let Some(piece) = decoder.piece()? {
                deadline = Instant::now() + PROGRESS;
                match piece {
                    Piece::Meta(told) => meta = told,
                    Piece::Item(item) => match (self.is(format, item), &mut shown) {
                        (Some((uid, _)), Some(shown)) => _ = shown.insert(uid),
                        (Some(_), None) => {}
                        (None, _) => skipped += 1,
                    },
                    Piece::Oversize => skipped += 1,
                }
            }
        }
        if skipped > 0 {
            let kind = self.subject.kind.name();
            tracing::warn!(kind, skipped, "objects that are too large or garbled");
        }
        Ok((meta, format))
    }
}

/// A version as a number, which all servers give; 0 if it is none.
pub(super) fn number(version: &str) -> u64 {
    version.parse().unwrap_or_default()
}

/// Text as part of a query.
fn encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
