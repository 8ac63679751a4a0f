//! The rules: what a command does to a conversation. Pure: no I/O, no clock, no randomness but what [`Env`] brings in.
//!
//! [`decide`] looks at a [`Snapshot`] and answers a [`Decision`]: everything that one commit writes, and what to tell
//! listeners once it is durable. It must not know stores, transports, or how often it is called: the engine decides
//! again on every conflict. [`wanted`] says what a command needs to see.

mod assistant;
mod button;
mod contact;
mod draft;
mod lifecycle;
mod reading;
mod request;
mod rights;
mod takeover;
mod team;
#[cfg(test)]
mod tests;
mod tickets;
mod want;

pub use button::human_button;
pub use want::{Place, missing, wanted};

use std::sync::Arc;

use crate::bus::NotificationKind;
use crate::clock::Timestamp;
use crate::command::{Actor, Command};
use crate::error::Refusal;
use crate::id::{IdGen, Seq, TurnNumber, Version};
use crate::model::{Author, Conversation, RecordBody, Settings};
use crate::store::{Claim, Guard, JobOp, Owner, Snapshot, UniqueKey, Write};
use draft::{Draft, Scene};

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
    pub conversation: Arc<Conversation>,
    /// Its public version as it was: what contacts were told before.
    pub public_before: Version,
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
    let defaults;
    let settings = match stored_settings(snapshot) {
        Some(settings) => settings,
        None => {
            defaults = Settings::default();
            &defaults
        }
    };
    let by = rights::giver(snapshot, settings, env.actor, command)?;
    let scene = Scene { snapshot, settings, env, by: &by };
    let mut draft = match command {
        Command::Start { channel, .. } => Draft::begin(scene, contact::newcomer(scene, channel)?),
        _ => Draft::of(scene, rights::writable(snapshot, command)?),
    };
    carry_out(&mut draft, command, &by)?;
    Ok(draft.finish())
}

/// Like [`Snapshot::settings`], but not copied for every command.
fn stored_settings(snapshot: &Snapshot) -> Option<&Settings> {
    snapshot.records.iter().find_map(|record| match &record.body {
        RecordBody::Settings(settings) => Some(&**settings),
        _ => None,
    })
}

/// The table of who may do what, and where it is done.
fn carry_out(draft: &mut Draft<'_>, command: &Command, by: &Author) -> Result<(), Refusal> {
    match command {
        Command::Start { text, .. } => contact::start(draft, rights::contact(by)?, text),
        Command::ContactMessage { text } => contact::message(draft, rights::contact(by)?, text),
        Command::RequestHuman => request::by_contact(draft, rights::contact(by)?),
        Command::End => lifecycle::end(draft, rights::contact(by)?),
        Command::Reply { text } => team::reply(draft, rights::operator(by)?, text),
        Command::Note { text } => team::note(draft, rights::operator(by)?, text),
        Command::Claim => takeover::claim(draft, rights::operator(by)?),
        Command::Assign(target) => takeover::assign(draft, rights::operator(by)?, *target),
        Command::SetStatus(status) => lifecycle::set_status(draft, rights::operator_or_system(by)?, *status),
        Command::SetFlag(flagged) => rights::operator(by).map(|_| draft.conversation.flagged = *flagged),
        Command::Read(seq) => match by {
            Author::Contact { .. } => reading::by_contact(draft, *seq),
            _ => reading::by_operator(draft, rights::operator(by)?, *seq),
        },
        Command::Relink => rights::system(by).map(|()| draft.relink()),
        Command::Answer { turn, answer } => assistant::answer(draft, rights::assistant(by)?, *turn, answer),
        Command::Confirm { requested_at, text } => assistant::confirm(draft, rights::assistant(by)?, *requested_at, text),
        Command::AnswerFailed { turn, reason } => rights::assistant_or_system(by).and_then(|_| assistant::failed(draft, *turn, reason)),
    }
}
