//! Accounts: what a workspace tells a driver.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, WorkspaceId};

/// A workspace's configuration of a driver. Every call of a driver gets one, so that one driver serves all tenants.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id; none for the fixed account of a driver that was configured in the builder.
    pub id: Option<AccountId>,
    /// The tenant it belongs to.
    pub workspace: WorkspaceId,
    /// The driver's name.
    pub driver: String,
    /// What people call it.
    pub name: String,
    /// The driver's own settings, as it documents them. Nothing secret.
    pub configuration: serde_json::Value,
    /// Secrets by name: sealed in the store, opened when a driver is called, never returned by an API.
    pub secrets: BTreeMap<String, String>,
}

impl Account {
    /// The account of a driver that carries its whole configuration itself.
    #[must_use]
    pub fn fixed(workspace: WorkspaceId, driver: impl Into<String>) -> Self {
        let driver = driver.into();
        Self { id: None, workspace, name: driver.clone(), driver, configuration: serde_json::Value::Null, secrets: BTreeMap::new() }
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("workspace", &self.workspace)
            .field("driver", &self.driver)
            .field("name", &self.name)
            .field("secrets", &self.secrets.keys())
            .finish_non_exhaustive()
    }
}
