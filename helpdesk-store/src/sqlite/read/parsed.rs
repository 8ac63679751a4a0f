//! Bodies that were parsed before. A body belongs to a version and never changes under it, so what was read once need not be
//! parsed again while the version stands.

use std::collections::HashMap;

use rusqlite::{Connection, Params, Row};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::body::item;
use crate::sql::fault::Fault;
use crate::sqlite::connection;

/// How many are kept: those of the last so many, and what is left of as many before.
const GENERATION: usize = 512;

/// By workspace and id, with the version.
type Bodies<T> = HashMap<(Uuid, Uuid), (i64, T)>;

/// What a reader parsed lately, of one table.
#[derive(Debug)]
pub(in crate::sqlite) struct Parsed<T> {
    young: Bodies<T>,
    old: Bodies<T>,
}

impl<T> Default for Parsed<T> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }
}

impl<T: Clone + DeserializeOwned> Parsed<T> {
    /// All rows of an answer of id, version and body, about one workspace.
    pub(super) fn all(
        &mut self,
        what: &str,
        connection: &Connection,
        sql: &str,
        workspace: Uuid,
        parameters: impl Params,
    ) -> Result<Vec<T>, Fault> {
        connection::all(connection, sql, parameters, |row| self.of(what, workspace, row))
    }

    fn of(&mut self, what: &str, workspace: Uuid, row: &Row<'_>) -> Result<T, Fault> {
        let (key, version) = ((workspace, row.get(0)?), row.get(1)?);
        let known = self.young.get(&key).filter(|(known, _)| *known == version);
        if let Some((_, body)) = known {
            return Ok(body.clone());
        }
        let kept = self.old.remove(&key).filter(|(known, _)| *known == version).map(|(_, body)| body);
        let body = match kept {
            Some(body) => body,
            None => item(what, row, 2)?.ok_or_else(|| Fault::Inconsistent(format!("{what} without a body")))?,
        };
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, (version, body.clone()));
        Ok(body)
    }
}
