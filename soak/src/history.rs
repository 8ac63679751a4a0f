//! What happened, as the clients saw it: the one input of the checker.
//!
//! A history is a file of JSON lines, one [`Record`] a line, in the order in which they were known. All times are of one
//! monotonic clock, that of the program that runs the clients: nothing here rests on what a server says of time.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Failure;
use crate::wire::{Assignee, Entry, Summary};

/// Nanoseconds since the run began.
pub(crate) type Moment = u64;

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum Record {
    /// Somebody did something.
    Operation(Box<Operation>),
    /// A socket asked for a conversation from behind this version on.
    Subscribed(Subscribed),
    /// A socket was told of a change.
    Changed(Box<Changed>),
    /// Somebody was shown a conversation beside what they asked for: in the queue.
    Shown {
        /// When.
        at: Moment,
        /// What.
        summary: Summary,
    },
    /// At the end of the run this client still listens to this conversation.
    Listening {
        /// Who.
        process: u32,
        /// To what.
        conversation: Uuid,
    },
    /// What the nemesis did.
    Fault(Fault),
    /// The servers never came to rest: a conversation that still owes something.
    Unsettled {
        /// Which, and what.
        detail: String,
    },
    /// A conversation as it is in the end.
    Final(Box<Final>),
    /// A view of the queue as it is in the end.
    Queue(Queue),
}

/// A view of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queue {
    /// Which.
    pub(crate) view: View,
    /// What it lists.
    pub(crate) conversations: Vec<Uuid>,
    /// How many are in it, as the counts have it.
    pub(crate) count: u64,
}

/// The views that are the same for all operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum View {
    All,
    Unassigned,
    Waiting,
    Claimed,
    Resolved,
}

impl View {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [Self::All, Self::Unassigned, Self::Waiting, Self::Claimed, Self::Resolved];

    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Unassigned => "unassigned",
            Self::Waiting => "waiting",
            Self::Claimed => "claimed",
            Self::Resolved => "resolved",
        }
    }
}

/// One thing that somebody wanted, over all its attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Operation {
    /// The client.
    pub(crate) process: u32,
    /// The contact or operator that the client acts as.
    pub(crate) actor: Uuid,
    /// What.
    pub(crate) action: Action,
    /// Where; of a start: where it began or joined, if that is known.
    pub(crate) conversation: Option<Uuid>,
    /// The name that makes it safe to repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<String>,
    /// The text of a message or note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The race it takes part in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) race: Option<u64>,
    /// When the first attempt began.
    pub(crate) start: Moment,
    /// When the last one ended.
    pub(crate) end: Moment,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// An attempt before the last one ended without an answer: it may yet happen, or have happened.
    #[serde(default)]
    pub(crate) uncertain: bool,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// A contact's message that begins a conversation or joins the open one.
    Start,
    /// A contact's message.
    Send,
    /// A contact asks for a human.
    Human,
    /// A contact ends the chat.
    End,
    /// An operator's message.
    Reply,
    /// An operator's note.
    Note,
    /// An operator takes over.
    Claim,
    /// An operator hands back to the assistant.
    HandBack,
    /// An operator leaves it to nobody.
    Leave,
    /// An operator gives it to this operator.
    Assign(Uuid),
    /// An operator resolves.
    Resolve,
    /// An operator reopens.
    Reopen,
    /// Somebody read up to here.
    Read(u64),
    /// Somebody looks at the conversation.
    Look,
    /// Somebody reads the end of the timeline.
    Timeline,
}

impl Action {
    /// Whether it writes an entry with a text.
    pub(crate) fn writes_text(self) -> bool {
        matches!(self, Self::Start | Self::Send | Self::Reply | Self::Note)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Send => "send",
            Self::Human => "human",
            Self::End => "end",
            Self::Reply => "reply",
            Self::Note => "note",
            Self::Claim => "claim",
            Self::HandBack => "hand back",
            Self::Leave => "leave to nobody",
            Self::Assign(_) => "assign",
            Self::Resolve => "resolve",
            Self::Reopen => "reopen",
            Self::Read(_) => "read",
            Self::Look => "look",
            Self::Timeline => "timeline",
        }
    }
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It is done, says the server.
    Done {
        /// The place of the entry that it wrote; of a read timeline, the last place seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
        /// The conversation as the answer shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        summary: Option<Summary>,
    },
    /// The rules do not allow it, says the server.
    Refused {
        /// The problem's code.
        code: String,
        /// Of a lost claim: who won.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holder: Option<Uuid>,
    },
    /// Nobody said.
    Unknown,
}

/// A subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscribed {
    /// The client.
    pub(crate) process: u32,
    /// The connection: a number of this run.
    pub(crate) socket: u64,
    /// What.
    pub(crate) conversation: Uuid,
    /// The version known.
    pub(crate) after: u64,
}

/// A `changed` frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Changed {
    /// When it came.
    pub(crate) at: Moment,
    /// The client.
    pub(crate) process: u32,
    /// The connection.
    pub(crate) socket: u64,
    /// The version told before.
    pub(crate) prev: u64,
    /// The version known with it.
    pub(crate) version: u64,
    /// New and changed entries.
    pub(crate) entries: Vec<Entry>,
    /// The conversation.
    pub(crate) summary: Summary,
}

/// What the nemesis did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// What.
    pub(crate) kind: String,
    /// From when on.
    pub(crate) start: Moment,
    /// Until it was healed.
    pub(crate) end: Moment,
}

/// A conversation in the end, as both sides read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Final {
    /// Whose it is.
    pub(crate) contact: Uuid,
    /// As the team sees it.
    pub(crate) summary: Summary,
    /// As its contact sees it.
    pub(crate) contact_summary: Summary,
    /// The team's timeline.
    pub(crate) entries: Vec<Entry>,
    /// The contact's timeline.
    pub(crate) contact_entries: Vec<Entry>,
    /// Its ticket, as the conversation remembers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<Ticket>,
    /// Its ticket, as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ticket: Option<Ticket>,
}

/// What conversations remember of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    /// Its number.
    pub(crate) number: u64,
    /// Its status.
    pub(crate) status: String,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) assignee: Option<Assignee>,
}

/// Writes a history.
#[derive(Debug)]
pub(crate) struct Recorder {
    begin: Instant,
    file: Mutex<BufWriter<File>>,
}

impl Recorder {
    /// A new history in this file.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Ok(Self { begin: Instant::now(), file: Mutex::new(BufWriter::with_capacity(1 << 20, File::create(path)?)) })
    }

    /// Now.
    pub(crate) fn now(&self) -> Moment {
        u64::try_from(self.begin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Adds a line. A history that cannot be written is worth nothing, so the run ends with it at [`finish`](Self::finish).
    pub(crate) fn add(&self, record: &Record) {
        if let Ok(mut line) = serde_json::to_vec(record) {
            line.push(b'\n');
            let _kept_by_the_writer = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
        }
    }

    /// Writes what is buffered.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        Ok(self.file.lock().unwrap_or_else(PoisonError::into_inner).flush()?)
    }
}

/// Reads a history.
pub(crate) fn read(path: &Path) -> Result<Vec<Record>, Failure> {
    let file = BufReader::new(File::open(path).map_err(|error| format!("{}: {error}", path.display()))?);
    let mut records = Vec::new();
    for (number, line) in file.lines().enumerate() {
        let record = serde_json::from_str(&line?).map_err(|error| format!("{}, line {}: {error}", path.display(), number + 1))?;
        records.push(record);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let recorder = Recorder::create(&path).unwrap();
        let records = [
            Record::Fault(Fault { kind: "kill".to_owned(), start: 1, end: 2 }),
            Record::Operation(Box::new(Operation {
                process: 1,
                actor: Uuid::from_u128(1),
                action: Action::Assign(Uuid::from_u128(2)),
                conversation: None,
                client_id: None,
                text: None,
                race: Some(3),
                start: 4,
                end: 5,
                attempts: 1,
                uncertain: false,
                outcome: Outcome::Refused { code: "already_claimed".to_owned(), holder: Some(Uuid::from_u128(2)) },
            })),
        ];
        records.iter().for_each(|record| recorder.add(record));
        recorder.finish().unwrap();
        assert_eq!(read(&path).unwrap(), records);
    }
}
