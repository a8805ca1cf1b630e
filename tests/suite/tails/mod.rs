//! Log sources: bytes into lines, going on after a break, and every fault between a container and the screen.

mod known;
mod splitting;
