//! The kit on the memory store, and the kit's list of cases.

use std::sync::Arc;

use super::StoreFixture;
use crate::store::MemoryStore;
use crate::testing::ManualClock;

async fn memory() -> StoreFixture {
    let clock = ManualClock::new();
    StoreFixture::new(Arc::new(MemoryStore::with_clock(Arc::new(clock.clone()))), Arc::new(clock))
}

mod memory_store {
    use super::memory;

    crate::store_kit!(memory);
}

/// A case that is not in the list is never run.
#[test]
fn every_case_is_in_the_list() {
    let list = include_str!("mod.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/store_kit");
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter(|line| line.ends_with("(fixture: &StoreFixture) {")) {
            let case = line.trim_start_matches("pub async fn ").split('(').next().unwrap();
            assert!(list.contains(&format!(" {case},")), "{case} is not in the list");
            found += 1;
        }
    }
    assert!(found > 100, "the cases were looked for in the wrong way");
}
