//! Partial messages: of each kind only the fields that its row needs, under the numbers of Kubernetes'
//! `generated.proto` and the names of its JSON.
//!
//! One definition serves both encodings. Unknown protobuf fields are skipped without being read, so environment,
//! volumes and managed fields cost nothing.

/// Defines messages: `field: Type = protobuf-type "number"`, with the JSON name where it is not the field's name in
/// camel case (`as`), and the reader of its JSON where it is a map there (`via`).
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident {
        $($field:ident: $type:ty = $($proto:ident)+ $tag:literal $(as $json:literal)? $(via $reader:literal)?;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, prost::Message, serde::Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct $name {$(
            #[prost($($proto),+, tag = $tag)]
            $(#[serde(rename = $json)])?
            $(#[serde(deserialize_with = $reader)])?
            pub $field: $type,
        )*}
    )*};
}

pub mod apps;
pub mod autoscaling;
pub mod batch;
pub mod core;
pub mod event;
pub mod meta;
pub mod network;
pub mod node;
pub mod pod;
mod value;
