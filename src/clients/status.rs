//! The message of a Kubernetes Status, in whichever encoding the server answers: an error comes in the one that was
//! asked for. Also the words of other servers' JSON. Called by `fault` and `http`.

use prost::Message;

/// `runtime.Unknown` behind its four letters.
#[derive(Clone, PartialEq, Message)]
struct Envelope {
    #[prost(bytes = "vec", tag = "2")]
    raw: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "3")]
    message: String,
}

/// What a body says went wrong; empty if it is no Status.
pub(super) fn message(body: &[u8]) -> String {
    if let Some(envelope) = body.strip_prefix(b"k8s\0") {
        let raw = Envelope::decode(envelope).unwrap_or_default().raw;
        return Status::decode(raw.as_slice()).unwrap_or_default().message;
    }
    serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|status| {
            let words = status.get("message").or_else(|| status.get("error"))?;
            Some(words.as_str()?.to_owned())
        })
        .unwrap_or_default()
}
