//! What a later version of the helpdesk may do to the tables while nodes of this version run: it adds.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Brings the tables of a schema to a version that this program does not know: a column with a default in every table, an
/// index on one, a table more. Each table is changed in a transaction of its own, as migrations have to where nodes write.
pub(crate) async fn upgrade(url: &str, schema: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migrations'")
            .bind(schema)
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let mut statements: Vec<String> = tables
        .iter()
        .map(|table| format!("ALTER TABLE \"{schema}\".{table} ADD COLUMN of_the_future text NOT NULL DEFAULT 'new'"))
        .collect();
    statements.push(format!("CREATE INDEX entries_of_the_future ON \"{schema}\".entries (workspace, of_the_future)"));
    statements.push(format!("CREATE TABLE \"{schema}\".of_the_future (id uuid PRIMARY KEY)"));
    statements.push(format!("INSERT INTO \"{schema}\".migrations VALUES (99, 'the future', now(), TRUE, '', 0)"));
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
}
