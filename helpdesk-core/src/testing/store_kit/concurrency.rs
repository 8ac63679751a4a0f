//! Many at once: commits are serialisable, whoever sends them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::sync::Barrier;

use super::StoreFixture;
use super::scene::{self, MINUTE, Scene, guard, name};
use crate::id::{Seq, Version};
use crate::model::Audience;
use crate::store::{Claim, Commit, JobOp, Key, Outcome, Owner, Settled, TimelineRange, Write};
use crate::testing::samples;

/// How long a job that is there may be passed over.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends all commits at the same moment, each from a task of its own.
pub(super) async fn at_once(fixture: &StoreFixture, commits: Vec<Commit>) -> Vec<Outcome> {
    let start = Arc::new(Barrier::new(commits.len()));
    let tasks: Vec<_> = commits
        .into_iter()
        .map(|commit| {
            let (store, start) = (fixture.store.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                store.commit(commit).await.unwrap()
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// 64 decisions on the same version of a conversation: one is applied, the others learn of it.
pub async fn of_many_claims_one_wins(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    scene.put([scene::conversation(&conversation)]).await;
    for version in 1..4 {
        conversation.version = Version(version + 1);
        let commits = (0..64).map(|number| {
            conversation.messages = number;
            let mut commit = scene.writing([scene::conversation(&conversation)]);
            commit.guards.push(guard(conversation.id, version));
            commit
        });
        let outcomes = at_once(fixture, commits.collect()).await;
        let winners: Vec<_> = (0_u64..).zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Outcome::Committed(_))).collect();
        assert_eq!(winners.len(), 1, "claims won");
        let lost = Outcome::Conflict(vec![(Key::Conversation(conversation.id), Version(version + 1))]);
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == lost).count(), 63);
        assert_eq!(scene.stored(conversation.id).await.unwrap().messages, winners[0].0, "what is stored is the winner's");
    }
}

/// 64 owners want one name: one gets it, the others learn who.
pub async fn a_name_is_taken_by_one_of_many(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let key = name("wanted");
    let owners: Vec<_> = (0..64_u8).map(|number| Owner(Bytes::copy_from_slice(&[number]))).collect();
    let commits = owners.iter().map(|owner| {
        let conversation = scene.conversation();
        let claim = Claim { key: key.clone(), owner: owner.clone(), keep: Some(MINUTE) };
        Commit { unique: vec![claim], ..scene.writing([scene::conversation(&conversation)]) }
    });
    let outcomes = at_once(fixture, commits.collect()).await;
    let holder = scene.owner(&key).await.expect("one of them has it");
    for (outcome, owner) in outcomes.iter().zip(&owners) {
        if *owner == holder {
            assert!(matches!(outcome, Outcome::Committed(_)));
        } else {
            assert_eq!(*outcome, Outcome::Taken(vec![(key.clone(), holder.clone())]));
        }
    }
    assert_eq!(scene.store().counts(scene.workspace.id, scene.workspace.owner.id).await.unwrap().all, 1, "losers wrote something");
}

/// Two commits that each write what the other one read: never both.
pub async fn what_is_only_read_is_protected_too(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for _ in 0..30 {
        let mut pair = [scene.conversation(), scene.conversation()];
        scene.put(pair.iter().map(scene::conversation)).await;
        let guards = pair.clone().map(|conversation| guard(conversation.id, 1));
        for conversation in &mut pair {
            conversation.version = Version(2);
        }
        let mut commits = Vec::new();
        for (index, conversation) in pair.iter().enumerate() {
            let mut guards = guards.to_vec();
            // Not in the same order, lest a store that locks as it reads gets stuck.
            guards.rotate_left(index);
            commits.push(Commit { guards, ..scene.writing([scene::conversation(conversation)]) });
        }
        let outcomes = at_once(fixture, commits).await;
        let committed = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count();
        assert_eq!(committed, 1, "{outcomes:?}");
    }
}

/// Two commits that each rest on the absence of what the other one writes: never both.
pub async fn what_is_absent_is_protected_too(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for _ in 0..30 {
        let pair = [scene.conversation(), scene.conversation()];
        let commits = [(0, 1), (1, 0)].map(|(written, absent): (usize, usize)| Commit {
            guards: vec![guard(pair[written].id, 0), guard(pair[absent].id, 0)],
            ..scene.writing([scene::conversation(&pair[written])])
        });
        let outcomes = at_once(fixture, commits.into()).await;
        let committed = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count();
        assert_eq!(committed, 1, "{outcomes:?}");
    }
}

/// No number is given to two tickets, however many are opened at once.
pub async fn ticket_numbers_are_drawn_once(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let commits = (0..64).map(|_| {
        let open = || Write::OpenTicket(Box::new(samples::ticket(&fixture.ids, &scene.conversation())));
        scene.writing([open(), open()])
    });
    let mut numbers = BTreeSet::new();
    for outcome in at_once(fixture, commits.collect()).await {
        for (_, number) in scene::done(outcome).tickets {
            assert!(numbers.insert(number), "number {number} was drawn twice");
        }
    }
    assert_eq!(numbers.len(), 128);
}

/// One id, sent 32 times at once: committed once, and the others get its result.
pub async fn one_id_commits_once_however_often_it_is_sent(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for _ in 0..5 {
        let conversation = scene.conversation();
        let mut commit = scene.writing([scene::conversation(&conversation)]);
        commit.result = Bytes::from_static(b"the one");
        commit.jobs.push(JobOp::Push(scene.job(&conversation.id.to_string())));
        let outcomes = at_once(fixture, vec![commit; 32]).await;
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count(), 1);
        let already = Outcome::Already(Bytes::from_static(b"the one"));
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == already).count(), 31);
        let job = scene.lease_one().await;
        scene::done(scene.finish(&job).await);
        assert_eq!(scene.lease().await, []);
    }
}

/// Many workers ask at once: each job is leased to one of them, and one of a lane at a time.
pub async fn a_job_is_leased_to_one_of_many_workers(fixture: &StoreFixture) {
    const LANES: usize = 20;
    let scene = Scene::new(fixture);
    for number in 0..LANES * 2 {
        scene.push(&format!("lane {}", number % LANES)).await;
    }
    for round in 0..2 {
        let start = Arc::new(Barrier::new(16));
        let workers: Vec<_> = (0..16)
            .map(|_| {
                let (store, start) = (fixture.store.clone(), start.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    let mut leased = Vec::new();
                    for _ in 0..5 {
                        leased.extend(store.lease(3, MINUTE).await.unwrap());
                    }
                    leased
                })
            })
            .collect();
        let mut leased = Vec::new();
        for worker in workers {
            leased.extend(worker.await.unwrap());
        }
        let lanes: BTreeSet<_> = leased.iter().map(|job| job.fence.lane.clone()).collect();
        assert_eq!((leased.len(), lanes.len()), (LANES, LANES), "round {round}: one job of each lane");
        let commits = leased.iter().map(|job| Commit { finished: vec![job.fence.clone()], ..scene.draft() });
        for outcome in at_once(fixture, commits.collect()).await {
            scene::done(outcome);
        }
    }
    assert_eq!(scene.store().next_due().await.unwrap(), None);
}

/// Writers on one conversation who reload and decide again on every conflict: all get through, none overwrites another,
/// and the entries are dense.
pub async fn all_that_was_acknowledged_is_there(fixture: &StoreFixture) {
    const WRITERS: u64 = 8;
    const MESSAGES: u64 = 15;
    let scene = Scene::new(fixture);
    let conversation = scene.conversation();
    scene.put([scene::conversation(&conversation)]).await;
    let (workspace, id) = (scene.workspace.id, conversation.id);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, ids) = (fixture.store.clone(), fixture.ids.clone());
            tokio::spawn(async move {
                for number in 0..MESSAGES {
                    loop {
                        let mut now = store.conversations(workspace, &[id]).await.unwrap().remove(0);
                        // Others read the same meanwhile, also where a store never waits.
                        tokio::task::yield_now().await;
                        let mut commit = Commit::new(crate::id::CommitId::generate(&ids), workspace);
                        commit.guards.push(guard(id, now.version.0));
                        now.version = now.version.next();
                        now.seq = now.seq.next();
                        let mut entry = samples::contact_message(now.seq.0, now.contact, &format!("{writer}: {number}"));
                        entry.rev = now.version;
                        commit.writes = vec![scene::conversation(&now), scene::entry(id, &entry)];
                        match store.commit(commit).await.unwrap() {
                            Outcome::Committed(_) => break,
                            Outcome::Conflict(_) => tokio::task::yield_now().await,
                            other => panic!("neither done nor in conflict: {other:?}"),
                        }
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let entries = scene.store().timeline(workspace, id, TimelineRange::After(Seq::ZERO), Audience::Team, 1_000).await.unwrap();
    let places: Vec<_> = entries.iter().map(|entry| entry.seq.0).collect();
    assert_eq!(places, (1..=WRITERS * MESSAGES).collect::<Vec<_>>());
    let texts: BTreeSet<_> = entries.iter().map(|entry| format!("{:?}", entry.body)).collect();
    assert_eq!(texts.len() as u64, WRITERS * MESSAGES, "a message was overwritten");
    assert_eq!(scene.stored(id).await.unwrap().version, Version(WRITERS * MESSAGES + 1));
}

/// Whoever waits for a commit may give up at any point: what becomes of it is then known by settling, and is all or nothing.
pub async fn a_dropped_commit_is_applied_whole_or_not_at_all(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for polls in (0..8).cycle().take(48) {
        let key = name("dropped");
        let mine = Owner(Bytes::copy_from_slice(scene.draft().id.as_uuid().as_bytes()));
        let conversations: Vec<_> = (0..3).map(|_| scene.conversation()).collect();
        let mut commit = scene.writing(conversations.iter().map(scene::conversation));
        commit.unique.push(Claim { key: key.clone(), owner: mine.clone(), keep: None });
        commit.jobs.push(JobOp::Push(scene.job("lane")));
        let id = commit.id;

        let mut committing = scene.store().commit(commit);
        for _ in 0..polls {
            if committing.as_mut().now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(committing);

        let settled = scene.store().settle(scene.workspace.id, id).await.unwrap();
        let ids: Vec<_> = conversations.iter().map(|conversation| conversation.id).collect();
        let stored = scene.store().conversations(scene.workspace.id, &ids).await.unwrap().len();
        let holds = scene.owner(&key).await.as_ref() == Some(&mine);
        let expected = if settled == Settled::Refused { (0, false, 0) } else { (3, true, 1) };
        let mut leased = scene.lease().await;
        // One that was dropped before and refused may still be looking at the lane, which is passed over meanwhile.
        let begun = Instant::now();
        while leased.len() < expected.2 && begun.elapsed() < PATIENCE {
            tokio::task::yield_now().await;
            leased.extend(scene.lease().await);
        }
        assert_eq!((stored, holds, leased.len()), expected, "dropped after {polls} polls and settled as {settled:?}");
        if holds {
            scene::done(scene.release(&key, &mine).await);
        }
        for job in leased {
            scene::done(scene.finish(&job).await);
        }
    }
}
