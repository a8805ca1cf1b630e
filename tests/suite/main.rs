//! The one test binary: it links the library once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod architecture;
mod config;
mod engines;
mod faults;
mod reflector;
mod script;
mod themes;
mod wire;
