//! A disk that is full, a file that may not be written, a log and a file that were damaged: told clearly, and nothing
//! that was acknowledged is lost.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{Place, committed};
use helpdesk_core::id::{ConversationId, Seq};
use helpdesk_core::model::Audience;
use helpdesk_core::store::{StorageFault, Store as _, StoreError, TimelineRange, Write};
use helpdesk_core::testing::samples;
use helpdesk_store::SqliteStore;
use sqlx::{Connection as _, SqliteConnection, SqlitePool};

#[track_caller]
fn fault(outcome: Result<impl std::fmt::Debug, StoreError>) -> StorageFault {
    let error = outcome.expect_err("it is broken");
    error.storage_fault().unwrap_or_else(|| panic!("another fault: {error:?}"))
}

/// Commits so many conversations; they are acknowledged.
async fn acknowledged(place: &Place, store: &SqliteStore, count: usize) -> Vec<ConversationId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let (id, commit) = place.begun();
        committed(store.commit(commit).await.unwrap());
        ids.push(id);
    }
    ids
}

/// Whether each of these conversations is there with its message.
async fn all_there(place: &Place, store: &SqliteStore, ids: &[ConversationId]) {
    for id in ids {
        let read = store.timeline(place.workspace.id, *id, TimelineRange::After(Seq::ZERO), Audience::Team, 10).await.unwrap();
        assert!(place.exists(store, *id).await && read.len() == 1, "{id} was acknowledged");
    }
    let counts = store.counts(place.workspace.id, place.workspace.owner.id).await.unwrap();
    assert_eq!(counts.all, ids.len() as u64);
}

/// SQLite takes a file for read-only whose header names a format of writing that it does not know: here this stands for a
/// file system that was mounted anew, because the tests may run as a user whom no mode of a file stops.
async fn forbid_writing(pool: &SqlitePool, file: &Path, forbidden: bool) {
    // From then on the header is read from the file.
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await.unwrap();
    let mut bytes = fs::read(file).unwrap();
    bytes[18] = if forbidden { 3 } else { 2 };
    let header = fs::OpenOptions::new().write(true).open(file).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&header, &bytes[18..19], 18).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_becomes_read_only_is_read_on_and_written_again_without_a_restart() {
    let place = Place::new();
    let pool = place.pool().await;
    let store = place.store_from(pool.clone()).await;
    store.migrate().await.unwrap();
    let mut ids = acknowledged(&place, &store, 10).await;

    forbid_writing(&pool, &place.file(), true).await;
    let error = store.commit(place.begun().1).await.unwrap_err();
    assert_eq!(error.storage_fault(), Some(StorageFault::ReadOnly), "{error}");
    assert!(error.to_string().contains("let this process write"), "{error}");
    assert_eq!(fault(store.ready().await), StorageFault::ReadOnly);
    all_there(&place, &store, &ids).await;

    forbid_writing(&place.pool().await, &place.file(), false).await;
    ids.extend(acknowledged(&place, &store, 10).await);
    store.ready().await.unwrap();
    all_there(&place, &store, &ids).await;
}

/// What a process that is killed now leaves behind, in another folder.
fn killed(place: &Place) -> (Place, PathBuf) {
    let left = Place::new();
    for end in ["", "-wal", "-shm"] {
        let name = format!("helpdesk.db{end}");
        fs::copy(place.directory.path().join(&name), left.directory.path().join(&name)).unwrap();
    }
    let log = left.directory.path().join("helpdesk.db-wal");
    (left, log)
}

async fn opened(left: &Place) -> Result<SqliteStore, StoreError> {
    SqliteStore::builder().with_clock(Arc::new(left.clock.clone())).connect(&left.url()).await
}

#[tokio::test]
async fn what_is_appended_to_a_log_does_no_harm() {
    let place = Place::new();
    let store = place.store().await;
    let ids = acknowledged(&place, &store, 30).await;
    let (left, log) = killed(&place);
    let mut bytes = fs::read(&log).unwrap();
    bytes.extend((0..20_000_u32).map(|number| (number % 251) as u8));
    fs::write(&log, bytes).unwrap();
    let store = opened(&left).await.unwrap();
    all_there(&place, &store, &ids).await;
}

#[tokio::test]
async fn a_damaged_log_is_refused_instead_of_losing_what_was_committed() {
    type Harm = (&'static str, fn(&mut Vec<u8>));
    fn flip(bytes: &mut [u8], at: usize) {
        bytes[at] ^= 0x10;
    }
    let place = Place::new();
    let store = place.store().await;
    acknowledged(&place, &store, 30).await;
    let harm: [Harm; 6] = [
        ("a bit in the middle", |bytes| {
            let at = bytes.len() / 2;
            flip(bytes, at);
        }),
        ("a bit of the last transaction", |bytes| {
            let at = bytes.len() - 2000;
            flip(bytes, at);
        }),
        ("a bit of the header's checksum", |bytes| flip(bytes, 25)),
        ("cut in the middle", |bytes| bytes.truncate(bytes.len() / 2)),
        ("cut by a byte", |bytes| bytes.truncate(bytes.len() - 1)),
        ("zeros", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle..middle + 8192].fill(0);
        }),
    ];
    for (what, harm) in harm {
        let (left, log) = killed(&place);
        let mut bytes = fs::read(&log).unwrap();
        harm(&mut bytes);
        fs::write(&log, &bytes).unwrap();
        for _ in 0..2 {
            let refused = opened(&left).await.expect_err(what);
            assert_eq!(refused.storage_fault(), Some(StorageFault::Damaged), "{what}: {refused}");
            assert!(refused.to_string().contains("helpdesk.db-wal is damaged at frame"), "{what}: {refused}");
            assert_eq!(fs::read(&log).unwrap(), bytes, "{what}: the evidence is left as it is");
        }
    }
    // Without the shared memory too, where whole transactions follow the damage.
    let (left, log) = killed(&place);
    fs::remove_file(left.directory.path().join("helpdesk.db-shm")).unwrap();
    let mut bytes = fs::read(&log).unwrap();
    flip(&mut bytes, 40_000);
    fs::write(&log, bytes).unwrap();
    assert_eq!(fault(opened(&left).await), StorageFault::Damaged);
}

#[tokio::test]
async fn the_remedy_for_a_damaged_log_leaves_a_desk_that_works() {
    let place = Place::new();
    let store = place.store().await;
    let ids = acknowledged(&place, &store, 30).await;
    let (left, log) = killed(&place);
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&log, bytes).unwrap();
    assert_eq!(fault(opened(&left).await), StorageFault::Damaged);
    // What the message says.
    let mut shell = SqliteConnection::connect(&left.url()).await.unwrap();
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut shell).await.unwrap();
    shell.close().await.unwrap();

    let store = opened(&left).await.unwrap();
    let mut kept = Vec::new();
    for id in ids {
        if left.exists(&store, id).await {
            kept.push(id);
        }
    }
    assert!(!kept.is_empty() && kept.len() < 30, "the part before the damage: {}", kept.len());
    all_there(&place, &store, &kept).await;
    let (id, commit) = place.begun();
    committed(store.commit(commit).await.unwrap());
    kept.push(id);
    all_there(&place, &store, &kept).await;
}

#[tokio::test]
async fn what_a_crash_in_the_middle_of_a_write_leaves_is_no_damage() {
    let place = Place::new();
    let store = place.store().await;
    let ids = acknowledged(&place, &store, 5).await;
    let (before, log) = killed(&place);
    let known = fs::metadata(&log).unwrap().len() as usize;
    // Another transaction reaches the log, but neither whole nor so far that the shared memory tells of it.
    acknowledged(&place, &store, 1).await;
    let whole = fs::read(place.directory.path().join("helpdesk.db-wal")).unwrap();
    for length in [known + 10, known + 4096, whole.len() - 1] {
        let left = Place::new();
        for name in ["helpdesk.db", "helpdesk.db-shm"] {
            fs::copy(before.directory.path().join(name), left.directory.path().join(name)).unwrap();
        }
        fs::write(left.directory.path().join("helpdesk.db-wal"), &whole[..length]).unwrap();
        let store = opened(&left).await.unwrap();
        all_there(&place, &store, &ids).await;
    }
}

#[tokio::test]
async fn a_damaged_page_harms_only_those_whose_rows_are_on_it() {
    let place = Place::new();
    let store = place.store().await;
    let ids = acknowledged(&place, &store, 40).await;
    let (marked, mut commit) = place.begun();
    let long = format!("the damaged one {}", "x".repeat(9_000));
    for write in &mut commit.writes {
        if let Write::Entry { entry, .. } = write {
            *entry = Arc::new(samples::contact_message(1, place.conversation().contact, &long));
        }
    }
    committed(store.commit(commit).await.unwrap());
    let sound = acknowledged(&place, &store, 40).await;
    store.close().await;

    let mut bytes = fs::read(place.file()).unwrap();
    let needle = b"the damaged one";
    let at = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    // The page's own header: what overflows from it goes with it.
    let page = at / 4096 * 4096;
    bytes[page..page + 4096].fill(0x5a);
    fs::write(place.file(), bytes).unwrap();

    let store = place.store().await;
    let timeline = |id| store.timeline(place.workspace.id, id, TimelineRange::After(Seq::ZERO), Audience::Team, 10);
    let error = timeline(marked).await.unwrap_err();
    assert_eq!(error.storage_fault(), Some(StorageFault::Damaged), "{error}");
    assert!(error.to_string().contains("restore a backup") && !error.is_retryable(), "{error}");
    let mut readable = 0;
    for id in ids.iter().chain(&sound) {
        assert!(place.exists(&store, *id).await);
        readable += usize::from(timeline(*id).await.is_ok());
    }
    assert!(readable >= 40, "what is not damaged can be read");
}
