//! The one test binary: it links the library once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod architecture;
mod cli;
mod clients;
mod config;
mod estate;
mod objects;
mod operator;
mod rows;
mod screens;
mod themes;
mod views;
mod wire;
