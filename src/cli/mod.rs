//! The command line: what was asked, answered by the same engine as the dashboard.
//!
//! [`parse`] is pure and says what to do as an [`Invocation`]; each subcommand has a file with one function that does
//! it. Data goes to standard output and words to standard error; a reader that stops reading is no error. `main` and
//! `app` are the only callers.

pub mod alerts;
mod answers;
pub mod args;
pub mod completions;
pub mod contexts;
pub mod dispatch;
pub mod doctor;
pub mod exit;
pub mod gather;
pub mod get;
pub mod keys;
pub mod output;
pub mod parse;
pub mod print;
pub mod query;
pub mod settings;
pub mod shot;
pub mod snapshot;
mod watch;

pub use parse::{
    ConfigTask, Demo, Get, Invocation, Look, Output, Picture, Shot, Stop, Task, parse,
};
