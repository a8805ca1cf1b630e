//! What the operator sees and does.

pub mod filter;
pub mod query;
pub mod theme;
pub mod views;
