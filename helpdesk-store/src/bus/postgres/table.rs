//! The table of what does not fit into notifications, and the statements on it.

use std::sync::Arc;
use std::time::Duration;

use helpdesk_core::bus::Signal;
use helpdesk_core::id::NodeId;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Row as _};

use super::super::BusError;
use super::outbox::Row;

/// How long rows are kept. Who has not read them by then lost them.
const KEPT: Duration = Duration::from_secs(60);
/// The longest name of a schema: the channel's name is a little longer, and Postgres keeps 63 bytes.
const LONGEST: usize = 50;

/// Where the table is, and the channel that belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Table {
    schema: String,
    /// The schema's name as statements write it.
    quoted: String,
    pub(super) channel: String,
}

impl Table {
    pub(super) fn in_schema(schema: &str) -> Result<Self, BusError> {
        if schema.is_empty() || schema.len() > LONGEST || schema.contains('\0') {
            return Err(BusError::Configuration(format!("the name of a schema has 1 to {LONGEST} bytes, and none of them is zero")));
        }
        let quoted = format!("\"{}\"", schema.replace('"', "\"\""));
        Ok(Self { schema: schema.to_owned(), quoted, channel: format!("{schema}.bus") })
    }

    /// Makes the table if there is none.
    pub(super) async fn make(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        if self.exists(pool).await? {
            return Ok(());
        }
        let quoted = &self.quoted;
        let mut transaction = pool.begin().await?;
        // Of nodes that start at once one makes it.
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(&self.channel).execute(&mut *transaction).await?;
        let statements = format!(
            "CREATE SCHEMA IF NOT EXISTS {quoted};
             CREATE UNLOGGED TABLE IF NOT EXISTS {quoted}.bus (
                 node uuid NOT NULL,
                 number bigint NOT NULL,
                 at timestamptz NOT NULL DEFAULT now(),
                 body text NOT NULL,
                 PRIMARY KEY (node, number)
             );
             CREATE INDEX IF NOT EXISTS bus_at ON {quoted}.bus (at);"
        );
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *transaction).await?;
        transaction.commit().await
    }

    pub(super) async fn exists(&self, pool: &PgPool) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'bus')")
            .bind(&self.schema)
            .fetch_one(pool)
            .await
    }

    /// Writes the rows and sends the notifications, in one transaction: who is notified finds the rows.
    pub(super) async fn send(&self, pool: &PgPool, node: NodeId, rows: &[Row], payloads: &[String]) -> Result<(), sqlx::Error> {
        let bodies: Result<Vec<String>, _> = rows.iter().map(|row| serde_json::to_string(&row.signals)).collect();
        let bodies = bodies.map_err(|error| sqlx::Error::Encode(error.into()))?;
        let numbers: Vec<i64> = rows.iter().map(|row| row.number.cast_signed()).collect();
        let statement = format!(
            "WITH written AS (INSERT INTO {}.bus (node, number, body) SELECT $1, number, body FROM unnest($2::bigint[], $3::text[]) AS row (number, body))
             SELECT pg_notify($4, payload) FROM unnest($5::text[]) WITH ORDINALITY AS sent (payload, place) ORDER BY place",
            self.quoted
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(node.as_uuid())
            .bind(numbers)
            .bind(bodies)
            .bind(&self.channel)
            .bind(payloads)
            .execute(pool)
            .await?;
        Ok(())
    }

    /// The signals of rows, with their numbers. A row that is gone is left out, and so is one that this version cannot read.
    pub(super) async fn read(&self, pool: &PgPool, node: NodeId, numbers: &[u64]) -> Result<Vec<(u64, Vec<Arc<Signal>>)>, sqlx::Error> {
        let numbers: Vec<i64> = numbers.iter().map(|number| number.cast_signed()).collect();
        let statement = format!("SELECT number, body FROM {}.bus WHERE node = $1 AND number = ANY($2)", self.quoted);
        let rows = sqlx::query(AssertSqlSafe(statement)).bind(node.as_uuid()).bind(numbers).fetch_all(pool).await?;
        let mut read = Vec::with_capacity(rows.len());
        for row in rows {
            let (number, body): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            match serde_json::from_str(&body) {
                Ok(signals) => read.push((number.cast_unsigned(), signals)),
                Err(error) => tracing::debug!(%error, "signals cannot be read"),
            }
        }
        Ok(read)
    }

    /// Removes what is too old to be read.
    pub(super) async fn expire(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let statement = format!("DELETE FROM {}.bus WHERE at < now() - make_interval(secs => $1)", self.quoted);
        sqlx::query(AssertSqlSafe(statement)).bind(KEPT.as_secs_f64()).execute(pool).await?;
        Ok(())
    }
}
