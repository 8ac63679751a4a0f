//! The short way of plain commits is taken.

use std::sync::Arc;

use helpdesk_core::store::{Store as _, Write};

use super::drafts::{Drafts, committed};
use super::server::TestPostgres;
use crate::postgres::PostgresStore;

/// How often each statement that writes plain commits was run on the store's only connection: the trusting ones, the careful one.
async fn runs(store: &PostgresStore) -> (i64, i64) {
    let sql = "SELECT coalesce(sum(generic_plans) FILTER (WHERE statement LIKE '%SELECT NOT EXISTS%'), 0)::bigint, \
               coalesce(sum(generic_plans) FILTER (WHERE statement LIKE '%counted AS%'), 0)::bigint \
               FROM pg_prepared_statements WHERE statement LIKE 'WITH refuted%'";
    sqlx::query_as(sql).fetch_one(&store.reader().pool).await.unwrap()
}

#[tokio::test]
async fn a_further_message_in_a_conversation_that_is_known_is_written_by_the_short_statement() {
    let url = TestPostgres::get().database().await;
    let store = PostgresStore::builder().with_connections(1).connect(&url).await.unwrap();
    let drafts = Drafts::new();
    let mut conversation = drafts.conversation();
    conversation.version = conversation.version.next();
    let writes = vec![Write::Conversation(Arc::new(conversation.clone()))];
    committed(store.commit(helpdesk_core::store::Commit { writes, ..drafts.draft() }).await.unwrap());
    for _ in 0..3 {
        committed(store.commit(drafts.message(&mut conversation, "here")).await.unwrap());
    }
    assert_eq!(runs(&store).await, (3, 0));
    // Another store on the same tables has not seen it, and reads it first.
    let other = PostgresStore::builder().with_connections(1).connect(&url).await.unwrap();
    committed(other.commit(drafts.message(&mut conversation, "there")).await.unwrap());
    committed(other.commit(drafts.message(&mut conversation, "there again")).await.unwrap());
    assert_eq!(runs(&other).await, (1, 1));
    // What this one knows is not the last any more: it is told so, and nothing is written twice.
    committed(store.commit(drafts.message(&mut conversation, "here again")).await.unwrap());
    assert_eq!(runs(&store).await, (3, 1));
}
