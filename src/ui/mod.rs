//! What the operator sees and does.

pub mod filter;
pub mod format;
pub mod query;
pub mod rows;
pub mod selector;
pub mod theme;
pub mod views;
pub mod widgets;
