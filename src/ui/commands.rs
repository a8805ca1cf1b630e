//! Commands: everything a key or the palette can ask of the interface, each with its name, its words and its keys.
//!
//! Keymap, `?`, footer, palette, `qd keys` and the configuration's `[keys]` derive from [`ALL`]. What a command does
//! stands in `update`. What can be done to the world comes from [`actions::ALL`].

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::actions;

/// Something the operator can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    Down,
    Up,
    Top,
    Bottom,
    HalfDown,
    HalfUp,
    PageDown,
    PageUp,
    Left,
    Right,
    Open,
    Detail,
    Yaml,
    Events,
    Owner,
    Palette,
    Views,
    Filter,
    Help,
    Back,
    Close,
    HistoryBack,
    HistoryForward,
    Last,
    Home,
    NextPane,
    PreviousPane,
    Zoom,
    Taller,
    Shorter,
    Wider,
    Narrower,
    /// The namespace on this key; 0 is all of them.
    Favourite(u8),
    UseNamespace,
    Mark,
    MarkRange,
    ClearMarks,
    FaultsOnly,
    Wide,
    /// By the first of these columns that the view has.
    Sort(&'static [&'static str]),
    SortLeft,
    SortRight,
    SortReverse,
    SortDefault,
    CopyName,
    CopyNamespace,
    CopyRow,
    ContextAdd,
    ContextRemove,
    ScrollLeft,
    ScrollRight,
    NextMatch,
    PreviousMatch,
    Wrap,
    ManagedFields,
    Reveal,
    CopyLine,
    CopyAll,
    Boards,
    CrosshairLeft,
    CrosshairRight,
    CrosshairLeap,
    CrosshairLeapBack,
    NextPanel,
    PreviousPanel,
    RangeShorter,
    RangeLonger,
    Range,
    Pause,
    Pace,
    Variables,
    Form,
    LegendSort,
    CopyQuery,
    NextServer,
    LeftOut,
    Refresh,
    Redraw,
    Themes,
    Mouse,
    OwnLog,
    Suspend,
    Quit,
    /// Opens the dialog of the action of this name.
    Act(&'static str),
    /// All actions for the row.
    Actions,
    /// The actions of this run, newest first.
    Works,
    Undo,
    /// What the shown action says should be done next.
    GoOn,
    Audit,
    Unlock,
    Confirm,
    Refuse,
    PreviousField,
    Accept,
    Complete,
    Cancel,
    NextItem,
    PreviousItem,
    NextPage,
    PreviousPage,
    DeleteBack,
    DeleteForward,
    DeleteWord,
    DeleteAll,
    CursorLeft,
    CursorRight,
    CursorStart,
    CursorEnd,
}

/// Where a key counts. Keys are looked up in the layers of what has the focus, the first one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Everywhere but in prompts.
    Everywhere,
    /// A table of rows.
    Rows,
    /// The table of contexts, before `Rows`.
    Contexts,
    /// Text: the detail of an object.
    Text,
    /// A table of rows or an opened object, after `Rows` and `Text`.
    Objects,
    /// The dialog of an action, where no text is typed; before `Prompt`.
    Dialog,
    /// Charts: boards, and the metrics of an object.
    Charts,
    /// A line of input, alone or above a list.
    Prompt,
}

/// Under which title help shows a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    Moving,
    Opening,
    Finding,
    Rows,
    Sorting,
    Namespaces,
    Contexts,
    Actions,
    Text,
    Charts,
    Panes,
    Program,
    Dialog,
    Prompt,
}

/// A command with its words and its default keys.
#[derive(Clone, Debug)]
pub struct Entry {
    pub command: Command,
    /// Unique; the key in the configuration and the word in the palette.
    pub name: &'static str,
    pub doc: &'static str,
    /// Chord sequences as they are written in the configuration.
    pub keys: Cow<'static, [&'static str]>,
    pub layer: Layer,
    pub group: Group,
    /// A word for the footer, where the command is worth a place there.
    pub hint: Option<&'static str>,
}

impl Layer {
    /// Whether a key of one layer can be meant while the other has it too.
    pub fn meets(self, other: Self) -> bool {
        match (self, other) {
            (one, other) if one == other => true,
            // A dialog takes all keys, so what it shares with tables cannot be meant there.
            (Self::Prompt, Self::Dialog) | (Self::Dialog, Self::Prompt) => true,
            (Self::Prompt | Self::Dialog, _)
            | (_, Self::Prompt | Self::Dialog)
            | (Self::Charts, Self::Rows | Self::Contexts | Self::Text | Self::Objects)
            | (Self::Rows | Self::Contexts | Self::Text | Self::Objects, Self::Charts)
            | (Self::Text, Self::Rows | Self::Contexts | Self::Objects)
            | (Self::Rows | Self::Contexts, Self::Text)
            | (Self::Objects, Self::Text | Self::Contexts)
            | (Self::Contexts, Self::Objects) => false,
            _ => true,
        }
    }

    /// Whether its keys only mean something in what lies over a screen.
    pub fn is_overlay(self) -> bool {
        matches!(self, Self::Prompt | Self::Dialog)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Rows => "in tables",
            Self::Contexts => "in the table of contexts",
            Self::Text => "in text",
            Self::Objects => "on objects",
            Self::Dialog => "in the dialog of an action",
            Self::Charts => "on charts",
            Self::Prompt => "in prompts",
        }
    }
}

impl Group {
    pub const ALL: [Self; 14] = [
        Self::Moving,
        Self::Opening,
        Self::Finding,
        Self::Rows,
        Self::Sorting,
        Self::Namespaces,
        Self::Contexts,
        Self::Actions,
        Self::Text,
        Self::Charts,
        Self::Panes,
        Self::Program,
        Self::Dialog,
        Self::Prompt,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Moving => "Moving",
            Self::Opening => "Opening",
            Self::Finding => "Finding and going back",
            Self::Rows => "Rows",
            Self::Sorting => "Sorting",
            Self::Namespaces => "Namespaces",
            Self::Contexts => "Contexts",
            Self::Actions => "Actions",
            Self::Text => "Text",
            Self::Charts => "Charts",
            Self::Panes => "Panes",
            Self::Program => "quarterdeck",
            Self::Dialog => "In the dialog of an action",
            Self::Prompt => "In prompts",
        }
    }
}

impl Command {
    pub fn entry(self) -> Option<&'static Entry> {
        ALL.iter().find(|entry| entry.command == self)
    }

    /// The command with this name.
    pub fn find(name: &str) -> Option<Self> {
        ALL.iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.command)
    }
}

const fn entry(
    command: Command,
    name: &'static str,
    keys: &'static [&'static str],
    layer: Layer,
    group: Group,
    doc: &'static str,
) -> Entry {
    Entry {
        command,
        name,
        doc,
        keys: Cow::Borrowed(keys),
        layer,
        group,
        hint: None,
    }
}

const fn hinted(mut entry: Entry, hint: &'static str) -> Entry {
    entry.hint = Some(hint);
    entry
}

/// Keys of other tools that stand beside an action's own.
const ALSO: [(&str, &str); 1] = [("evict", "ctrl-k")];

/// An action as a command. A key that a command of tables has already stays with that one: the action is in the menu.
/// Actions for different kinds may have one key, which then stands with the first of them; see `Ui::act`.
fn of_action(action: &'static dyn actions::Action) -> Entry {
    let also = ALSO.iter().filter(|(name, _)| *name == action.name());
    let also = also.map(|(_, chord)| *chord);
    let taken = |chord: &&str| {
        let own = OWN.iter().filter(|entry| entry.layer.meets(Layer::Objects));
        let first = actions::ALL.iter().find(|other| other.chord() == *chord);
        own.into_iter().any(|entry| entry.keys.contains(chord))
            || first.is_some_and(|first| first.name() != action.name())
    };
    let chord = Some(action.chord()).filter(|chord| !chord.is_empty() && !taken(chord));
    Entry {
        command: Command::Act(action.name()),
        name: action.name(),
        doc: action.doc(),
        keys: chord.into_iter().chain(also).collect(),
        layer: Layer::Objects,
        group: Group::Actions,
        hint: Some(action.title()),
    }
}

use Command as C;
use Layer::{Everywhere, Objects, Prompt, Rows, Text};

/// Every command, in the order of help; those of the actions come last.
pub static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let actions = actions::ALL.iter().map(|action| of_action(*action));
    OWN.iter().cloned().chain(actions).collect()
});

#[rustfmt::skip]
const OWN: &[Entry] = &[
    entry(C::Down, "down", &["j", "down"], Everywhere, Group::Moving, "One row down"),
    entry(C::Up, "up", &["k", "up"], Everywhere, Group::Moving, "One row up"),
    entry(C::Top, "top", &["g", "home"], Everywhere, Group::Moving, "The first row"),
    entry(C::Bottom, "bottom", &["G", "end"], Everywhere, Group::Moving, "The last row"),
    entry(C::HalfDown, "half-page-down", &["ctrl-d"], Everywhere, Group::Moving, "Half a page down"),
    entry(C::HalfUp, "half-page-up", &["ctrl-u"], Everywhere, Group::Moving, "Half a page up"),
    entry(C::PageDown, "page-down", &["ctrl-f", "pagedown"], Everywhere, Group::Moving, "A page down"),
    entry(C::PageUp, "page-up", &["ctrl-b", "pageup"], Everywhere, Group::Moving, "A page up"),
    entry(C::Left, "left", &["left"], Everywhere, Group::Moving, "Scroll to the left"),
    entry(C::Right, "right", &["right"], Everywhere, Group::Moving, "Scroll to the right"),

    hinted(entry(C::Open, "open", &["enter"], Everywhere, Group::Opening, "Go into the row: its pods, its containers, its detail"), "open"),
    hinted(entry(C::Detail, "detail", &["d"], Everywhere, Group::Opening, "Describe the object"), "detail"),
    hinted(entry(C::Yaml, "yaml", &["y"], Everywhere, Group::Opening, "The object as YAML"), "YAML"),
    hinted(entry(C::Events, "events", &["E"], Everywhere, Group::Opening, "The events about the object"), "events"),
    entry(C::Owner, "owner", &["J"], Everywhere, Group::Opening, "Open what controls the object"),
    entry(C::Boards, "boards", &["B"], Everywhere, Group::Opening, "Charts: boards of metrics"),

    hinted(entry(C::Filter, "filter", &["/"], Everywhere, Group::Finding, "Filter the rows; search in text"), "filter"),
    hinted(entry(C::Palette, "palette", &[":"], Everywhere, Group::Finding, "Go to a view, kind, context, namespace or command"), "go to"),
    entry(C::Views, "views", &["ctrl-a"], Everywhere, Group::Finding, "All views and kinds"),
    hinted(entry(C::Help, "help", &["?", "f1"], Everywhere, Group::Finding, "All keys and views, searchable"), "help"),
    entry(C::Back, "back", &["esc"], Everywhere, Group::Finding, "Clear the filter, then go back"),
    entry(C::Close, "close", &["q"], Everywhere, Group::Finding, "Go back at once"),
    entry(C::HistoryBack, "history-back", &["["], Everywhere, Group::Finding, "The screen before, in history"),
    entry(C::HistoryForward, "history-forward", &["]"], Everywhere, Group::Finding, "The screen after, in history"),
    entry(C::Last, "last", &["-"], Everywhere, Group::Finding, "The screen that was shown last"),
    entry(C::Home, "home", &["H"], Everywhere, Group::Finding, "The overview"),

    entry(C::Mark, "mark", &["space"], Rows, Group::Rows, "Mark or unmark the row; in contexts, open or close it"),
    entry(C::MarkRange, "mark-range", &["ctrl-space"], Rows, Group::Rows, "Mark from the last mark to here"),
    entry(C::ClearMarks, "clear-marks", &["ctrl-\\"], Rows, Group::Rows, "Unmark all rows"),
    entry(C::FaultsOnly, "faults-only", &["!"], Rows, Group::Rows, "Only rows that are not well"),
    entry(C::Wide, "wide", &["ctrl-w"], Rows, Group::Rows, "More columns, or fewer"),
    entry(C::CopyName, "copy-name", &["c"], Rows, Group::Rows, "Copy the name, or the names of all marked rows"),
    entry(C::CopyNamespace, "copy-namespace", &["n"], Rows, Group::Rows, "Copy the namespace"),
    entry(C::CopyRow, "copy-row", &["Y"], Rows, Group::Rows, "Copy the row as it is on screen"),

    entry(C::Sort(&["name"]), "sort-name", &["N"], Rows, Group::Sorting, "By name; again reverses"),
    entry(C::Sort(&["age", "last"]), "sort-age", &["A"], Rows, Group::Sorting, "By age, newest first"),
    entry(C::Sort(&["status", "state", "ready"]), "sort-status", &["S"], Rows, Group::Sorting, "By status"),
    entry(C::Sort(&["namespace"]), "sort-namespace", &["P"], Rows, Group::Sorting, "By namespace"),
    entry(C::Sort(&["cpu"]), "sort-cpu", &["C"], Rows, Group::Sorting, "By CPU, most first"),
    entry(C::Sort(&["memory"]), "sort-memory", &["M"], Rows, Group::Sorting, "By memory, most first"),
    entry(C::Sort(&["restarts"]), "sort-restarts", &["T"], Rows, Group::Sorting, "By restarts, most first"),
    entry(C::SortLeft, "sort-left", &["<", "shift-left"], Rows, Group::Sorting, "By the column to the left"),
    entry(C::SortRight, "sort-right", &[">", "shift-right"], Rows, Group::Sorting, "By the column to the right"),
    entry(C::SortReverse, "sort-reverse", &["o"], Rows, Group::Sorting, "The other way round"),
    entry(C::SortDefault, "sort-default", &["O"], Rows, Group::Sorting, "What is wrong first"),

    entry(C::Favourite(0), "all-namespaces", &["0"], Everywhere, Group::Namespaces, "All namespaces"),
    entry(C::Favourite(1), "namespace-1", &["1"], Everywhere, Group::Namespaces, "Favourite namespace 1"),
    entry(C::Favourite(2), "namespace-2", &["2"], Everywhere, Group::Namespaces, "Favourite namespace 2"),
    entry(C::Favourite(3), "namespace-3", &["3"], Everywhere, Group::Namespaces, "Favourite namespace 3"),
    entry(C::Favourite(4), "namespace-4", &["4"], Everywhere, Group::Namespaces, "Favourite namespace 4"),
    entry(C::Favourite(5), "namespace-5", &["5"], Everywhere, Group::Namespaces, "Favourite namespace 5"),
    entry(C::Favourite(6), "namespace-6", &["6"], Everywhere, Group::Namespaces, "Favourite namespace 6"),
    entry(C::Favourite(7), "namespace-7", &["7"], Everywhere, Group::Namespaces, "Favourite namespace 7"),
    entry(C::Favourite(8), "namespace-8", &["8"], Everywhere, Group::Namespaces, "Favourite namespace 8"),
    entry(C::Favourite(9), "namespace-9", &["9"], Everywhere, Group::Namespaces, "Favourite namespace 9"),
    entry(C::UseNamespace, "use-namespace", &["u"], Rows, Group::Namespaces, "Only the namespace of the row"),

    entry(C::ContextAdd, "context-add", &["+"], Layer::Contexts, Group::Contexts, "Open this context beside the others"),
    entry(C::ContextRemove, "context-remove", &["x", "delete"], Layer::Contexts, Group::Contexts, "Close this context"),

    entry(C::ScrollLeft, "scroll-left", &["h"], Text, Group::Text, "Scroll to the left"),
    entry(C::ScrollRight, "scroll-right", &["l"], Text, Group::Text, "Scroll to the right"),
    entry(C::NextMatch, "next-match", &["n"], Text, Group::Text, "The next match of the search"),
    entry(C::PreviousMatch, "previous-match", &["N"], Text, Group::Text, "The match before"),
    hinted(entry(C::Wrap, "wrap", &["w"], Text, Group::Text, "Wrap long lines, or scroll them"), "wrap"),
    hinted(entry(C::ManagedFields, "managed-fields", &["M"], Text, Group::Text, "Managed fields in the YAML"), "managed fields"),
    hinted(entry(C::Reveal, "reveal", &["x"], Text, Group::Text, "Show one value of a Secret for 15 seconds"), "reveal"),
    hinted(entry(C::CopyLine, "copy-line", &["c"], Text, Group::Text, "Copy the line"), "copy line"),
    entry(C::CopyAll, "copy-all", &["C"], Text, Group::Text, "Copy the whole text"),

    hinted(entry(C::Range, "range", &["r"], Layer::Charts, Group::Charts, "Type a range: 90m, 6h, 2d"), "range"),
    entry(C::RangeShorter, "range-shorter", &["<"], Layer::Charts, Group::Charts, "A shorter range"),
    entry(C::RangeLonger, "range-longer", &[">"], Layer::Charts, Group::Charts, "A longer range"),
    hinted(entry(C::Pause, "pause-charts", &["p"], Layer::Charts, Group::Charts, "Let time stand still, or go on"), "pause"),
    entry(C::Pace, "pace", &["P"], Layer::Charts, Group::Charts, "How often charts ask"),
    hinted(entry(C::Variables, "variables", &["v"], Layer::Charts, Group::Charts, "Look at one namespace, service or pod"), "narrow"),
    entry(C::CrosshairLeft, "crosshair-left", &["h"], Layer::Charts, Group::Charts, "The crosshair to the left, on every chart"),
    entry(C::CrosshairRight, "crosshair-right", &["l"], Layer::Charts, Group::Charts, "The crosshair to the right"),
    entry(C::CrosshairLeapBack, "crosshair-leap-back", &["shift-left"], Layer::Charts, Group::Charts, "The crosshair far to the left"),
    entry(C::CrosshairLeap, "crosshair-leap", &["shift-right"], Layer::Charts, Group::Charts, "The crosshair far to the right"),
    entry(C::NextPanel, "next-panel", &["n"], Layer::Charts, Group::Charts, "The next panel"),
    entry(C::PreviousPanel, "previous-panel", &["N"], Layer::Charts, Group::Charts, "The panel before"),
    hinted(entry(C::Form, "form", &["f"], Layer::Charts, Group::Charts, "Lines, stat, gauge, bars, table or strips"), "form"),
    entry(C::LegendSort, "legend-sort", &["s"], Layer::Charts, Group::Charts, "Series by the next column of the legend"),
    entry(C::CopyQuery, "copy-query", &["c"], Layer::Charts, Group::Charts, "Copy the panel's PromQL"),
    entry(C::NextServer, "next-server", &["S"], Layer::Charts, Group::Charts, "Ask another Prometheus"),
    entry(C::LeftOut, "left-out", &["i"], Layer::Charts, Group::Charts, "What an imported board left out"),

    entry(C::NextPane, "next-pane", &["tab"], Everywhere, Group::Panes, "The next pane or tab"),
    entry(C::PreviousPane, "previous-pane", &["shift-tab"], Everywhere, Group::Panes, "The pane or tab before"),
    hinted(entry(C::Zoom, "zoom", &["z"], Everywhere, Group::Panes, "The pane alone, or all of them"), "zoom"),
    entry(C::Taller, "taller", &["ctrl-down", "alt-down"], Everywhere, Group::Panes, "Give the pane more height"),
    entry(C::Shorter, "shorter", &["ctrl-up", "alt-up"], Everywhere, Group::Panes, "Give the pane less height"),
    entry(C::Wider, "wider", &["ctrl-right", "alt-right"], Everywhere, Group::Panes, "Give the pane more width"),
    entry(C::Narrower, "narrower", &["ctrl-left", "alt-left"], Everywhere, Group::Panes, "Give the pane less width"),

    entry(C::Refresh, "refresh", &["ctrl-r"], Everywhere, Group::Program, "Retry sources that wait, now"),
    entry(C::Redraw, "redraw", &["ctrl-l"], Everywhere, Group::Program, "Paint the screen anew"),
    entry(C::Themes, "themes", &["t"], Everywhere, Group::Program, "Choose a theme"),
    entry(C::Mouse, "mouse", &["m"], Everywhere, Group::Program, "Mouse on or off"),
    entry(C::OwnLog, "own-log", &["L"], Everywhere, Group::Program, "quarterdeck's own log"),
    entry(C::Suspend, "suspend", &["ctrl-z"], Everywhere, Group::Program, "Back to the shell; fg returns"),
    entry(C::Quit, "quit", &["ctrl-c"], Everywhere, Group::Program, "Leave quarterdeck"),

    hinted(entry(C::Actions, "actions", &["a"], Objects, Group::Actions, "All that can be done to the row"), "actions"),
    entry(C::Works, "works", &["V"], Everywhere, Group::Actions, "Follow the actions of this run, newest first"),
    entry(C::Undo, "undo", &["U"], Everywhere, Group::Actions, "Undo the action that is shown, or the newest that can be undone"),
    entry(C::GoOn, "go-on", &["K"], Everywhere, Group::Actions, "Do what the shown action says should be done next"),
    entry(C::Audit, "audit", &["Q"], Everywhere, Group::Actions, "All that was changed, by whom and how it ended"),
    entry(C::Unlock, "unlock", &["W"], Everywhere, Group::Actions, "Unlock a locked environment for 15 minutes; the audit keeps it"),

    entry(C::Confirm, "confirm", &["y"], Layer::Dialog, Group::Dialog, "Do it, where yes is enough"),
    entry(C::Refuse, "refuse", &["n"], Layer::Dialog, Group::Dialog, "Leave it undone"),

    entry(C::Accept, "accept", &["enter"], Prompt, Group::Prompt, "Take it"),
    entry(C::Complete, "complete", &["tab"], Prompt, Group::Prompt, "Complete the word"),
    entry(C::PreviousField, "previous-field", &["shift-tab"], Prompt, Group::Prompt, "The field before"),
    entry(C::Cancel, "cancel", &["esc", "ctrl-c"], Prompt, Group::Prompt, "Leave the prompt"),
    entry(C::NextItem, "next-item", &["down", "ctrl-n"], Prompt, Group::Prompt, "The next entry"),
    entry(C::PreviousItem, "previous-item", &["up", "ctrl-p"], Prompt, Group::Prompt, "The entry before, or what was typed before"),
    entry(C::NextPage, "next-page", &["pagedown"], Prompt, Group::Prompt, "A page of entries down"),
    entry(C::PreviousPage, "previous-page", &["pageup"], Prompt, Group::Prompt, "A page of entries up"),
    entry(C::DeleteBack, "delete-back", &["backspace", "ctrl-h"], Prompt, Group::Prompt, "Delete the character before"),
    entry(C::DeleteForward, "delete-forward", &["delete", "ctrl-d"], Prompt, Group::Prompt, "Delete the character under the cursor"),
    entry(C::DeleteWord, "delete-word", &["ctrl-w", "alt-backspace"], Prompt, Group::Prompt, "Delete the word before"),
    entry(C::DeleteAll, "delete-all", &["ctrl-u"], Prompt, Group::Prompt, "Delete all"),
    entry(C::CursorLeft, "cursor-left", &["left", "ctrl-b"], Prompt, Group::Prompt, "To the left"),
    entry(C::CursorRight, "cursor-right", &["right", "ctrl-f"], Prompt, Group::Prompt, "To the right"),
    entry(C::CursorStart, "cursor-start", &["home", "ctrl-a"], Prompt, Group::Prompt, "To the start"),
    entry(C::CursorEnd, "cursor-end", &["end", "ctrl-e"], Prompt, Group::Prompt, "To the end"),
];
