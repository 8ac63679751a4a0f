//! What a database says is told in the words of the contract.

use helpdesk_core::store::{StorageFault, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use crate::sql::fault::{Fault, again};

async fn told(setting: &'static str, failing: &'static str) -> StoreError {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(setting).execute(&mut connection).await.unwrap();
    Fault::Sql(sqlx::raw_sql(failing).execute(&mut connection).await.unwrap_err()).into()
}

#[tokio::test]
async fn a_full_disk_is_for_now_and_says_so() {
    let error = told("CREATE TABLE t (x BLOB); PRAGMA max_page_count = 4", "INSERT INTO t VALUES (zeroblob(100000))").await;
    assert!(error.is_retryable() && error.to_string().contains("disk is full"), "{error}");
    let StoreError::Storage { fault: StorageFault::Full, cause } = &error else { panic!("{error:?}") };
    assert!(cause.source().is_some(), "the database's own words are kept");
    let copy = again(&error);
    assert!(copy.is_retryable() && copy.to_string() == error.to_string());
}

#[tokio::test]
async fn a_missing_table_of_ours_is_an_outdated_schema_and_one_of_others_is_not() {
    assert!(matches!(told("SELECT 1", "SELECT * FROM helpdesk_entries").await, StoreError::SchemaOutdated(_)));
    assert!(matches!(told("CREATE TABLE helpdesk_x (a)", "SELECT helpdesk_b FROM helpdesk_x").await, StoreError::SchemaOutdated(_)));
    assert!(matches!(told("SELECT 1", "SELECT * FROM users").await, StoreError::Failed(_)));
}

#[tokio::test]
async fn a_broken_constraint_is_for_good() {
    let error = told("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)").await;
    assert!(matches!(&error, StoreError::Failed(_)) && !error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_damaged_file_is_for_good() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("damaged.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(20000))").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4096..8192].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let error = StoreError::from(Fault::Sql(sqlx::query("SELECT * FROM t").fetch_all(&mut connection).await.unwrap_err()));
    assert!(error.storage_fault() == Some(StorageFault::Damaged) && !error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("damaged"), "{error}");
}
