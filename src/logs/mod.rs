//! The log engine: lines of many streams in bounded memory, in one order, filtered and searched as fast as they can be
//! read. Pure: no clock, no task, no terminal.
//!
//! Sources parse off the main loop: [`Intake`] reads format and level of each line and gathers lines in blocks. The
//! owner of a [`Logbook`] applies them. Lines stand in chunks in the order of their arrival, whatever their stream:
//! what is asked of all of them in columns, their text packed as soon as the chunk is full. The order in which they are
//! shown is an index of four bytes a line. Filter and search are bits of each chunk, worked out from where the operator
//! looks, in slices, and brought up to date as lines arrive; a line is taken apart only when it is looked at closely.
//!
//! Rejected: objects or strings a line (five times the memory), chunks a stream (1,000 quiet streams would each hold
//! one open), filters over the order (a chunk would be unpacked for every page that it has lines on).

mod bits;
mod book;
mod chunk;
mod filter;
mod group;
mod histogram;
mod intake;
pub mod level;
mod order;
pub mod parse;
mod pattern;
mod patterns;
mod shelf;
mod sift;
mod state;
mod stream;
pub mod text;
pub mod time;
mod walk;

pub use book::Logbook;
pub use filter::Filter;
pub use histogram::Bucket;
pub use intake::{Intake, LINE_BYTES};
pub use pattern::Pattern;
pub use patterns::Template;
pub use shelf::LineId;
pub use state::Totals;
pub use stream::Stream;
pub use walk::{Line, Walk};
