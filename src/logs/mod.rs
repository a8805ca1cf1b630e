//! The log engine: lines of many streams in bounded memory, in one order, filtered and searched as fast as they can be
//! read. Pure: no clock, no task, no terminal.
//!
//! Sources parse off the main loop: [`Intake`] reads format, level and what continues what, and gathers lines in blocks.

mod group;
mod intake;
pub mod level;
pub mod parse;
pub mod time;

pub use intake::{Intake, LINE_BYTES};
