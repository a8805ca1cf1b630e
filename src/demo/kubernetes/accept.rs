//! What form of answer a client takes: the Accept header with its alternatives and their weights.

/// The encoding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    Protobuf,
}

/// What is made of an object before it is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    Table,
    /// Only type and metadata.
    Partial,
    /// Aggregated discovery.
    Discovery,
}

/// A form that the server can answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) encoding: Encoding,
    pub(crate) shape: Shape,
}

impl Format {
    pub(crate) const JSON: Self = Self {
        encoding: Encoding::Json,
        shape: Shape::Object,
    };

    /// The answer's content type; `list` and `watch` say what it holds.
    pub(crate) fn content_type(self, watch: bool) -> String {
        let base = match self.encoding {
            Encoding::Json => "application/json",
            Encoding::Protobuf => "application/vnd.kubernetes.protobuf",
        };
        let stream = if watch && self.encoding == Encoding::Protobuf {
            ";stream=watch"
        } else {
            ""
        };
        let shape = match self.shape {
            Shape::Discovery => ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
            _ => "",
        };
        format!("{base}{stream}{shape}")
    }
}

/// The best of the header's alternatives that `able` can serve; nothing when there is none.
pub(crate) fn choose(header: Option<&str>, able: impl Fn(Format) -> bool) -> Option<Format> {
    let header = header.filter(|h| !h.trim().is_empty()).unwrap_or("*/*");
    let mut offers: Vec<(f32, Format)> = header.split(',').filter_map(offer).collect();
    // stable: alternatives of equal weight stay in the client's order
    offers.sort_by(|a, b| b.0.total_cmp(&a.0));
    offers
        .into_iter()
        .map(|(_, format)| format)
        .find(|f| able(*f))
}

fn offer(text: &str) -> Option<(f32, Format)> {
    let mut parts = text.split(';').map(str::trim);
    let encoding = match parts.next()? {
        "application/json" | "*/*" | "application/*" => Encoding::Json,
        "application/vnd.kubernetes.protobuf" => Encoding::Protobuf,
        _ => return None,
    };
    let mut weight = 1.0;
    let mut shape = Shape::Object;
    let mut version = "v1";
    for part in parts {
        match part.split_once('=')? {
            ("q", q) => weight = q.parse().ok()?,
            ("as", "Table") => shape = Shape::Table,
            ("as", "PartialObjectMetadata" | "PartialObjectMetadataList") => shape = Shape::Partial,
            ("as", "APIGroupDiscoveryList") => shape = Shape::Discovery,
            ("as", _) => return None,
            ("v", v) => version = v,
            _ => {}
        }
    }
    let served = match shape {
        Shape::Object => true,
        Shape::Discovery => version == "v2",
        Shape::Table | Shape::Partial => version == "v1",
    };
    (served && weight > 0.0).then_some((weight, Format { encoding, shape }))
}
