//! Benches of the pure middle.
fn main() {}
