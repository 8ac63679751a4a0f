//! Commits to be put into a store.

#![allow(dead_code, reason = "each test program uses a part")]

use std::sync::Arc;

use helpdesk_core::id::{CommitId, ConversationId, JobId, TurnNumber};
use helpdesk_core::model::Conversation;
use helpdesk_core::store::{Commit, Guard, JobOp, Key, Lane, NewJob, Outcome, Work, Write};
use helpdesk_core::testing::SequentialIds;
use helpdesk_core::testing::samples::{self, SampleWorkspace};

/// A workspace, and ids for what is in it.
pub(crate) struct Drafts {
    pub(crate) ids: SequentialIds,
    pub(crate) workspace: SampleWorkspace,
}

impl Drafts {
    pub(crate) fn new() -> Self {
        let ids = SequentialIds::new();
        let workspace = SampleWorkspace::new(&ids);
        Self { ids, workspace }
    }

    pub(crate) fn draft(&self) -> Commit {
        Commit::new(CommitId::generate(&self.ids), self.workspace.id)
    }

    pub(crate) fn conversation(&self) -> Conversation {
        self.workspace.conversation(&self.ids, &samples::contact(&self.ids))
    }

    /// A commit of one conversation with a first message.
    pub(crate) fn begun(&self) -> (ConversationId, Commit) {
        let conversation = self.conversation();
        let id = conversation.id;
        let entry = samples::contact_message(1, conversation.contact, "Hello");
        let writes = vec![Write::Conversation(Arc::new(conversation)), Write::Entry { conversation: id, entry: Arc::new(entry) }];
        (id, Commit { writes, ..self.draft() })
    }

    /// A commit of a further message in a conversation as it is, which becomes what it leaves.
    pub(crate) fn message(&self, conversation: &mut Conversation, text: &str) -> Commit {
        let guards = vec![Guard { key: Key::Conversation(conversation.id), version: conversation.version }];
        conversation.version = conversation.version.next();
        conversation.seq = conversation.seq.next();
        let mut entry = samples::contact_message(conversation.seq.0, conversation.contact, text);
        entry.rev = conversation.version;
        let writes = vec![
            Write::Conversation(Arc::new(conversation.clone())),
            Write::Entry { conversation: conversation.id, entry: Arc::new(entry) },
        ];
        Commit { guards, writes, ..self.draft() }
    }

    pub(crate) fn pushed(&self, lane: &str) -> Commit {
        let work = Work::Answer { conversation: ConversationId::generate(&self.ids), turn: TurnNumber(1) };
        let job = NewJob { id: JobId::generate(&self.ids), lane: Lane::named(lane), work, delay: std::time::Duration::ZERO };
        Commit { jobs: vec![JobOp::Push(job)], ..self.draft() }
    }
}

#[track_caller]
pub(crate) fn committed(outcome: Outcome) {
    assert!(matches!(outcome, Outcome::Committed(_)), "{outcome:?}");
}
