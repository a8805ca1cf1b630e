//! What an image does once it runs: most are fine; those of the estate's list, and tags that say so, are not.

use serde::Deserialize;

/// How an image behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Does {
    /// Serves, and is well.
    Serve,
    /// Exits with an error some seconds after its start.
    Crash,
    /// Runs and never passes its readiness probe.
    NeverReady,
    /// Serves, and answers one request in five with an error.
    Errors,
    /// Is not in the registry.
    Missing,
    /// Is killed for its memory some seconds after its start.
    OutOfMemory,
    /// Fills its memory evenly until it is killed.
    Leak,
    /// Ends by itself, as a job's image does.
    Exit,
}

/// An image and what it does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Image {
    /// How the image's full name ends.
    pub(crate) name: String,
    pub(crate) does: Does,
    /// The code it exits with.
    #[serde(default)]
    pub(crate) exit: i64,
    /// Seconds after its start.
    #[serde(default)]
    pub(crate) after: i64,
    /// Its last words, or the registry's.
    #[serde(default)]
    pub(crate) says: String,
    /// What its failing probe reports.
    #[serde(default)]
    pub(crate) probe: String,
}

/// The tags that no registry has.
const MISSING: [&str; 4] = ["bad", "missing", "nope", "does-not-exist"];

/// What the image does.
pub(crate) fn behaviour(images: &[Image], image: &str) -> Image {
    let known = images.iter().find(|i| {
        image
            .strip_suffix(i.name.as_str())
            .is_some_and(|before| before.is_empty() || before.ends_with('/'))
    });
    if let Some(known) = known {
        return known.clone();
    }
    let tag = image.rsplit_once(':').map_or("latest", |(_, tag)| tag);
    let missing = MISSING.contains(&tag);
    Image {
        name: image.to_owned(),
        does: if missing { Does::Missing } else { Does::Serve },
        exit: 0,
        after: 0,
        says: if missing {
            format!(
                "failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found"
            )
        } else {
            String::new()
        },
        probe: String::new(),
    }
}
