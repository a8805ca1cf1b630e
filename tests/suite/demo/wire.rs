//! A small reader of HTTP/1.1 and of protobuf's wire format, so that the demo's servers are judged by bytes and not by a
//! library that might forgive them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
pub(crate) const JSON: &str = "application/json";

/// How long a test waits for anything.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its proper end.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A body that arrives in chunks.
pub(crate) struct Chunks {
    stream: TcpStream,
    raw: Vec<u8>,
    pub(crate) code: u16,
    pub(crate) headers: BTreeMap<String, String>,
}

impl Chunks {
    pub(crate) async fn open(
        url: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Self {
        let address = url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nuser-agent: suite/1\r\n"
        );
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(head, "content-length: {}\r\n", body.len()).unwrap();
        }
        stream
            .write_all(format!("{head}\r\n{body}").as_bytes())
            .await
            .unwrap();
        let mut raw = Vec::new();
        let end = loop {
            if let Some(at) = raw.windows(4).position(|w| w == b"\r\n\r\n") {
                break at;
            }
            assert!(
                fill(&mut stream, &mut raw).await > 0,
                "the connection closed before an answer"
            );
        };
        let text = String::from_utf8(raw[..end].to_vec()).unwrap();
        raw.drain(..end + 4);
        let mut lines = text.split("\r\n");
        let code = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self {
            stream,
            raw,
            code,
            headers,
        }
    }

    /// The next chunk; nothing at the body's end; an error when the connection broke.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, ()> {
        loop {
            if let Some(at) = self.raw.windows(2).position(|w| w == b"\r\n") {
                let size =
                    usize::from_str_radix(std::str::from_utf8(&self.raw[..at]).unwrap().trim(), 16)
                        .unwrap();
                if size == 0 {
                    return Ok(None);
                }
                if self.raw.len() >= at + 2 + size + 2 {
                    let chunk = self.raw[at + 2..at + 2 + size].to_vec();
                    self.raw.drain(..at + size + 4);
                    return Ok(Some(chunk));
                }
            }
            if fill(&mut self.stream, &mut self.raw).await == 0 {
                return Err(());
            }
        }
    }
}

async fn fill(stream: &mut TcpStream, raw: &mut Vec<u8>) -> usize {
    let mut buffer = vec![0; 65536];
    let read = tokio::time::timeout(DEADLINE, stream.read(&mut buffer))
        .await
        .expect("nothing came in time");
    let read = read.unwrap_or(0);
    raw.extend_from_slice(&buffer[..read]);
    read
}

pub(crate) async fn send(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut chunks = Chunks::open(url, method, path, headers, body).await;
    let mut answer = Answer {
        code: chunks.code,
        headers: chunks.headers.clone(),
        body: Vec::new(),
        whole: true,
    };
    if let Some(length) = chunks
        .headers
        .get("content-length")
        .and_then(|l| l.parse::<usize>().ok())
    {
        while chunks.raw.len() < length && fill(&mut chunks.stream, &mut chunks.raw).await > 0 {}
        answer.whole = chunks.raw.len() >= length;
        answer.body = std::mem::take(&mut chunks.raw);
        return answer;
    }
    loop {
        match chunks.next().await {
            Ok(Some(chunk)) => answer.body.extend(chunk),
            Ok(None) => return answer,
            Err(()) => {
                answer.whole = false;
                return answer;
            }
        }
    }
}

pub(crate) async fn get(url: &str, path: &str, accept: &str) -> Answer {
    send(url, "GET", path, &[("accept", accept)], "").await
}

pub(crate) async fn json(url: &str, path: &str) -> Value {
    let answer = get(url, path, JSON).await;
    assert_eq!(answer.code, 200, "{path}: {}", answer.text());
    answer.json()
}

pub(crate) async fn write(url: &str, method: &str, path: &str, kind: &str, body: &Value) -> Answer {
    send(
        url,
        method,
        path,
        &[("content-type", kind), ("accept", JSON)],
        &body.to_string(),
    )
    .await
}

/// One field of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    Number(u64),
    Bytes(Vec<u8>),
}

/// The fields of a message in order.
pub(crate) fn fields(mut bytes: &[u8]) -> Vec<(u64, Field)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => Field::Bytes(take(&mut bytes, 8)),
            2 => {
                let length = varint(&mut bytes) as usize;
                Field::Bytes(take(&mut bytes, length))
            }
            other => panic!("wire type {other}"),
        };
        found.push((tag >> 3, field));
    }
    found
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

fn take(bytes: &mut &[u8], length: usize) -> Vec<u8> {
    let taken = bytes[..length].to_vec();
    *bytes = &bytes[length..];
    taken
}

/// All values of a field that holds bytes.
pub(crate) fn all(message: &[u8], number: u64) -> Vec<Vec<u8>> {
    let wanted = fields(message).into_iter().filter(|(n, _)| *n == number);
    wanted
        .filter_map(|(_, field)| match field {
            Field::Bytes(bytes) => Some(bytes),
            Field::Number(_) => None,
        })
        .collect()
}

/// The message at a path of field numbers, empty when it is not there.
pub(crate) fn at(message: &[u8], path: &[u64]) -> Vec<u8> {
    path.iter().fold(message.to_vec(), |at, number| {
        all(&at, *number).into_iter().next().unwrap_or_default()
    })
}

pub(crate) fn text(message: &[u8], path: &[u64]) -> String {
    String::from_utf8(at(message, path)).unwrap()
}

/// The API version, the kind and the content of an envelope.
pub(crate) fn unwrap(body: &[u8]) -> (String, String, Vec<u8>) {
    let envelope = body.strip_prefix(b"k8s\0").expect("the magic number");
    (
        text(envelope, &[1, 1]),
        text(envelope, &[1, 2]),
        at(envelope, &[2]),
    )
}

/// An event of a watch: its word and its object's envelope.
pub(crate) fn frames(buffer: &mut Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    while buffer.len() >= 4 {
        let length = u32::from_be_bytes(buffer[..4].try_into().unwrap()) as usize;
        if buffer.len() < 4 + length {
            break;
        }
        let event = buffer[4..4 + length].to_vec();
        buffer.drain(..4 + length);
        found.push((text(&event, &[1]), at(&event, &[2, 1])));
    }
    found
}
