//! The tables of the accounts.

use sqlx::SqlSafeStr as _;
use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

/// Ids are never given out twice: the helpdesk knows operators by them.
const TABLES: &str = "
CREATE TABLE standalone_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'operator')),
    password_hash TEXT,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE standalone_sessions (
    token_hash BLOB PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES standalone_users (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX standalone_sessions_expiry ON standalone_sessions (expires_at);
CREATE INDEX standalone_sessions_user ON standalone_sessions (user);
";

/// Brings the tables to this version. They are counted apart from the helpdesk's.
pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), MigrateError> {
    let tables = Migration::new(1, "accounts".into(), MigrationType::Simple, TABLES.into_sql_str(), false);
    let mut migrator = Migrator::with_migrations(vec![tables]);
    migrator.dangerous_set_table_name("standalone_migrations");
    migrator.run(pool).await
}
