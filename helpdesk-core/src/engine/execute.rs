//! The commit loop: snapshot, decide, commit, tell.

use std::borrow::Cow;
use std::mem::take;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::client_id::{Named, unreadable};
use super::outliving::Outliving;
use super::queues::PlaceAtWork;
use super::{ClientId, Helpdesk};
use crate::bus::{Signal, Topic};
use crate::command::{Actor, AssignTarget, Command};
use crate::decide::{Decision, Env, Place, decide, missing, wanted};
use crate::error::{Error, Refusal};
use crate::id::{AssistantId, CommitId, ContactId, ConversationId, OperatorId, Seq, WorkspaceId};
use crate::model::{Audience, Availability, Conversation, Entry, RecordBody, RecordKey, RecordKind};
use crate::store::{Commit, Committed, Fence, Key, Outcome, Settled, Snapshot, StoreError, TimelineRange, UniqueKey, Write};

/// How long a command is tried again on conflicts before it is given up as [`Error::Busy`].
const RETRY_FOR: Duration = Duration::from_secs(2);
/// What a command did.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The conversation after it.
    pub conversation: Arc<Conversation>,
    /// The command's own entry, for commands that write one.
    pub entry: Option<Arc<Entry>>,
    /// The same `client_id` was used before: this is what it did then.
    pub replayed: bool,
}

impl Done {
    /// The command's own entry.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if there is none, which the rules rule out for messages and notes.
    pub fn into_entry(self) -> Result<(Arc<Entry>, bool), Error> {
        let missing = || Error::Store(StoreError::Inconsistent("a message without its entry".to_owned()));
        Ok((self.entry.ok_or_else(missing)?, self.replayed))
    }
}

/// A command with all that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) workspace: WorkspaceId,
    pub(crate) actor: Actor,
    /// Where; none for a start.
    pub(crate) conversation: Option<ConversationId>,
    /// With which assistant, for a start.
    pub(crate) assistant: Option<AssistantId>,
    pub(crate) command: Command,
    pub(crate) client_id: Option<ClientId>,
    /// The job whose result this is.
    pub(crate) fence: Option<Fence>,
    /// A start that wants a conversation of its own.
    pub(crate) anew: bool,
}

impl Request {
    pub(crate) fn new(workspace: WorkspaceId, actor: Actor, conversation: ConversationId, command: Command) -> Self {
        Self { workspace, actor, conversation: Some(conversation), assistant: None, command, client_id: None, fence: None, anew: false }
    }

    pub(crate) fn with_client_id(mut self, client_id: Option<ClientId>) -> Self {
        self.client_id = client_id;
        self
    }

    pub(super) fn contact(&self) -> Option<ContactId> {
        match self.actor {
            Actor::Contact(contact) => Some(contact),
            Actor::Operator(_) | Actor::Assistant | Actor::System => None,
        }
    }

    /// The command under its caller's name, if it has one.
    fn named(&self) -> Option<Named> {
        let client_id = self.client_id.as_ref()?;
        let actor = match &self.actor {
            Actor::Contact(id) => format!("contact:{id}"),
            Actor::Operator(operator) => operator_actor(operator.id),
            Actor::Assistant | Actor::System => "system".to_owned(),
        };
        let place = self.conversation.map(|id| id.to_string()).unwrap_or_default();
        let (route, words) = asked(&self.command)?;
        Some(Named::new(&actor, client_id, &[route, &place, &words].join("\n")))
    }

    fn place(&self) -> Result<Place<'_>, Refusal> {
        match (self.conversation, self.contact(), self.assistant) {
            (Some(conversation), _, _) => Ok(Place::Id(conversation)),
            (None, Some(contact), Some(assistant)) => Ok(Place::New { contact, assistant }),
            (None, _, _) => Err(Refusal::NotFound),
        }
    }
}

/// How an operator is told from other callers.
pub(crate) fn operator_actor(id: OperatorId) -> String {
    format!("operator:{id}")
}

/// What a command of a caller asks for, as far as two may differ; none for the assistant's own.
fn asked(command: &Command) -> Option<(&'static str, Cow<'_, str>)> {
    Some(match command {
        Command::Start { text, .. } => ("start", text.as_str().into()),
        Command::ContactMessage { text } => ("message", text.as_str().into()),
        Command::Reply { text } => ("reply", text.as_str().into()),
        Command::Note { text } => ("note", text.as_str().into()),
        Command::RequestHuman => ("human", Cow::default()),
        Command::End => ("end", Cow::default()),
        Command::Claim => ("claim", Cow::default()),
        Command::Assign(AssignTarget::Assistant) => ("assign", "assistant".into()),
        Command::Assign(AssignTarget::Nobody) => ("assign", "nobody".into()),
        Command::Assign(AssignTarget::Operator(id)) => ("assign", id.to_string().into()),
        Command::SetStatus(status) => ("status", serde_json::json!(status).to_string().into()),
        Command::SetFlag(flagged) => ("flag", flagged.to_string().into()),
        Command::Read(seq) => ("read", seq.0.to_string().into()),
        Command::Relink | Command::Answer { .. } | Command::Confirm { .. } | Command::AnswerFailed { .. } => return None,
    })
}

/// The outcome kept with a commit and with a `client_id`: a conversation and, where one was written, an entry.
struct Receipt {
    conversation: ConversationId,
    entry: Seq,
}

impl Receipt {
    fn encode(&self) -> Bytes {
        [&self.conversation.as_uuid().as_bytes()[..], &self.entry.0.to_be_bytes()].concat().into()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let parts = bytes.split_first_chunk::<16>().and_then(|(uuid, rest)| Some((uuid, rest.first_chunk::<8>()?)));
        let (uuid, seq) = parts.ok_or_else(|| unreadable("the outcome of a command"))?;
        Ok(Self { conversation: ConversationId::from_uuid(uuid::Uuid::from_bytes(*uuid)), entry: Seq(u64::from_be_bytes(*seq)) })
    }
}

enum Attempt {
    Done(Box<Done>),
    Again,
    /// The id is used up; the next attempt needs another.
    AgainAnew,
}

impl Helpdesk {
    /// Carries a command out.
    ///
    /// # Cancel safety
    ///
    /// A caller that goes away leaves the command done whole or not at all.
    pub(crate) async fn execute(&self, request: Request) -> Result<Done, Error> {
        let place = self.inner.queues.enter(&request)?;
        let began = Instant::now();
        let _turn = tokio::time::timeout(RETRY_FOR, self.inner.queues.turn_of(&request)).await.map_err(|_| Error::Busy)?;
        let mut commit_id = CommitId::generate(&*self.inner.ids);
        let mut pause = Duration::from_millis(2);
        let mut guess = self.guess(&request, &place, commit_id).await?;
        loop {
            let attempt = match guess.take() {
                Some(attempt) => attempt,
                None => self.attempt(&request, &place, commit_id).await?,
            };
            match attempt {
                Attempt::Done(done) => return Ok(*done),
                Attempt::AgainAnew => commit_id = CommitId::generate(&*self.inner.ids),
                Attempt::Again => {}
            }
            if began.elapsed() > RETRY_FOR {
                return Err(Error::Busy);
            }
            tokio::time::sleep(jitter(pause)).await;
            pause = (pause * 2).min(Duration::from_millis(200));
        }
    }

    /// Decides a further message by what the one before left of the conversation, so that nothing is read. The guards
    /// prove that it still stands so; whatever does not succeed at once is decided again by what is stored.
    async fn guess(&self, request: &Request, place: &PlaceAtWork, commit_id: CommitId) -> Result<Option<Attempt>, Error> {
        let (Command::ContactMessage { .. }, Some(conversation)) = (&request.command, request.conversation) else { return Ok(None) };
        let Some(snapshot) = self.inner.recent.take_snapshot(request.workspace, conversation) else { return Ok(None) };
        let env = Env { now: self.inner.clock.now(), ids: &*self.inner.ids, actor: &request.actor, team_available: false };
        let Ok(decision) = decide(&snapshot, &request.command, &env) else { return Ok(None) };
        let left = snapshot_after(*snapshot, &decision);
        let attempt = self.commit(request, place, commit_id, decision, request.named()).await?;
        self.leave(request, &attempt, left);
        Ok(Some(attempt))
    }

    /// Leaves what a message left of the conversation for the next.
    fn leave(&self, request: &Request, attempt: &Attempt, left: Option<Box<Snapshot>>) {
        if let (Attempt::Done(done), Some(left)) = (attempt, left) {
            self.inner.recent.leave_snapshot(request.workspace, done.conversation.id, left);
        }
    }

    async fn attempt(&self, request: &Request, place: &PlaceAtWork, commit_id: CommitId) -> Result<Attempt, Error> {
        let named = request.named();
        let names: Vec<UniqueKey> = named.iter().map(|named| named.key.clone()).collect();
        let mut command = request.command.clone();
        let mut snapshot = self.see(request, &command, request.place()?, &names).await?;
        if let Some(named) = &named
            && let Some(owner) = snapshot.owner(&named.key)
        {
            let first = Receipt::decode(named.outcome(owner)?)?;
            return Ok(Attempt::Done(Box::new(self.look_up(request.workspace, &first).await?)));
        }
        // A start joins the contact's open conversation, unless it wants one of its own.
        if let Command::Start { text, .. } = &request.command
            && !request.anew
            && let Some(open) = open_conversation(request, &snapshot)
        {
            command = Command::ContactMessage { text: text.clone() };
            snapshot = self.see(request, &command, Place::Id(open), &names).await?;
        }
        let needs_team = matches!(command, Command::RequestHuman | Command::Answer { .. } | Command::AnswerFailed { .. });
        let env = Env {
            now: self.inner.clock.now(),
            ids: &*self.inner.ids,
            actor: &request.actor,
            team_available: needs_team && self.team_available(request.workspace).await?,
        };
        let decision = decide(&snapshot, &command, &env)?;
        // While the helpdesk is off not even a name is kept.
        let named = named.filter(|_| !decision.writes.is_empty() || snapshot.settings().helpdesk);
        let left = matches!(command, Command::ContactMessage { .. }).then(|| snapshot_after(snapshot, &decision)).flatten();
        let attempt = self.commit(request, place, commit_id, decision, named).await?;
        self.leave(request, &attempt, left);
        Ok(attempt)
    }

    /// Reads what a command needs to see.
    async fn see(&self, request: &Request, command: &Command, place: Place<'_>, names: &[UniqueKey]) -> Result<Snapshot, Error> {
        let mut want = wanted(command, place);
        want.keys.extend_from_slice(names);
        if let Actor::Operator(operator) = &request.actor {
            // Their record as it is now: rights that were withdrawn are gone at once.
            let key = RecordKey::new(RecordKind::Operator, operator.id.as_uuid());
            if !want.records.contains(&key) {
                want.records.push(key);
            }
        }
        let snapshot = self.inner.store.snapshot(request.workspace, &want).await?;
        match missing(command, &want, &snapshot) {
            Some(more) => Ok(self.inner.store.snapshot(request.workspace, &more).await?),
            None => Ok(snapshot),
        }
    }

    async fn commit(
        &self,
        request: &Request,
        place: &PlaceAtWork,
        id: CommitId,
        mut decision: Decision,
        named: Option<Named>,
    ) -> Result<Attempt, Error> {
        let entry = decision.entry.and_then(|seq| written_entry(&decision, seq));
        let done = Done { conversation: decision.conversation.clone(), entry, replayed: false };
        // What changes nothing is not worth a commit, unless its name must be remembered.
        if decision.writes.is_empty() && request.fence.is_none() && named.is_none() {
            return Ok(Attempt::Done(Box::new(done)));
        }
        let mut commit = Commit::new(id, request.workspace);
        commit.result = Receipt { conversation: decision.conversation.id, entry: decision.entry.unwrap_or_default() }.encode();
        // Listeners are told of what was written; the rest is the store's alone.
        commit.writes.clone_from(&decision.writes);
        (commit.guards, commit.release) = (take(&mut decision.guards), take(&mut decision.release));
        (commit.unique, commit.jobs) = (take(&mut decision.unique), take(&mut decision.jobs));
        commit.unique.extend(named.map(|named| named.claim(&commit.result)));
        let works = !commit.jobs.is_empty();
        commit.finished.extend(request.fence.clone());
        let keys: Vec<Key> = commit.writes.iter().filter_map(Write::key).map(|(key, _)| key).collect();
        // A caller that goes away must not leave what was committed untold.
        let (desk, workspace, place) = (self.clone(), request.workspace, place.clone());
        let outcome = Outliving::new(async move {
            let _place = place;
            let outcome = desk.inner.store.commit(commit).await;
            if let Ok(Outcome::Committed(committed)) = &outcome {
                desk.tell(workspace, &decision, committed, &keys).await;
                if works {
                    desk.inner.wake.notify_one();
                }
            }
            outcome
        })
        .await;
        match outcome {
            Ok(Outcome::Committed(_)) => Ok(Attempt::Done(Box::new(done))),
            Ok(Outcome::Already(result)) => self.recall(request.workspace, &result).await,
            Ok(Outcome::Refused) => Ok(Attempt::AgainAnew),
            Ok(Outcome::LeaseLost) => Err(Refusal::TurnOver.into()),
            Ok(Outcome::Taken(_) | Outcome::Conflict(_)) => Ok(Attempt::Again),
            Err(error) if error.is_retryable() => match self.inner.store.settle(request.workspace, id).await? {
                Settled::Committed(result) => self.recall(request.workspace, &result).await,
                // It fails until somebody mends it: the caller is told of that instead of waiting.
                Settled::Refused if error.storage_fault().is_some() => Err(error.into()),
                Settled::Refused => Ok(Attempt::AgainAnew),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Commits for a caller what is no command on a conversation, within the same bound.
    ///
    /// # Cancel safety
    ///
    /// A caller that goes away leaves the commit to the store, whole or not at all, and its place taken until then.
    pub(super) async fn put(&self, commit: Commit) -> Result<Outcome, Error> {
        let (place, store) = (self.inner.queues.place()?, Arc::clone(&self.inner.store));
        let committing = Outliving::new(async move {
            let _place = place;
            store.commit(commit).await
        });
        Ok(committing.await?)
    }

    /// What an earlier attempt of ours did.
    async fn recall(&self, workspace: WorkspaceId, result: &[u8]) -> Result<Attempt, Error> {
        let receipt = Receipt::decode(result)?;
        let done = self.look_up(workspace, &receipt).await?;
        // Whoever committed it may not have lived to tell.
        let topic = Topic::Conversation { workspace, conversation: receipt.conversation };
        let changed = Signal::Changed { conversation: receipt.conversation, version: done.conversation.version };
        self.inner.bus.publish(topic, Arc::new(changed)).await;
        self.inner.wake.notify_one();
        Ok(Attempt::Done(Box::new(Done { replayed: false, ..done })))
    }

    async fn look_up(&self, workspace: WorkspaceId, receipt: &Receipt) -> Result<Done, Error> {
        let &Receipt { conversation, entry: seq } = receipt;
        let found = self.inner.store.conversations(workspace, &[conversation]).await?.pop().ok_or(Refusal::NotFound)?;
        let range = TimelineRange::After(Seq(seq.0.saturating_sub(1)));
        let entry = match seq {
            Seq::ZERO => None,
            _ => self.inner.store.timeline(workspace, conversation, range, Audience::Team, 1).await?.pop(),
        };
        Ok(Done { conversation: Arc::new(found), entry: entry.map(Arc::new), replayed: true })
    }

    async fn team_available(&self, workspace: WorkspaceId) -> Result<bool, Error> {
        let operators = self.inner.store.records(workspace, RecordKind::Operator, None, 200).await?;
        Ok(operators.iter().any(|record| match &record.body {
            RecordBody::Operator(operator) => !operator.disabled && operator.availability == Availability::Online,
            _ => false,
        }))
    }

    /// Tells listeners what was committed. Hints only: nothing is lost if this is never reached.
    async fn tell(&self, workspace: WorkspaceId, decision: &Decision, committed: &Committed, keys: &[Key]) {
        let inner = &self.inner;
        let conversation = decision.conversation.id;
        let topic = Topic::Conversation { workspace, conversation };
        let queue = Topic::Queue { workspace };
        if let Some(turn) = decision.discard {
            self.discard(workspace, conversation, turn, None).await;
        }
        if keys.contains(&Key::Conversation(conversation)) {
            self.lay_down(workspace, decision).await;
            let changed = Signal::Changed { conversation, version: decision.conversation.version };
            inner.bus.publish(topic, Arc::new(changed)).await;
        }
        if let Some(change) = committed.change {
            let key = Some(Key::Conversation(conversation));
            inner.bus.publish(queue, Arc::new(Signal::Advanced { change, key })).await;
        }
        for notice in &decision.notices {
            let at = decision.conversation.last_activity_at;
            let text = notice.text.clone();
            let signal = Signal::Notification { kind: notice.kind, conversation, at, text };
            inner.bus.publish(queue, Arc::new(signal)).await;
        }
    }
}

fn open_conversation(request: &Request, snapshot: &Snapshot) -> Option<ConversationId> {
    let key = UniqueKey::open_conversation(request.contact()?, request.assistant?);
    snapshot.owner(&key)?.as_uuid().map(ConversationId::from_uuid)
}

/// The snapshot as the decision leaves it; none if more than the conversation and its timeline changes, or if other
/// conversations share its ticket and change it.
fn snapshot_after(snapshot: Snapshot, decision: &Decision) -> Option<Box<Snapshot>> {
    let plain = decision.writes.iter().all(|write| matches!(write, Write::Conversation(_) | Write::Entry { .. }));
    let alone = snapshot.ticket.is_none() && decision.release.is_empty() && decision.unique.is_empty();
    (plain && alone).then(|| {
        let conversation = Some(decision.conversation.clone());
        Box::new(Snapshot { conversation, owners: Vec::new(), contact_messages_after: 0, other_messages_after: 0, ..snapshot })
    })
}

fn written_entry(decision: &Decision, seq: Seq) -> Option<Arc<Entry>> {
    decision.writes.iter().find_map(|write| match write {
        Write::Entry { entry, .. } if entry.seq == seq => Some(Arc::clone(entry)),
        _ => None,
    })
}

/// A random time between half of `pause` and the whole.
fn jitter(pause: Duration) -> Duration {
    let [byte] = super::keys::random::<1>();
    pause / 2 + (pause / 2) * u32::from(byte) / 255
}
