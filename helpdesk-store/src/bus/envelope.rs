//! What nodes write to each other.

use std::sync::Arc;

use helpdesk_core::bus::Signal;
use helpdesk_core::id::NodeId;
use serde::{Deserialize, Serialize};

/// A signal, and who published it: a node has told its own listeners before, and does not listen to itself.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    pub(super) node: NodeId,
    pub(super) signal: Arc<Signal>,
}
