//! The rules: what a command does to a conversation. Pure: no I/O, no clock, no randomness but what [`Env`] brings in.
//!
//! [`decide`] looks at a [`Snapshot`] and answers a [`Decision`]: everything that one commit writes, and what to tell
//! listeners once it is durable. It must not know stores, transports, or how often it is called: the engine decides
//! again on every conflict.

use crate::bus::NotificationKind;
use crate::clock::Timestamp;
use crate::command::{Actor, Command};
use crate::error::Refusal;
use crate::id::{IdGen, Seq, TurnNumber};
use crate::model::Conversation;
use crate::store::{Claim, Guard, JobOp, Owner, Snapshot, UniqueKey, Write};

/// What a decision may use besides the snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// The time of everything that is decided.
    pub now: Timestamp,
    /// Where new ids come from.
    pub ids: &'a dyn IdGen,
    /// Who gives the command.
    pub actor: &'a Actor,
    /// Whether any operator is available (online) now: without one, a human request is answered with the auto-reply.
    pub team_available: bool,
}

/// What to tell the team once the commit is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What of.
    pub kind: NotificationKind,
    /// A preview of the text concerned.
    pub text: Option<String>,
}

/// What a command does.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The conversation as it will be.
    pub conversation: Conversation,
    /// The entry that is the command's own (the message, the note), for commands that write one.
    pub entry: Option<Seq>,
    /// What must not have changed. Every decision guards what it was derived from.
    pub guards: Vec<Guard>,
    /// Names given up.
    pub release: Vec<(UniqueKey, Owner)>,
    /// Names taken.
    pub unique: Vec<Claim>,
    /// What is written; empty if the command changes nothing, and then nothing is to be committed.
    pub writes: Vec<Write>,
    /// What is to be done later.
    pub jobs: Vec<JobOp>,
    /// What the team is told.
    pub notices: Vec<Notice>,
    /// The turn whose unfinished answer listeners must drop.
    pub discard: Option<TurnNumber>,
}

/// Decides a command.
///
/// # Errors
/// The [`Refusal`] by which the rules turn it down; nothing is to be committed then.
pub fn decide(snapshot: &Snapshot, command: &Command, env: &Env<'_>) -> Result<Decision, Refusal> {
    let _ = (snapshot, command, env);
    Err(Refusal::NotFound)
}
