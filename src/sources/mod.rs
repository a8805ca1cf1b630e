//! Sources: what tells the store about the world. Each runs in tasks of its own and speaks only in batches.

pub mod kubernetes;
pub mod outlet;
