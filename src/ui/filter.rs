//! Filters as typed after `/`.

/// A filter as typed. Matching belongs to this file too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub text: String,
}
