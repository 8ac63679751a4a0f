//! The in-memory store.
/// Placeholder.
#[derive(Debug)]
pub struct MemoryStore;
