//! Further messages: most of what a helpdesk writes, so that a store may have a short way for it. The short way leads to the
//! same place.

use std::time::Duration;

use super::StoreFixture;
use super::concurrency::at_once;
use super::scene::{self, MINUTE, Scene, done, guard, name, owner};
use crate::id::{Seq, Version};
use crate::model::{Audience, Conversation, Record, RecordBody, RecordKey, Status};
use crate::store::{Claim, Commit, Guard, JobOp, Key, Lane, Outcome, TimelineRange, Write};
use crate::testing::samples;

/// The condition that the settings stand at this version.
fn settings_at(version: u64) -> Guard {
    Guard { key: Key::Record(RecordKey::SETTINGS), version: Version(version) }
}

fn settings(scene: &Scene<'_>, version: u64) -> Write {
    let body = RecordBody::Settings(Box::new(scene.workspace.settings.clone()));
    Write::Record(Box::new(Record { version: Version(version), body }))
}

/// A message in this conversation as it is, which becomes what it leaves.
fn message(scene: &Scene<'_>, conversation: &mut Conversation, client_id: &str) -> Commit {
    let read = conversation.version;
    conversation.version = read.next();
    conversation.seq = conversation.seq.next();
    conversation.messages += 1;
    let mut entry = samples::contact_message(conversation.seq.0, conversation.contact, client_id);
    entry.rev = conversation.version;
    let mut commit = scene.writing([scene::conversation(conversation), scene::entry(conversation.id, &entry)]);
    commit.guards = vec![guard(conversation.id, read.0), settings_at(0)];
    commit.unique = vec![Claim { key: name(client_id), owner: owner("its content"), keep: Some(MINUTE) }];
    commit
}

/// What `message` leaves is to be answered, and nothing that was to be answered before.
fn superseding(scene: &Scene<'_>, lane: &str) -> Vec<JobOp> {
    vec![JobOp::Cancel(Lane::named(lane)), JobOp::Push(scene.job(lane))]
}

/// Conversation, entry, name, job, counts and the change: all of it is there, for each of many.
pub async fn everything_of_a_further_message_is_applied(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (store, workspace) = (scene.store(), scene.workspace.id);
    let mut conversations: Vec<_> = (0..20).map(|_| scene.conversation()).collect();
    let before = scene.put(conversations.iter().map(scene::conversation)).await.change.unwrap();
    let mut commits = Vec::new();
    for (number, conversation) in conversations.iter_mut().enumerate() {
        conversation.status = if number % 2 == 0 { Status::Pending } else { Status::Open };
        let mut commit = message(&scene, conversation, &format!("message {number}"));
        commit.jobs = superseding(&scene, &format!("lane {number}"));
        commits.push(commit);
    }
    let mut numbers: Vec<_> = at_once(fixture, commits).await.into_iter().map(|outcome| done(outcome).change.unwrap().0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (before.0 + 1..=before.0 + 20).collect::<Vec<_>>(), "each draws one number");
    for (number, conversation) in conversations.iter().enumerate() {
        assert_eq!(scene.stored(conversation.id).await.as_ref(), Some(conversation));
        assert_eq!(scene.owner(&name(&format!("message {number}"))).await, Some(owner("its content")));
        let entries = store.timeline(workspace, conversation.id, TimelineRange::After(Seq::ZERO), Audience::Team, 10).await.unwrap();
        assert_eq!(entries.iter().map(|entry| entry.rev).collect::<Vec<_>>(), [conversation.version]);
    }
    assert_eq!(store.counts(workspace, scene.workspace.owner.id).await.unwrap().pending, 10);
    assert_eq!(scene.lease().await.len(), 20);
    fixture.advance(2 * MINUTE).await;
    assert_eq!(scene.owner(&name("message 0")).await, None, "the name was kept for a minute");
}

/// The job that was pushed before is gone, leased or not, and the new one can be had.
pub async fn a_further_message_supersedes_what_was_to_be_answered(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    scene.put([scene::conversation(&conversation)]).await;
    let mut running = None;
    for number in 0..4 {
        let mut commit = message(&scene, &mut conversation, &format!("message {number}"));
        commit.jobs = superseding(&scene, "lane");
        let JobOp::Push(pushed) = &commit.jobs[1] else { unreachable!("it was just made") };
        let pushed = pushed.id;
        done(scene.commit(commit).await);
        if let Some(running) = running.take() {
            assert_eq!(scene.finish(&running).await, Outcome::LeaseLost);
        }
        // Every other is leased when the next comes.
        if number % 2 == 0 {
            let leased = scene.lease_one().await;
            assert_eq!((leased.fence.job, leased.attempt), (pushed, 1));
            running = Some(leased);
        }
    }
    let last = scene.lease_one().await;
    done(scene.finish(&last).await);
    assert_eq!(scene.store().next_due().await.unwrap(), None, "something is left in the lane");
}

/// Jobs of messages that supersede nothing are done in their order, whether or not one of them is leased, and whoever holds
/// that lease keeps it.
pub async fn further_messages_queue_up_in_their_lane(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    scene.put([scene::conversation(&conversation)]).await;
    let (mut pushed, mut first) = (Vec::new(), None);
    for number in 0..3 {
        let job = scene.job("lane");
        pushed.push(job.id);
        let commit = Commit { jobs: vec![JobOp::Push(job)], ..message(&scene, &mut conversation, &format!("message {number}")) };
        done(scene.commit(commit).await);
        if number == 0 {
            first = Some(scene.lease_one().await);
        }
    }
    assert_eq!(scene.lease().await, [], "one of a lane at a time");
    let mut found = Vec::new();
    let mut next = first;
    while let Some(job) = next {
        found.push(job.fence.job);
        done(scene.finish(&job).await);
        next = scene.lease().await.pop();
    }
    assert_eq!(found, pushed);
}

/// Some of those that are sent at once rest on what is no more: they are refused, each for its own reason, and no other.
pub async fn each_further_message_is_judged_by_itself(fixture: &StoreFixture) {
    let (scene, other) = (Scene::new(fixture), Scene::new(fixture));
    other.put([settings(&other, 1)]).await;
    let mut conversations: Vec<_> = (0..12).map(|_| scene.conversation()).collect();
    let mut elsewhere = other.conversation();
    scene.put(conversations.iter().map(scene::conversation)).await;
    other.put([scene::conversation(&elsewhere)]).await;
    done(scene.take(&name("message 1"), &owner("somebody else's")).await);
    let known = message(&scene, &mut conversations[2], "known");
    done(scene.commit(known.clone()).await);

    let mut commits = vec![known];
    commits.extend(conversations.iter_mut().enumerate().map(|(number, conversation)| {
        conversation.version = Version(conversation.version.0 + u64::from(number % 4 == 3));
        message(&scene, conversation, &format!("message {number}"))
    }));
    // The settings of that workspace are stored, and those of this one are not.
    commits.push(message(&other, &mut elsewhere, "elsewhere"));
    let outcomes = at_once(fixture, commits).await;
    assert!(matches!(outcomes[0], Outcome::Already(_)), "{:?}", outcomes[0]);
    assert_eq!(outcomes[13], Outcome::Conflict(vec![(Key::Record(RecordKey::SETTINGS), Version(1))]));
    for (number, outcome) in outcomes[1..13].iter().enumerate() {
        let refused = match number {
            1 => Some(Outcome::Taken(vec![(name("message 1"), owner("somebody else's"))])),
            3 | 7 | 11 => Some(Outcome::Conflict(vec![(Key::Conversation(conversations[number].id), Version(1))])),
            _ => None,
        };
        match refused {
            Some(refused) => assert_eq!(*outcome, refused, "message {number}"),
            None => assert!(matches!(outcome, Outcome::Committed(_)), "message {number}: {outcome:?}"),
        }
    }
}

/// A message that draws its number after the settings were changed was not decided by those before.
pub async fn no_further_message_rests_on_settings_that_changed(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversations: Vec<_> = (0..8).map(|_| scene.conversation()).collect();
    scene.put(conversations.iter().map(scene::conversation)).await;
    for round in 0..12_u64 {
        let mut change = scene.writing([settings(&scene, round + 1)]);
        change.guards = vec![settings_at(round)];
        let mut commits = Vec::new();
        for conversation in &conversations {
            let mut commit = message(&scene, &mut conversation.clone(), &format!("{round} {}", conversation.id));
            commit.guards[1] = settings_at(round);
            commits.push(commit);
        }
        commits.insert(usize::try_from(round).unwrap() % 8, change);
        let outcomes = at_once(fixture, commits.clone()).await;
        let number = |outcome: &Outcome| if let Outcome::Committed(committed) = outcome { committed.change } else { None };
        let changed = usize::try_from(round).unwrap() % 8;
        let limit = number(&outcomes[changed]).expect("nobody else changes the settings");
        for (commit, outcome) in commits.iter().zip(&outcomes) {
            let Some(written) = number(outcome) else { continue };
            assert!(written <= limit, "a message was written after the settings by which it was decided were changed");
            let Write::Conversation(now) = &commit.writes[0] else { continue };
            if let Some(conversation) = conversations.iter_mut().find(|conversation| conversation.id == now.id) {
                conversation.clone_from(now);
            }
        }
    }
}

/// Two messages under one name at the same moment: one is written.
pub async fn of_two_further_messages_of_one_name_one_is_written(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for round in 0..20 {
        let mut pair = [scene.conversation(), scene.conversation()];
        scene.put(pair.iter().map(scene::conversation)).await;
        let mut commits = Vec::new();
        for (index, conversation) in pair.iter_mut().enumerate() {
            let mut commit = message(&scene, conversation, &format!("name {round}"));
            commit.unique[0].owner = owner(["one", "other"][index]);
            commit.unique[0].keep = Some(Duration::from_secs(30));
            commits.push(commit);
        }
        let outcomes = at_once(fixture, commits).await;
        let committed = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count();
        let taken = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Taken(_))).count();
        assert_eq!((committed, taken), (1, 1), "{outcomes:?}");
    }
}
