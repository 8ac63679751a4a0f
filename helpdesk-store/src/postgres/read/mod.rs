//! Reads: one statement each, since a statement sees one moment.

mod changes;
mod counts;
mod lists;
mod queue;
mod row;
mod snapshot;
mod timeline;

#[cfg(test)]
pub(super) mod plans;

use std::sync::Arc;

use sqlx::SqlStr;
use sqlx::postgres::{PgArguments, PgPool, Postgres};

use super::schema::Schema;
use super::sessions::Sessions;
use super::standing::Standing;
use super::time::Time;
use helpdesk_core::id::WorkspaceId;

/// A query with its parameters.
type Query = sqlx::query::Query<'static, Postgres, PgArguments>;

/// What every read needs.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) pool: PgPool,
    pub(super) schema: Schema,
    pub(super) time: Time,
    pub(super) sessions: Sessions,
    pub(super) standing: Arc<Standing>,
}

impl Reader {
    /// A query about a workspace, its first parameter.
    fn about(&self, workspace: WorkspaceId, sql: &'static str) -> Query {
        about(workspace, self.schema.sql(sql))
    }
}

fn about(workspace: WorkspaceId, sql: SqlStr) -> Query {
    sqlx::query(sql).bind(workspace.as_uuid())
}
