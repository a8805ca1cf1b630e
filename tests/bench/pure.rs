//! Benches of the pure middle, each at 50,000 pods: what a frame and a keystroke cost.

mod charts;
mod tables;
mod wire;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, charts::all, tables::all, wire::all);
criterion_main!(benches);
