//! The one test binary: it links the library once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod actions;
mod alerts;
mod architecture;
mod autoscalers;
mod backoff;
mod boards;
mod charts;
mod cli;
mod clients;
mod clock;
mod columns;
mod config;
mod consumption;
mod contexts;
mod demo;
mod docker;
mod engines;
mod estate;
mod faults;
mod filter;
mod get;
mod keys;
mod lists;
mod metrics;
mod objects;
mod operator;
mod pods;
mod projections;
mod pty;
mod records;
mod reflector;
mod rollouts;
mod rows;
mod screens;
mod script;
mod sockets;
mod store;
mod terminal;
mod themes;
mod views;
mod web;
mod wire;
