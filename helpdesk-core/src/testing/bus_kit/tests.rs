//! The bus within the process keeps the contract.

use std::sync::Arc;

use super::Medium;
use crate::engine::LocalBus;

async fn local() -> Arc<dyn Medium> {
    Arc::new(LocalBus::new())
}

crate::bus_kit!(local);
