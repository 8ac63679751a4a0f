//! Files with many conversations, quickly: one is made by the product, the others are copies of its rows with ids and
//! times of their own. Enough for the benches that read; how lifelike the texts are does not matter to them.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde_json::json;

use crate::Failure;
use crate::connection;
use crate::process::Server;

/// The workspace of a single tenant, as the tables hold it.
pub(crate) const WORKSPACE: [u8; 16] = *helpdesk::id::WorkspaceId::DEFAULT.as_uuid().as_bytes();

/// A file with so many conversations in `folder`, made if it is not there yet.
pub(crate) async fn file(folder: &Path, conversations: u64) -> Result<PathBuf, Failure> {
    let file = folder.join(format!("seeded-{conversations}.db"));
    if !file.exists() {
        let unfinished = folder.join("unfinished.db");
        for end in ["", "-wal", "-shm", ".lock"] {
            let _ = std::fs::remove_file(format!("{}{end}", unfinished.display()));
        }
        template(&unfinished).await?;
        copy(&unfinished, conversations)?;
        std::fs::rename(&unfinished, &file)?;
    }
    Ok(file)
}

async fn template(file: &Path) -> Result<(), Failure> {
    let path = file.display().to_string();
    let server = Server::start(&["product", &path]).await?;
    let mut connection = connection::Connection::open(&server.address).await?;
    let session = connection.json("POST", "/api/v1/widget/session", "", &json!({"time_zone": "Europe/Amsterdam"})).await?;
    let token = session["token"].as_str().ok_or("no token")?;
    let text = json!({"text": "Where is my parcel? It was to be here on Tuesday."});
    connection.json("POST", "/api/v1/widget/conversations", token, &text).await?;
    server.stop().await
}

fn copy(file: &Path, conversations: u64) -> Result<(), Failure> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; BEGIN;")?;
    let others = i64::try_from(conversations)? - 1;
    let copies = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?1) ";
    let id = |kind: u8| format!("printf('{kind:08x}-0000-7000-8000-%012x', n)");
    let blob = |kind: u8| format!("unhex(replace({}, '-', ''))", id(kind));
    // A second apart, the youngest as old as the first.
    let at = "(last_activity_at - n * 1000000)";
    let time = format!("strftime('%Y-%m-%dT%H:%M:%SZ', {at} / 1000000, 'unixepoch')");
    let (conversation, contact) = (id(1), id(2));
    let statements = [
        format!(
            "{copies} INSERT INTO helpdesk_contacts (workspace, id, version, body)
             SELECT workspace, {}, version, json_set(body, '$.id', {contact}) FROM (SELECT * FROM helpdesk_contacts LIMIT 1), copies",
            blob(2)
        ),
        format!(
            "{copies} INSERT INTO helpdesk_conversations (workspace, id, version, contact, assistant, ticket, status, assignee, operator,
                 responsible, waiting, unassigned, flagged, unread, last_activity_at, body)
             SELECT workspace, {}, version, {}, assistant, ticket, status, assignee, operator, responsible, waiting, unassigned, flagged,
                 unread, {at}, json_set(body, '$.id', {conversation}, '$.contact', {contact}, '$.last_activity_at', {time})
             FROM (SELECT * FROM helpdesk_conversations LIMIT 1), copies",
            blob(1),
            blob(2)
        ),
        format!(
            "{copies} INSERT INTO helpdesk_entries (workspace, conversation, seq, rev, public, sender, body)
             SELECT workspace, {}, seq, rev, public, sender, body FROM (SELECT * FROM helpdesk_entries LIMIT 1), copies",
            blob(1)
        ),
    ];
    for statement in statements {
        connection.execute(&statement, params![others])?;
    }
    connection.execute("UPDATE helpdesk_counts SET conversations = conversations + ?1", params![others])?;
    connection.execute_batch("COMMIT; ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}
