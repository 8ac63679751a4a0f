//! A helpdesk that was just begun: its statements are planned while there is little in the tables, and run when there is much.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::plans::plan;
use super::server::TestPostgres;
use crate::postgres::sessions::SETTINGS;
use crate::postgres::{PostgresStore, read, writer};

/// The tables of [`plans`](super::plans), with two hundred rows where those have up to a hundred thousand.
async fn begun() -> PgConnection {
    let url = TestPostgres::get().database().await;
    PostgresStore::connect(&url).await.unwrap().close().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let many = ["100000", "60000", "50000", "20000", "5000"];
    let seed = many.iter().fold(include_str!("seed.sql").to_owned(), |seed, many| seed.replace(&format!(" {many}"), " 200"));
    let script = format!("{SETTINGS}; SET search_path TO helpdesk; {seed}; ANALYZE");
    sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut connection).await.unwrap();
    connection
}

/// Where a plan finds rows of these tables by less than what names one.
fn strays(plan: &[String]) -> Vec<&String> {
    let keys = [("names_pkey", "name = "), ("conversations_pkey", "id = "), ("lanes_pkey", "lane = ")];
    let stray =
        |lines: &&[String]| keys.iter().any(|(index, key)| lines[0].contains(&format!(" using {index} ")) && !lines[1].contains(key));
    plan.windows(2).filter(stray).map(|lines| &lines[0]).collect()
}

#[tokio::test]
async fn rows_are_looked_up_one_by_one_even_when_there_are_few() {
    let mut connection = begun().await;
    let statements = read::plans::statements().into_iter().chain(writer::statements().into_iter().map(str::to_owned));
    let mut faults = Vec::new();
    for sql in statements {
        let plan = plan(&mut connection, &sql).await;
        let bitmaps = plan.iter().filter(|step| step.contains("Bitmap") || step.contains("Materialize"));
        faults.extend(strays(&plan).into_iter().chain(bitmaps).map(|step| format!("{step}\nof {sql}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
