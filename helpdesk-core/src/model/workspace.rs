//! The workspace: one tenant.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::WorkspaceId;

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}
