//! Rows of the queue as they go over the wire.
//!
//! A page shows again what the page before showed, to the same operator or to another, while only some of its
//! conversations changed. So a row is encoded once for what it shows and its text is kept. Nothing has to be told when
//! something changes: every page is read from the store, and a text is used only where it was made of the very same.

use std::sync::Arc;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use helpdesk_core::engine::{Details, WorkspaceHandle};
use helpdesk_core::id::{ConversationId, WorkspaceId};
use helpdesk_core::store;
use helpdesk_core::store::QueueCursor;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::cursor::Cursor as _;
use crate::dto::{Page, TeamConversation};
use crate::problem::Problem;

/// What the kept texts may hold together, in bytes. What they were made of is about as much again.
const ROOM: u64 = 4 * 1024 * 1024;
/// How many texts that usually is.
const USUALLY: usize = 4 * 1024;
/// What is around the rows of a page, in bytes: names, brackets, and a cursor.
const AROUND: usize = 128;

/// A conversation as the team sees it, encoded: what [`TeamConversation`] comes to.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Row(Arc<RawValue>);

/// Rows that were encoded lately.
#[derive(Debug)]
pub(crate) struct Rows(Cache<(WorkspaceId, ConversationId), Encoded, Length>);

#[derive(Clone, Debug)]
struct Encoded {
    shown: Details,
    row: Row,
}

#[derive(Clone, Debug)]
struct Length;

impl<K> Weighter<K, Encoded> for Length {
    fn weight(&self, _: &K, encoded: &Encoded) -> u64 {
        encoded.row.0.get().len() as u64
    }
}

impl Default for Rows {
    fn default() -> Self {
        Self(Cache::with_weighter(USUALLY, ROOM, Length))
    }
}

impl Rows {
    /// The answer that is this page: what [`Page<TeamConversation>`] comes to.
    pub(crate) fn answer(&self, workspace: &WorkspaceHandle, page: store::Page<Details, QueueCursor>) -> Result<Response, Problem> {
        let rows = page.items.into_iter().map(|details| self.row(workspace.id(), details));
        let page = Page { items: rows.collect::<Result<Vec<_>, _>>()?, next_cursor: page.next.map(|next| next.encode()) };
        // Room for all of it at once, which grown by doubling would be copied again and again.
        let rows: usize = page.items.iter().map(|row| row.0.get().len() + 1).sum();
        let mut text = Vec::with_capacity(rows + AROUND);
        serde_json::to_writer(&mut text, &page).map_err(unencoded)?;
        Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response())
    }

    fn row(&self, workspace: WorkspaceId, shown: Details) -> Result<Row, Problem> {
        let key = (workspace, shown.conversation.id);
        // Equal parts are mostly the same part, which costs no look inside.
        if let Some(known) = self.0.get(&key).filter(|known| known.shown == shown) {
            return Ok(known.row);
        }
        let row = Row(encode(shown.clone())?);
        self.0.insert(key, Encoded { shown, row: row.clone() });
        Ok(row)
    }
}

fn encode(details: Details) -> Result<Arc<RawValue>, Problem> {
    to_raw_value(&TeamConversation::of(details)).map(Into::into).map_err(unencoded)
}

fn unencoded(error: serde_json::Error) -> Problem {
    tracing::error!(%error, "a page of the queue could not be encoded");
    Problem::internal()
}

#[cfg(test)]
mod tests {
    use helpdesk_core::id::IdGen as _;
    use helpdesk_core::testing::{SequentialIds, samples};

    use super::*;

    fn shown(ids: &SequentialIds) -> Details {
        let contact = samples::contact(ids);
        let workspace = samples::SampleWorkspace::new(ids);
        Details {
            conversation: workspace.conversation(ids, &contact).into(),
            contact: contact.into(),
            contact_online: false,
            ticket: None,
            human_button: false,
        }
    }

    #[test]
    fn a_text_is_used_again_only_for_the_very_same_of_the_same_workspace() {
        let (rows, ids) = (Rows::default(), SequentialIds::new());
        let workspace = WorkspaceId::generate(&ids);
        let first = shown(&ids);
        let text = |workspace, details: &Details| rows.row(workspace, details.clone()).unwrap().0;
        let fresh = |details: &Details| serde_json::to_string(&TeamConversation::of(details.clone())).unwrap();
        let made = text(workspace, &first);
        assert_eq!(made.get(), fresh(&first));
        let equal = Details { conversation: Arc::new((*first.conversation).clone()), ..first.clone() };
        assert!(Arc::ptr_eq(&made, &text(workspace, &equal)), "equal is the same, wherever it lies");

        let mut ticket = samples::ticket(&ids, &first.conversation);
        ticket.subject = ids.next().to_string();
        let mut contact = (*first.contact).clone();
        contact.name = Some("Ada".to_owned());
        let mut conversation = (*first.conversation).clone();
        conversation.flagged = true;
        for other in [
            Details { ticket: Some(ticket.into()), ..first.clone() },
            Details { contact: contact.into(), ..first.clone() },
            Details { conversation: conversation.into(), ..first.clone() },
            Details { contact_online: true, ..first.clone() },
        ] {
            assert_eq!(text(workspace, &other).get(), fresh(&other));
        }
        assert_eq!(text(workspace, &first).get(), fresh(&first));
        assert!(!Arc::ptr_eq(&text(workspace, &first), &text(WorkspaceId::generate(&ids), &first)));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (rows, ids) = (Rows::default(), SequentialIds::new());
        for _ in 0..20_000 {
            rows.row(WorkspaceId::DEFAULT, shown(&ids)).unwrap();
        }
        assert!(rows.0.weight() <= ROOM && rows.0.len() > 1_000, "{} rows of {} bytes", rows.0.len(), rows.0.weight());
    }
}
