//! What panes and overlays are drawn with.

pub mod bar;
pub mod chart;
mod columns;
pub mod field;
pub mod finder;
pub mod line;
pub mod reader;
pub mod table;
