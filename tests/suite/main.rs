//! The one test binary: it links the library once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod architecture;
mod clients;
mod config;
mod estate;
mod faults;
mod objects;
mod operator;
mod screens;
mod script;
mod themes;
mod views;
mod wire;
