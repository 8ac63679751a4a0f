//! The rows of a message, written unchecked with statements of many rows.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::Failure;

const SIZES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

/// As long as the product's, in bytes: a conversation and a message as JSON.
const CONVERSATION: usize = 1_050;
const ENTRY: usize = 280;

/// A message to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    /// Whose.
    pub(crate) conversation: u64,
    /// Which of theirs.
    pub(crate) number: u64,
}

/// Opens a file of the product's as its writer does.
pub(crate) fn open(file: &std::path::Path) -> Result<Connection, Failure> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 10000;
         CREATE TABLE IF NOT EXISTS floor_single (id INTEGER PRIMARY KEY, body TEXT NOT NULL);",
    )?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
}

fn many<T>(
    connection: &Connection,
    before: &str,
    columns: usize,
    after: &str,
    mut items: &[T],
    row: impl Fn(&T) -> Vec<Value>,
) -> Result<(), Failure> {
    for size in SIZES {
        while items.len() >= size {
            let (now, rest) = items.split_at(size);
            let marks = format!("({})", vec!["?"; columns].join(","));
            let sql = format!("{before} {} {after}", vec![marks.as_str(); size].join(","));
            connection.prepare_cached(&sql)?.execute(params_from_iter(now.iter().flat_map(&row)))?;
            items = rest;
        }
    }
    Ok(())
}

fn id(kind: u64, number: u64) -> Value {
    Value::Blob((u128::from(kind) << 64 | u128::from(number)).to_be_bytes().to_vec())
}

fn body(length: usize) -> Value {
    Value::Text("x".repeat(length))
}

/// Writes one bare row a message.
pub(crate) fn write_single(connection: &Connection, messages: &[Message]) -> Result<(), Failure> {
    many(connection, "INSERT INTO floor_single (body) VALUES", 1, "", messages, |_| vec![body(ENTRY)])
}

/// Writes the rows that the product writes for a visitor's message which supersedes one that waits for its answer.
pub(crate) fn write(connection: &Connection, messages: &[Message], written: &mut i64) -> Result<(), Failure> {
    let workspace = || id(0, 0);
    let unique = |message: &Message| message.conversation << 32 | message.number;
    many(connection, "INSERT INTO helpdesk_commits (workspace, id, at, result) VALUES", 4, "", messages, |it| {
        vec![workspace(), id(1, unique(it)), Value::Integer(1), Value::Blob(vec![0; 24])]
    })?;
    many(connection, "INSERT INTO helpdesk_names (workspace, name, owner, expires_at) VALUES", 4, "", messages, |it| {
        let name = format!("client:contact:00000000-0000-0000-0000-{:012}:{}", it.conversation, it.number);
        vec![workspace(), Value::Text(name), Value::Blob(vec![0; 56]), Value::Integer(i64::MAX)]
    })?;
    many(
        connection,
        "INSERT INTO helpdesk_conversations (workspace, id, version, contact, assistant, status, assignee, waiting, unassigned, flagged, \
         unread, last_activity_at, body) VALUES",
        13,
        "ON CONFLICT (workspace, id) DO UPDATE SET version = excluded.version, unread = excluded.unread, \
         last_activity_at = excluded.last_activity_at, body = excluded.body",
        messages,
        |it| {
            let zero = || Value::Integer(0);
            let count = || Value::Integer(it.number as i64);
            vec![
                workspace(),
                id(2, it.conversation),
                count(),
                id(3, it.conversation),
                id(4, 0),
                zero(),
                zero(),
                zero(),
                zero(),
                zero(),
                count(),
                count(),
                body(CONVERSATION),
            ]
        },
    )?;
    many(
        connection,
        "INSERT INTO helpdesk_entries (workspace, conversation, seq, rev, public, sender, body) VALUES",
        7,
        "",
        messages,
        |it| {
            let number = Value::Integer(it.number as i64);
            vec![workspace(), id(2, it.conversation), number.clone(), number, Value::Integer(1), Value::Integer(0), body(ENTRY)]
        },
    )?;
    let first = *written;
    *written += messages.len() as i64;
    let numbered: Vec<_> = messages.iter().zip(first..).collect();
    many(connection, "INSERT INTO helpdesk_changes (workspace, number, kind, id, version) VALUES", 5, "", &numbered, |(it, number)| {
        vec![workspace(), Value::Integer(*number), Value::Text("conversation".to_owned()), id(2, it.conversation), Value::Integer(1)]
    })?;
    many(
        connection,
        "INSERT INTO helpdesk_counters (workspace, ticket, change) VALUES",
        3,
        "ON CONFLICT (workspace) DO UPDATE SET ticket = excluded.ticket, change = excluded.change",
        &[*written],
        |change| vec![workspace(), Value::Integer(0), Value::Integer(*change)],
    )?;
    let lane = |message: &Message| Value::Text(format!("turn:00000000-0000-0000-0000-{:012}", message.conversation));
    many(connection, "DELETE FROM helpdesk_jobs WHERE (workspace, lane) IN (VALUES", 2, ")", messages, |it| vec![workspace(), lane(it)])?;
    many(
        connection,
        "INSERT INTO helpdesk_jobs (number, workspace, lane, id, work, pushed_at, due_at, free_at) VALUES",
        8,
        "",
        &numbered,
        |(it, number)| {
            let at = || Value::Integer(*number);
            vec![at(), workspace(), lane(it), id(5, unique(it)), body(110), at(), at(), at()]
        },
    )
}
