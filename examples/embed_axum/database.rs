//! The shop's database. The helpdesk lives in the same file, in tables of its own, with migrations of its own.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{SqlSafeStr as _, SqlitePool};

use super::Failure;

/// Opens it and runs the shop's migrations, which are counted in sqlx's usual table.
pub(crate) async fn open(url: &str) -> Result<SqlitePool, Failure> {
    // Two write to this file, the shop and the helpdesk: each waits for its turn.
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
    let tables = Migration::new(1, "tables".into(), MigrationType::Simple, include_str!("tables.sql").into_sql_str(), false);
    Migrator::with_migrations(vec![tables]).run(&pool).await?;
    Ok(pool)
}

/// A secret of the shop's by name; a new one where there is none.
pub(crate) async fn secret(pool: &SqlitePool, name: &str) -> Result<String, Failure> {
    match kept_secret(pool, name).await? {
        Some(secret) => Ok(secret),
        None => keep_secret(pool, name, random_token()).await,
    }
}

/// A secret by name, if it was kept.
pub(crate) async fn kept_secret(pool: &SqlitePool, name: &str) -> Result<Option<String>, Failure> {
    Ok(sqlx::query_scalar("SELECT value FROM secrets WHERE name = ?").bind(name).fetch_optional(pool).await?)
}

/// Keeps a secret.
pub(crate) async fn keep_secret(pool: &SqlitePool, name: &str, value: String) -> Result<String, Failure> {
    sqlx::query("INSERT INTO secrets (name, value) VALUES (?, ?)").bind(name).bind(&value).execute(pool).await?;
    Ok(value)
}

/// 32 random bytes as text.
pub(crate) fn random_token() -> String {
    rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect()
}
