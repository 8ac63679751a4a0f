//! The way by which one who looks on is told a change without being woken.

use std::sync::Arc;

use crate::engine::readings::ConversationChange;
use crate::model::Audience;

/// Takes changes for one who waits, where the change is told: to wake a task for each of thousands, only for it to pass on
/// what all are told, costs more than to pass it on.
///
/// It is called while the one who looks on waits for news, was told all that came before, and has not let go of its stream;
/// never for two changes of a stream at once. So what it takes and what the stream tells are, together, everything once and in order.
///
/// A call may neither block nor look at the stream.
pub trait Outlet: Send + Sync {
    /// Takes a change on behalf of one of this audience, whole or not at all; whether it did. What it refuses the stream tells.
    fn take(&self, audience: Audience, change: &Arc<ConversationChange>) -> bool;
}
