//! Benches of the pure middle, each at 50,000 pods: what a frame and a keystroke cost.

mod tables;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, tables::all);
criterion_main!(benches);
