//! What reaches the interface from outside and what it asks of the outside: the two ends of [`super::Ui`].
//!
//! The app loop turns terminal events into [`Input`] and carries out [`Effect`]s; nothing here does I/O.

use super::acting::Place;
use crate::actions::{Approved, Invocation};
use crate::config::{Chord, Remembered};
use crate::model::{EndpointId, Environment};

/// One thing that the operator did.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    Key(Chord),
    /// A key that no finger pressed anew: it is held down, or part of a paste that the terminal did not mark. It moves
    /// and types, but never decides.
    Held(Chord),
    Paste(String),
    Mouse(Mouse),
    /// Columns and rows.
    Resize(u16, u16),
    Focus(bool),
}

/// A movement of the mouse, in cells from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    pub gesture: Gesture,
    pub column: u16,
    pub row: u16,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// The main button went down.
    Press,
    Drag,
    Release,
    ScrollUp,
    ScrollDown,
    ScrollLeft,
    ScrollRight,
}

/// What the outside shall do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Quit,
    /// Hand the terminal back to the shell until it continues us.
    Suspend,
    /// Paint everything anew: the terminal may show something else.
    Redraw,
    /// To the clipboard, by OSC 52 and the system's own.
    Copy(String),
    /// Open this context of the kubeconfig, if it is not; with `alone`, close all others as soon as it answers.
    OpenContext {
        name: String,
        alone: bool,
    },
    /// Open this Docker host or context beside what is open.
    OpenDocker(String),
    CloseEndpoint(EndpointId),
    /// Retry every source that waits, now.
    RetryNow,
    /// Keep this for the next run.
    Remember(Remembered),
    /// The theme was switched: worth remembering for this run.
    SetTheme(String),
    /// Ask the terminal to report the mouse, or to leave it alone.
    SetMouse(bool),
    /// Work out what would be done; a question of the same dialog that is still open is given up.
    Prepare {
        dialog: u64,
        round: u64,
        asked: Vec<Invocation>,
    },
    /// Do what was confirmed, one after the other, and stop behind the first that does not end well.
    Commit {
        work: u64,
        approved: Vec<Approved>,
    },
    /// Find out what the user may do there.
    Permissions(Place),
    ReadAudit,
    /// Note in the audit that the operator lets writes through.
    Unlock(Environment),
}
