//! quarterdeck: one terminal dashboard from which people who run services watch Kubernetes live, and act safely.
//!
//! # The four ideas
//! 1. **One owner.** A single task owns [`store::Store`] (facts about the world) and [`ui::Ui`] (facts about the
//!    operator). No locks, no globals.
//! 2. **One vocabulary.** Sources speak only [`model::Change`]s, in [`model::Batch`]es, on one bounded channel.
//! 3. **One list per concept.** [`sources::ALL`], [`ui::views::ALL`], [`ui::commands::ALL`]: help, palette, key hints,
//!    command line and tests derive from these lists.
//! 4. **A pure middle.** Store, row preparation, drawing and keymap are synchronous functions without a clock or I/O.
//!
//! # The flow
//! ```text
//!   kubernetes (a task a cluster, a task a list)          keyboard, mouse, resize
//!        | Batch, bounded                    ^ Demand              | Report
//!        v                                   |                     v
//!   +--------------------------- app::run (owns Store and Ui) ---------------------+
//!   | input > signals > frame that is due > batches (4 ms) > tick of an age        |
//!   | store.apply    ui.handle -> Effects    ui.prepare    ui.demand    ui.draw    |
//!   +-------------------------------------------------------------------------------+
//! ```
//! Nothing is asked of a server that is not wanted by the screen: [`model::Demand`] flows back to the sources.
//!
//! # Where things are
//! | Module | Owns | May import |
//! |---|---|---|
//! | [`model`] | ids, kinds, rows, changes: plain data; text is made inert here | – |
//! | [`logs`] | the log engine: parsing, chunks, order, filters, search | model |
//! | [`store`] | tables by identity, feeds and their states, what joins rows, logs | model, logs |
//! | [`config`] | settings in layers, located problems, chords, environments | model |
//! | [`clients`] | connections: kubeconfig, credentials, TLS, faults in words | config, model |
//! | [`sources`] | list and watch, projections, discovery, usage, documents | clients, config, logs, model |
//! | [`actions`] | every write: plans, guard, dry run, commit, follow, audit | clients, config, model |
//! | [`ui`] | screens, panes, views, boards and their charts, keys, themes, widgets | store, logs, model, config, actions |
//! | [`terminal`] | enter and leave, frames as differences, hang-up watch, own log | – |
//! | [`cli`] | what the command line answers, from the same engine | all but demo |
//! | [`app`] | the loop | all but demo |
//! | [`demo`] | the simulated estate: shares no code with [`sources`] | config |
//!
//! The suite's `architecture` test holds this table.
//!
//! # Where this differs from what one would expect
//! - A list marks and sweeps instead of filling a second buffer: rows that a relist does not tell again go at its end.
//!   A reconnect never flashes empty and never holds two copies.
//! - Built-in kinds travel as protobuf from the watch cache behind one first page of 100 for the screen; see
//!   [`sources::kubernetes::listwatch`].
//! - Docker is spoken to by an HTTP client of our own, not through bollard, which sends no API version, guesses how logs
//!   are framed and reads bodies without a bound; see [`clients::docker`]. A Compose project or Swarm stack is Docker's
//!   namespace, and `services` and `nodes` mean Docker's where no cluster is open.
//! - The header has no ticking clock: an idle screen writes no byte.

pub mod actions;
pub mod app;
pub mod cli;
pub mod clients;
pub mod config;
pub mod demo;
pub mod logs;
pub mod model;
pub mod sources;
pub mod store;
pub mod terminal;
pub mod ui;
