//! On a hundred thousand conversations no statement walks a whole table, and a queue is walked along the index of its view.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use super::server::TestPostgres;
use crate::postgres::sessions::{SETTINGS, Sessions};
use crate::postgres::{PostgresStore, jobs, read, writer};

/// The schema of the statements as they are written.
const SCHEMA: &str = "helpdesk";

async fn seeded() -> PgConnection {
    let url = TestPostgres::get().url();
    PostgresStore::connect(&url).await.unwrap().close().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let settings = format!("SET search_path TO {SCHEMA}; SET plan_cache_mode = force_generic_plan; SET synchronous_commit = off");
    sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut connection).await.unwrap();
    sqlx::raw_sql(include_str!("seed.sql")).execute(&mut connection).await.unwrap();
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut connection).await.unwrap();
    connection
}

/// The plan that a statement has whatever its parameters are.
pub(super) async fn plan(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    let last = (1..100).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0);
    // A parameter that the statement does not name must be given a type.
    let types: Vec<&str> = (1..=last).map(|number| if sql.contains(&format!("${number}")) { "unknown" } else { "text" }).collect();
    let types = if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
    let values = if last == 0 { String::new() } else { format!("({})", vec!["NULL"; last].join(", ")) };
    sqlx::raw_sql(AssertSqlSafe(format!("PREPARE statement{types} AS {sql}")))
        .execute(&mut *connection)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let rows = sqlx::raw_sql(AssertSqlSafe(format!("EXPLAIN EXECUTE statement{values}"))).fetch_all(&mut *connection).await.unwrap();
    sqlx::raw_sql("DEALLOCATE statement").execute(connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

/// A table of one row, and one that is looked through whole where there is little in it.
fn is_meant(step: &str) -> bool {
    ["Seq Scan on meta", "Seq Scan on counters"].iter().any(|meant| step.contains(meant))
}

/// The plan of a statement that walks a whole table.
async fn walk(connection: &mut PgConnection, sql: &str) -> Option<String> {
    let plan = plan(connection, sql).await;
    plan.iter().any(|step| step.contains("Seq Scan") && !is_meant(step)).then(|| format!("{}\nof {sql}", plan.join("\n")))
}

#[tokio::test]
async fn every_statement_finds_its_rows_by_an_index() {
    let mut connection = seeded().await;
    let mut faults = Vec::new();
    sqlx::raw_sql(AssertSqlSafe(Sessions::TheHosts.begin())).execute(&mut connection).await.unwrap();
    for sql in writer::statements() {
        faults.extend(walk(&mut connection, sql).await);
    }
    sqlx::raw_sql("ROLLBACK").execute(&mut connection).await.unwrap();
    let mut statements = read::plans::statements();
    statements.extend([jobs::EXTEND, jobs::RETRY, jobs::NEXT_DUE].map(str::to_owned));
    statements.push(jobs::lease_sql(16));
    assert!(statements.len() > 20, "{} statements", statements.len());
    // Reads run on a host's sessions as those are, and on ours as we set them up.
    for settings in ["", SETTINGS] {
        sqlx::raw_sql(settings).execute(&mut connection).await.unwrap();
        for sql in &statements {
            faults.extend(walk(&mut connection, sql).await);
        }
        for (statements, index) in read::plans::walks() {
            for sql in statements {
                faults.extend(stray(&mut connection, &sql, index).await);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// The plan of a statement that finds conversations otherwise than along this index, or sorts what no limit bounds.
async fn stray(connection: &mut PgConnection, sql: &str, index: &str) -> Option<String> {
    let plan = plan(connection, sql).await;
    let other = |step: &String| step.contains(" on conversations") && !step.contains(&format!("using {index} "));
    let unbounded = |steps: &[String]| steps[0].contains("Sort  (") && !steps[2].contains("->  Subquery Scan on passed");
    let strays = plan.iter().any(other) || plan.windows(3).any(unbounded);
    strays.then(|| format!("not along {index}:\n{}\nof {sql}", plan.join("\n")))
}
