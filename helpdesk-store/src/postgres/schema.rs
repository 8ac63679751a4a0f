//! The tables: where they are, how they are made, and whether they are those of this version.

use std::sync::{Arc, LazyLock};

use helpdesk_core::store::StoreError;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr as _, SqlStr};

use crate::sql::fault::{Fault, failed};

/// The schema that statements name.
const USUAL: &str = "helpdesk";

/// The longest name that Postgres keeps whole.
const LONGEST: usize = 63;

static MIGRATIONS: LazyLock<Vec<Migration>> = LazyLock::new(|| {
    let step = |version, description: &'static str, sql: &'static str| {
        Migration::new(version, description.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    vec![step(1, "tables", include_str!("../../migrations/postgres/0001_tables.sql"))]
});

/// The schema that holds the tables.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    name: Arc<str>,
    /// As statements name it, with a dot; none: the usual one.
    prefix: Option<Arc<str>>,
}

impl Default for Schema {
    fn default() -> Self {
        Self { name: USUAL.into(), prefix: None }
    }
}

impl Schema {
    /// A schema of this name.
    pub(super) fn named(name: &str) -> Result<Self, StoreError> {
        if name.is_empty() || name.len() > LONGEST || name.contains('\0') {
            return Err(failed(format!("the name of a schema has 1 to {LONGEST} bytes, and none of them is zero")));
        }
        let prefix = (name != USUAL).then(|| format!("{}.", quoted(name)).into());
        Ok(Self { name: name.into(), prefix })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A statement on this schema. It is written for the usual one.
    pub(super) fn sql(&self, statement: &'static str) -> SqlStr {
        match &self.prefix {
            None => statement.into_sql_str(),
            Some(prefix) => AssertSqlSafe(statement.replace("helpdesk.", prefix)).into_sql_str(),
        }
    }

    /// A statement that was put together for the usual schema.
    pub(super) fn composed(&self, statement: String) -> SqlStr {
        match &self.prefix {
            None => AssertSqlSafe(statement).into_sql_str(),
            Some(prefix) => AssertSqlSafe(statement.replace("helpdesk.", prefix)).into_sql_str(),
        }
    }

    /// Brings the tables to this version. Does nothing where they are. Of many that begin at once one does it, and the
    /// others wait for it.
    pub(super) async fn migrate(&self, pool: &PgPool) -> Result<(), Fault> {
        if let Ok(()) = self.check(pool).await {
            return Ok(());
        }
        // A connection of its own: its search path is set, and whatever happens its lock goes with it.
        let mut connection = pool.acquire().await?.detach();
        let migrated = self.migrate_on(&mut connection).await;
        connection.close().await?;
        migrated?;
        self.check(pool).await
    }

    async fn migrate_on(&self, connection: &mut sqlx::PgConnection) -> Result<(), Fault> {
        // Another node may take long over it.
        sqlx::raw_sql("SET lock_timeout = 0").execute(&mut *connection).await?;
        sqlx::query("SELECT pg_advisory_lock(hashtextextended($1, 0))")
            .bind(format!("helpdesk migrations of {}", self.name))
            .execute(&mut *connection)
            .await?;
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)")
            .bind(&*self.name)
            .fetch_one(&mut *connection)
            .await?;
        let name = quoted(&self.name);
        if !exists {
            // Not `IF NOT EXISTS`, which asks for the right to make schemas even where there is nothing to make.
            sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(&mut *connection).await?;
        }
        sqlx::query(AssertSqlSafe(format!("SET search_path TO {name}"))).execute(&mut *connection).await?;
        let mut migrator = Migrator::with_migrations(MIGRATIONS.clone());
        migrator.dangerous_set_table_name(format!("{name}.migrations"));
        migrator.set_locking(false).set_ignore_missing(true);
        migrator.run_direct(None, connection, false).await.map_err(|error| match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Fault::Sql(error),
            other => failed(format!("the migration of the tables failed: {other}")).into(),
        })
    }

    /// Whether this program can use the tables.
    pub(super) async fn check(&self, pool: &PgPool) -> Result<(), Fault> {
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
        let sql = "SELECT coalesce(max(version), 0), coalesce(bool_and(success), true), (SELECT oldest FROM helpdesk.meta) \
                   FROM helpdesk.migrations";
        let (applied, clean, oldest): (i64, bool, i64) = sqlx::query_as(self.sql(sql)).fetch_one(pool).await.map_err(absent)?;
        if !clean {
            return Err(outdated("a migration was interrupted").into());
        }
        if applied < newest {
            return Err(outdated(&format!("they are of version {applied}, not {newest}")).into());
        }
        if newest < oldest {
            return Err(newer(applied).into());
        }
        Ok(())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn absent(error: sqlx::Error) -> Fault {
    match StoreError::from(Fault::Sql(error)) {
        StoreError::SchemaOutdated(_) => outdated("there are none").into(),
        other => other.into(),
    }
}

fn outdated(why: &str) -> StoreError {
    StoreError::SchemaOutdated(format!("the helpdesk's tables are not ready ({why}): run `PostgresStore::migrate` before use"))
}

fn newer(version: i64) -> StoreError {
    StoreError::SchemaOutdated(format!(
        "the helpdesk's tables are of version {version}, which is too new for this program: update the program"
    ))
}
