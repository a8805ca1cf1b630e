//! Log sources: bytes into lines, going on after a break, and every fault between a container and the screen.

mod cluster;
mod command;
mod engines;
mod known;
mod loki;
mod pods;
mod splitting;
