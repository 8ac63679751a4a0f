//! The floor of the queue: a page by its key, the stored JSON as it stands.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use rusqlite::{Connection, OpenFlags, params};
use tokio::sync::Mutex;

use crate::Failure;

/// As many readers as the product has by default.
const READERS: usize = 4;

struct Readers {
    connections: Vec<Mutex<Connection>>,
    next: std::sync::atomic::AtomicUsize,
}

/// `GET /` answers the first 25 rows.
pub(super) fn router(file: &Path) -> Result<Router, Failure> {
    let file: PathBuf = file.into();
    let open = || Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).map(Mutex::new);
    let connections = (0..READERS).map(|_| open()).collect::<Result<_, _>>()?;
    let readers = Arc::new(Readers { connections, next: Default::default() });
    Ok(Router::new().route("/", get(page)).with_state(readers))
}

async fn page(State(readers): State<Arc<Readers>>) -> Response {
    let turn = readers.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % READERS;
    let connection = readers.connections[turn].lock().await;
    let sql = "SELECT body FROM helpdesk_conversations WHERE workspace = ?1 AND (last_activity_at, id) < (?2, ?3)
               ORDER BY last_activity_at DESC, id DESC LIMIT 25";
    let rows = || -> rusqlite::Result<String> {
        let mut statement = connection.prepare_cached(sql)?;
        let workspace = crate::seed::WORKSPACE.as_slice();
        let mut rows = statement.query(params![workspace, i64::MAX, [0xff_u8; 16].as_slice()])?;
        let mut text = "{\"items\":[".to_owned();
        while let Some(row) = rows.next()? {
            if text.len() > 10 {
                text.push(',');
            }
            text.push_str(row.get_ref(0)?.as_str().unwrap_or_default());
        }
        text.push_str("],\"next_cursor\":null}");
        Ok(text)
    };
    match rows() {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => (axum::http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
