//! Names as the tables have them.

use helpdesk_core::store::UniqueKey;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What stands for a name: the first sixteen bytes of its SHA-256, which are a short key, and say nothing of who it is about.
/// Who knows a name cannot make another that has the same.
pub(super) fn digest(name: &UniqueKey) -> Uuid {
    let digest = Sha256::digest(name.as_str());
    Uuid::from_bytes(std::array::from_fn(|place| digest[place]))
}
