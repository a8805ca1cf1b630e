//! A simulated estate on loopback.
