//! What a database says is told in the words of the contract.

use helpdesk_core::store::{StorageFault, StoreError};
use rusqlite::Connection;

use crate::sql::fault::{Fault, again};

fn told(setting: &str, failing: &str) -> StoreError {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(setting).unwrap();
    Fault::Sqlite(connection.execute_batch(failing).unwrap_err()).into()
}

#[test]
fn a_full_disk_is_for_now_and_says_so() {
    let error = told("CREATE TABLE t (x BLOB); PRAGMA max_page_count = 4", "INSERT INTO t VALUES (zeroblob(100000))");
    assert!(error.is_retryable() && error.to_string().contains("disk is full"), "{error}");
    let StoreError::Storage { fault: StorageFault::Full, cause } = &error else { panic!("{error:?}") };
    assert!(cause.source().is_some(), "the database's own words are kept");
    let copy = again(&error);
    assert!(copy.is_retryable() && copy.to_string() == error.to_string());
}

#[test]
fn a_missing_table_of_ours_is_an_outdated_schema_and_one_of_others_is_not() {
    assert!(matches!(told("SELECT 1", "SELECT * FROM helpdesk_entries"), StoreError::SchemaOutdated(_)));
    assert!(matches!(told("CREATE TABLE helpdesk_x (a)", "SELECT helpdesk_b FROM helpdesk_x"), StoreError::SchemaOutdated(_)));
    assert!(matches!(told("SELECT 1", "SELECT * FROM users"), StoreError::Failed(_)));
}

#[test]
fn a_broken_constraint_is_for_good() {
    let error = told("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)");
    assert!(matches!(&error, StoreError::Failed(_)) && !error.is_retryable(), "{error:?}");
}

#[test]
fn a_damaged_file_is_for_good() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("damaged.db");
    let connection = Connection::open(&file).unwrap();
    connection.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(20000))").unwrap();
    connection.close().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4096..8192].fill(0x5a);
    std::fs::write(&file, bytes).unwrap();
    let connection = Connection::open(&file).unwrap();
    let error = StoreError::from(Fault::Sqlite(connection.execute_batch("SELECT * FROM t").unwrap_err()));
    assert!(error.storage_fault() == Some(StorageFault::Damaged) && !error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("damaged"), "{error}");
}
