//! What panes and overlays are drawn with.

pub mod bar;
mod columns;
pub mod table;
