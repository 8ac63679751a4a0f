//! A stream that nobody polls holds nothing that others wait for, whatever it was doing when its listener fell silent.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::task::Poll;
use std::time::Duration;

use futures_util::{StreamExt as _, poll};
use helpdesk_core::Helpdesk;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{LiveEvent, LiveTopic, OperatorProfile, SessionRequest, SettingsEdit};
use helpdesk_core::id::{Version, WorkspaceId};
use helpdesk_core::model::Role;
use helpdesk_store::SqliteStore;
use tokio::time::timeout;

const WS: WorkspaceId = WorkspaceId::DEFAULT;
/// Longer than any reading takes, shorter than the pool's patience.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listeners_that_fall_silent_in_the_middle_of_a_reading_keep_nobody_from_reading() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("helpdesk.db").display());
    let store = SqliteStore::builder().with_readers(1).connect(&url).await.unwrap();
    let desk = Helpdesk::builder(store).secret_key([7; 32]).build().await.unwrap();
    let ana = desk.workspace(WS).ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
    let owner = desk.workspace(WS).operator(ana.id);
    owner.update_settings(None, SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() }).await.unwrap();
    let session = desk.begin_session(SessionRequest::default()).await.unwrap();
    let visitor = desk.authorise_visitor(&session.token).await.unwrap();
    let id = visitor.start("Where is my parcel?").await.unwrap().conversation.id;

    let conversation = LiveTopic::Conversation { conversation: id, after: Some(Version::ZERO) };
    for topic in [conversation, LiveTopic::Queue { after: None }] {
        // More than there are connections, each left in the middle of its first reading.
        let mut silent = Vec::new();
        for _ in 0..3 {
            let subscribed = timeout(SOON, desk.workspace(WS).subscribe(LiveActor::Operator(ana.id), topic)).await;
            let mut stream = subscribed.expect("there is a connection to subscribe with").unwrap();
            assert!(matches!(poll!(stream.next()), Poll::Pending), "a reading takes a moment");
            silent.push(stream);
        }
        let read = timeout(SOON, owner.conversation(id)).await.expect("there is a connection to read with");
        assert_eq!(read.unwrap().conversation.id, id);
        let mut heard = timeout(SOON, desk.workspace(WS).subscribe(LiveActor::Operator(ana.id), topic)).await.unwrap().unwrap();
        let first = timeout(SOON, heard.next()).await.expect("another listener is told").unwrap().unwrap();
        assert!(matches!(first, LiveEvent::Changed(_) | LiveEvent::Queue { .. }), "{first:?}");
    }
}
