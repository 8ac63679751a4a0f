//! Changes that go wrong.

use super::{BrokenStore, Fault};
use crate::id::{Version, WorkspaceId};
use crate::store::{ChangeCursor, Changes, Store as _, StoreError};

impl BrokenStore {
    pub(super) async fn broken_changes(
        &self,
        workspace: WorkspaceId,
        mut cursor: Option<ChangeCursor>,
        limit: u32,
    ) -> Result<Changes, StoreError> {
        let Changes::Some { cursor: now, .. } = self.inner.changes(workspace, None, limit).await? else {
            return self.inner.changes(workspace, cursor, limit).await;
        };
        if self.is(Fault::ForeignCursorsAreAccepted)
            && let Some(cursor) = &mut cursor
        {
            cursor.incarnation = now.incarnation;
        }
        let mut answer = self.inner.changes(workspace, cursor, limit).await?;
        if let Changes::Some { changes, cursor } = &mut answer {
            match self.fault {
                Fault::CursorsSkipWhatDidNotFit => *cursor = now,
                Fault::CursorsPassWhatIsNotYetVisible if !changes.is_empty() => drop(changes.remove(0)),
                Fault::RemovalsAreNotTold => changes.retain(|change| change.version > Version::ZERO),
                _ => {}
            }
        }
        Ok(answer)
    }
}
