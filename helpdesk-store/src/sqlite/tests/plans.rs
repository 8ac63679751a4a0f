//! No statement walks a whole table, and none sorts what an index has in order.

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use crate::sqlite::{read, schema, writer};

/// The plan of a statement, a step a line.
async fn plan(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
        .fetch_all(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"));
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

/// Walks that are meant: over what a statement was given or made itself, the one row of the migrations, or one entry of an index.
fn is_meant(step: &str) -> bool {
    let own = ["wanted", "asked", "known", "slot", "leased", "moved", "CONSTANT ROW", "(subquery"];
    // That index holds nothing but what it is walked for.
    own.iter().any(|name| step.starts_with(&format!("SCAN {name}"))) || step.ends_with("INDEX helpdesk_jobs_leased")
}

#[tokio::test]
async fn every_statement_finds_its_rows_by_an_index() {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    schema::migrate(&mut connection).await.unwrap();
    let mut statements = read::plans::statements();
    statements.extend(writer::statements());
    assert!(statements.len() > 70, "{} statements", statements.len());
    let mut faults = Vec::new();
    for sql in statements {
        let plan = plan(&mut connection, &sql).await;
        for step in &plan {
            let walks = step.starts_with("SCAN") && !is_meant(step);
            // Walks along an index stop at their limit.
            let bounded = sql.contains("LIMIT") && step.contains("USING") && step.contains("INDEX");
            if (walks && !bounded) || step.contains("TEMP B-TREE FOR ORDER BY") {
                faults.push(format!("{step}\nin {plan:#?}\nof {sql}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
