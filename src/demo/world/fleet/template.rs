//! An encoded pod with its own parts left open: filling it in is a copy and some thirty short writes.
//!
//! What must stay true: every open part has a fixed width in both encodings, so no length before it changes.

use jiff::Timestamp;

/// A part of a pod that differs from pod to pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Namespace,
    Service,
    Role,
    Number,
    Hash,
    Suffix,
    Image,
    Uid,
    SetUid,
    Version,
    Node,
    PodIp,
    HostIp,
    Container,
    Created,
    Started,
    Changed,
}

/// The slots that hold text, with the letter and the width of their placeholders.
const TEXTS: [(Slot, char, usize); 14] = [
    (Slot::Namespace, 'a', 13),
    (Slot::Service, 'b', 7),
    (Slot::Role, 'c', 6),
    (Slot::Number, 'd', 5),
    (Slot::Hash, 'e', 10),
    (Slot::Suffix, 'f', 5),
    (Slot::Image, 'g', 6),
    (Slot::Uid, 'h', 36),
    (Slot::SetUid, 'i', 36),
    (Slot::Version, 'j', 9),
    (Slot::Node, 'k', 10),
    (Slot::PodIp, 'l', 14),
    (Slot::HostIp, 'm', 14),
    (Slot::Container, 'n', 63),
];

/// The slots that hold times, with the second that stands for each.
const TIMES: [(Slot, i64); 3] = [
    (Slot::Created, 2_000_000_011),
    (Slot::Started, 2_000_000_022),
    (Slot::Changed, 2_000_000_033),
];

/// The text that stands for a slot in the object from which a template is made.
pub(crate) fn placeholder(slot: Slot) -> String {
    TEXTS
        .iter()
        .find(|(s, ..)| *s == slot)
        .map(|(_, letter, width)| text_of(*letter, *width))
        .or_else(|| {
            TIMES
                .iter()
                .find(|(s, _)| *s == slot)
                .map(|(_, second)| rfc3339(*second))
        })
        .unwrap_or_default()
}

fn text_of(letter: char, width: usize) -> String {
    let mut text = String::from("@");
    text.extend(std::iter::repeat_n(letter, width - 1));
    text
}

/// `2026-11-21T07:36:07Z`, always twenty characters.
pub(crate) fn rfc3339(second: i64) -> String {
    Timestamp::from_second(second)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// How an encoding writes times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    Protobuf,
}

/// What fills one pod's slots.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) namespace: String,
    pub(crate) service: &'static str,
    pub(crate) role: &'static str,
    pub(crate) number: String,
    pub(crate) hash: String,
    pub(crate) suffix: String,
    pub(crate) image: String,
    pub(crate) uid: String,
    pub(crate) set_uid: String,
    pub(crate) version: String,
    pub(crate) node: String,
    pub(crate) pod_ip: String,
    pub(crate) host_ip: String,
    pub(crate) container: String,
    pub(crate) created: i64,
    pub(crate) started: i64,
    pub(crate) changed: i64,
}

impl Facts {
    fn text(&self, slot: Slot) -> &str {
        match slot {
            Slot::Namespace => &self.namespace,
            Slot::Service => self.service,
            Slot::Role => self.role,
            Slot::Number => &self.number,
            Slot::Hash => &self.hash,
            Slot::Suffix => &self.suffix,
            Slot::Image => &self.image,
            Slot::Uid => &self.uid,
            Slot::SetUid => &self.set_uid,
            Slot::Version => &self.version,
            Slot::Node => &self.node,
            Slot::PodIp => &self.pod_ip,
            Slot::HostIp => &self.host_ip,
            Slot::Container => &self.container,
            Slot::Created | Slot::Started | Slot::Changed => "",
        }
    }

    fn second(&self, slot: Slot) -> i64 {
        match slot {
            Slot::Created => self.created,
            Slot::Started => self.started,
            _ => self.changed,
        }
    }
}

/// One encoded pod with open slots.
#[derive(Debug)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    open: Vec<(usize, Slot)>,
    encoding: Encoding,
}

impl Template {
    /// Finds the placeholders in an encoded object.
    pub(crate) fn new(bytes: Vec<u8>, encoding: Encoding) -> Self {
        let mut open = Vec::new();
        let mut seek = |needle: &[u8], slot: Slot| {
            for (at, window) in bytes.windows(needle.len()).enumerate() {
                if window == needle {
                    open.push((at, slot));
                }
            }
        };
        for (slot, letter, width) in TEXTS {
            seek(text_of(letter, width).as_bytes(), slot);
        }
        for (slot, second) in TIMES {
            match encoding {
                Encoding::Json => seek(rfc3339(second).as_bytes(), slot),
                Encoding::Protobuf => seek(&five_bytes(second), slot),
            }
        }
        open.sort_by_key(|(at, _)| *at);
        Self {
            bytes,
            open,
            encoding,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends the pod that the facts describe.
    pub(crate) fn fill(&self, facts: &Facts, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        let mut put = |at: usize, content: &[u8]| {
            if let Some(place) = out.get_mut(start + at..start + at + content.len()) {
                place.copy_from_slice(content);
            }
        };
        for (at, slot) in &self.open {
            match (slot, self.encoding) {
                (Slot::Created | Slot::Started | Slot::Changed, Encoding::Json) => {
                    put(*at, rfc3339(facts.second(*slot)).as_bytes());
                }
                (Slot::Created | Slot::Started | Slot::Changed, Encoding::Protobuf) => {
                    put(*at, &five_bytes(facts.second(*slot)));
                }
                _ => put(*at, facts.text(*slot).as_bytes()),
            }
        }
    }
}

/// A second of this century as a variable-length integer, which takes five bytes from 1978 until 3058.
fn five_bytes(second: i64) -> [u8; 5] {
    let n = second as u64;
    [
        n as u8 | 0x80,
        (n >> 7) as u8 | 0x80,
        (n >> 14) as u8 | 0x80,
        (n >> 21) as u8 | 0x80,
        (n >> 28) as u8 & 0x7f,
    ]
}
