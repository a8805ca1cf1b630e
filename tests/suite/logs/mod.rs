//! The log engine: what lines say, their order, filters and searches against a naive model, and what a terminal would
//! obey in them.

mod book;
mod parse;
mod text;
mod view;
