//! Which commits are plain.

use std::collections::{BTreeSet, HashSet};

use helpdesk_core::id::{Version, WorkspaceId};
use helpdesk_core::model::{Conversation, Entry, RecordKey};
use helpdesk_core::store::commit::{Claim, Commit, JobOp, Key, Outcome, Write};
use helpdesk_core::store::job::{Lane, NewJob};
use helpdesk_core::store::judge::{View, judge};
use uuid::Uuid;

use crate::postgres::name::digest;
use crate::sql::fault::Fault;
use crate::sql::value::json;

/// The bodies of a plain commit, and its name, as they are stored. Whoever brings it encodes them, while another batch is being written; who
/// writes has only to line them up.
#[derive(Debug, Default)]
pub(in crate::postgres::writer) struct Bodies {
    pub(super) conversation: String,
    pub(super) entry: String,
    pub(super) name: Option<Uuid>,
    pub(super) work: Option<String>,
}

impl Bodies {
    /// None: the commit is not plain.
    pub(in crate::postgres::writer) fn of(commit: &Commit) -> Result<Option<Self>, Fault> {
        let blank = Self::default();
        let Some(row) = Row::of(commit, &blank) else { return Ok(None) };
        let (name, work) = (row.claim.map(|claim| digest(&claim.key)), row.job.map(|job| json(&job.job.work)).transpose()?);
        Ok(Some(Self { conversation: json(row.conversation)?, entry: json(row.entry)?, name, work }))
    }
}

/// A plain commit, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) commit: &'a Commit,
    pub(super) conversation: &'a Conversation,
    /// The conversation's version that is guarded.
    pub(super) guarded: Version,
    pub(super) entry: &'a Entry,
    pub(super) claim: Option<&'a Claim>,
    pub(super) job: Option<Job<'a>>,
    pub(super) bodies: &'a Bodies,
}

/// A job to be put at the end of its lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<'a> {
    pub(super) job: &'a NewJob,
    /// Whether the lane is cleared before.
    pub(super) clears: bool,
}

impl<'a> Row<'a> {
    /// Takes a commit apart; none if it is not plain.
    fn of(commit: &'a Commit, bodies: &'a Bodies) -> Option<Self> {
        let Commit { id: _, workspace: _, guards, release, unique, writes, jobs, finished, result: _ } = commit;
        if !release.is_empty() || !finished.is_empty() {
            return None;
        }
        let [Write::Conversation(conversation), Write::Entry { conversation: of, entry }] = &writes[..] else { return None };
        let key = Key::Conversation(conversation.id);
        let guarded = guards.iter().find(|guard| guard.key == key)?.version;
        let others_are_records = guards.iter().all(|guard| guard.key == key || matches!(guard.key, Key::Record(_)));
        if *of != conversation.id || guarded == Version::ZERO || !others_are_records {
            return None;
        }
        let claim = match &unique[..] {
            [] => None,
            [claim] => Some(claim),
            _ => return None,
        };
        let job = match &jobs[..] {
            [] => None,
            [JobOp::Push(job)] => Some(Job { job, clears: false }),
            [JobOp::Cancel(lane), JobOp::Push(job)] if *lane == job.lane => Some(Job { job, clears: true }),
            _ => return None,
        };
        Some(Self { commit, conversation, guarded, entry, claim, job, bodies })
    }
}

/// The plain ones among commits that wait, no two of which are about the same.
#[derive(Debug, Default)]
pub(in crate::postgres::writer) struct Plain<'a> {
    /// In the order of workspace and conversation, each with its place among the commits.
    pub(super) rows: Vec<(usize, Row<'a>)>,
    /// As which versions records are guarded.
    pub(super) records: Vec<(WorkspaceId, RecordKey, Version)>,
}

impl<'a> Plain<'a> {
    /// Sorts them out: they are judged by a view in which all their guards hold and all their names are free.
    pub(in crate::postgres::writer) fn of(commits: impl IntoIterator<Item = (&'a Commit, Option<&'a Bodies>)>) -> Self {
        let commits = commits.into_iter();
        let (mut view, mut rows, mut lanes) = (View::default(), Vec::new(), HashSet::new());
        let (count, _) = commits.size_hint();
        // Each guards its conversation and the settings, and most have a name.
        view.versions.reserve(2 * count);
        view.owners.reserve(count);
        view.commits.reserve(count);
        for (place, (commit, bodies)) in commits.enumerate() {
            let Some(row) = bodies.and_then(|bodies| Row::of(commit, bodies)) else { continue };
            let lane = row.job.map(|job| (commit.workspace, &job.job.lane));
            let conversation = (commit.workspace, Key::Conversation(row.conversation.id));
            if view.versions.contains_key(&conversation) || lane.is_some_and(|lane: (WorkspaceId, &Lane)| lanes.contains(&lane)) {
                continue;
            }
            for guard in &commit.guards {
                view.versions.entry((commit.workspace, guard.key)).or_insert(guard.version);
            }
            if let Outcome::Committed(_) = judge(&mut view, commit) {
                rows.push((place, row));
                lanes.extend(lane);
            }
        }
        rows.sort_unstable_by_key(|(_, row)| (row.commit.workspace, row.conversation.id));
        let guards = rows.iter().flat_map(|(_, row)| row.commit.guards.iter().map(|guard| (row.commit.workspace, guard)));
        let records: BTreeSet<_> = guards
            .filter_map(|(workspace, guard)| match guard.key {
                Key::Record(record) => Some((workspace, record, guard.version)),
                _ => None,
            })
            .collect();
        Self { records: records.into_iter().collect(), rows }
    }

    pub(in crate::postgres::writer) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The places of these among the commits.
    pub(in crate::postgres::writer) fn places(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().map(|(place, _)| *place)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use helpdesk_core::id::{CommitId, JobId, TurnNumber};
    use helpdesk_core::store::commit::{Guard, Owner, UniqueKey};
    use helpdesk_core::store::job::Work;
    use helpdesk_core::testing::SequentialIds;
    use helpdesk_core::testing::samples::{self, SampleWorkspace};

    use super::*;

    struct Scene {
        ids: SequentialIds,
        workspace: SampleWorkspace,
    }

    impl Scene {
        fn new() -> Self {
            let ids = SequentialIds::new();
            let workspace = SampleWorkspace::new(&ids);
            Self { ids, workspace }
        }

        fn conversation(&self) -> Conversation {
            self.workspace.conversation(&self.ids, &samples::contact(&self.ids))
        }

        /// A message in a conversation that is at its first version.
        fn message(&self, conversation: &Conversation) -> Commit {
            let entry = samples::contact_message(1, conversation.contact, "Hello?");
            let next = Conversation { version: Version(2), ..conversation.clone() };
            let mut commit = Commit::new(CommitId::generate(&self.ids), self.workspace.id);
            commit.guards = vec![Guard { key: Key::Conversation(conversation.id), version: Version(1) }];
            commit.guards.push(Guard { key: Key::Record(RecordKey::SETTINGS), version: Version::ZERO });
            commit.writes =
                vec![Write::Conversation(Arc::new(next)), Write::Entry { conversation: conversation.id, entry: Arc::new(entry) }];
            commit
        }

        fn push(&self, lane: &Lane) -> JobOp {
            let conversation = helpdesk_core::id::ConversationId::generate(&self.ids);
            let work = Work::Answer { conversation, turn: TurnNumber(1) };
            JobOp::Push(NewJob { id: JobId::generate(&self.ids), lane: lane.clone(), work, delay: std::time::Duration::ZERO })
        }
    }

    fn places(commits: &[Commit]) -> Vec<usize> {
        let bodies: Vec<_> = commits.iter().map(|commit| Bodies::of(commit).unwrap()).collect();
        let commits = commits.iter().zip(bodies.iter().map(Option::as_ref));
        let mut places: Vec<_> = Plain::of(commits).places().collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn a_further_message_is_plain_with_a_name_and_a_job_that_supersedes_another() {
        let scene = Scene::new();
        let conversation = scene.conversation();
        let lane = Lane::turn(conversation.id);
        let mut commit = scene.message(&conversation);
        commit.unique = vec![Claim { key: UniqueKey::client_id("me", "1"), owner: Owner::id(uuid::Uuid::nil()), keep: None }];
        commit.jobs = vec![JobOp::Cancel(lane.clone()), scene.push(&lane)];
        assert_eq!(places(&[commit]), [0]);
    }

    #[test]
    fn what_has_to_be_read_first_is_not_plain() {
        let scene = Scene::new();
        let conversation = scene.conversation();
        let plain = || scene.message(&conversation);
        let (lane, mut others) = (Lane::turn(conversation.id), Vec::new());
        others.push(Commit { guards: vec![Guard { key: Key::Conversation(conversation.id), version: Version::ZERO }], ..plain() });
        others.push(Commit { guards: Vec::new(), ..plain() });
        others.push(Commit { release: vec![(UniqueKey::client_id("me", "1"), Owner::id(uuid::Uuid::nil()))], ..plain() });
        others.push(Commit { jobs: vec![JobOp::Cancel(lane.clone())], ..plain() });
        others.push(Commit { jobs: vec![scene.push(&lane), scene.push(&lane)], ..plain() });
        others.push(Commit { jobs: vec![JobOp::Cancel(Lane::confirm(conversation.id)), scene.push(&lane)], ..plain() });
        others.push(Commit { writes: plain().writes[..1].to_vec(), ..plain() });
        let contact = Guard { key: Key::Contact(conversation.contact), version: Version(1) };
        others.push(Commit { guards: [plain().guards, vec![contact]].concat(), ..plain() });
        for other in others {
            assert!(places(std::slice::from_ref(&other)).is_empty(), "{other:?}");
        }
    }

    #[test]
    fn of_those_about_the_same_the_first_is_taken() {
        let scene = Scene::new();
        let conversations: Vec<_> = (0..5).map(|_| scene.conversation()).collect();
        let mut commits: Vec<_> = conversations.iter().map(|conversation| scene.message(conversation)).collect();
        // Of the same conversation, under the same name, by other settings, in the same lane.
        commits[1] = scene.message(&conversations[0]);
        let claim = Claim { key: UniqueKey::client_id("me", "1"), owner: Owner::id(uuid::Uuid::nil()), keep: None };
        commits[0].unique = vec![claim.clone()];
        commits[2].unique = vec![Claim { owner: Owner::id(uuid::Uuid::max()), ..claim }];
        commits[3].guards[1].version = Version(7);
        let lane = Lane::named("lane");
        commits[0].jobs = vec![scene.push(&lane)];
        commits[4].jobs = vec![scene.push(&lane)];
        assert_eq!(places(&commits), [0]);
        assert_eq!(places(&commits[2..]), [0, 2]);
    }
}
