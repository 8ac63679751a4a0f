//! Many nodes on one database, and a database that is not always there.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/drafts.rs"]
mod drafts;
#[path = "common/later.rs"]
mod later;
#[path = "common/proxy.rs"]
mod proxy;
#[path = "common/postgres.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use drafts::{Drafts, committed};
use helpdesk_core::id::{ConversationId, Seq, Version};
use helpdesk_core::model::Audience;
use helpdesk_core::store::{Commit, Guard, Key, Outcome, Settled, Store as _, StoreError, TimelineRange, Write};
use helpdesk_store::PostgresStore;
use proxy::{Cut, LAST_WORDS, Proxy};
use server::TestPostgres;
use sqlx::{Connection as _, PgConnection, PgPool};

const MINUTE: Duration = Duration::from_mins(1);

/// A node on a schema.
async fn node(url: &str, schema: &str) -> PostgresStore {
    PostgresStore::builder().with_schema(schema).connect(url).await.unwrap()
}

async fn exists(store: &PostgresStore, drafts: &Drafts, id: ConversationId) -> bool {
    !store.conversations(drafts.workspace.id, &[id]).await.unwrap().is_empty()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_nodes_that_start_at_once_make_the_tables_once() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (url, schema) = (server.url(), schema.clone());
        nodes.spawn(async move { node(&url, &schema).await });
    }
    let drafts = Drafts::new();
    while let Some(node) = nodes.join_next().await {
        let node = node.unwrap();
        node.ready().await.unwrap();
        committed(node.commit(drafts.begun().1).await.unwrap());
    }
    let last = node(&server.url(), &schema).await;
    assert_eq!(last.counts(drafts.workspace.id, drafts.workspace.owner.id).await.unwrap().all, 8);
}

/// Begins a conversation, finds it, and has a job done.
async fn write_and_read(node: &PostgresStore, drafts: &Drafts) {
    let (workspace, (id, commit)) = (drafts.workspace.id, drafts.begun());
    committed(node.commit(commit).await.unwrap());
    assert!(exists(node, drafts, id).await);
    let entries = node.timeline(workspace, id, TimelineRange::After(Seq::ZERO), Audience::Team, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    committed(node.commit(drafts.pushed("lane")).await.unwrap());
    let job = node.lease(1, MINUTE).await.unwrap().remove(0);
    assert!(node.extend(workspace, &job.fence, MINUTE).await.unwrap());
    committed(node.commit(Commit { finished: vec![job.fence], ..drafts.draft() }).await.unwrap());
}

/// A rolling upgrade, seen by a node of the version before: statements that it has prepared, and those that it has not, go
/// on over the tables of the later version.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_goes_on_writing_and_reading_while_a_later_version_adds_to_the_tables() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let (one, drafts) = (node(&server.url(), &schema).await, Arc::new(Drafts::new()));
    for _ in 0..3 {
        write_and_read(&one, &drafts).await;
    }
    let upgraded = Arc::new(AtomicBool::new(false));
    let working = tokio::spawn({
        let (one, drafts, upgraded) = (one.clone(), Arc::clone(&drafts), Arc::clone(&upgraded));
        async move {
            let (mut written, mut after) = (3, 0);
            while after < 20 {
                after += usize::from(upgraded.load(Ordering::Acquire));
                write_and_read(&one, &drafts).await;
                written += 1;
            }
            written
        }
    });
    later::upgrade(&server.url(), &schema).await;
    upgraded.store(true, Ordering::Release);
    let written = working.await.unwrap();
    one.ready().await.unwrap();
    // One of the same version that starts now, as after a crash in the middle of the upgrade.
    let restarted = node(&server.url(), &schema).await;
    assert_eq!(restarted.counts(drafts.workspace.id, drafts.workspace.owner.id).await.unwrap().all, written);
    committed(restarted.commit(drafts.begun().1).await.unwrap());
}

#[tokio::test]
async fn a_lease_of_one_node_holds_for_the_others_by_the_time_of_the_database() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let (one, other) = (node(&server.url(), &schema).await, node(&server.url(), &schema).await);
    let drafts = Drafts::new();
    committed(one.commit(drafts.pushed("lane")).await.unwrap());
    let first = one.lease(10, Duration::from_millis(300)).await.unwrap().remove(0);
    assert!(other.lease(10, MINUTE).await.unwrap().is_empty());
    assert!(!other.next_due().await.unwrap().unwrap().is_zero());
    // The one goes silent, and the other takes over as soon as it may.
    let second = loop {
        tokio::time::sleep(other.next_due().await.unwrap().unwrap()).await;
        if let Some(job) = other.lease(10, MINUTE).await.unwrap().pop() {
            break job;
        }
    };
    assert_eq!((second.fence.job, second.attempt), (first.fence.job, 2));
    assert!(second.fence.token > first.fence.token);
    assert!(!one.extend(drafts.workspace.id, &first.fence, MINUTE).await.unwrap());
    assert!(!one.retry(drafts.workspace.id, &first.fence, MINUTE).await.unwrap());
    let finish = |fence| Commit { finished: vec![fence], ..drafts.draft() };
    assert_eq!(one.commit(finish(first.fence)).await.unwrap(), Outcome::LeaseLost);
    committed(other.commit(finish(second.fence)).await.unwrap());
    assert_eq!(one.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn a_connection_lost_before_the_commit_arrived_leaves_nothing() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let proxy = Proxy::start(&server.socket()).await;
    let (cut, whole) = (node(&proxy.url(), &schema).await, node(&server.url(), &schema).await);
    let drafts = Drafts::new();
    let (id, commit) = drafts.begun();
    proxy.at_commit(Cut::Before);
    let lost = cut.commit(commit.clone()).await.unwrap_err();
    assert!(matches!(lost, StoreError::Unavailable(_)), "{lost:?}");
    assert_eq!(whole.settle(drafts.workspace.id, commit.id).await.unwrap(), Settled::Refused);
    assert!(!exists(&whole, &drafts, id).await);
    assert_eq!(cut.commit(commit.clone()).await.unwrap(), Outcome::Refused);
    committed(cut.commit(Commit { id: drafts.draft().id, ..commit }).await.unwrap());
}

#[tokio::test]
async fn a_connection_lost_after_the_commit_arrived_is_found_out() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let proxy = Proxy::start(&server.socket()).await;
    let (cut, whole) = (node(&proxy.url(), &schema).await, node(&server.url(), &schema).await);
    let drafts = Drafts::new();
    let (id, mut commit) = drafts.begun();
    commit.result = bytes::Bytes::from_static(b"kept");
    proxy.at_commit(Cut::After);
    let lost = cut.commit(commit.clone()).await.unwrap_err();
    assert!(matches!(lost, StoreError::Unavailable(_)), "{lost:?}");
    assert_eq!(whole.settle(drafts.workspace.id, commit.id).await.unwrap(), Settled::Committed(commit.result.clone()));
    assert!(exists(&whole, &drafts, id).await);
    assert_eq!(cut.commit(commit.clone()).await.unwrap(), Outcome::Already(commit.result));
}

#[tokio::test]
async fn a_further_message_whose_commit_was_cut_off_is_found_out() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let proxy = Proxy::start(&server.socket()).await;
    let whole = node(&server.url(), &schema).await;
    let drafts = Drafts::new();
    found_out(&drafts, &proxy, [&node(&proxy.url(), &schema).await, &whole], LAST_WORDS).await;
    let pool = PgPool::connect(&proxy.url()).await.unwrap();
    let of_host = PostgresStore::builder().with_schema(schema).from_pool(pool).await.unwrap();
    found_out(&drafts, &proxy, [&of_host, &whole], "Hello?").await;
}

/// Messages with these words reach one node whose wire is cut at their commit; the other settles them.
async fn found_out(drafts: &Drafts, proxy: &Proxy, [cut, whole]: [&PostgresStore; 2], words: &str) {
    let mut conversation = drafts.conversation();
    let begin = Commit { writes: vec![Write::Conversation(Arc::new(conversation.clone()))], ..drafts.draft() };
    committed(whole.commit(begin).await.unwrap());
    for (where_cut, settled) in [(Cut::Before, Settled::Refused), (Cut::After, Settled::Committed(bytes::Bytes::new()))] {
        let before = conversation.clone();
        let commit = drafts.message(&mut conversation, words);
        proxy.at_commit(where_cut);
        let lost = cut.commit(commit.clone()).await.unwrap_err();
        assert!(matches!(lost, StoreError::Unavailable(_)), "{lost:?}");
        let stored = async || whole.conversations(drafts.workspace.id, &[conversation.id]).await.unwrap();
        if where_cut == Cut::After {
            // Whoever settles sooner has it refused.
            let arrived = async { while stored().await[0].version != conversation.version {} };
            tokio::time::timeout(MINUTE, arrived).await.expect("what arrived is carried out");
        }
        assert_eq!(whole.settle(drafts.workspace.id, commit.id).await.unwrap(), settled);
        let expected = if settled == Settled::Refused { &before } else { &conversation };
        assert_eq!(stored().await, std::slice::from_ref(expected));
        if settled == Settled::Refused {
            conversation = before;
        }
    }
    committed(cut.commit(drafts.message(&mut conversation, "Hello!")).await.unwrap());
}

#[tokio::test]
async fn a_message_that_is_stuck_on_the_way_does_not_stop_the_others_of_its_node() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let proxy = Proxy::start(&server.socket()).await;
    let node = node(&proxy.url(), &schema).await;
    let drafts = Drafts::new();
    let (mut stuck, mut other) = (drafts.conversation(), drafts.conversation());
    let writes = [&stuck, &other].map(|conversation| Write::Conversation(Arc::new(conversation.clone())));
    committed(node.commit(Commit { writes: writes.into(), ..drafts.draft() }).await.unwrap());
    let held = proxy.at_commit(Cut::Never);
    let waiting = tokio::spawn({
        let (node, message) = (node.clone(), drafts.message(&mut stuck, LAST_WORDS));
        async move { node.commit(message).await }
    });
    held.await.unwrap();
    let beside = node.commit(drafts.message(&mut other, "Hello?"));
    committed(tokio::time::timeout(MINUTE, beside).await.expect("another connection is free").unwrap());
    assert!(!waiting.is_finished());
    proxy.go_on();
    committed(waiting.await.unwrap().unwrap());
}

/// Both nodes write in the same conversations, each by what it saw last: nothing is lost, nothing is written twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_knows_an_old_state_of_a_conversation_is_told_and_holds_up_no_other() {
    const ROUNDS: u64 = 20;
    let server = TestPostgres::get();
    let schema = server.schema();
    let nodes = [node(&server.url(), &schema).await, node(&server.url(), &schema).await];
    let drafts = Arc::new(Drafts::new());
    let mut shared: Vec<_> = (0..8).map(|_| drafts.conversation()).collect();
    let mut own: Vec<_> = nodes.iter().map(|_| drafts.conversation()).collect();
    let writes = shared.iter().chain(&own).map(|conversation| Write::Conversation(Arc::new(conversation.clone()))).collect();
    committed(nodes[0].commit(Commit { writes, ..drafts.draft() }).await.unwrap());
    for _ in 0..ROUNDS {
        let mut sending = tokio::task::JoinSet::new();
        for (number, node) in nodes.iter().enumerate() {
            let mut commits: Vec<_> = shared.iter().map(|known| drafts.message(&mut known.clone(), "at once")).collect();
            commits.push(drafts.message(&mut own[number], "alone"));
            for commit in commits {
                let node = node.clone();
                sending.spawn(async move {
                    let Write::Conversation(conversation) = &commit.writes[0] else { unreachable!("it was just made") };
                    (conversation.id, node.commit(commit.clone()).await.unwrap())
                });
            }
        }
        let mut written = std::collections::HashMap::new();
        while let Some(sent) = sending.join_next().await {
            let (id, outcome) = sent.unwrap();
            match outcome {
                Outcome::Committed(_) => *written.entry(id).or_insert(0) += 1,
                other => assert!(matches!(other, Outcome::Conflict(_)), "{other:?}"),
            }
        }
        assert_eq!((written.len(), written.values().max()), (10, Some(&1)), "each conversation goes on by one message");
        for known in &mut shared {
            known.version = known.version.next();
            known.seq = known.seq.next();
        }
    }
    for conversation in shared.iter().chain(&own) {
        let range = TimelineRange::After(Seq::ZERO);
        let entries = nodes[1].timeline(drafts.workspace.id, conversation.id, range, Audience::Team, 100).await.unwrap();
        assert_eq!(entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), (1..=ROUNDS).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_node_that_stops_in_the_middle_of_a_commit_does_not_stop_the_others() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let proxy = Proxy::start(&server.socket()).await;
    let (stopped, other) = (node(&proxy.url(), &schema).await, node(&server.url(), &schema).await);
    let drafts = Drafts::new();
    let (_, commit) = drafts.begun();
    let (workspace, id) = (drafts.workspace.id, commit.id);
    let held = proxy.at_commit(Cut::Never);
    let waiting = tokio::spawn({
        let stopped = stopped.clone();
        async move { stopped.commit(commit).await }
    });
    held.await.unwrap();
    // It holds the workspace's counter, until the database takes it away.
    committed(other.commit(drafts.begun().1).await.unwrap());
    assert_eq!(other.settle(workspace, id).await.unwrap(), Settled::Refused);
    proxy.go_on();
    let outcome = waiting.await.unwrap();
    assert!(matches!(outcome, Err(StoreError::Unavailable(_)) | Ok(Outcome::Refused)), "{outcome:?}");
    committed(stopped.commit(drafts.begun().1).await.unwrap());
}

#[tokio::test]
async fn connections_that_the_database_ended_are_replaced() {
    // A server of its own, because those of the other tests are ended too.
    let server = TestPostgres::start();
    let store = node(&server.url(), &server.schema()).await;
    let drafts = Drafts::new();
    let mut other = PgConnection::connect(&server.url()).await.unwrap();
    for _ in 0..5 {
        committed(store.commit(drafts.begun().1).await.unwrap());
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'helpdesk'";
        sqlx::query(sql).execute(&mut other).await.unwrap();
    }
    committed(store.commit(drafts.begun().1).await.unwrap());
}

#[tokio::test]
async fn a_commit_that_the_database_chose_as_the_victim_of_a_deadlock_is_tried_again() {
    let server = TestPostgres::get();
    let schema = server.schema();
    let store = node(&server.url(), &schema).await;
    let drafts = Drafts::new();
    let mut conversation = drafts.conversation();
    let writing = |conversation: &helpdesk_core::model::Conversation| Commit {
        guards: vec![Guard { key: Key::Conversation(conversation.id), version: Version(conversation.version.0 - 1) }],
        writes: vec![Write::Conversation(Arc::new(conversation.clone()))],
        ..drafts.draft()
    };
    committed(store.commit(writing(&conversation)).await.unwrap());

    let mut other = PgConnection::connect(&server.url()).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("SET search_path TO \"{schema}\""))).execute(&mut other).await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    sqlx::query("UPDATE counters SET change = change").execute(&mut *transaction).await.unwrap();
    conversation.version = conversation.version.next();
    let committing = tokio::spawn({
        let (store, commit) = (store.clone(), writing(&conversation));
        async move { store.commit(commit).await }
    });
    // The store has locked the conversation and waits for the counter.
    let mut watch = PgConnection::connect(&server.url()).await.unwrap();
    let waits = "SELECT EXISTS (SELECT FROM pg_locks AS wanted JOIN pg_locks AS held USING (transactionid) \
                 WHERE NOT wanted.granted AND held.granted AND held.pid = $1)";
    let holder: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *transaction).await.unwrap();
    let waiting = async {
        while !sqlx::query_scalar::<_, bool>(waits).bind(holder).fetch_one(&mut watch).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("the store waits for the counter");
    // Whichever of the two is chosen: the store's commit gets through.
    let _chosen = sqlx::query("UPDATE conversations SET version = version").execute(&mut *transaction).await;
    transaction.rollback().await.unwrap();
    committed(committing.await.unwrap().unwrap());
}
