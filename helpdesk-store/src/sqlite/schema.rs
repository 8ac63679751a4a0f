//! The tables: how they are made, and whether they are those of this version.
//!
//! Our migrations are counted in a table of our own, so that a host may keep its own migrations in the same file.

use std::sync::LazyLock;

use helpdesk_core::store::StoreError;
use rusqlite::Connection;
use sqlx::SqlSafeStr as _;
use sqlx::SqliteConnection;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use super::connection::only;
use crate::sql::fault::{Fault, failed};

/// Where applied migrations are counted.
const TABLE: &str = "helpdesk_migrations";

static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let step = |version, description: &'static str, sql: &'static str| {
        Migration::new(version, description.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let mut migrator = Migrator::with_migrations(vec![step(1, "tables", include_str!("../../migrations/sqlite/0001_tables.sql"))]);
    migrator.dangerous_set_table_name(TABLE);
    migrator
});

/// Brings the tables to this version. Does nothing where they are.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), Fault> {
    MIGRATOR.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Fault::Sql(error),
        MigrateError::VersionMissing(version) => newer(version).into(),
        other => failed(format!("the migration of the tables failed: {other}")).into(),
    })
}

/// Whether the tables are those of this version.
pub(super) fn check(connection: &Connection) -> Result<(), Fault> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default();
    let sql = "SELECT coalesce(max(version), 0), coalesce(min(success), 1) FROM helpdesk_migrations";
    let (applied, clean): (i64, bool) = only(connection, sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(absent)?;
    match applied.cmp(&newest) {
        _ if !clean => Err(outdated("a migration was interrupted").into()),
        std::cmp::Ordering::Less => Err(outdated(&format!("they are of version {applied}, not {newest}")).into()),
        std::cmp::Ordering::Greater => Err(newer(applied).into()),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

fn absent(fault: Fault) -> Fault {
    match StoreError::from(fault) {
        StoreError::SchemaOutdated(_) => outdated("there are none").into(),
        other => other.into(),
    }
}

fn outdated(why: &str) -> StoreError {
    StoreError::SchemaOutdated(format!("the helpdesk's tables are not ready ({why}): run `SqliteStore::migrate` before use"))
}

fn newer(version: i64) -> StoreError {
    StoreError::SchemaOutdated(format!(
        "the helpdesk's tables are of version {version}, which is newer than this program: update the program"
    ))
}
