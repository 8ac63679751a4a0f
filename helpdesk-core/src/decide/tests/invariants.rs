//! The invariants under random stories.
//!
//! What each commit must keep (dense `seq`, one open ticket a contact, notes for the team alone, public versions, one job
//! for what is owed) is checked where it is applied; what each command may do, where it is decided.

use proptest::prelude::*;

use super::story::{Story, steps};

/// Stories that each invariant has to stand.
pub(super) const CASES: u32 = 10_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn every_story_keeps_the_invariants(steps in steps()) {
        let mut story = Story::new();
        for step in &steps {
            story.go(step);
        }
    }
}
