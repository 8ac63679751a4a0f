//! Visitors' tokens that this node opened lately: a page sends the same one with every request, and what it says under which
//! signature never changes. Only whether it is still good does, and is asked of the clock each time.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::VisitorClaims;
use super::keys::{Keys, Purpose};

/// How many tokens are remembered; each takes less than a kilobyte.
const REMEMBERED: usize = 2_000;

/// What opened tokens say.
#[derive(Debug)]
pub(super) struct VisitorTokens(Cache<Box<str>, Arc<VisitorClaims>>);

impl Default for VisitorTokens {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl VisitorTokens {
    /// What this token says, if these keys signed it; good or over. Only what they signed is remembered.
    pub(super) fn open(&self, keys: &Keys, token: &str) -> Option<Arc<VisitorClaims>> {
        if let Some(claims) = self.0.get(token) {
            return Some(claims);
        }
        let claims = Arc::new(keys.open(Purpose::Visitor, token)?);
        self.0.insert(token.into(), Arc::clone(&claims));
        Some(claims)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::engine::{Helpdesk, SessionRequest};
    use crate::error::{Error, Refusal};
    use crate::store::MemoryStore;
    use crate::testing::ManualClock;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[tokio::test]
    async fn a_remembered_token_is_still_over_when_its_time_is_and_no_other_is_taken_for_it() {
        let clock = Arc::new(ManualClock::new());
        let desk = Helpdesk::builder(MemoryStore::new()).clock(clock.clone()).build().await.unwrap();
        let session = desk.begin_session(SessionRequest::default()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(desk.authorise_visitor(&session.token).await.unwrap().id(), session.contact.id);
        }
        let forged = format!("{}x", session.token);
        let good_no_more = |answer: Result<_, Error>| matches!(answer, Err(Error::Refused(Refusal::TokenInvalid)));
        assert!(good_no_more(desk.authorise_visitor(&forged).await.map(drop)));
        clock.advance(89 * DAY);
        assert!(desk.authorise_visitor(&session.token).await.is_ok());
        clock.advance(DAY);
        assert!(good_no_more(desk.authorise_visitor(&session.token).await.map(drop)));
    }
}
