//! The settings of a session under which our statements run.
//!
//! Every statement looks rows up by their keys, and statistics that are behind a growing table must not talk the planner out of
//! it: one plan a statement, along the indexes; and not by bitmaps of them, which never mark what is dead, so that a row that
//! is often changed becomes slower and slower to find. And a node that stops in the middle holds up the others for no longer than it
//! must.

/// Whose connections these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sessions {
    /// Our own: they are set up once, when they are opened.
    Ours,
    /// A host's: what is set for a transaction ends with it.
    TheHosts,
}

macro_rules! settings {
    ($set:literal) => {
        concat!(
            $set,
            "lock_timeout = '10s'; ",
            $set,
            "idle_in_transaction_session_timeout = '5s'; ",
            $set,
            "plan_cache_mode = force_generic_plan; ",
            $set,
            "jit = off; ",
            $set,
            "enable_seqscan = off; ",
            $set,
            "enable_bitmapscan = off; ",
            $set,
            "enable_material = off; ",
            $set,
            "enable_hashjoin = off; ",
            $set,
            "enable_mergejoin = off"
        )
    };
}

/// What a connection of ours is set to when it is opened.
pub(super) const SETTINGS: &str = settings!("SET ");

/// Has a session of ours plan its statements anew, as its tables are now: those of a new helpdesk were empty when they were
/// planned, and what costs nothing in an empty table may walk a whole one that has grown since.
pub(super) const FORGET_PLANS: &str = "DISCARD PLANS";

impl Sessions {
    /// Begins a transaction. Committed rows are seen as soon as they are there, by each statement anew: what is locked is seen
    /// as it is.
    pub(super) const fn begin(self) -> &'static str {
        match self {
            Self::Ours => "BEGIN ISOLATION LEVEL READ COMMITTED",
            Self::TheHosts => concat!("BEGIN ISOLATION LEVEL READ COMMITTED; ", settings!("SET LOCAL ")),
        }
    }
}
