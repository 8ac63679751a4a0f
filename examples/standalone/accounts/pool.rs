//! The accounts' own connections, to either kind of database.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Executor as _};

use super::super::database::Database;
use super::schema::SCHEMA;

/// Connections at most: what the accounts ask is little and short.
const CONNECTIONS: u32 = 2;
/// How long to wait for a connection, or for another writer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connections. Statements are written so that both kinds take them: `on!` runs one on whichever it is.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Does the same with either kind of pool; only its type differs. Needs [`Pool`] where it is used.
macro_rules! on {
    ($pool:expr, |$each:ident| $work:expr) => {
        match $pool {
            Pool::Sqlite($each) => $work,
            Pool::Postgres($each) => $work,
        }
    };
}
pub(super) use on;

impl Pool {
    pub(super) async fn open(database: &Database) -> Result<Self, sqlx::Error> {
        match database {
            Database::File(url) => {
                // The helpdesk's writer shares the file: a write waits for its turn instead of failing.
                let options = SqliteConnectOptions::from_str(url)?.busy_timeout(PATIENCE).foreign_keys(true);
                Ok(Self::Sqlite(SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await?))
            }
            Database::Server { url, .. } => {
                let options = PgConnectOptions::from_str(url)?.application_name("helpdesk accounts");
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
                let pool = pool.after_connect(|connection, _| {
                    Box::pin(async move {
                        let sql = format!("SET search_path TO {SCHEMA}; SET client_min_messages TO warning");
                        connection.execute(AssertSqlSafe(sql)).await.map(drop)
                    })
                });
                Ok(Self::Postgres(pool.connect_with(options).await?))
            }
        }
    }

    pub(super) async fn close(&self) {
        on!(self, |pool| pool.close().await);
    }
}
